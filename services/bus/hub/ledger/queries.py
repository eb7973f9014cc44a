"""What the ledger can be asked: every link over a window, one link in detail, a series, one dossier."""

from __future__ import annotations

from collections import Counter, defaultdict
from collections.abc import Callable, Iterable, Iterator, Sequence
from datetime import UTC, datetime
from typing import Any, Final, Literal

from sqlalchemy import func, select

from contracts.problems import NOT_FOUND, Problem
from services.bus.hub.ledger.histogram import BOUNDS_US, Histogram
from services.bus.hub.ledger.ledger import Ledger
from services.bus.hub.ledger.models import ROLLUPS, SPAN_S, Link, Record, Series
from services.bus.hub.ledger.names import (
    AGENCY,
    DEAD,
    DISCARDED,
    DUPLICATES,
    HOPS,
    PORTAL,
    PROCEDURE,
    RETRIES,
    TALLIES,
    TOTAL,
    LinkName,
)
from services.bus.hub.ledger.sentences import explanation
from services.bus.hub.ledger.standing import Waiting
from services.bus.hub.ledger.trend import Trend
from services.bus.hub.ledger.views import (
    Bucket,
    DossierRecords,
    Durations,
    HopView,
    LinkDetail,
    Links,
    LinkSeries,
    LinkView,
    Moment,
    PartView,
    RecordView,
)
from services.bus.hub.ledger.windows import WINDOW_S, Stretch, stretches
from services.bus.kit.columns import from_micros, to_micros
from services.bus.kit.statements import MAX_IN
from services.bus.kit.tx import Tx

MOST_PARTS: Final = 100
MOST_MOMENTS: Final = 4_000
MOST_RECORDS: Final = 2_000
OUTCOMES: Final[tuple[Literal["applied", "duplicate", "held", "dead", "discarded"], ...]] = (
    "applied", "duplicate", "held", "dead", "discarded",
)  # fmt: skip


def links(tx: Tx, ledger: Ledger, window: str, now: datetime) -> Links:
    """Every link, also one on which something waits and nothing ever arrived. One whose consumer is gone is shown
    as long as the window holds something of it."""
    known = dict(_link_rows(tx))
    series = _series(tx, known.values(), (TOTAL, *TALLIES), "")
    figures = figures_of(tx, series.values(), stretches(_seconds(now), WINDOW_S[window]))
    items = [
        _link_view(ledger, link, link_id, series, figures, window, now)
        for link, link_id in [*known.items(), *((link, 0) for link in ledger.standings.links() - known.keys())]
    ]
    shown = [each for each in items if each.rate or not _is_gone(ledger, each)]
    return Links(at=now, window=window, items=sorted(shown, key=lambda each: (-(each.oldest_s or 0), each.id)))


def _is_gone(ledger: Ledger, link: LinkView) -> bool:
    """The broker knows no such consumer (any more)."""
    standings = ledger.standings
    asked = standings.broker_asked_at is not None
    return link.consumer != PORTAL and asked and link.consumer not in standings.consumers


def link(
    tx: Tx, ledger: Ledger, slug: str, window: str, now: datetime, *, most_parts: int = MOST_PARTS
) -> LinkDetail:
    """One link with its hops, and its busiest agencies and procedures. Raises Problem NOT_FOUND."""
    name, link_id = _link(tx, ledger, slug)
    series = _series(tx, [link_id], (TOTAL, *HOPS, *TALLIES), "")
    figures = figures_of(tx, series.values(), stretches(_seconds(now), WINDOW_S[window]))
    hops = [
        HopView(hop=hop, durations=durations(figures[series[link_id, hop, ""]]))
        for hop in (*HOPS, TOTAL)
        if (link_id, hop, "") in series
    ]
    parts = {
        dimension: _parts(
            tx, link_id, dimension, stretches(_seconds(now), WINDOW_S[window], parts=True), most_parts
        )
        for dimension in (AGENCY, PROCEDURE)
    }
    view = _link_view(ledger, name, link_id, series, figures, window, now)
    return LinkDetail(**view.model_dump(), hops=hops, agencies=parts[AGENCY], procedures=parts[PROCEDURE])


def link_series(
    tx: Tx, ledger: Ledger, slug: str, hop: str, step: Any, start: datetime, end: datetime
) -> LinkSeries:
    """A histogram for each second, minute or hour from `start` to before `end`; the first few thousand of them.
    Raises Problem NOT_FOUND."""
    moments = [
        Moment(
            at=datetime.fromtimestamp(at, UTC),
            durations=durations(histogram),
            buckets=[
                Bucket(upto_ms=BOUNDS_US[place] / 1000 if place < len(BOUNDS_US) else None, count=count)
                for place, count in sorted(histogram.buckets.items())
            ],
        )
        for at, histogram in course(tx, ledger, slug, hop, step, start, end)
    ]
    return LinkSeries(id=slug, hop=hop, step=step, moments=moments)


