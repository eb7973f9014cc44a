"""A day in Vietnam begins at 17:00 UTC of the day before."""

from datetime import UTC, date, datetime, time, timedelta, timezone

import pytest
from hypothesis import given
from hypothesis import strategies as st

from contracts.times import to_vn, vn_date, vn_moment

MOMENTS = st.floats(0, 4e9).map(lambda seconds: datetime.fromtimestamp(seconds, UTC))


def test_the_day_turns_at_seventeen_utc() -> None:
    assert vn_date(datetime(2023, 5, 1, 16, 59, 59, tzinfo=UTC)) == date(2023, 5, 1)
    assert vn_date(datetime(2023, 5, 1, 17, 0, tzinfo=UTC)) == date(2023, 5, 2)


def test_a_time_without_a_zone_is_refused() -> None:
    with pytest.raises(ValueError, match="zone"):
        to_vn(datetime(2023, 5, 1))  # noqa: DTZ001  # the very thing to refuse


def test_any_zone_is_understood() -> None:
    tokyo = timezone(timedelta(hours=9))
    assert to_vn(datetime(2023, 5, 1, 1, 30, tzinfo=tokyo)).isoformat() == "2023-04-30T23:30:00+07:00"


def test_a_clock_time_becomes_a_moment_in_utc() -> None:
    assert vn_moment(date(2023, 5, 4), time(17)) == datetime(2023, 5, 4, 10, tzinfo=UTC)
    assert vn_moment(date(2023, 5, 4), time(17)).tzinfo is UTC


@given(MOMENTS)
def test_there_and_back(moment: datetime) -> None:
    local = to_vn(moment)
    assert vn_moment(local.date(), local.time()) == moment
