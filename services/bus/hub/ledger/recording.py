"""What comes in becomes records: from receipts, in the commit that moves the position, and from what sync tells of
the portal, in the commit that moves the hub's place in the stream. So nothing is recorded twice or left out."""

from __future__ import annotations

from collections.abc import Collection, Sequence
from datetime import datetime
from functools import cache
from typing import Any, Final

from sqlalchemy import bindparam, select
from sqlalchemy.dialects import postgresql, sqlite

from services.bus.hub.ledger.entries import COLUMNS, Entry, entries_of
from services.bus.hub.ledger.models import ReadUpTo, Record
from services.bus.hub.ledger.names import LinkName
from services.bus.hub.ledger.numbers import Numbers
from services.bus.kit.bulk import packed
from services.bus.kit.statements import Lookup
from services.bus.kit.tx import Tx


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
        upto = position(tx, self._process)
        fresh = [each for each in self._receipts if each["id"] > upto]
        entries = entries_of(fresh)
        record(tx, self._numbers, entries, self._now)
        move(tx, self._process, fresh[-1]["id"] if fresh else upto, self._standing, self._now)
        return len(entries)


def record_acknowledged(
    tx: Tx, numbers: Numbers, entries: Sequence[Entry], now: datetime, certain: int | None = None
) -> int:
    """Record what the portal acknowledged or refused, unless it is recorded already: sync's relay may publish an
    event again long after the broker has forgotten its id. What was over after `certain` (microseconds) is not
    looked up. How many were new."""
    if not entries:
        return 0
    doubtful = {entry[1] for entry in entries if certain is None or entry[4] < certain}
    known = set(tx.look_up(_OF_CODE, doubtful)) if doubtful else set()
    fresh = []
    for entry in entries:
        told = (numbers.link(tx, entry[0], now), *entry[1:5])
        if told not in known:
            known.add(told)
            fresh.append(entry)
    record(tx, numbers, fresh, now)
    return len(fresh)


def record(tx: Tx, numbers: Numbers, entries: Collection[Entry], now: datetime) -> None:
    """Leave a record of each entry."""
    if not entries:
        return
    ids: dict[LinkName, int] = {}
    rows = []
    for link, *columns in entries:
        if link not in ids:
            ids[link] = numbers.link(tx, link, now)
        rows.append((ids[link], *columns))
    tx.bulk(Record, ("link_id", *COLUMNS), packed(rows, tx.dialect))


_OF_CODE: Final = Lookup(Record.__table__, "code", columns=("link_id", *COLUMNS[:4]))
"""Which event it was: link, dossier, version, outcome and end."""

_POSITIONS: Final = ReadUpTo.__table__
_POSITION = select(_POSITIONS.c.receipt).where(_POSITIONS.c.process == bindparam("process"))


def position(tx: Tx, process: str) -> int:
    """How far this has been read; 0 at the beginning."""
    tx.run_later()
    found = tx.fetch(_POSITION, process=process)
    return found[0][0] if found else 0


def move(tx: Tx, process: str, upto: int, standing: Any, now: datetime) -> None:
    """This has been read so far."""
    values = {"process": process, "receipt": upto, "standing": standing, "asked_at": now}
    tx.later(_upsert_position(tx.dialect), values)


@cache
def _upsert_position(dialect: str) -> Any:
    insert = (postgresql if dialect == "postgresql" else sqlite).insert(ReadUpTo)
    return insert.on_conflict_do_update(
        index_elements=["process"],
        set_={name: insert.excluded[name] for name in ("receipt", "standing", "asked_at")},
    )
