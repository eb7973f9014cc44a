"""What pages read: several queries of the ledger in one transaction of a reader's thread."""

from __future__ import annotations

from collections import Counter, defaultdict
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from typing import Any, Final

from services.bus.hub.console.changes import Change, Figures, changes
from services.bus.hub.ledger import queries
from services.bus.hub.ledger.histogram import BOUNDS_US, BUCKETS, Histogram, high_quantile
from services.bus.hub.ledger.ledger import Ledger
from services.bus.hub.ledger.names import DEAD, RETRIES, TOTAL
from services.bus.hub.ledger.views import LinkDetail
from services.bus.hub.ledger.windows import WINDOW_S
from services.bus.kit.tx import Tx

STEPS: Final = {"5m": "second", "1h": "minute", "24h": "minute", "7d": "hour"}
COLUMN_S: Final = {"5m": 5, "1h": 60, "24h": 900, "7d": 3600}
"""A column of the heat map."""
BOUNDS_MS: Final = (1, 2, 5, 10, 20, 50, 100, 200, 500, 1e3, 2e3, 5e3, 1e4, 2e4, 6e4, 3e5, 36e5)
"""Rows of the heat map; the last one has no end."""
PARTS_SHOWN: Final = 12
"""Agencies, and procedures."""


Row = tuple[int, int, int, int, int, bytes]
"""Of a roll-up, as `queries.rows` tells it."""


@dataclass(frozen=True, slots=True)
class Column:
    """A span of time: how many events took how long."""

    at: datetime
    events: int
    p50_ms: float | None
    p95_ms: float | None
    p99_ms: float | None
    rows: dict[int, int]


@dataclass(frozen=True, slots=True)
class LinkSeen:
    """A link, its heat map, and what changed."""

    detail: LinkDetail
    window: str
    columns: list[Column]
    changes: list[Change]


def link(tx: Tx, ledger: Ledger, slug: str, window: str, now: datetime) -> LinkSeen:
    """Raises Problem NOT_FOUND."""
    step, since = STEPS[window], now - timedelta(seconds=WINDOW_S[window])
    asked = step, since, now + timedelta(seconds=1)
    course = queries.rows(tx, ledger, slug, TOTAL, *asked)
    retries, dead = (queries.tally(tx, ledger, slug, hop, *asked) for hop in (RETRIES, DEAD))
    p95 = {at: high_quantile(0.95, count, largest, buckets) for at, count, _, largest, _, buckets in course}
    told = [
        Figures(datetime.fromtimestamp(at, UTC), queries.in_ms(p95.get(at)), retries.get(at, 0), dead.get(at, 0))
        for at in sorted({*p95, *retries, *dead})
    ]
    seen = columns(course, COLUMN_S[window], since, now) if course else []
    detail = queries.link(tx, ledger, slug, window, now, most_parts=PARTS_SHOWN)
    return LinkSeen(detail, window, seen, changes(told))


def columns(course: Sequence[Row], seconds: int, since: datetime, until: datetime) -> list[Column]:
    """Rows of a roll-up gathered into columns of so many seconds, also empty ones, so that time runs evenly."""
    gathered: defaultdict[int, list[Sequence[Any]]] = defaultdict(list)
    for at, *row in course:
        gathered[at - at % seconds].append(row)
    first = int(since.timestamp()) // seconds * seconds
    return [_column(at, gathered.get(at, ())) for at in range(first, int(until.timestamp()) + 1, seconds)]


def _column(at: int, gathered: Sequence[Sequence[Any]]) -> Column:
    histogram = Histogram()
    histogram.merge_rows(gathered)
    rows: Counter[int] = Counter()
    for place, count in histogram.buckets.items():
        rows[_ROW_OF[place]] += count
    p50, p95, p99 = (queries.in_ms(histogram.quantile(share)) for share in (0.5, 0.95, 0.99))
    return Column(datetime.fromtimestamp(at, UTC), histogram.count, p50, p95, p99, dict(rows))


def _row_of(bucket: int) -> int:
    """The row of the heat map a bucket belongs to; one that crosses a bound by a little counts below it."""
    upto_ms = BOUNDS_US[bucket] / 1000 if bucket < len(BOUNDS_US) else BOUNDS_MS[-1]
    return next((row for row, bound in enumerate(BOUNDS_MS) if upto_ms <= bound * 1.06), len(BOUNDS_MS) - 1)


_ROW_OF: Final = tuple(_row_of(bucket) for bucket in range(BUCKETS))


def burn(
    course: Sequence[tuple[int, Histogram]], refused: Mapping[int, int], within_us: int, hours: Sequence[datetime]
) -> list[tuple[int, int]]:
    """Events and late ones, hour by hour; what was refused is late."""
    done = {at: (histogram.count, histogram.count - histogram.within(within_us)) for at, histogram in course}
    found = []
    for hour in hours:
        at = int(hour.timestamp())
        events, late = done.get(at, (0, 0))
        found.append((events + refused.get(at, 0), late + refused.get(at, 0)))
    return found
