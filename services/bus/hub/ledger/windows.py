"""Which rows make up a stretch of time: seconds at its beginning, then whole minutes, then whole hours. Pure."""

from __future__ import annotations

from typing import Final, Literal, NamedTuple

from services.bus.hub.ledger.models import HOUR, MINUTE, SECOND, SPAN_S

Window = Literal["5m", "1h", "24h", "7d"]
WINDOW_S: Final[dict[str, int]] = {"5m": 300, "1h": 3600, "24h": 86_400, "7d": 7 * 86_400}


class Stretch(NamedTuple):
    """Rows of one span with `start <= at < end`; an end of None: up to now."""

    span: str
    start: int
    end: int | None


def stretches(now: int, seconds: int, *, parts: bool = False) -> list[Stretch]:
    """The rows of the last `seconds` before `now`. `parts`: of agencies and procedures, which have no seconds.

    The beginning is moved back to that of a row that is kept: by up to a minute from an hour on, by up to an hour
    from a week on, for parts from a day on.
    """
    if seconds < 3600 and not parts:
        finest = SECOND
    elif seconds <= (86_400 if parts else WINDOW_S["7d"]):
        finest = MINUTE
    else:
        finest = HOUR
    start = now - seconds
    start -= start % SPAN_S[finest]
    found = []
    for span, coarser in ((SECOND, MINUTE), (MINUTE, HOUR)):
        if SPAN_S[span] >= SPAN_S[finest] and start % SPAN_S[coarser]:
            end = start + SPAN_S[coarser] - start % SPAN_S[coarser]
            found.append(Stretch(span, start, end))
            start = end
    return [*found, Stretch(HOUR, start, None)]
