"""How long the last statuses took from commit to acknowledgement, and how many were done lately."""

from __future__ import annotations

import math
import time
from collections import deque
from collections.abc import Callable, Sequence
from typing import Final

KEPT: Final = 10_000
RATE_OVER_S: Final = 10


class Latencies:
    """The last ten thousand, in seconds. For one event loop."""

    def __init__(self, clock: Callable[[], float] = time.monotonic) -> None:
        self._clock = clock
        self._last: deque[float] = deque(maxlen=KEPT)
        self._by_second: deque[tuple[int, int]] = deque(maxlen=RATE_OVER_S + 1)
        self.total = 0

    def add(self, seconds: float) -> None:
        """One status was acknowledged just now."""
        self.total += 1
        self._last.append(seconds)
        second = int(self._clock())
        if self._by_second and self._by_second[-1][0] == second:
            self._by_second[-1] = (second, self._by_second[-1][1] + 1)
        else:
            self._by_second.append((second, 1))

    def per_second(self) -> float:
        """Statuses a second over the last ten whole seconds."""
        now = int(self._clock())
        done = sum(count for second, count in self._by_second if now - RATE_OVER_S <= second < now)
        return done / RATE_OVER_S

    def milliseconds(self, *shares: float) -> list[float | None]:
        """These quantiles of what is kept, in milliseconds; None where there is nothing."""
        ordered = sorted(self._last)
        return [quantile(ordered, share) for share in shares]


def quantile(ordered: Sequence[float], share: float) -> float | None:
    """The nearest-rank quantile of sorted seconds, in milliseconds."""
    if not ordered:
        return None
    return ordered[max(0, math.ceil(share * len(ordered)) - 1)] * 1000
