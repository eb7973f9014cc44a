"""The tools of the generator: weighted draws, the same on every machine.

A deck holds each value as often as its weight says, so that a draw is one multiplication and one index.
"""

from __future__ import annotations

from collections.abc import Mapping
from random import Random
from typing import Final, Generic, TypeVar

T = TypeVar("T")

_CARDS: Final = 2_000


class Deck(Generic[T]):
    """A weighted table; weights are relative. A value lighter than one card in 2,000 still gets one."""

    __slots__ = ("_cards", "_count")

    def __init__(self, weights: Mapping[T, float]) -> None:
        total = sum(weights.values())
        self._cards = [
            value for value, weight in weights.items() for _ in range(max(1, round(weight / total * _CARDS)))
        ]
        self._count = len(self._cards)

    def draw(self, rng: Random) -> T:
        return self._cards[int(rng.random() * self._count)]


def chance(rng: Random, probability: float) -> bool:
    """True with this probability."""
    return rng.random() < probability


def between(rng: Random, low: int, high: int) -> int:
    """A whole number from low to high, both included; quicker than `randint`."""
    return low + int(rng.random() * (high - low + 1))
