"""Communes without online dossiers, and both counts of identity checks."""

from __future__ import annotations

from collections import defaultdict
from datetime import date

from sqlalchemy import ColumnElement, func, select, text

from contracts.catalogue.indicators import DossierSet
from services.bus.hub.indicators import schemas
from services.bus.hub.indicators.book import Book
from services.bus.hub.indicators.checks import CHANNELS, KINDS, OUTCOMES, parts_of
from services.bus.hub.indicators.counting import Span, Where, counted_in, counts, days_of, spans
from services.bus.hub.indicators.counts import CHECK
from services.bus.hub.indicators.models import REPEATED, REPEATED_CHECK, CheckFacts, Count
from services.bus.hub.indicators.sets import RECEIVED, Mask
from services.bus.kit.tx import Tx

_ONLINE = Mask.having(DossierSet.RECEIVED, DossierSet.ONLINE)
_CHECKED = Mask.having(DossierSet.RECEIVED, DossierSet.CHECKED)
_VERIFIED = Mask.having(DossierSet.RECEIVED, DossierSet.VERIFIED)


def without_online(tx: Tx, book: Book, where: Where) -> schemas.WithoutOnline:
    """The communes that took in no online dossier."""
    tally = counts(tx, where, "agency", [RECEIVED, _ONLINE], at=None)
    found = {agency: sums for (agency, _), sums in tally.by_key.items()}
    communes = [unit for unit in book.communes() if where.agencies is None or unit.code in where.agencies]
    items = [
        schemas.UnitWithout(code=unit.code, name=unit.name, received=found.get(unit.code, (0, 0))[0])
        for unit in communes
        if not found.get(unit.code, (0, 0))[1]
    ]
    return schemas.WithoutOnline(
        first_day=where.since,
        last_day=where.last,
        communes=len(communes),
        without=len(items),
        items=items,
    )


def identity_checks(tx: Tx, where: Where) -> schemas.IdentityChecks:
    """Checks and distinct dossiers in [since, until). Dossiers checked once are counted with their checks; the
    few checked again are looked at one by one."""
    sums = _Sums()
    for span in spans(where.since, where.until, days_of(tx, CheckFacts.checked_on), years=True):
        found = _looked_up if span.kept is None else _kept
        for flags, rows in found(tx, where, span):
            if flags & REPEATED:
                sums.again(flags, rows)
            else:
                sums.once(flags, rows)
    repeated = select(CheckFacts.dossier, CheckFacts.flags).where(
        *_checked_in(where, where.since, where.until), text(REPEATED_CHECK)
    )
    for dossier, flags in tx.execute(repeated.distinct()):
        sums.seen(dossier, flags)
    recorded = counts(tx, where, "agency", [_CHECKED, _VERIFIED], at=None).total()
    return schemas.IdentityChecks(
        first_day=where.since,
        last_day=where.last,
        events=sums.events[""],
        dossiers=sums.dossiers(""),
        matched_events=sums.events["matched"],
        matched_dossiers=sums.dossiers("matched"),
        recorded_dossiers=recorded[0],
        recorded_verified=recorded[1],
        by_kind=sums.lines(KINDS),
        by_channel=sums.lines(CHANNELS),
        by_outcome=sums.lines(OUTCOMES),
    )


class _Sums:
    """Events and dossiers of each value a check can have; "" is a check at all ("none": no channel)."""

    def __init__(self) -> None:
        self.events: dict[str, int] = defaultdict(int)
        self._single: dict[str, int] = defaultdict(int)
        self._again: dict[str, set[str]] = defaultdict(set)

    def once(self, flags: int, rows: int) -> None:
        for value in self._values(flags):
            self.events[value] += rows
            self._single[value] += rows

    def again(self, flags: int, rows: int) -> None:
        for value in self._values(flags):
            self.events[value] += rows

    def seen(self, dossier: str, flags: int) -> None:
        for value in self._values(flags):
            self._again[value].add(dossier)

    def dossiers(self, value: str) -> int:
        return self._single[value] + len(self._again[value])

    def lines(self, values: tuple[str, ...]) -> list[schemas.CheckCount]:
        named = [value or "none" for value in values]
        return [
            schemas.CheckCount(value=value, events=self.events[value], dossiers=self.dossiers(value))
            for value in named
            if self.events[value]
        ]

    @staticmethod
    def _values(flags: int) -> tuple[str, ...]:
        kind, channel, outcome = parts_of(flags)
        return "", kind, channel or "none", outcome


def _kept(tx: Tx, where: Where, span: Span) -> list[tuple[int, int]]:
    statement = select(Count.flags, func.sum(Count.rows)).where(Count.dimension == CHECK, *counted_in(span))
    if where.agencies is not None:
        statement = statement.where(Count.key.in_(where.agencies))
    return [(flags, int(rows)) for flags, rows in tx.execute(statement.group_by(Count.flags))]


def _looked_up(tx: Tx, where: Where, span: Span) -> list[tuple[int, int]]:
    statement = select(CheckFacts.flags, func.count()).where(*_checked_in(where, span.first, span.end))
    return [(flags, rows) for flags, rows in tx.execute(statement.group_by(CheckFacts.flags))]


def _checked_in(where: Where, since: date, until: date) -> list[ColumnElement[bool]]:
    found: list[ColumnElement[bool]] = [CheckFacts.checked_on >= since, CheckFacts.checked_on < until]
    if where.agencies is not None:
        found.append(CheckFacts.agency.in_(where.agencies))
    return found
