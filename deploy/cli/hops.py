"""From one hop to the next, as `truc trace` tells it."""

from __future__ import annotations

from datetime import datetime


def moment(text: str | None) -> datetime | None:
    return datetime.fromisoformat(text) if text is not None else None


def ms_between(earlier: datetime | None, later: datetime | None) -> float | None:
    """Milliseconds; None where one of the two is not known."""
    if earlier is None or later is None:
        return None
    return round((later - earlier).total_seconds() * 1000, 3)


def shown(ms: float | None) -> str:
    return "-" if ms is None else f"{ms:,.1f}"
