"""Counting dossiers of a period: whole years and months from the counts, the days beside them from the facts.

What is counted are masks (`sets`): a figure costs the same however many kinds of dossiers there are. An unfinished
dossier whose time has run out by `at` is counted as late, though its flags do not say so yet.
"""

from __future__ import annotations

from collections import Counter, defaultdict
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from datetime import date, datetime, time, timedelta
from typing import Any, Literal, NamedTuple

from sqlalchemy import ColumnElement, func, literal, select
from sqlalchemy.orm import InstrumentedAttribute

from contracts.times import vn_moment
from services.bus.hub.indicators.counts import as_day, column_of, month_in, month_of, sums_of, year_of
from services.bus.hub.indicators.models import MONTH, YEAR, Count, DossierFacts
from services.bus.hub.indicators.sets import AGENCY, LATE, PROCEDURE, RECEIVED, Mask, kept_masks
from services.bus.kit.tx import Tx

By = Literal["agency", "procedure"]
Grain = Literal["total", "month", "quarter", "year"]


@dataclass(frozen=True, slots=True)
class Where:
    """Which dossiers: received in [since, until), at one of `agencies`, of one of `procedures`. None: any."""

    since: date
    until: date
    agencies: tuple[str, ...] | None = None
    procedures: tuple[str, ...] | None = None

    @property
    def last(self) -> date:
        """The last day of the period."""
        return self.until - timedelta(days=1)

    def compared_at(self, now: datetime) -> datetime:
        """The moment unfinished dossiers are compared with: the end of the period, or now if that is earlier."""
        return min(vn_moment(self.until, time()), now)


class Counted(NamedTuple):
    """So many dossiers of a key have these flags; `period` is its first day."""

    key: str
    period: date
    flags: int
    dossiers: int


class Span(NamedTuple):
    """Days [first, end) of one calendar month or year. `kept`: all that this MONTH or YEAR holds is in them."""

    first: date
    end: date
    kept: str | None


def spans(since: date, until: date, days: tuple[date | None, date | None], *, years: bool) -> Iterator[Span]:
    """A period in whole years, if those will do, whole months, and parts of months. `days`: the first and the
    last on which there is anything: what has nothing outside the period is whole, as the month under way is."""
    oldest, newest = days
    if oldest is None or newest is None:
        return

    def is_whole(first: date, following: date) -> bool:
        return (day == first or day <= oldest) and (following <= until or newest < until)

    day, until = max(since, oldest), min(until, newest + timedelta(days=1))
    while day < until:
        year, next_year = year_of(day), date(day.year + 1, 1, 1)
        month, next_month = month_of(day), (month_of(day) + timedelta(days=32)).replace(day=1)
        if years and is_whole(year, next_year):
            yield Span(day, min(next_year, until), YEAR)
            day = next_year
        else:
            yield Span(day, min(next_month, until), MONTH if is_whole(month, next_month) else None)
            day = next_month


