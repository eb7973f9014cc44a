"""The log of lookups, searched by citizen, unit, member, dossier and time, and counted."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime
from typing import Any

from sqlalchemy import ColumnElement, and_, func, or_, select

from contracts.population import LookupCount, LookupEntry, LookupKind, LookupSummary
from contracts.problems import BAD_CURSOR, Problem
from contracts.status import Channel
from services.bus.kit.columns import from_micros, to_micros
from services.bus.kit.paging import Cursor, Page
from services.bus.kit.tx import Tx
from services.population.models import Lookup, LookupMember


@dataclass(frozen=True, slots=True)
class LogFilter:
    """Which accesses: all that is given must hold; [since, until)."""

    personal_id: str | None = None
    agency: str | None = None
    client_id: str | None = None
    dossier: str | None = None
    since: datetime | None = None
    until: datetime | None = None

    def conditions(self) -> list[ColumnElement[bool]]:
        found: list[ColumnElement[bool]] = []
        if self.personal_id is not None:
            shown = select(LookupMember.lookup_id).where(LookupMember.personal_id == self.personal_id)
            found.append(or_(Lookup.personal_id == self.personal_id, Lookup.id.in_(shown)))
        if self.agency is not None:
            found.append(Lookup.agency == self.agency)
        if self.client_id is not None:
            found.append(Lookup.client_id == self.client_id)
        if self.dossier is not None:
            found.append(Lookup.dossier == self.dossier)
        if self.since is not None:
            found.append(Lookup.at >= self.since)
        if self.until is not None:
            found.append(Lookup.at < self.until)
        return found


def entries(tx: Tx, wanted: LogFilter, *, limit: int, cursor: str | None) -> Page[LookupEntry]:
    """One page of the log, newest first."""
    conditions = wanted.conditions()
    if cursor is not None:
        conditions.append(_older_than(cursor))
    newest = select(Lookup).where(*conditions).order_by(Lookup.at.desc(), Lookup.id.desc())
    rows = list(tx.scalars(newest.limit(limit + 1)))
    more = len(rows) > limit
    shown = rows[:limit]
    return Page(
        items=[_entry(row) for row in shown],
        next_cursor=Cursor.encode([to_micros(shown[-1].at), shown[-1].id]) if more else None,
    )


def summary(tx: Tx, wanted: LogFilter) -> LookupSummary:
    """How often, and for how many distinct dossiers: by unit, kind and channel, and in all."""
    conditions = wanted.conditions()
    events, dossiers = func.count(), func.count(Lookup.dossier.distinct())
    group = (Lookup.agency, Lookup.kind, Lookup.channel)
    rows = tx.execute(select(*group, events, dossiers).where(*conditions).group_by(*group).order_by(*group))
    counts = [
        LookupCount(
            agency=agency,
            kind=LookupKind(kind),
            channel=Channel(channel) if channel else None,
            events=many,
            dossiers=distinct,
        )
        for agency, kind, channel, many, distinct in rows
    ]
    all_events, all_dossiers = tx.execute(select(events, dossiers).select_from(Lookup).where(*conditions)).one()
    return LookupSummary(events=all_events, dossiers=all_dossiers, counts=counts)


def _older_than(cursor: str) -> ColumnElement[bool]:
    micros, last_id = Cursor.decode(cursor, (int, str))
    try:
        at = from_micros(micros)
    except (ValueError, OverflowError, OSError):
        raise Problem(BAD_CURSOR, field="query.cursor") from None
    return or_(Lookup.at < at, and_(Lookup.at == at, Lookup.id < last_id))


def _entry(row: Lookup) -> LookupEntry:
    values: dict[str, Any] = {name: getattr(row, name) for name in LookupEntry.model_fields}
    return LookupEntry.model_validate(values)
