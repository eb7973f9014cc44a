"""What pages read: several queries of the ledger in one transaction of a reader's thread."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from typing import Any, Final

from services.bus.hub.console.changes import Change, Figures, changes
from services.bus.hub.ledger import queries
from services.bus.hub.ledger.ledger import Ledger
from services.bus.hub.ledger.names import DEAD, RETRIES, TOTAL
from services.bus.hub.ledger.views import LinkDetail, Moment
from services.bus.hub.ledger.windows import WINDOW_S
from services.bus.kit.tx import Tx

STEPS: Final = {"5m": "second", "1h": "minute", "24h": "minute", "7d": "hour"}
COLUMN_S: Final = {"5m": 5, "1h": 60, "24h": 900, "7d": 3600}
"""A column of the heat map."""
BOUNDS_MS: Final = (1, 2, 5, 10, 20, 50, 100, 200, 500, 1e3, 2e3, 5e3, 1e4, 2e4, 6e4, 3e5, 36e5)
"""Rows of the heat map; the last one has no end."""


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
    end = now + timedelta(seconds=1)

    def series(hop: str) -> list[Moment]:
        return queries.link_series(tx, ledger, slug, hop, step, since, end).moments

    moments = series(TOTAL)
    retries = {each.at: each.durations.count for each in series(RETRIES)}
    dead = {each.at: each.durations.count for each in series(DEAD)}
    times = sorted({*retries, *dead, *(each.at for each in moments)})
    p95 = {each.at: each.durations.p95_ms for each in moments}
    told = [Figures(at, p95.get(at), retries.get(at, 0), dead.get(at, 0)) for at in times]
    seen = columns(moments, COLUMN_S[window], since, now) if moments else []
    return LinkSeen(queries.link(tx, ledger, slug, window, now), window, seen, changes(told))


def columns(moments: list[Moment], seconds: int, since: datetime, until: datetime) -> list[Column]:
    """Moments gathered into columns of so many seconds, also empty ones, so that time runs evenly."""
    by_column: dict[int, list[Moment]] = {}
    for moment in moments:
        at = int(moment.at.timestamp())
        by_column.setdefault(at - at % seconds, []).append(moment)
    first = int(since.timestamp()) // seconds * seconds
    return [_column(at, by_column.get(at, [])) for at in range(first, int(until.timestamp()) + 1, seconds)]


def _column(at: int, moments: list[Moment]) -> Column:
    rows: dict[int, int] = {}
    bounds: dict[float, int] = {}
    for moment in moments:
        for bucket in moment.buckets:
            upto = bucket.upto_ms if bucket.upto_ms is not None else BOUNDS_MS[-1]
            bounds[upto] = bounds.get(upto, 0) + bucket.count
    for upto, count in bounds.items():
        place = next((row for row, bound in enumerate(BOUNDS_MS) if upto <= bound * 1.06), len(BOUNDS_MS) - 1)
        rows[place] = rows.get(place, 0) + count
    events = sum(bounds.values())
    return Column(
        datetime.fromtimestamp(at, UTC),
        events,
        _quantile(bounds, events, 0.5),
        _quantile(bounds, events, 0.95),
        _quantile(bounds, events, 0.99),
        rows,
    )


def _quantile(bounds: dict[float, int], events: int, share: float) -> float | None:
    """The upper bound of the bucket in which it falls, at most a tenth above it."""
    seen = 0
    for upto in sorted(bounds):
        seen += bounds[upto]
        if seen >= share * events:
            return upto
    return None


def burn(
    moments: list[Moment], refused: list[Moment], within_ms: float, hours: list[datetime]
) -> list[tuple[int, int]]:
    """Events and late ones, hour by hour; what was refused is late."""
    dead = {moment.at: moment.durations.count for moment in refused}
    found: dict[Any, tuple[int, int]] = {}
    for moment in moments:
        late = sum(
            bucket.count
            for bucket in moment.buckets
            if bucket.upto_ms is None or bucket.upto_ms > within_ms * (1 + 1e-9)
        )
        found[moment.at] = (sum(bucket.count for bucket in moment.buckets), late)
    return [
        (found.get(hour, (0, 0))[0] + dead.get(hour, 0), found.get(hour, (0, 0))[1] + dead.get(hour, 0))
        for hour in hours
    ]
