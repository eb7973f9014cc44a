"""Counting dossiers of a period: whole months from the counts, the days beside them from the facts.

What comes out is how many dossiers have which flags, by whatever they are asked for; sets are told apart
afterwards (`Tally`), by the few hundred combinations of flags there are. An unfinished dossier whose time has run
out by `at` is counted as late, though its flags do not say so yet.
"""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass
from datetime import date, datetime, time, timedelta
from typing import Any, Literal, NamedTuple

from sqlalchemy import ColumnElement, Select, func, select

from contracts.times import vn_moment
from services.bus.hub.indicators.counts import AGENCY, PROCEDURE, as_day, month_in, month_of
from services.bus.hub.indicators.models import Count, DossierFacts
from services.bus.hub.indicators.sets import LATE, Mask, kept_masks
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
    """Days [first, end): `whole` if they are one calendar month."""

    first: date
    end: date
    whole: bool


def spans(since: date, until: date) -> Iterator[Span]:
    """The calendar months of a period, the first and last of which may be parts."""
    day = since
    while day < until:
        month = month_of(day)
        following = (month + timedelta(days=32)).replace(day=1)
        end = min(following, until)
        yield Span(day, end, day == month and end == following)
        day = end


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


def counted(tx: Tx, where: Where, by: By, *, grain: Grain = "total", at: datetime) -> Iterator[Counted]:
    """How many dossiers of each key have which flags. The same key and flags may come in several parts. Whole
    months are counted by procedure; anything else is looked up in the facts."""
    kept = by == PROCEDURE and where.agencies is None
    months, days = _parts(where, kept)
    for part in _together(months, grain, where.since):
        yield from _of_months(tx, part, where, period_of(part.first, grain, where.since))
    for part in _together(days, grain, where.since):
        yield from _of_days(tx, part, by, where, period_of(part.first, grain, where.since))
    yield from _run_out(tx, where, by, grain, at)


def of_agencies(tx: Tx, where: Where, masks: Sequence[Mask], *, grain: Grain = "total", at: datetime) -> Tally:
    """How many dossiers each of these masks, all of them kept of agencies, holds: by agency and period."""
    tally = Tally(masks)
    months, days = _parts(where, where.procedures is None)
    for part in _together(months, grain, where.since):
        period = period_of(part.first, grain, where.since)
        for key, kept, rows in tx.execute(_of_agencies(part, where)):
            tally.add_kept((key, period), kept_masks()[kept], int(rows))
    for part in _together(days, grain, where.since):
        for each in _of_days(tx, part, AGENCY, where, period_of(part.first, grain, where.since)):
            tally.add((each.key, each.period), each.flags, each.dossiers)
    for each in _run_out(tx, where, AGENCY, grain, at):
        tally.add((each.key, each.period), each.flags, each.dossiers)
    return tally


def _parts(where: Where, kept: bool) -> tuple[list[Span], list[Span]]:
    """The months whose counts are kept, and the days that have to be looked up."""
    months: list[Span] = []
    days: list[Span] = []
    for span in spans(where.since, where.until):
        (months if span.whole and kept else days).append(span)
    return months, days


def _together(parts: Sequence[Span], grain: Grain, since: date) -> list[Span]:
    """Neighbouring spans of one period as one."""
    joined: list[Span] = []
    for part in parts:
        last = joined[-1] if joined else None
        same = last is not None and period_of(last.first, grain, since) == period_of(part.first, grain, since)
        if last is not None and same and last.end == part.first:
            joined[-1] = Span(last.first, part.end, last.whole and part.whole)
        else:
            joined.append(part)
    return joined


def _of_months(tx: Tx, span: Span, where: Where, period: date) -> Iterator[Counted]:
    statement = select(Count.key, Count.flags, func.sum(Count.rows)).where(*_kept(PROCEDURE, span))
    if where.procedures is not None:
        statement = statement.where(Count.key.in_(where.procedures))
    for key, flags, rows in tx.execute(statement.group_by(Count.key, Count.flags)):
        yield Counted(key, period, flags, int(rows))


def _of_agencies(span: Span, where: Where) -> Select[str, int, int]:
    statement = select(Count.key, Count.flags, func.sum(Count.rows)).where(*_kept(AGENCY, span))
    if where.agencies is not None:
        statement = statement.where(Count.key.in_(where.agencies))
    return statement.group_by(Count.key, Count.flags)


def _kept(dimension: By, span: Span) -> list[ColumnElement[bool]]:
    return [Count.dimension == dimension, Count.month >= span.first, Count.month < span.end]


def _of_days(tx: Tx, span: Span, by: By, where: Where, period: date) -> Iterator[Counted]:
    key = column_of(by)
    statement = (
        select(key, DossierFacts.flags, func.count())
        .where(*received_in(where, span.first, span.end))
        .group_by(key, DossierFacts.flags)
    )
    for name, flags, rows in tx.execute(statement):
        yield Counted(name, period, flags, rows)


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


def column_of(by: By) -> Any:
    return DossierFacts.agency if by == AGENCY else DossierFacts.procedure_code


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


def tallied(found: Iterable[Counted], masks: Sequence[Mask]) -> Tally:
    """By key alone."""
    tally = Tally(masks)
    for key, _, flags, dossiers in found:
        tally.add(key, flags, dossiers)
    return tally


__all__ = ["AGENCY", "PROCEDURE", "By", "Counted", "Grain", "Tally", "Where", "counted", "of_agencies", "tallied"]