def period_of(day: date, grain: Grain, since: date) -> date:
    """The first day of the period a day belongs to."""
    match grain:
        case "month":
            return month_of(day)
        case "quarter":
            return date(day.year, (day.month - 1) // 3 * 3 + 1, 1)
        case "year":
            return date(day.year, 1, 1)
    return since


def counts(
    tx: Tx, where: Where, by: By, masks: Sequence[Mask], *, grain: Grain = "total", at: datetime | None
) -> Tally:
    """How many dossiers each of these masks holds, by key and period. Whole months and years of masks that are
    kept are added up; anything else the database counts from the facts. `at`: the moment unfinished dossiers are
    compared with; None where no mask asks who is late."""
    tally = Tally(masks)
    for part in _parts(tx, where, grain, kept=_kept(where, by, masks)):
        if part.kept is None:
            _add_days(tx, tally, part, where, by, period_of(part.first, grain, where.since))
        else:
            _add_kept(tx, tally, part, where, by, grain)
    if at is not None:
        for each in _run_out(tx, where, by, grain, at):
            tally.add((each.key, each.period), each.flags, each.dossiers)
    return tally


def months_with_any(tx: Tx, where: Where, by: By) -> Counter[str]:
    """In how many months of the period each key received something."""
    found: Counter[str] = Counter()
    for span in _parts(tx, where, "month", kept=_kept(where, by, [RECEIVED])):
        if span.kept is None:
            key = column_of(by)
            seen = select(key, literal(1)).where(*received_in(where, span.first, span.end)).distinct()
        else:
            months = _kept_in(span, where, by, [kept_masks(by).index(RECEIVED)])
            seen = select(Count.key, func.count()).where(*months, Count.rows > 0).group_by(Count.key)
        for name, number in tx.execute(seen):
            found[name] += number
    return found


def _kept(where: Where, by: By, masks: Sequence[Mask]) -> bool:
    """Whether this is counted by month: nothing but its own key narrows it."""
    others = where.agencies if by == PROCEDURE else where.procedures
    return others is None and set(masks) <= set(kept_masks(by))


def _parts(tx: Tx, where: Where, grain: Grain, *, kept: bool) -> list[Span]:
    """What to add up and what to look up: neighbours as one, if they are of one period or tell theirs."""
    days = days_of(tx, DossierFacts.received_on)
    joined: list[Span] = []
    for found in spans(where.since, where.until, days, years=kept and grain in ("total", "year")):
        part = found if kept else found._replace(kept=None)
        last = joined[-1] if joined else part
        same = period_of(last.first, grain, where.since) == period_of(part.first, grain, where.since)
        if joined and last.kept == part.kept and (same or part.kept is not None):
            joined[-1] = last._replace(end=part.end)
        else:
            joined.append(part)
    return joined


def days_of(tx: Tx, day: InstrumentedAttribute[Any]) -> tuple[date | None, date | None]:
    """The first and the last there is. One at a time, so that each is one look into the index."""
    return tx.scalar(select(func.min(day))), tx.scalar(select(func.max(day)))


def _add_kept(tx: Tx, tally: Tally, span: Span, where: Where, by: By, grain: Grain) -> None:
    places = {place: mask for place, mask in enumerate(kept_masks(by)) if mask in set(tally.masks)}
    here = _kept_in(span, where, by, list(places))
    if grain == "total":
        summed = select(Count.key, Count.flags, func.sum(Count.rows)).where(*here)
        for key, place, rows in tx.execute(summed.group_by(Count.key, Count.flags)):
            tally.add_kept((key, where.since), places[place], int(rows))
    else:
        told = select(Count.key, Count.flags, Count.rows, Count.first).where(*here)
        for key, place, rows, first in tx.execute(told):
            tally.add_kept((key, period_of(first, grain, where.since)), places[place], rows)


def _kept_in(span: Span, where: Where, by: By, places: list[int]) -> list[ColumnElement[bool]]:
    """The conditions of the counts of these masks."""
    among = where.agencies if by == AGENCY else where.procedures
    within = [] if among is None else [Count.key.in_(among)]
    return [Count.dimension == by, *counted_in(span), Count.flags.in_(places), *within]


def counted_in(span: Span) -> list[ColumnElement[bool]]:
    """The conditions of the counts of whole months, or years; each by its name, so that every one is sought."""
    floor, step = (year_of, 12) if span.kept == YEAR else (month_of, 1)
    begins = floor(span.first)
    firsts = []
    while begins < span.end:
        firsts.append(begins)
        month = begins.month - 1 + step
        begins = begins.replace(year=begins.year + month // 12, month=month % 12 + 1)
    return [Count.span == span.kept, Count.first.in_(firsts)]


def _add_days(tx: Tx, tally: Tally, span: Span, where: Where, by: By, period: date) -> None:
    key = column_of(by)
    statement = select(key, *sums_of(tally.masks)).where(*received_in(where, span.first, span.end))
    for name, *sums in tx.execute(statement.group_by(key)):
        tally.add_sums((name, period), [int(each) for each in sums])


def _run_out(tx: Tx, where: Where, by: By, grain: Grain, at: datetime) -> Iterator[Counted]:
    """Unfinished dossiers whose time has run out: taken from where they stand, and put among the late."""
    key = column_of(by)
    day = func.coalesce(DossierFacts.received_on, date.max)  # or SQLite goes by the index of days, row by row
    fixed = [DossierFacts.late_after < at, day >= where.since, day < where.until]
    if where.agencies is not None:
        fixed.append(func.coalesce(DossierFacts.agency, "").in_(where.agencies))
    if where.procedures is not None:
        fixed.append(func.coalesce(DossierFacts.procedure_code, "").in_(where.procedures))
    months = () if grain == "total" else (month_in(tx.dialect, DossierFacts.received_on),)
    columns: tuple[Any, ...] = (key, DossierFacts.flags, *months)
    for name, flags, *on, rows in tx.execute(select(*columns, func.count()).where(*fixed).group_by(*columns)):
        period = period_of(as_day(on[0]), grain, where.since) if on else where.since
        yield Counted(name, period, flags, -rows)
        yield Counted(name, period, flags | LATE, rows)


def received_in(where: Where, since: date, until: date) -> list[ColumnElement[bool]]:
    """The conditions of dossiers received in [since, until)."""
    found: list[ColumnElement[bool]] = [DossierFacts.received_on >= since, DossierFacts.received_on < until]
    if where.agencies is not None:
        found.append(DossierFacts.agency.in_(where.agencies))
    if where.procedures is not None:
        found.append(DossierFacts.procedure_code.in_(where.procedures))
    return found


class Tally:
    """Adds up how many dossiers each of some masks holds, by key."""

    def __init__(self, masks: Sequence[Mask]) -> None:
        self.masks = tuple(masks)
        self._places = {mask: place for place, mask in enumerate(self.masks)}
        self._holding: dict[int, tuple[int, ...]] = {}
        self.by_key: dict[Any, list[int]] = defaultdict(lambda: [0] * len(self.masks))

    def add(self, key: Any, flags: int, dossiers: int) -> None:
        holding = self._holding.get(flags)
        if holding is None:
            holding = tuple(place for place, mask in enumerate(self.masks) if mask.holds(flags))
            self._holding[flags] = holding
        if holding:
            sums = self.by_key[key]
            for place in holding:
                sums[place] += dossiers

    def add_kept(self, key: Any, mask: Mask, dossiers: int) -> None:
        """What is known to be held by a mask, if it is one of these."""
        place = self._places.get(mask)
        if place is not None:
            self.by_key[key][place] += dossiers

    def add_sums(self, key: Any, sums: Sequence[int]) -> None:
        """What has been added up already."""
        self.by_key[key] = [one + other for one, other in zip(self.by_key[key], sums, strict=True)]

    def total(self) -> list[int]:
        return [sum(column) for column in zip(*self.by_key.values(), strict=True)] or [0] * len(self.masks)
