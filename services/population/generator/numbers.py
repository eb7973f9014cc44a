"""Personal ids and old card numbers that follow the rules and never repeat within a run.

A number is a counter sent through a permutation, so it looks random and needs no memory of those given out.
"""

from __future__ import annotations

from collections import defaultdict
from random import Random
from typing import Final

from contracts.identifiers import Sex
from services.population.consistency import birth_digits

# Prime, and coprime to the powers of ten they permute: every counter gives another number.
_SERIAL_STEP: Final = 618_033
_STEM_STEP: Final = 754_877
_CARD_STEP: Final = 3_819_661

CARD_PREFIX: Final = "21"
"""Cards issued by Bình Định began with 21."""


class Numbers:
    """Gives out numbers, each once."""

    def __init__(self, rng: Random) -> None:
        self._serial_start = rng.randrange(1_000_000)
        self._card_start = rng.randrange(10_000_000)
        self._given: defaultdict[str, int] = defaultdict(int)
        self._cards = 0

    def personal_id(self, prefix: str, sex: Sex, birth_year: int) -> str:
        """PPP G YY and six digits (NĐ 137/2015, Đ.13); a million for each PPP G YY."""
        stem = prefix + birth_digits(sex, birth_year)
        count = self._given[stem]
        if count >= 1_000_000:
            raise OverflowError(f"all numbers {stem}… are given out")
        self._given[stem] = count + 1
        start = self._serial_start + int(stem) * _STEM_STEP
        return f"{stem}{(start + count * _SERIAL_STEP) % 1_000_000:06d}"

    def id_card(self) -> str:
        """Nine digits; ten million of them."""
        if self._cards >= 10_000_000:
            raise OverflowError("all card numbers are given out")
        self._cards += 1
        return f"{CARD_PREFIX}{(self._card_start + self._cards * _CARD_STEP) % 10_000_000:07d}"
