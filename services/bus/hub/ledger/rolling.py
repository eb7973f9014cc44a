"""Records become roll-ups: each is counted once, in the commit that moves the position past it.

A record is counted in the second it was over, so what comes late is counted where it belongs: a hub that was down
for an hour has the same figures afterwards as one that was not. Spans that would be deleted again are left out.
"""

from __future__ import annotations

from collections import Counter, defaultdict
from collections.abc import Callable, Iterable
from datetime import datetime
from functools import cache
from typing import Any, Final

from sqlalchemy import bindparam, delete, select
from sqlalchemy.dialects import postgresql, sqlite

from services.bus.hub.ledger.histogram import Histogram, packed
from services.bus.hub.ledger.models import (
    HOUR,
    KEPT_PARTS_S,
    KEPT_S,
    MINUTE,
    PARTS_ROLLED_UP,
    RECORDS_KEPT_S,
    ROLLED_UP,
    ROLLUPS,
    SECOND,
    Record,
    Series,
)
from services.bus.hub.ledger.names import (
    AGENCY,
    DEAD,
    DISCARDED,
    DUPLICATES,
    HELD,
    HOPS,
    PROCEDURE,
    RETRIES,
    TOTAL,
)
from services.bus.hub.ledger.numbers import Numbers, SeriesKey
from services.bus.hub.ledger.recording import move, position
from services.bus.kit import receipts
from services.bus.kit.columns import to_micros
from services.bus.kit.statements import Lookup, Row
from services.bus.kit.tx import Tx

AT_ONCE: Final = 5_000
PARTS_AT_ONCE: Final = 20_000
_TALLY: Final = {
    receipts.DUPLICATE: DUPLICATES,
    receipts.HELD: HELD,
    receipts.DEAD: DEAD,
    receipts.DISCARDED: DISCARDED,
}

_RECORDS: Final = Record.__table__
_NEXT = (
    select(
        _RECORDS.c.id,
        _RECORDS.c.link_id,
        _RECORDS.c.outcome,
        _RECORDS.c.end_us,
        _RECORDS.c.committed_us,
        _RECORDS.c.attempts,
        _RECORDS.c.agency,
        _RECORDS.c.procedure,
        *(_RECORDS.c[hop] for hop in HOPS),
    )
    .where(_RECORDS.c.id > bindparam("after"))
    .order_by(_RECORDS.c.id)
    .limit(bindparam("most"))
)

Gathered = dict[tuple[SeriesKey, int], Histogram]
"""By series and beginning of the span."""


class RollUp:
    """The command: count the next records. Returns how many there were, and how many of each link were done."""

    def __init__(self, numbers: Numbers, now: datetime) -> None:
        self._numbers = numbers
        self._now = now

    def __call__(self, tx: Tx) -> tuple[int, Counter[int]]:
        rows = tx.fetch(_NEXT, after=position(tx, ROLLED_UP), most=AT_ONCE)
        if not rows:
            return 0, Counter()
        now = to_micros(self._now) // 1_000_000
        spans = {SECOND: gather(rows)}
        spans[MINUTE] = coarser(spans[SECOND], 60)
        spans[HOUR] = coarser(spans[MINUTE], 3600)
        for span, gathered in spans.items():
            _write(tx, self._numbers, span, gathered, now - KEPT_S[span])
        move(tx, ROLLED_UP, rows[-1][0], {}, self._now)
        return len(rows), Counter(row[1] for row in rows if row[2] == receipts.APPLIED)


class RollUpParts:
    """The command: count the next records by agency and procedure, which are many; so it is for now and then.
    Returns how many records there were."""

    def __init__(self, numbers: Numbers, now: datetime) -> None:
        self._numbers = numbers
        self._now = now

    def __call__(self, tx: Tx) -> int:
        rows = tx.fetch(_NEXT, after=position(tx, PARTS_ROLLED_UP), most=PARTS_AT_ONCE)
        if not rows:
            return 0
        now = to_micros(self._now) // 1_000_000
        parts = gather_parts(rows)
        for span, gathered in ((MINUTE, parts), (HOUR, coarser(parts, 3600))):
            _write(tx, self._numbers, span, gathered, now - KEPT_PARTS_S[span])
        move(tx, PARTS_ROLLED_UP, rows[-1][0], {}, self._now)
        return len(rows)


def gather(rows: Iterable[Row]) -> Gathered:
    """The whole links by second."""
    timed: defaultdict[tuple[int, int], list[tuple[int | None, ...]]] = defaultdict(list)
    counted: Counter[tuple[int, str, int]] = Counter()
    for _, link, outcome, end, committed, attempts, _, _, *hops in rows:
        second = end // 1_000_000
        if attempts > 1:
            counted[link, RETRIES, second] += attempts - 1
        if outcome == receipts.APPLIED:
            timed[link, second].append((None if committed is None else end - committed, *hops))
        else:
            counted[link, _TALLY[outcome], second] += 1
    found: defaultdict[tuple[SeriesKey, int], Histogram] = defaultdict(Histogram)
    for (link, second), durations in timed.items():
        total, *by_hop = zip(*durations, strict=True)
        found[(link, TOTAL, "", ""), second].add_all(total)
        for hop, column in zip(HOPS, by_hop, strict=True):
            told = [micros for micros in column if micros is not None]
            if told:
                found[(link, hop, "", ""), second].add_all(told)
    for (link, tally, second), events in counted.items():
        found[(link, tally, "", ""), second].count += events
    return found