def course(
    tx: Tx, ledger: Ledger, slug: str, hop: str, step: str, start: datetime, end: datetime
) -> list[tuple[int, Histogram]]:
    """The same as it is kept: the beginning of each span in seconds since 1970, and its histogram. Raises Problem
    NOT_FOUND."""
    found = []
    for at, count, total, largest, skewed, buckets in rows(tx, ledger, slug, hop, step, start, end):
        histogram = Histogram()
        histogram.merge_row(count, total, largest, skewed, buckets)
        found.append((at, histogram))
    return found


def rows(
    tx: Tx, ledger: Ledger, slug: str, hop: str, step: str, start: datetime, end: datetime
) -> list[tuple[int, int, int, int, int, bytes]]:
    """The same unopened: beginning, count, total, largest, skewed, and the buckets as `histogram.packed` writes
    them. Raises Problem NOT_FOUND."""
    return [tuple(row) for row in _rows(tx, ledger, slug, hop, step, start, end, _ROW)]


def tally(
    tx: Tx, ledger: Ledger, slug: str, hop: str, step: str, start: datetime, end: datetime
) -> dict[int, int]:
    """How many there were of what is only counted, by the beginning of each span. Raises Problem NOT_FOUND."""
    return dict(_rows(tx, ledger, slug, hop, step, start, end, ("count",)))


_ROW: Final = ("count", "total", "largest", "skewed", "buckets")


def _rows(
    tx: Tx,
    ledger: Ledger,
    slug: str,
    hop: str,
    step: str,
    start: datetime,
    end: datetime,
    columns: Sequence[str],
) -> list[Any]:
    _, link_id = _link(tx, ledger, slug)
    series = _series(tx, [link_id], (hop,), "")
    table = ROLLUPS[step].__table__.c
    rows = (
        select(table.at, *(table[name] for name in columns))
        .where(
            table.series_id.in_(list(series.values())),
            table.at >= _seconds(start) - _seconds(start) % SPAN_S[step],
            table.at < _seconds(end),
        )
        .order_by(table.at)
        .limit(MOST_MOMENTS)
    )
    return list(tx.execute(rows))


def dossier(tx: Tx, code: str) -> DossierRecords:
    """Every record of one dossier. Raises Problem NOT_FOUND if there is none."""
    rows = list(
        tx.scalars(
            select(Record).where(Record.code == code).order_by(Record.end_us, Record.id).limit(MOST_RECORDS)
        )
    )
    if not rows:
        raise Problem(NOT_FOUND, field="path.code", what="dossier", id=code)
    slugs = {each.id: each.slug for each in tx.execute(select(Link.id, Link.slug))}
    to_portal = set(tx.scalars(select(Link.id).where(Link.consumer == PORTAL)))
    return DossierRecords(
        code=code, items=[_record(row, slugs[row.link_id], row.link_id in to_portal) for row in rows]
    )


def durations(histogram: Histogram) -> Durations:
    """A histogram as it is shown."""
    p50, p95, p99 = (in_ms(histogram.quantile(share)) for share in (0.5, 0.95, 0.99))
    timed = sum(histogram.buckets.values())
    return Durations(
        count=histogram.count,
        skewed=histogram.skewed,
        mean_ms=in_ms(histogram.total / timed) if timed else None,
        p50_ms=p50,
        p95_ms=p95,
        p99_ms=p99,
        max_ms=in_ms(histogram.largest) if timed else None,
    )


def numbers(tx: Tx, link: LinkName) -> tuple[int, list[int]]:
    """The number of the series of what was done, 0 if there is none; and those of what was refused, with any verb
    of the same consumer."""
    rows = (
        select(Series.id, Series.hop, Link.verb)
        .join(Link, Link.id == Series.link_id)
        .where(
            Link.source == link.source,
            Link.type == link.type,
            Link.consumer == link.consumer,
            Series.hop.in_((TOTAL, DEAD)),
            Series.dimension == "",
        )
    )
    found = list(tx.execute(rows))
    done = next((id for id, hop, verb in found if hop == TOTAL and verb == link.verb), 0)
    return done, [id for id, hop, _ in found if hop == DEAD]


def _seconds(at: datetime) -> int:
    return to_micros(at) // 1_000_000


def _link_rows(tx: Tx) -> Iterable[tuple[LinkName, int]]:
    for id, *name in tx.execute(select(Link.id, Link.source, Link.type, Link.consumer, Link.verb)):
        yield LinkName(*name), id


def _link(tx: Tx, ledger: Ledger, slug: str) -> tuple[LinkName, int]:
    """0 for one on which something waits and nothing ever arrived."""
    row = tx.scalars(select(Link).where(Link.slug == slug)).one_or_none()
    if row is not None:
        return LinkName(row.source, row.type, row.consumer, row.verb), row.id
    for name in ledger.standings.links():
        if name.slug == slug:
            return name, 0
    raise Problem(NOT_FOUND, field="path.id", what="link", id=slug)


