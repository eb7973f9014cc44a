"""How often one address may do something: a token bucket each, in memory, forgotten when it is full again."""

from __future__ import annotations

import math
import time
from collections.abc import Callable

MAX_KEYS = 50_000
"""Addresses watched at once; a flood of new ones forgets the ones heard of longest ago."""


class Limiter:
    """Allows `per_minute` events a key, all of them at once if it has been quiet; 0 allows everything."""

    def __init__(self, per_minute: int, clock: Callable[[], float] = time.monotonic) -> None:
        self._size = float(per_minute)
        self._rate = per_minute / 60
        self._clock = clock
        self._buckets: dict[str, tuple[float, float]] = {}

    def take(self, key: str) -> int:
        """Take one event; 0 if it is allowed, else the seconds to wait (at least 1)."""
        wait = self.wait(key)
        if wait == 0 and self._rate:
            left = self._left(key) - 1
            self._buckets.pop(key, None)
            if len(self._buckets) >= MAX_KEYS:
                del self._buckets[next(iter(self._buckets))]
            self._buckets[key] = (left, self._clock())
        return wait

    def wait(self, key: str) -> int:
        """Seconds until an event would be allowed, without taking it; 0 is now."""
        if not self._rate:
            return 0
        missing = 1 - self._left(key)
        return 0 if missing <= 0 else max(1, math.ceil(missing / self._rate))

    def _left(self, key: str) -> float:
        known = self._buckets.get(key)
        if known is None:
            return self._size
        left, at = known
        return min(self._size, left + (self._clock() - at) * self._rate)
