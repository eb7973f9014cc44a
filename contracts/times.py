"""Vietnamese time. Times are stored and exchanged in UTC; days, deadlines and people live in Vietnam.

A time without a zone is refused everywhere: guessing one moves a dossier by seven hours and, at night, into
another day.
"""

from datetime import UTC, date, datetime, time
from typing import Final
from zoneinfo import ZoneInfo

VN: Final = ZoneInfo("Asia/Ho_Chi_Minh")
"""UTC+7 without daylight saving time."""


def to_vn(moment: datetime) -> datetime:
    """The same moment on a Vietnamese clock. A ValueError if `moment` has no zone."""
    if moment.tzinfo is None:
        raise ValueError("a time without a zone is no moment")
    return moment.astimezone(VN)


def vn_date(moment: datetime) -> date:
    """The Vietnamese calendar day of a moment: 18:00 UTC is already tomorrow. A ValueError without a zone."""
    return to_vn(moment).date()


def vn_moment(day: date, at: time) -> datetime:
    """The moment, in UTC, when a Vietnamese clock shows `at` on `day`. `at` has no zone of its own."""
    return datetime.combine(day, at, tzinfo=VN).astimezone(UTC)
