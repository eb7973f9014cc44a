"""Deadlines: known cases of 2023 and 2024, and what must hold for every one."""

import json
from datetime import UTC, date, datetime, time, timedelta
from typing import Literal

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from contracts.problems import Text
from contracts.times import to_vn, vn_date, vn_moment
from services.bus.kit.calendars import Calendar
from services.bus.kit.deadlines import Deadline, Duration, due, extend
from tests.contracts.refusals import refused

STARTS = st.floats(1_672_600_000, 1_720_000_000).map(lambda seconds: datetime.fromtimestamp(seconds, UTC))
DAYS = st.dates(date(2023, 1, 1), date(2024, 10, 31))
DURATIONS = st.one_of(
    st.just(Duration("same-day", 0)),
    st.integers(1, 40).map(lambda count: Duration("working-day", count)),
    st.integers(1, 60).map(lambda count: Duration("working-hour", count)),
)


@st.composite
def calendars(draw: st.DrawFn) -> Calendar:
    off = draw(st.sets(DAYS, max_size=60))
    worked = draw(st.sets(DAYS, max_size=60)) - off
    return Calendar(
        make_up_days=frozenset(worked),
        days_off={day: Text("Nghỉ", "Day off") for day in off},
        counts_day_of_receipt=draw(st.booleans()),
    )


def at(year: int, month: int, day: int, hour: int, minute: int = 0) -> datetime:
    """A moment by the Vietnamese clock."""
    return vn_moment(date(year, month, day), time(hour, minute))


def days_between(first: date, last: date) -> list[date]:
    return [first + timedelta(days=offset) for offset in range((last - first).days + 1)]


@pytest.mark.parametrize(
    ("start", "duration", "expected"),
    [
        # an ordinary week
        (at(2023, 5, 8, 9), "same-day", at(2023, 5, 8, 17)),
        (at(2023, 5, 8, 14, 59), "same-day", at(2023, 5, 8, 17)),
        (at(2023, 5, 8, 15), "same-day", at(2023, 5, 9, 17)),
        (at(2023, 5, 8, 9), "1-working-day", at(2023, 5, 9, 17)),
        (at(2023, 5, 8, 9), "3-working-days", at(2023, 5, 11, 17)),
        (at(2023, 5, 8, 22), "3-working-days", at(2023, 5, 11, 17)),
        (at(2023, 5, 8, 9), "5-working-days", at(2023, 5, 15, 17)),
        # over the weekend
        (at(2023, 5, 12, 16), "same-day", at(2023, 5, 15, 17)),
        (at(2023, 5, 13, 9), "same-day", at(2023, 5, 15, 17)),
        (at(2023, 5, 13, 9), "1-working-day", at(2023, 5, 15, 17)),
        # over Giỗ Tổ, 30 April and 1 May
        (at(2023, 4, 28, 15), "same-day", at(2023, 5, 4, 17)),
        (at(2023, 4, 28, 9), "3-working-days", at(2023, 5, 8, 17)),
        # over Tết 2023
        (at(2023, 1, 19, 9), "2-working-days", at(2023, 1, 30, 17)),
        # a Saturday worked in exchange
        (at(2024, 5, 3, 9), "1-working-day", at(2024, 5, 4, 17)),
        # hours
        (at(2023, 5, 8, 9), "8-working-hours", at(2023, 5, 9, 9, 30)),
        (at(2023, 5, 8, 7, 30), "4-working-hours", at(2023, 5, 8, 11, 30)),
        (at(2023, 5, 12, 18), "1-working-hour", at(2023, 5, 15, 8, 30)),
    ],
)
def test_known_deadlines(start: datetime, duration: str, expected: datetime) -> None:
    assert due(start, Duration.parse(duration), Calendar()).at == expected


def test_the_day_of_receipt_can_be_made_to_count() -> None:
    calendar = Calendar(counts_day_of_receipt=True)
    three = Duration.parse("3-working-days")
    assert due(at(2023, 5, 8, 9), three, calendar).at == at(2023, 5, 10, 17)
    assert due(at(2023, 5, 8, 15), three, calendar).at == at(2023, 5, 11, 17)
    assert due(at(2023, 5, 13, 9), three, calendar).at == at(2023, 5, 17, 17)


def test_a_deadline_says_why() -> None:
    deadline = due(at(2023, 4, 28, 15, 30), Duration.parse("same-day"), Calendar())
    assert [one.kind for one in deadline.reasons] == ["after_cutoff"] + 5 * ["holiday"]
    assert [one.date.day for one in deadline.reasons] == [28, 29, 30, 1, 2, 3]
    first = deadline.reasons[0].text
    assert "15:30" in first.vi and "28/04/2023" in first.vi
    assert "15:30" in first.en and "2023-04-28" in first.en
    assert "Ngày Giỗ Tổ Hùng Vương" in deadline.reasons[1].text.vi


