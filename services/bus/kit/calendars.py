"""The working calendar (lịch làm việc) of a Vietnamese agency: which days and hours count, and why not.

Public holidays and the Saturdays swapped for them come from the `holidays` package; what a province decides
for itself is configuration. Everything is in Vietnamese local time and nothing looks at a clock.
"""

from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field
from datetime import date, datetime, time, timedelta
from functools import lru_cache
from itertools import pairwise
from typing import Final, Literal, NamedTuple

from holidays import country_holidays

from contracts.problems import Text
from contracts.times import to_vn, vn_moment

ClosedKind = Literal["weekend", "holiday", "day_off"]
Hours = tuple[tuple[time, time], ...]

OFFICE_HOURS: Final[Hours] = ((time(7, 30), time(11, 30)), (time(13, 30), time(17, 0)))
"""Common office hours of the province; an agency may set its own."""

SAME_DAY_CUTOFF: Final = time(15, 0)
"""Received before it: answered the same day; from then on: the next working day (domain: NĐ 63/2024)."""

_SATURDAY: Final = 5
_WEEKDAYS: Final = (
    Text("Thứ Hai", "Monday"),
    Text("Thứ Ba", "Tuesday"),
    Text("Thứ Tư", "Wednesday"),
    Text("Thứ Năm", "Thursday"),
    Text("Thứ Sáu", "Friday"),
    Text("Thứ Bảy", "Saturday"),
    Text("Chủ nhật", "Sunday"),
)


class Closed(NamedTuple):
    """Why a day is no working day: its kind and what the day is called."""

    kind: ClosedKind
    name: Text


@dataclass(frozen=True)
class Calendar:
    """Which days and hours an agency works.

    `make_up_days` are worked although they fall on a weekend, beyond the swaps the holidays package knows;
    `days_off` are not worked although they would be, each with its reason. `hours` are the spans of a working
    day in order; the last one ends it. `counts_day_of_receipt` makes the day a dossier is received the first
    of its working days (if received before the cutoff); normally counting starts with the next working day.
    """

    make_up_days: frozenset[date] = frozenset()
    days_off: Mapping[date, Text] = field(default_factory=dict)
    hours: Hours = OFFICE_HOURS
    same_day_cutoff: time = SAME_DAY_CUTOFF
    counts_day_of_receipt: bool = False

    def __post_init__(self) -> None:
        """A ValueError for a day both worked and off, and for hours that are empty or out of order."""
        if both := self.make_up_days & self.days_off.keys():
            raise ValueError(f"both a make-up day and a day off: {sorted(both)}")
        edges = [edge for span in self.hours for edge in span]
        if not edges or any(later <= earlier for earlier, later in pairwise(edges)):
            raise ValueError("working hours need at least one span and have to be in order")

    @property
    def closing(self) -> time:
        """When a working day ends, and with it a deadline that falls on it."""
        return self.hours[-1][1]

    def closed(self, day: date) -> Closed | None:
        """Why `day` is no working day; None if it is one."""
        if day in self.days_off:
            return Closed("day_off", self.days_off[day])
        national = _national_days(day.year)
        if day in self.make_up_days or day in national.make_up_days:
            return None
        if day in national.holidays:
            return Closed("holiday", national.holidays[day])
        if day.weekday() >= _SATURDAY:
            return Closed("weekend", _WEEKDAYS[day.weekday()])
        return None

    def closing_moment(self, day: date) -> datetime:
        """The end of work on `day`, in UTC."""
        return vn_moment(day, self.closing)

    def working_time_between(self, start: datetime, end: datetime) -> timedelta:
        """How much of the time from `start` to `end` is working time; nothing if `end` is not later."""
        total = timedelta()
        day, last = to_vn(start).date(), to_vn(end).date()
        while day <= last:
            for opens, closes in self._spans(day):
                total += max(min(closes, end) - max(opens, start), timedelta())
            day += timedelta(days=1)
        return total

    def add_working_time(self, start: datetime, amount: timedelta) -> datetime:
        """The moment, in UTC, when `amount` (positive) of working time has passed since `start`.

        It falls on the end of a span rather than the beginning of the next one.
        """
        left, day = amount, to_vn(start).date()
        while True:
            for opens, closes in self._spans(day):
                begin = max(opens, start)
                if begin < closes:
                    if left <= closes - begin:
                        return begin + left
                    left -= closes - begin
            day += timedelta(days=1)

    def _spans(self, day: date) -> Iterator[tuple[datetime, datetime]]:
        if self.closed(day) is None:
            for opens, closes in self.hours:
                yield vn_moment(day, opens), vn_moment(day, closes)


class _NationalDays(NamedTuple):
    holidays: Mapping[date, Text]
    make_up_days: frozenset[date]


@lru_cache(maxsize=64)
def _national_days(year: int) -> _NationalDays:
    """Public holidays of a year with their names, and the weekend days worked in exchange for them."""
    vietnamese = country_holidays("VN", years=year, language="vi")
    english = country_holidays("VN", years=year, language="en_US")
    return _NationalDays(
        {day: Text(name, english[day]) for day, name in vietnamese.items()},
        frozenset(vietnamese.weekend_workdays),
    )
