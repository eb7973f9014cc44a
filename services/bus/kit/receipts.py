"""Receipts: what became of each event a consumer was given, and when each hop of its way was done.

Written in the very commit that applies a batch, one small row a batch, and read by whoever keeps the latency
ledger. A receipt names no key: keys may be personal. Kept for a week, and never more than `MOST` rows.
"""

from __future__ import annotations

from collections.abc import Callable, Collection
from datetime import datetime, timedelta
from typing import Any, Final

import orjson
from sqlalchemy import bindparam, delete, func, select

from contracts.envelope import TYPE_PREFIX, Event
from services.bus.kit.columns import to_micros
from services.bus.kit.standing import standing
from services.bus.kit.statements import Row
from services.bus.kit.tables import Receipt
from services.bus.kit.tx import Tx

KEPT_FOR: Final = timedelta(days=7)
MOST: Final = 500_000
SETTLED_AFTER: Final = timedelta(seconds=10)
"""A missing id may belong to a transaction that is still to be committed, for so long at most."""

APPLIED, DUPLICATE, HELD, DEAD, DISCARDED = range(5)
"""Outcomes of an event, as receipts count them."""

_CODE_IN_DATA: Final = (f"{TYPE_PREFIX}dossier.", f"{TYPE_PREFIX}portal.status-")
"""Types whose data call the dossier's code just `code`."""


class Noted:
    """The receipt of one batch, as it grows."""

    __slots__ = ("_events", "_kinds")

    def __init__(self) -> None:
        self._kinds: dict[tuple[str, str, str | None, str | None], int] = {}
        self._events: list[tuple[Any, ...]] = []

    def add(self, event: Event, outcome: int, published_at: datetime | None, received_at: datetime | None) -> None:
        """One event of the batch. What a foreign member left out, or gave without a time zone, is null."""
        data = event.data
        procedure, agency, code = (
            data.get("procedure_code"),
            data.get("receiving_agency"),
            data.get("dossier_code"),
        )
        if procedure is None and isinstance(dossier := data.get("dossier"), dict):
            procedure, agency = dossier.get("procedure_code"), dossier.get("receiving_agency")
        if code is None and event.type.startswith(_CODE_IN_DATA):
            code = data.get("code")
        kind = (event.source, event.type, _short(procedure), _short(agency))
        place = self._kinds.setdefault(kind, len(self._kinds))
        times = (micros(event.time), micros(published_at), micros(received_at))
        self._events.append((place, event.version, outcome, *times, _short(code)))

    def leave(self, tx: Tx, consumer: str, at: datetime) -> None:
        """Leave the receipt for the commit, if there is anything to tell."""
        if self._events:
            body = orjson.dumps({"kinds": list(self._kinds), "events": self._events})
            tx.append(Receipt, {"consumer": consumer, "at": at, "events": len(self._events), "body": body})


def micros(instant: datetime | None) -> int | None:
    """Microseconds since 1970; None for a time that says nothing because it has no zone."""
    return None if instant is None or instant.tzinfo is None else to_micros(instant)


def _short(value: object) -> str | None:
    return value if isinstance(value, str) and len(value) <= 60 else None


_RECEIPTS: Final = Receipt.__table__.c
_NEXT: Final = (
    select(_RECEIPTS.id, _RECEIPTS.consumer, _RECEIPTS.at, _RECEIPTS.body)
    .where(_RECEIPTS.id > bindparam("after"))
    .order_by(_RECEIPTS.id)
    .limit(bindparam("most"))
)


def receipts_after(tx: Tx, after: int, limit: int, now: datetime) -> list[Row]:
    """The next receipts by id, as far as no earlier one can still appear: where several replicas write, ids are
    given out before the commits they belong to. Each is (id, consumer, at, body)."""
    rows = tx.fetch(_NEXT, after=after, most=limit)
    before = after
    for place, (id, _, at, _) in enumerate(rows):
        if id != before + 1 and at > now - SETTLED_AFTER:
            return rows[:place]
        before = id
    return rows


def receipts_page(after: int, limit: int, now: datetime, acknowledged: Collection[str]) -> Callable[[Tx], bytes]:
    """A query: the next receipts and what the service owes, as `GET /v1/axis/receipts` answers them."""

    def query(tx: Tx) -> bytes:
        found = receipts_after(tx, after, limit, now)
        told = orjson.dumps({"now": now, "more": len(found) == limit, "standing": _owes(tx, acknowledged)})
        return told[:-1] + b',"receipts":[' + b",".join(map(_written, found)) + b"]}"

    return query


def _owes(tx: Tx, acknowledged: Collection[str]) -> dict[str, Any]:
    return standing(tx, acknowledged).model_dump()


def _written(row: Row) -> bytes:
    """A receipt as JSON, around the body as it is stored."""
    id, consumer, at, body = row
    told: bytes = orjson.dumps({"id": id, "consumer": consumer, "at": at})[:-1] + b"," + body[1:]
    return told


def forget_old_receipts(now: datetime, limit: int = 2_000) -> Callable[[Tx], int]:
    """A command that deletes up to `limit` receipts that are too old or too many; returns how many."""

    def command(tx: Tx) -> int:
        newest = tx.scalar(select(func.max(Receipt.id))) or 0
        oldest = select(Receipt.id, Receipt.at).order_by(Receipt.id).limit(limit)
        ids = [id for id, at in tx.execute(oldest) if at < now - KEPT_FOR or id <= newest - MOST]
        if ids:
            tx.execute(delete(Receipt).where(Receipt.id.in_(ids)))
        return len(ids)

    return command