@pytest.mark.parametrize(
    ("start", "duration", "kind"),
    [
        (at(2023, 5, 8, 9), "1-working-day", "day_of_receipt"),
        (at(2023, 5, 8, 18), "1-working-hour", "received_outside_hours"),
        (at(2023, 5, 8, 16), "same-day", "after_cutoff"),
        (at(2023, 5, 13, 9), "1-working-day", "weekend"),
    ],
)
def test_why_the_day_of_receipt_does_not_count(start: datetime, duration: str, kind: str) -> None:
    assert due(start, Duration.parse(duration), Calendar()).reasons[0].kind == kind


@pytest.mark.parametrize("text", ["same-day", "1-working-day", "3-working-days", "8-working-hours"])
def test_a_duration_is_written_as_it_is_read(text: str) -> None:
    assert str(Duration.parse(text)) == text


@pytest.mark.parametrize(
    "text", ["", "0-working-days", "-1-working-days", "3 days", "3-days", "same day", "99999-working-days"]
)
def test_what_is_no_duration(text: str) -> None:
    with refused("duration.format"):
        Duration.parse(text)


def test_a_start_without_a_zone_is_refused() -> None:
    with pytest.raises(ValueError, match="zone"):
        due(datetime(2023, 5, 8), Duration.parse("same-day"), Calendar())  # noqa: DTZ001  # the very thing


@given(STARTS, DURATIONS, calendars())
def test_a_deadline_is_never_on_a_day_off_nor_before_receipt(
    start: datetime, duration: Duration, calendar: Calendar
) -> None:
    deadline = due(start, duration, calendar)
    assert calendar.closed(vn_date(deadline.at)) is None
    assert deadline.at > start
    assert deadline.at.tzinfo is UTC
    if duration.unit != "working-hour":
        assert to_vn(deadline.at).time() == time(17)


@given(STARTS, STARTS, DURATIONS, calendars())
def test_received_later_is_never_due_earlier(
    one: datetime, other: datetime, duration: Duration, calendar: Calendar
) -> None:
    earlier, later = sorted((one, other))
    assert due(earlier, duration, calendar).at <= due(later, duration, calendar).at


@pytest.mark.parametrize("unit", ["working-day", "working-hour"])
@given(start=STARTS, count=st.integers(1, 30), more=st.integers(0, 10), calendar=calendars())
def test_longer_is_never_due_earlier(
    unit: Literal["working-day", "working-hour"], start: datetime, count: int, more: int, calendar: Calendar
) -> None:
    shorter = due(start, Duration(unit, count), calendar).at
    longer = due(start, Duration(unit, count + more), calendar).at
    assert shorter <= longer
    assert (shorter == longer) == (more == 0)


@given(STARTS, calendars())
def test_same_day_is_never_later_than_one_day(start: datetime, calendar: Calendar) -> None:
    same_day = due(start, Duration("same-day", 0), calendar).at
    assert same_day <= due(start, Duration("working-day", 1), calendar).at


@given(STARTS, st.integers(1, 40), calendars())
def test_every_day_is_counted_or_has_one_reason(start: datetime, count: int, calendar: Calendar) -> None:
    deadline = due(start, Duration("working-day", count), calendar)
    days = days_between(vn_date(start), vn_date(deadline.at))
    skipped = [reason.date for reason in deadline.reasons]
    assert skipped == sorted(set(skipped))
    assert set(skipped) <= set(days)
    assert len(days) - len(skipped) == count
    for reason in deadline.reasons:
        closed = calendar.closed(reason.date)
        assert reason.kind == (closed.kind if closed else reason.kind)
        assert closed or reason.date == vn_date(start)


@given(STARTS, st.integers(1, 60), calendars())
def test_every_day_of_a_deadline_in_hours_is_worked_or_has_one_reason(
    start: datetime, count: int, calendar: Calendar
) -> None:
    deadline = due(start, Duration("working-hour", count), calendar)
    worked = set()
    for day in days_between(vn_date(start), vn_date(deadline.at)):
        opens, closes = vn_moment(day, time(0)), vn_moment(day + timedelta(days=1), time(0))
        if calendar.working_time_between(max(opens, start), min(closes, deadline.at)):
            worked.add(day)
    skipped = [reason.date for reason in deadline.reasons]
    assert sorted([*worked, *skipped]) == days_between(vn_date(start), vn_date(deadline.at))


