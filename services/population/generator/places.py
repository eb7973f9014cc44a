"""Where generated people live and were born: the real communes of Bình Định, each with the code of its day.

Until June 2025 those are the communes of eleven districts; afterwards the communes that succeeded them.
"""

from __future__ import annotations

from datetime import date, timedelta
from functools import cache
from random import Random
from typing import Final

from contracts.catalogue.loader import REFORM_DAY, became, children
from services.population.generator.draws import Deck, between, chance
from services.population.generator.names import tables

PROVINCE: Final = "52"
LAST_OLD_DAY: Final = REFORM_DAY - timedelta(days=1)

# How many live in a commune of a type, roughly, against each other.
_WEIGHT: Final = {"phường": 3.0, "thị trấn": 2.6, "xã": 2.0}
_HIGHLAND_WEIGHT: Final = 0.7

# Highland districts, and who lives there beside the Kinh: 12 Ba-na, 14 Chăm, 18 Hrê (annex E of QCVN 109).
_HIGHLANDS: Final = {
    "542": {"01": 62.0, "18": 38.0},
    "546": {"01": 66.0, "12": 34.0},
    "551": {"01": 56.0, "14": 30.0, "12": 14.0},
}
_LOWLAND: Final = {"01": 99.6, "14": 0.2, "12": 0.2}

BIRTH_PREFIXES: Final = {
    "052": 91.0,
    "051": 2.2,
    "054": 1.8,
    "064": 1.4,
    "049": 0.8,
    "079": 0.8,
    "040": 0.6,
    "038": 0.5,
    "001": 0.5,
    "056": 0.4,
}
"""Provinces of birth registration by the first three digits of the personal id."""


@cache
def _communes() -> dict[str, tuple[str, str]]:
    """The communes until June 2025, with their type and district."""
    return {
        commune.code: (commune.type, district.code)
        for district in children(PROVINCE, LAST_OLD_DAY)
        for commune in children(district.code, LAST_OLD_DAY)
    }


@cache
def code_on(code: str, on: date) -> str:
    """The code, on that day, of the place that bore `code` before the reform."""
    if on < REFORM_DAY:
        return code
    return became(code, LAST_OLD_DAY, REFORM_DAY)[0].code


class Places:
    """Draws communes, addresses and ethnicities."""

    def __init__(self, rng: Random) -> None:
        self._rng = rng
        data = tables()
        self._streets: list[str] = data["streets"]
        self._first: list[str] = data["hamlet_first"]
        self._second: list[str] = data["hamlet_second"]
        self._communes = _communes()
        self._deck = Deck({code: _weight(*about) for code, about in self._communes.items()})
        self._ethnicities = {district: Deck(shares) for district, shares in _HIGHLANDS.items()}
        self._lowland = Deck(_LOWLAND)

    def commune(self) -> str:
        """A commune by its code before the reform."""
        return self._deck.draw(self._rng)

    def ethnicity(self, commune: str) -> str:
        """The ethnicity of a family there."""
        return self._ethnicities.get(self._communes[commune][1], self._lowland).draw(self._rng)

    def detail(self, commune: str) -> str:
        """A street and number in town, a hamlet in the country."""
        rng = self._rng
        if self._communes[commune][0] == "xã" or chance(rng, 0.2):
            first = self._first[int(rng.random() * len(self._first))]
            return f"Thôn {first} {self._second[int(rng.random() * len(self._second))]}"
        return f"{between(rng, 1, 480)} {self._streets[int(rng.random() * len(self._streets))]}"


def _weight(kind: str, district: str) -> float:
    return _HIGHLAND_WEIGHT if district in _HIGHLANDS else _WEIGHT[kind]
