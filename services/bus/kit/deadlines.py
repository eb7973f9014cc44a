"""Deadlines (thời hạn giải quyết) in working time, each with the reasons why it falls where it falls.

Counting follows Bộ luật Dân sự 2015, Đ.147 k.3: the day of the event is not counted, so a dossier received
today has its first working day tomorrow at the earliest. A deadline in days ends when work ends on its last
day; "same day" means before 15:00 (else the next working day). Pure functions: no clock, no storage.
"""

import re
from dataclasses import dataclass, replace
from datetime import UTC, date, datetime, timedelta
from typing import Any, Final, Literal, NamedTuple

from contracts.problems import Text
from contracts.rules import refuse
from contracts.times import to_vn, vn_date
from services.bus.kit.calendars import Calendar, ClosedKind

ReasonKind = ClosedKind | Literal["day_of_receipt", "after_cutoff", "received_outside_hours", "suspended"]

_DURATION: Final = re.compile(r"same-day|([1-9][0-9]{0,3})-working-(day|hour)s?")
_ONE_DAY: Final = timedelta(days=1)


@dataclass(frozen=True, slots=True)
class Duration:
    """How long a procedure may take: `count` of `unit`; the count of "same-day" is 0."""

    unit: Literal["same-day", "working-day", "working-hour"]
    count: int

    @classmethod
    def parse(cls, text: str) -> "Duration":
        """Read `same-day`, `1-working-day`, `3-working-days`, `8-working-hours`. Raises duration.format."""
        match = _DURATION.fullmatch(text)
        if match is None:
            raise refuse("duration.format")
        if match[1] is None:
            return cls("same-day", 0)
        return cls("working-day" if match[2] == "day" else "working-hour", int(match[1]))

    def __str__(self) -> str:
        if self.unit == "same-day":
            return self.unit
        return f"{self.count}-{self.unit}{'' if self.count == 1 else 's'}"


class Reason(NamedTuple):
    """Why one day between receipt and deadline did not count, or why the deadline moved."""

    kind: ReasonKind
    date: date
    text: Text


@dataclass(frozen=True, slots=True)
class Deadline:
    """When an answer is due and why.

    `start`, `at` and `original` (the deadline before any suspension) are UTC; `suspended` is the working time
    of all suspensions so far. Every day from receipt to deadline is either counted or has one reason; a
    suspension adds one more, dated on its first day.
    """

    at: datetime
    original: datetime
    start: datetime
    duration: Duration
    reasons: tuple[Reason, ...]
    suspended: timedelta = timedelta()

    def document(self) -> dict[str, Any]:
        """The deadline as plain JSON values, to be kept with the dossier."""
        return {
            "at": self.at.isoformat(),
            "original": self.original.isoformat(),
            "start": self.start.isoformat(),
            "duration": str(self.duration),
            "suspended_seconds": self.suspended.total_seconds(),
            "reasons": [
                {"kind": kind, "date": day.isoformat(), "vi": text.vi, "en": text.en}
                for kind, day, text in self.reasons
            ],
        }

    @classmethod
    def from_document(cls, document: dict[str, Any]) -> "Deadline":
        """The deadline that `document` describes."""
        return cls(
            at=datetime.fromisoformat(document["at"]),
            original=datetime.fromisoformat(document["original"]),
            start=datetime.fromisoformat(document["start"]),
            duration=Duration.parse(document["duration"]),
            reasons=tuple(
                Reason(one["kind"], date.fromisoformat(one["date"]), Text(one["vi"], one["en"]))
                for one in document["reasons"]
            ),
            suspended=timedelta(seconds=document["suspended_seconds"]),
        )


def due(start: datetime, duration: Duration, calendar: Calendar) -> Deadline:
    """When a dossier received at `start` (aware) has to be answered.

    - same-day: received on a working day before the cutoff, the end of that day; else of the next one.
    - working days: the end of the n-th working day after the day of receipt.
    - working hours: the moment n hours of office time have passed.
    """
    if duration.unit == "working-hour":
        at = calendar.add_working_time(start, timedelta(hours=duration.count))
    else:
        at = calendar.closing_moment(_last_day(start, duration, calendar))
    return Deadline(at, at, start.astimezone(UTC), duration, tuple(_reasons(start, at, duration, calendar)))


