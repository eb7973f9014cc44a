"""The working calendar: holidays, swapped Saturdays, and working time that adds up."""

from datetime import UTC, date, datetime, time, timedelta

import pytest
from hypothesis import given
from hypothesis import strategies as st

from contracts.problems import Text
from contracts.times import to_vn, vn_moment
from services.bus.kit.calendars import Calendar

CALENDAR = Calendar()
DAYS = st.dates(date(2022, 1, 1), date(2027, 12, 31))
MOMENTS = st.builds(
    lambda day, seconds: datetime(day.year, day.month, day.day, tzinfo=UTC) + timedelta(seconds=seconds),
    DAYS,
    st.integers(0, 86_399),
)
AMOUNTS = st.integers(1, 60 * 60 * 80).map(lambda seconds: timedelta(seconds=seconds))


def moment(day: int, hour: int, minute: int = 0) -> datetime:
    """A Vietnamese clock time in May 2023."""
    return vn_moment(date(2023, 5, day), time(hour, minute))


@pytest.mark.parametrize(
    ("day", "kind"),
    [
        (date(2023, 1, 23), "holiday"),
        (date(2023, 5, 2), "holiday"),  # in lieu of Giỗ Tổ, a Saturday that year
        (date(2023, 9, 2), "holiday"),  # a Saturday too: the holiday is the better reason
        (date(2023, 5, 6), "weekend"),
        (date(2023, 5, 7), "weekend"),
        (date(2024, 4, 29), "holiday"),
        (date(2023, 5, 4), None),
        (date(2024, 5, 4), None),  # a Saturday worked in exchange for 29 April
        (date(2014, 12, 27), None),  # worked in exchange for a holiday of the next year
    ],
)
def test_known_days(day: date, kind: str | None) -> None:
    closed = CALENDAR.closed(day)
    assert (closed and closed.kind) == kind


def test_a_holiday_has_its_name_in_both_languages() -> None:
    closed = CALENDAR.closed(date(2023, 9, 1))
    assert closed is not None
    assert closed.name == ("Quốc khánh", "National Day")


def test_the_province_may_decide_otherwise() -> None:
    flood = Text("Bão số 5", "Typhoon")
    own = Calendar(make_up_days=frozenset({date(2023, 5, 6)}), days_off={date(2023, 5, 8): flood})
    assert own.closed(date(2023, 5, 6)) is None
    assert own.closed(date(2023, 5, 8)) == ("day_off", flood)


def test_a_calendar_that_contradicts_itself_is_refused() -> None:
    day = date(2023, 5, 6)
    with pytest.raises(ValueError, match="both"):
        Calendar(make_up_days=frozenset({day}), days_off={day: Text("nghỉ", "off")})
    for hours in ((), ((time(8), time(8)),), ((time(13), time(17)), (time(8), time(11)))):
        with pytest.raises(ValueError, match="order"):
            Calendar(hours=hours)


def test_a_day_has_seven_and_a_half_hours() -> None:
    assert CALENDAR.working_time_between(moment(4, 0), moment(5, 0)) == timedelta(hours=7.5)
    assert CALENDAR.working_time_between(moment(4, 11), moment(4, 14)) == timedelta(hours=1)
    assert CALENDAR.working_time_between(moment(6, 0), moment(8, 0)) == timedelta()
    assert CALENDAR.working_time_between(moment(5, 9), moment(4, 9)) == timedelta()


def test_adding_stops_at_the_end_of_a_span() -> None:
    assert CALENDAR.add_working_time(moment(4, 7, 30), timedelta(hours=4)) == moment(4, 11, 30)
    assert CALENDAR.add_working_time(moment(4, 12), timedelta(hours=1)) == moment(4, 14, 30)
    assert CALENDAR.add_working_time(moment(5, 16, 30), timedelta(hours=1)) == moment(8, 8)


def test_hours_can_be_configured() -> None:
    shift = Calendar(hours=((time(8), time(12)),))
    assert shift.closing == time(12)
    assert shift.add_working_time(moment(4, 11), timedelta(hours=2)) == moment(5, 9)


@given(MOMENTS, AMOUNTS)
def test_what_is_added_is_what_lies_between(start: datetime, amount: timedelta) -> None:
    end = CALENDAR.add_working_time(start, amount)
    assert CALENDAR.working_time_between(start, end) == amount
    assert CALENDAR.closed(to_vn(end).date()) is None


@given(MOMENTS, MOMENTS, MOMENTS)
def test_working_time_adds_up(one: datetime, two: datetime, three: datetime) -> None:
    first, middle, last = sorted((one, two, three))
    apart = CALENDAR.working_time_between(first, middle) + CALENDAR.working_time_between(middle, last)
    assert apart == CALENDAR.working_time_between(first, last)


@given(DAYS)
def test_a_day_is_worked_wholly_or_not_at_all(day: date) -> None:
    worked = CALENDAR.working_time_between(vn_moment(day, time(0)), vn_moment(day, time(23, 59)))
    assert worked == (timedelta() if CALENDAR.closed(day) else timedelta(hours=7.5))
