"""What comes in becomes records: from receipts, in the commit that moves the position, and from sync's events, in
the commit of the inbox. So nothing is recorded twice and nothing is left out."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from datetime import datetime
from functools import cache
from typing import Any, Final

from sqlalchemy import bindparam, select
from sqlalchemy.dialects import postgresql, sqlite

from contracts.envelope import Event
from contracts.events.portal import StatusAcknowledged, StatusRefused
from services.bus.hub.ledger.entries import (
    Entry,
    entries_of,
    entries_of_acknowledged,
    entry_of_refused,
)
from services.bus.hub.ledger.models import ReadUpTo, Record
from services.bus.hub.ledger.numbers import Numbers
from services.bus.kit.clock import Clock
from services.bus.kit.tx import Tx


class OnPortalStatus:
    """The reaction to `portal.status-acknowledged` and `portal.status-refused`; other events of the portal are
    consumed by others and leave receipts there."""

    def __init__(self, numbers: Numbers, clock: Clock) -> None:
        self._numbers = numbers
        self._clock = clock

    def __call__(self, tx: Tx, event: Event) -> None:
        if event.is_a(StatusAcknowledged):
            record(
                tx, self._numbers, entries_of_acknowledged(event.data_as(StatusAcknowledged)), self._clock.now()
            )
        elif event.is_a(StatusRefused):
            record(tx, self._numbers, [entry_of_refused(event.data_as(StatusRefused))], self._clock.now())


class TakeReceipts:
    """The command that takes in the next receipts of one process. What stands at or before the position is passed
    over, so that repeating it changes nothing; returns how many events were new."""

    def __init__(
        self,
        numbers: Numbers,
        process: str,
        receipts: Sequence[dict[str, Any]],
        standing: dict[str, Any],
        now: datetime,
    ) -> None:
        self._numbers = numbers
        self._process = process
        self._receipts = receipts
        self._standing = standing
        self._now = now

    def __call__(self, tx: Tx) -> int:
        tx.run_later()
        upto = position(tx, self._process)
        fresh = [each for each in self._receipts if each["id"] > upto]
        events = record(tx, self._numbers, entries_of(fresh), self._now)
        tx.later(
            upsert_position(tx.dialect),
            {
                "process": self._process,
                "receipt": fresh[-1]["id"] if fresh else upto,
                "standing": self._standing,
                "asked_at": self._now,
            },
        )
        return events


def record(tx: Tx, numbers: Numbers, entries: Iterable[Entry], now: datetime) -> int:
    """Leave a record of each entry; how many there were."""
    count = 0
    for entry in entries:
        publish, broker, lane, errors, call = entry.hops
        tx.append(
            Record,
            {
                "link_id": numbers.link(tx, entry.link, now),
                "code": entry.code,
                "version": entry.version,
                "outcome": entry.outcome,
                "end_us": entry.end,
                "committed_us": entry.committed,
                "publish": publish,
                "broker": broker,
                "lane": lane,
                "errors": errors,
                "call": call,
                "attempts": entry.attempts,
                "trouble": entry.trouble,
                "agency": entry.agency,
                "procedure": entry.procedure,
            },
        )
        count += 1
    return count


_POSITIONS: Final = ReadUpTo.__table__
_POSITION = select(_POSITIONS.c.receipt).where(_POSITIONS.c.process == bindparam("process"))


def position(tx: Tx, process: str) -> int:
    """How far this has been read; 0 at the beginning."""
    found = tx.fetch(_POSITION, process=process)
    return found[0][0] if found else 0


@cache
def upsert_position(dialect: str) -> Any:
    insert = (postgresql if dialect == "postgresql" else sqlite).insert(ReadUpTo)
    return insert.on_conflict_do_update(
        index_elements=["process"],
        set_={name: insert.excluded[name] for name in ("receipt", "standing", "asked_at")},
    )