def extend(
    deadline: Deadline,
    suspended_from: datetime,
    suspended_to: datetime,
    calendar: Calendar,
    *,
    why: Text | None = None,
) -> Deadline:
    """Give back the working time in which the agency had to wait, for the applicant or for a payment.

    The working time of all suspensions together is added to the original deadline; one in days then ends
    with the day it falls on, so an hour's wait may give a day, but ten such waits do not give ten. Time
    before receipt is not given back. `why` is put in front of the reason's text. Suspensions of one dossier
    must not overlap. A ValueError if `suspended_to` is before `suspended_from`.
    """
    if suspended_to < suspended_from:
        raise ValueError("a suspension cannot end before it begins")
    lost = calendar.working_time_between(max(suspended_from, deadline.start), suspended_to)
    total = deadline.suspended + lost
    at = deadline.original
    if total:
        at = calendar.add_working_time(at, total)
        if deadline.duration.unit != "working-hour":
            at = calendar.closing_moment(vn_date(at))
    # A calendar that gained working days since must not take back what was promised.
    at = max(at, deadline.at)
    moved = _closed_days(vn_date(deadline.at), vn_date(at), calendar)
    reason = Reason("suspended", vn_date(suspended_from), _suspension(suspended_from, suspended_to, lost, why))
    return replace(deadline, at=at, suspended=total, reasons=(*deadline.reasons, reason, *moved))


def _last_day(start: datetime, duration: Duration, calendar: Calendar) -> date:
    day = vn_date(start)
    counts_today = duration.unit == "same-day" or calendar.counts_day_of_receipt
    left = max(duration.count, 1)
    if counts_today and _before_cutoff(start, calendar) and calendar.closed(day) is None:
        left -= 1
    while left:
        day += _ONE_DAY
        if calendar.closed(day) is None:
            left -= 1
    return day


def _reasons(start: datetime, at: datetime, duration: Duration, calendar: Calendar) -> list[Reason]:
    first, last = vn_date(start), vn_date(at)
    reasons = _closed_days(first, last, calendar)
    if calendar.closed(first) is None and (today := _why_not_today(start, last, duration, calendar)):
        reasons.insert(0, today)
    return reasons


def _why_not_today(start: datetime, last: date, duration: Duration, calendar: Calendar) -> Reason | None:
    """Why the day of receipt, a working day, is not counted; None if it is."""
    local = to_vn(start)
    day, clock = local.date(), f"{local:%H:%M}"
    if duration.unit == "working-hour":
        if local.time() < calendar.closing:
            return None
        text = Text(
            f"Nhận lúc {clock} ngày {_vi(day)}, sau giờ làm việc.",
            f"Received at {clock} on {day}, after working hours.",
        )
        return Reason("received_outside_hours", day, text)
    if duration.unit == "working-day" and not calendar.counts_day_of_receipt:
        text = Text(
            f"Ngày nhận hồ sơ {_vi(day)} không tính; tính từ ngày làm việc tiếp theo.",
            f"The day of receipt, {day}, is not counted; counting starts with the next working day.",
        )
        return Reason("day_of_receipt", day, text)
    if _before_cutoff(start, calendar):
        return None
    cutoff = f"{calendar.same_day_cutoff:%H:%M}"
    text = Text(
        f"Nhận lúc {clock} ngày {_vi(day)}, từ {cutoff} trở đi, nên tính từ ngày làm việc tiếp theo.",
        f"Received at {clock} on {day}, not before {cutoff}, so it counts from the next working day.",
    )
    return Reason("after_cutoff", day, text)


def _closed_days(first: date, last: date, calendar: Calendar) -> list[Reason]:
    """A reason for each day from `first` to `last`, both included, that is no working day."""
    reasons = []
    for offset in range((last - first).days + 1):
        day = first + timedelta(days=offset)
        if closed := calendar.closed(day):
            text = Text(
                f"{_vi(day)} không phải ngày làm việc: {closed.name.vi}.",
                f"{day} is no working day: {closed.name.en}.",
            )
            reasons.append(Reason(closed.kind, day, text))
    return reasons


def _suspension(start: datetime, end: datetime, lost: timedelta, why: Text | None) -> Text:
    hours = f"{lost.total_seconds() / 3600:.1f}"
    begin, finish = to_vn(start), to_vn(end)
    vi = (
        f"Tạm dừng từ {begin:%H:%M %d/%m/%Y} đến {finish:%H:%M %d/%m/%Y}: "
        f"{hours.replace('.', ',')} giờ làm việc không tính."
    )
    en = (
        f"Suspended from {begin:%Y-%m-%d %H:%M} to {finish:%Y-%m-%d %H:%M}: {hours} working hours are not counted."
    )
    return Text(vi, en) if why is None else Text(f"{why.vi}: {vi}", f"{why.en}: {en}")


def _before_cutoff(start: datetime, calendar: Calendar) -> bool:
    return to_vn(start).time() < calendar.same_day_cutoff


def _vi(day: date) -> str:
    return f"{day:%d/%m/%Y}"