def _series(
    tx: Tx, link_ids: Iterable[int], hops: Sequence[str], dimension: str
) -> dict[tuple[int, str, str], int]:
    """The numbers of these series by link, hop and value."""
    rows = select(Series).where(
        Series.link_id.in_(list(link_ids)), Series.hop.in_(hops), Series.dimension == dimension
    )
    return {(row.link_id, row.hop, row.value): row.id for row in tx.scalars(rows)}


def figures_of(tx: Tx, series: Iterable[int], cut: Sequence[Stretch]) -> defaultdict[int, Histogram]:
    """Each of these series, by its number, over a stretch of time."""
    by_series: defaultdict[int, list[Any]] = defaultdict(list)
    for rows in _stretched(tx, series, cut, lambda table: [table[name] for name in _ROW]):
        for series_id, *row in rows:
            by_series[series_id].append(row)
    found: defaultdict[int, Histogram] = defaultdict(Histogram)
    for series_id, all_rows in by_series.items():
        found[series_id].merge_rows(all_rows)
    return found


def _stretched(
    tx: Tx,
    series: Iterable[int],
    cut: Sequence[Stretch],
    columns: Callable[[Any], Sequence[Any]],
    *,
    summed_up: bool = False,
) -> Iterator[Iterable[Any]]:
    """These columns of the rows of a stretch of time, behind the number of the series; `summed_up`: of all rows
    of a series together."""
    wanted = sorted(series)
    for span, start, end in cut:
        table = ROLLUPS[span].__table__.c
        for first in range(0, len(wanted), MAX_IN):
            among = table.series_id.in_(wanted[first : first + MAX_IN])
            rows = select(table.series_id, *columns(table)).where(among, table.at >= start)
            if end is not None:
                rows = rows.where(table.at < end)
            yield tx.execute(rows.group_by(table.series_id) if summed_up else rows)


def _parts(tx: Tx, link_id: int, dimension: str, cut: Sequence[Stretch], most: int) -> list[PartView]:
    """The busiest: all are counted, and only the histograms of these are put together."""
    values = {id: value for (_, _, value), id in _series(tx, [link_id], (TOTAL,), dimension).items()}
    events: Counter[int] = Counter()
    for rows in _stretched(tx, values, cut, lambda table: (func.sum(table.count + table.skewed),), summed_up=True):
        events.update({series_id: int(number) for series_id, number in rows})
    busiest = sorted((id for id in events if events[id]), key=lambda id: (-events[id], values[id]))[:most]
    figures = figures_of(tx, busiest, cut)
    return [PartView(code=values[id], total=durations(figures[id])) for id in busiest]


def _link_view(
    ledger: Ledger,
    link: LinkName,
    link_id: int,
    series: dict[tuple[int, str, str], int],
    figures: defaultdict[int, Histogram],
    window: str,
    now: datetime,
) -> LinkView:
    def of(hop: str) -> Histogram:
        number = series.get((link_id, hop, ""))
        return figures[number] if number is not None else Histogram()

    waiting: Waiting = ledger.standings.of(link)
    total = of(TOTAL)
    age = None if waiting.oldest_at is None else max((now - waiting.oldest_at).total_seconds(), 0.0)
    return LinkView(
        id=link.slug,
        source=link.source,
        type=link.type,
        consumer=link.consumer,
        verb=link.verb or None,
        total=durations(total),
        rate=round((total.count + total.skewed) / WINDOW_S[window], 3),
        oldest_at=waiting.oldest_at,
        oldest_s=None if age is None else round(age, 3),
        backlog=waiting.backlog,
        held=waiting.held,
        dead=waiting.dead,
        retries=of(RETRIES).count,
        duplicates=of(DUPLICATES).count,
        dead_letters=of(DEAD).count,
        discarded=of(DISCARDED).count,
        trend=ledger.trends.get(link, Trend()).verdict,
        as_of=waiting.as_of,
    )


def _record(row: Record, slug: str, to_portal: bool) -> RecordView:
    total = None if row.committed_us is None else row.end_us - row.committed_us
    hops = [(hop, getattr(row, hop)) for hop in HOPS]
    why = explanation(
        total, hops, outcome=row.outcome, to_portal=to_portal, attempts=row.attempts, trouble=row.trouble
    )
    return RecordView(
        link=slug,
        version=row.version,
        outcome=OUTCOMES[row.outcome],
        committed_at=None if row.committed_us is None else from_micros(row.committed_us),
        ended_at=from_micros(row.end_us),
        total_ms=in_ms(total),
        **{f"{hop}_ms": in_ms(micros) for hop, micros in hops},
        attempts=row.attempts,
        trouble=row.trouble,
        why_vi=why.vi,
        why_en=why.en,
    )


def in_ms(micros: float | None) -> float | None:
    """Milliseconds, to the microsecond."""
    return None if micros is None else round(micros / 1000, 3)
