"""Numbers, times and durations as a reader of one language writes them."""

from __future__ import annotations

from datetime import datetime

from contracts.problems import Language
from contracts.times import to_vn
from services.bus.hub.ledger.sentences import duration

NOTHING = "–"


def number(value: int, language: Language) -> str:
    """1.234.567 or 1,234,567."""
    text = f"{value:,}"
    return text.replace(",", ".") if language == "vi" else text


def decimal(value: float, places: int, language: Language) -> str:
    """12,5 or 12.5."""
    text = f"{value:,.{places}f}"
    return text.translate(str.maketrans(",.", ".,")) if language == "vi" else text


def percent(share: float | None, places: int, language: Language) -> str:
    """Of a share of one."""
    if share is None:
        return NOTHING
    return f"{decimal(share * 100, places, language)}{' ' if language == 'vi' else ''}%"


def lasting(ms: float | None, language: Language) -> str:
    """12 ms, 3,4 s, 41 s, 12 phút."""
    if ms is None:
        return NOTHING
    if 0 < ms < 1:
        return "<1 ms"
    return duration(round(ms * 1000), language)


def span(seconds: float, language: Language) -> str:
    """5 phút, 1 giờ, 3 ngày: a round length of time."""
    for unit, vi, en in ((86_400, "ngày", "d"), (3600, "giờ", "h"), (60, "phút", "min")):
        if seconds >= unit and seconds % unit == 0:
            return f"{seconds / unit:g} {vi if language == 'vi' else en}"
    return f"{seconds:g} s"


def moment(at: datetime | None) -> str:
    """In Vietnam, to the second."""
    return NOTHING if at is None else f"{to_vn(at):%H:%M:%S %d/%m/%Y}"


def fine_moment(at: datetime | None) -> str:
    """In Vietnam, to the millisecond."""
    return NOTHING if at is None else f"{to_vn(at):%H:%M:%S.%f}"[:-3]


def clock(at: datetime | None) -> str:
    """The time of day in Vietnam."""
    return NOTHING if at is None else f"{to_vn(at):%H:%M:%S}"


def day(at: datetime | None) -> str:
    return NOTHING if at is None else f"{to_vn(at):%d/%m/%Y}"


def short_moment(at: datetime | None) -> str:
    """To the minute."""
    return NOTHING if at is None else f"{to_vn(at):%H:%M %d/%m/%Y}"
