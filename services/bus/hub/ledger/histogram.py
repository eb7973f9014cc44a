"""A histogram of durations that can be merged: fixed bounds, each 1.105 times the one before.

A value told from it is at most 5 % off (`ACCURACY`); count, sum and maximum are exact. The bounds are laid out
from one minute, the objective of the service levels, so that "within 60 s" is counted exactly. Written as pairs
(places since the last, count) in variable-length integers: two to four bytes a bucket in use.
"""

from __future__ import annotations

import math
from bisect import bisect_left, bisect_right
from collections import Counter
from collections.abc import Iterable, Mapping, Sequence
from functools import partial
from itertools import accumulate
from typing import Any, Final

ACCURACY: Final = 0.05
GROWTH: Final = (1 + ACCURACY) / (1 - ACCURACY)
_ANCHOR_US: Final = 60_000_000
_BELOW: Final = math.ceil(math.log(_ANCHOR_US) / math.log(GROWTH))
BUCKETS: Final = 320
"""The last one holds everything above some three years."""

BOUNDS_US: Final = tuple(_ANCHOR_US * GROWTH ** (place - _BELOW) for place in range(BUCKETS - 1))
"""A value of bucket n is above bound n-1 and at most bound n, in microseconds."""


_BUCKET: Final = partial(bisect_left, BOUNDS_US)


def bucket_of(micros: int) -> int:
    """The bucket a duration belongs in."""
    return bisect_left(BOUNDS_US, micros)


def bound_below(micros: int) -> float:
    """The largest bound that is at most so long: by it `Histogram.within` counts."""
    return BOUNDS_US[_last_within(micros)]


def _last_within(micros: int) -> int:
    return max(bisect_right(BOUNDS_US, micros * (1 + 1e-9)) - 1, 0)


def value_of(bucket: int) -> float:
    """The duration in microseconds that stands for a bucket: none in it is more than 5 % away."""
    bound = BOUNDS_US[min(bucket, BUCKETS - 2)]
    return bound * 2 / (GROWTH + 1)


class Histogram:
    """Durations in microseconds. `skewed` counts those that were negative or unknown, which are nowhere else."""

    __slots__ = ("buckets", "count", "largest", "skewed", "total")

    def __init__(self) -> None:
        self.buckets: dict[int, int] = {}
        self.count = 0
        self.total = 0
        self.largest = 0
        self.skewed = 0

    def add(self, micros: int | None) -> None:
        """One duration; None: one of its two times is missing."""
        if micros is None or micros < 0:
            self.skewed += 1
            return
        place = bisect_left(BOUNDS_US, micros)
        self.buckets[place] = self.buckets.get(place, 0) + 1
        self.count += 1
        self.total += micros
        if micros > self.largest:
            self.largest = micros

    def add_all(self, durations: Sequence[int | None]) -> None:
        """Many at once, which costs a fraction of one by one."""
        known = [micros for micros in durations if micros is not None and micros >= 0]
        self.skewed += len(durations) - len(known)
        if not known:
            return
        own = self.buckets
        for place, count in Counter(map(_BUCKET, known)).items():
            own[place] = own.get(place, 0) + count
        self.count += len(known)
        self.total += sum(known)
        self.largest = max(self.largest, *known) if len(known) > 1 else max(self.largest, known[0])

    def merge(self, other: Histogram) -> None:
        """Take in another one."""
        self._merge(other.count, other.total, other.largest, other.skewed, other.buckets.items())

    def merge_row(self, count: int, total: int, largest: int, skewed: int, buckets: bytes) -> None:
        """Take in one as a row of a roll-up has it."""
        self._merge(count, total, largest, skewed, _pairs(buckets))

    def merge_rows(self, rows: Iterable[Sequence[Any]]) -> None:
        """The same of many rows, in two thirds of the time: pages sum up ten thousands of them."""
        known = [0] * BUCKETS
        for count, total, largest, skewed, buckets in rows:
            for place, each in _pairs(buckets):
                known[place] += each
            self._merge(count, total, largest, skewed, ())
        own = self.buckets
        for place, each in enumerate(known):
            if each:
                own[place] = own.get(place, 0) + each

    def _merge(
        self, count: int, total: int, largest: int, skewed: int, buckets: Iterable[tuple[int, int]]
    ) -> None:
        own = self.buckets
        for place, each in buckets:
            own[place] = own.get(place, 0) + each
        self.count += count
        self.total += total
        self.skewed += skewed
        if largest > self.largest:
            self.largest = largest

    def quantile(self, share: float) -> float | None:
        """The nearest-rank quantile in microseconds, at most 5 % off; None if there is nothing. No more than the
        largest value seen, which is exact."""
        if not self.count:
            return None
        rank = max(1, math.ceil(share * self.count))
        seen = 0
        for place in sorted(self.buckets):
            seen += self.buckets[place]
            if seen >= rank:
                return min(value_of(place), float(self.largest))
        return float(self.largest)

    def within(self, micros: int) -> int:
        """How many took at most so long; a limit between two bounds counts as the lower of them."""
        last = _last_within(micros)
        return sum(count for place, count in self.buckets.items() if place <= last)


def high_quantile(share: float, count: int, largest: int, buckets: bytes) -> float | None:
    """`Histogram.quantile` of one as a row of a roll-up has it, looked for from the top, where high ones lie."""
    if not count:
        return None
    above = count - max(1, math.ceil(share * count))
    for place, each in reversed([*_pairs(buckets)]):
        if above < each:
            return min(value_of(place), float(largest))
        above -= each
    return float(largest)


def packed(buckets: Mapping[int, int]) -> bytes:
    """The buckets as bytes."""
    written = bytearray()
    before = 0
    for place in sorted(buckets):
        for number in (place - before, buckets[place]):
            while number > 0x7F:
                written.append(number & 0x7F | 0x80)
                number >>= 7
            written.append(number)
        before = place
    return bytes(written)


def unpacked(written: bytes) -> dict[int, int]:
    """What `packed` wrote."""
    return dict(_pairs(written))


def _pairs(written: bytes) -> Iterable[tuple[int, int]]:
    """Places and counts. Nearly all numbers are below 128, a byte each."""
    numbers: Sequence[int] = written if written.isascii() else _numbers(written)
    return zip(accumulate(numbers[::2]), numbers[1::2], strict=True)


def _numbers(written: bytes) -> list[int]:
    found = []
    number = shift = 0
    for byte in written:
        if byte < 0x80:
            found.append(number | byte << shift)
            number = shift = 0
        else:
            number |= (byte & 0x7F) << shift
            shift += 7
    return found