def gather_parts(rows: Iterable[Row]) -> Gathered:
    """Their agencies and procedures by minute."""
    timed: defaultdict[tuple[SeriesKey, int], list[int | None]] = defaultdict(list)
    for _, link, outcome, end, committed, _, agency, procedure, *_ in rows:
        if outcome != receipts.APPLIED:
            continue
        minute = end // 60_000_000 * 60
        total = None if committed is None else end - committed
        if agency is not None:
            timed[(link, TOTAL, AGENCY, agency), minute].append(total)
        if procedure is not None:
            timed[(link, TOTAL, PROCEDURE, procedure), minute].append(total)
    found: defaultdict[tuple[SeriesKey, int], Histogram] = defaultdict(Histogram)
    for key, durations in timed.items():
        found[key].add_all(durations)
    return found


def coarser(gathered: Gathered, seconds: int) -> Gathered:
    """The same in longer spans."""
    longer: defaultdict[tuple[SeriesKey, int], Histogram] = defaultdict(Histogram)
    for (series, at), histogram in gathered.items():
        longer[series, at - at % seconds].merge(histogram)
    return longer


def _write(tx: Tx, numbers: Numbers, span: str, gathered: Gathered, oldest: int) -> None:
    """Add these to what the rows have already, but nothing older than is kept."""
    by_time: defaultdict[int, dict[int, Histogram]] = defaultdict(dict)
    for (key, at), histogram in gathered.items():
        if at >= oldest:
            by_time[at][numbers.series(tx, key)] = histogram
    upsert = _upsert(span, tx.dialect)
    for at in sorted(by_time):
        new = by_time[at]
        for series_id, _, count, total, largest, skewed, buckets in tx.look_up(_LOOKUPS[span], list(new), at=at):
            new[series_id].merge_row(count, total, largest, skewed, buckets)
        for series_id, histogram in new.items():
            tx.later(
                upsert,
                {
                    "series_id": series_id,
                    "at": at,
                    "count": histogram.count,
                    "total": histogram.total,
                    "largest": histogram.largest,
                    "skewed": histogram.skewed,
                    "buckets": packed(histogram.buckets),
                },
            )


_LOOKUPS: Final = {span: Lookup(table.__table__, "series_id", "at") for span, table in ROLLUPS.items()}


@cache
def _upsert(span: str, dialect: str) -> Any:
    insert = (postgresql if dialect == "postgresql" else sqlite).insert(ROLLUPS[span])
    figures = ("count", "total", "largest", "skewed", "buckets")
    return insert.on_conflict_do_update(
        index_elements=["series_id", "at"], set_={name: insert.excluded[name] for name in figures}
    )


class Forget:
    """The command that deletes roll-ups older than they are kept, for the series from `after` on; the last series
    it looked at, None when it has been through all of them."""

    AT_ONCE: Final = 500

    def __init__(self, after: int, now: datetime) -> None:
        self._after = after
        self._now = to_micros(now) // 1_000_000

    def __call__(self, tx: Tx) -> int | None:
        some = select(Series.id, Series.dimension).where(Series.id > self._after).order_by(Series.id)
        found = tx.execute(some.limit(self.AT_ONCE)).all()
        for series_id, dimension in found:
            for span, kept_s in (KEPT_PARTS_S if dimension else KEPT_S).items():
                tx.later(_FORGET[span], {"of_series": series_id, "before": self._now - kept_s})
        return found[-1].id if len(found) == self.AT_ONCE else None


def forget_records(now: datetime, limit: int = AT_ONCE) -> Callable[[Tx], int]:
    """A command that deletes up to `limit` records of more than a week ago that have been counted; how many."""
    before = to_micros(now) - RECORDS_KEPT_S * 1_000_000

    def command(tx: Tx) -> int:
        counted = min(position(tx, ROLLED_UP), position(tx, PARTS_ROLLED_UP))
        old = select(Record.id).where(Record.end_us < before, Record.id <= counted).limit(limit)
        ids = list(tx.scalars(old))
        if ids:
            tx.execute(delete(Record).where(Record.id.in_(ids)))
        return len(ids)

    return command


_FORGET: Final = {
    span: delete(table.__table__).where(
        table.__table__.c.series_id == bindparam("of_series"), table.__table__.c.at < bindparam("before")
    )
    for span, table in ROLLUPS.items()
}
