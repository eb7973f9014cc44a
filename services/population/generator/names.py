"""Vietnamese names as people of an age and sex bear them: Họ, chữ đệm, tên.

The weights in `names.json` are our own estimate of how common a name is in south-central Vietnam.
"""

from __future__ import annotations

import json
from functools import cache
from pathlib import Path
from random import Random
from typing import Any, Final

from contracts.identifiers import Sex
from services.population.generator.draws import Deck

_FILE: Final = Path(__file__).with_name("names.json")


@cache
def tables() -> dict[str, Any]:
    """The data file."""
    loaded: dict[str, Any] = json.loads(_FILE.read_text(encoding="utf-8"))
    return loaded


_Decks = dict[Sex, tuple[Deck[str], Deck[str]]]
"""Middle and given names by sex."""


class Names:
    """Draws family names and whole names."""

    def __init__(self, rng: Random) -> None:
        self._rng = rng
        data = tables()
        self._family: Deck[str] = Deck(data["family"])
        self._family_of: dict[str, Deck[str]] = {
            code: Deck(weights) for code, weights in data["family_by_ethnicity"].items()
        }
        self._eras: list[tuple[int, _Decks]] = [
            (
                int(last_year),
                {
                    sex: (Deck(era[f"{sex.value}_middle"]), Deck(era[f"{sex.value}_given"]))
                    for sex in (Sex.MALE, Sex.FEMALE)
                },
            )
            for last_year, era in data["eras"].items()
        ]

    def family(self, ethnicity: str) -> str:
        """A family name (họ) usual in that ethnicity."""
        return self._family_of.get(ethnicity, self._family).draw(self._rng)

    def full(self, family: str, sex: Sex, birth_year: int) -> str:
        """A full name in the fashion of the birth year."""
        for last_year, decks in self._eras:
            if birth_year <= last_year:
                middle, given = decks[sex]
                return self._join(family, middle.draw(self._rng), given.draw(self._rng))
        raise ValueError(f"no era for {birth_year}")

    @staticmethod
    def _join(family: str, middle: str, given: str) -> str:
        return f"{family} {middle} {given}" if middle else f"{family} {given}"
