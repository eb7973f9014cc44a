"""The tools of the generator: weighted draws, the same on every machine, and models without validation.

A deck holds each value as often as its weight says, so that a draw is one multiplication and one index.
"""

from __future__ import annotations

from collections.abc import Mapping
from functools import cache
from random import Random
from typing import Any, Final, Generic, TypeVar

from pydantic import BaseModel

T = TypeVar("T")
B = TypeVar("B", bound=BaseModel)

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


def put_together(model: type[B], values: dict[str, Any]) -> B:
    """A model of values that are known to be right, every field given: what `model_construct` does, without
    looking at each field again. It is most of what a generated person would cost."""
    made = model.__new__(model)
    object.__setattr__(made, "__dict__", values)
    object.__setattr__(made, "__pydantic_fields_set__", _all_fields(model))
    object.__setattr__(made, "__pydantic_extra__", None)
    object.__setattr__(made, "__pydantic_private__", None)
    return made


@cache
def _all_fields(model: type[BaseModel]) -> set[str]:
    """One set for all: every field is in it already, so nothing can be added."""
    return set(model.model_fields)


def chance(rng: Random, probability: float) -> bool:
    """True with this probability."""
    return rng.random() < probability


def between(rng: Random, low: int, high: int) -> int:
    """A whole number from low to high, both included; quicker than `randint`."""
    return low + int(rng.random() * (high - low + 1))
