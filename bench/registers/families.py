"""Families for registers of any size: names, numbers and years as `services.population.generator` draws them.

Common names are as common as in a province: Nguyễn Văn Hùng is there thousands of times. The same seed makes the
same families on every machine.
"""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from datetime import date, timedelta
from random import Random
from typing import Final

from contracts.identifiers import Sex
from services.population.generator.draws import Deck, between, chance
from services.population.generator.names import Names
from services.population.generator.numbers import Numbers
from services.population.generator.people import HOME_PREFIX
from services.population.generator.places import BIRTH_PREFIXES, Places

LAST_DAY: Final = date(2026, 10, 31)
"""Nothing in a register is later."""

_FIRST_MOTHERS: Final = 1930
_LAST_MOTHERS: Final = 2002
_OLDEST: Final = 98
_CHILDREN: Final = {0: 10.0, 1: 22.0, 2: 40.0, 3: 20.0, 4: 8.0}
_PREFIXES: Final = Deck(BIRTH_PREFIXES)


@dataclass(frozen=True, slots=True)
class Person:
    """`personal_id` is None for somebody whose entry names none, as in old books. `died` is None while alive."""

    full_name: str
    sex: Sex
    born: date
    year_only: bool
    personal_id: str | None
    died: date | None

    @property
    def born_as_written(self) -> str:
        return str(self.born.year) if self.year_only else self.born.isoformat()


@dataclass(frozen=True, slots=True)
class Family:
    """Two people who married, and their children; `commune` is its code before the reform of 2025."""

    commune: str
    married: date
    father: Person
    mother: Person
    children: tuple[Person, ...]


def families(seed: int) -> Iterator[Family]:
    """One family after another, without an end."""
    drawing = _Drawing(Random(seed))
    while True:
        yield drawing.family()


class _Drawing:
    def __init__(self, rng: Random) -> None:
        self._rng = rng
        self._names = Names(rng)
        self._numbers = Numbers(rng)
        self._places = Places(rng)
        self._children = Deck(_CHILDREN)

    def family(self) -> Family:
        rng = self._rng
        commune = self._places.commune()
        ethnicity = self._places.ethnicity(commune)
        year = between(rng, _FIRST_MOTHERS, _LAST_MOTHERS)
        mother = self._person(Sex.FEMALE, year, self._names.family(ethnicity))
        father = self._person(Sex.MALE, year - between(rng, -2, 7), self._names.family(ethnicity))
        older = max(father.born, mother.born)
        married = min(_later(rng, older, 20, 27), LAST_DAY)
        children = []
        last = married
        for _ in range(self._children.draw(rng)):
            last += timedelta(days=between(rng, 280, 1_500))
            if last > LAST_DAY or last.year - year > 44:
                break
            sex = Sex.MALE if chance(rng, 0.52) else Sex.FEMALE
            children.append(self._born(sex, last, father.full_name.partition(" ")[0]))
        return Family(commune, married, father, mother, tuple(children))

    def _person(self, sex: Sex, year: int, family: str) -> Person:
        return self._born(sex, date(year, 1, 1) + timedelta(days=between(self._rng, 0, 364)), family)

    def _born(self, sex: Sex, born: date, family: str) -> Person:
        rng, year = self._rng, born.year
        died = None
        if chance(rng, 0.03 if year > 1970 else 0.97):
            died = born + timedelta(days=between(rng, 45 * 365, _OLDEST * 365))
        prefix = _PREFIXES.draw(rng) if chance(rng, 0.1) else HOME_PREFIX
        has_number = chance(rng, 0.15 if year < 1940 else 0.6 if year < 1975 else 0.85)
        return Person(
            full_name=self._names.full(family, sex, year),
            sex=sex,
            born=born,
            year_only=year < 1965 and chance(rng, 0.06),
            personal_id=self._numbers.personal_id(prefix, sex, year) if has_number else None,
            died=died if died is not None and died <= LAST_DAY else None,
        )


def _later(rng: Random, day: date, least: int, most: int) -> date:
    """A day so many years later."""
    return day + timedelta(days=between(rng, least * 366, most * 365))