def test_a_suspension_gives_back_the_working_time() -> None:
    deadline = due(at(2023, 5, 8, 9), Duration.parse("3-working-days"), Calendar())
    assert deadline.at == at(2023, 5, 11, 17)
    waited = extend(
        deadline,
        at(2023, 5, 9, 10),
        at(2023, 5, 11, 10),
        Calendar(),
        why=Text("Yêu cầu bổ sung", "Supplement"),
    )
    assert waited.at == at(2023, 5, 15, 17)
    assert waited.suspended == timedelta(hours=15)
    assert [one.kind for one in waited.reasons] == ["day_of_receipt", "suspended", "weekend", "weekend"]
    text = waited.reasons[1].text
    assert text.vi.startswith("Yêu cầu bổ sung: ") and "15,0 giờ" in text.vi
    assert text.en.startswith("Supplement: ") and "15.0 working hours" in text.en


def test_ten_short_waits_do_not_give_ten_days() -> None:
    deadline = due(at(2023, 5, 8, 9), Duration.parse("10-working-days"), Calendar())
    for minute in range(10):
        deadline = extend(deadline, at(2023, 5, 9, 9, minute), at(2023, 5, 9, 9, minute + 1), Calendar())
    assert deadline.suspended == timedelta(minutes=10)
    assert deadline.at == at(2023, 5, 23, 17)


def test_a_weekend_of_waiting_moves_nothing_but_is_told() -> None:
    deadline = due(at(2023, 5, 12, 9), Duration.parse("1-working-day"), Calendar())
    waited = extend(deadline, at(2023, 5, 13, 9), at(2023, 5, 14, 9), Calendar())
    assert waited.at == deadline.at
    assert waited.reasons[-1].kind == "suspended"


def test_waiting_before_receipt_is_not_given_back() -> None:
    deadline = due(at(2023, 5, 8, 9), Duration.parse("8-working-hours"), Calendar())
    waited = extend(deadline, at(2023, 5, 4, 9), at(2023, 5, 8, 10), Calendar())
    assert waited.suspended == timedelta(hours=1)
    assert waited.at == at(2023, 5, 9, 10, 30)


def test_working_days_won_later_do_not_take_back_a_promise() -> None:
    closed = Calendar(days_off={date(2023, 5, day): Text("Bão", "Typhoon") for day in (15, 16, 17)})
    deadline = due(at(2023, 5, 8, 9), Duration.parse("1-working-day"), closed)
    waited = extend(deadline, at(2023, 5, 9, 9), at(2023, 5, 13, 9), closed)
    assert waited.at == at(2023, 5, 18, 17)
    assert extend(waited, at(2023, 5, 13, 9), at(2023, 5, 13, 10), Calendar()).at == waited.at


def test_a_suspension_cannot_end_before_it_begins() -> None:
    deadline = due(at(2023, 5, 8, 9), Duration.parse("same-day"), Calendar())
    with pytest.raises(ValueError, match="before it begins"):
        extend(deadline, at(2023, 5, 9, 9), at(2023, 5, 8, 9), Calendar())


@given(STARTS, DURATIONS, st.lists(st.integers(0, 400), min_size=2, max_size=6).map(sorted), calendars())
@settings(max_examples=60)
def test_extensions_only_ever_move_a_deadline_later(
    start: datetime, duration: Duration, hours: list[int], calendar: Calendar
) -> None:
    deadline = due(start, duration, calendar)
    for begin, end in zip(hours[::2], hours[1::2], strict=False):
        since, until = start + timedelta(hours=begin), start + timedelta(hours=end)
        longer = extend(deadline, since, until, calendar)
        assert longer.at >= deadline.at
        assert calendar.closed(vn_date(longer.at)) is None
        assert longer.suspended - deadline.suspended == calendar.working_time_between(since, until)
        given_back = calendar.working_time_between(longer.original, longer.at)
        assert given_back >= longer.suspended
        assert given_back - longer.suspended < timedelta(hours=7.5)
        deadline = longer
    closed = [one.date for one in deadline.reasons if one.kind in ("weekend", "holiday", "day_off")]
    days = days_between(vn_date(start), vn_date(deadline.at))
    assert closed == [day for day in days if calendar.closed(day)]


@given(STARTS, DURATIONS, st.integers(0, 100))
def test_a_deadline_survives_json(start: datetime, duration: Duration, hours: int) -> None:
    deadline = extend(due(start, duration, Calendar()), start, start + timedelta(hours=hours), Calendar())
    assert Deadline.from_document(json.loads(json.dumps(deadline.document()))) == deadline
