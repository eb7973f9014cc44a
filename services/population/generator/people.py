"""One person at a time: birth, numbers, name, where from; and the citizen to register.

Built for 20,000 a second: the models are put together without validation, and the tests validate them.
"""

from __future__ import annotations

from dataclasses import dataclass
from datetime import date, timedelta
from functools import cache
from random import Random
from typing import Final

from contracts.identifiers import Sex
from contracts.population import (
    BloodGroup,
    MaritalStatus,
    NewCitizen,
    NewResidence,
    Place,
    Relative,
    ResidenceKind,
)
from services.bus.kit.models import built
from services.population.generator.draws import Deck, between, chance
from services.population.generator.names import Names
from services.population.generator.numbers import Numbers
from services.population.generator.places import BIRTH_PREFIXES, LAST_OLD_DAY, PROVINCE, Places, code_on

HOME_PREFIX: Final = "0" + PROVINCE

_BLOOD: Final = {
    BloodGroup.UNKNOWN: 70.0,
    BloodGroup.O: 13.0,
    BloodGroup.B: 9.0,
    BloodGroup.A: 6.3,
    BloodGroup.AB: 1.7,
}
_EID: Final = {0: 18.0, 1: 20.0, 2: 62.0}


@dataclass(slots=True)
class Person:
    """A person in the making."""

    sex: Sex
    age: int
    family: str
    ethnicity: str
    full_name: str
    born: date
    year_only: bool
    personal_id: str
    id_card: str | None
    birth_unit: str
    marital_status: MaritalStatus = MaritalStatus.SINGLE
    father: Person | None = None
    mother: Person | None = None
    spouse: Person | None = None


class People:
    """Makes persons, and citizens of them."""

    def __init__(self, rng: Random, as_of: date, names: Names, places: Places) -> None:
        self._rng = rng
        self._as_of = as_of
        self._names = names
        self._places = places
        self._numbers = Numbers(rng)
        self._prefixes = Deck(BIRTH_PREFIXES)
        self._blood = Deck(_BLOOD)
        self._eid = Deck(_EID)
        self._hometown_day = min(as_of, LAST_OLD_DAY)

    def adult(self, sex: Sex, age: int, family: str, ethnicity: str) -> Person:
        """Somebody grown up, born here or elsewhere."""
        prefix = HOME_PREFIX if ethnicity != "01" else self._prefixes.draw(self._rng)
        unit = self._places.commune() if prefix == HOME_PREFIX else prefix[1:]
        return self._person(sex, age, family, ethnicity, prefix, unit)

    def child(self, sex: Sex, age: int, family: str, ethnicity: str, commune: str) -> Person:
        """Somebody born where the family lives."""
        return self._person(sex, age, family, ethnicity, HOME_PREFIX, commune)

    def _person(self, sex: Sex, age: int, family: str, ethnicity: str, prefix: str, unit: str) -> Person:
        rng = self._rng
        born = self._as_of - timedelta(days=int(age * 365.25) + between(rng, 1, 364))
        year = born.year
        return Person(
            sex=sex,
            age=age,
            family=family,
            ethnicity=ethnicity,
            full_name=self._names.full(family, sex, year),
            born=born,
            year_only=year < 1960 and chance(rng, 0.08),
            personal_id=self._numbers.personal_id(prefix, sex, year),
            id_card=self._numbers.id_card() if year < 2002 and chance(rng, 0.9) else None,
            birth_unit=unit,
        )

    def citizen(self, person: Person, commune: str, detail: str, since: date) -> NewCitizen:
        """The citizen to register, living in this home since that day or since birth."""
        born = person.born
        values = {
            "personal_id": person.personal_id,
            "id_card": person.id_card,
            "full_name": person.full_name,
            "family_name": None,
            "middle_name": None,
            "given_name": None,
            "date_of_birth": str(born.year) if person.year_only else born,
            "sex": person.sex,
            "ethnicity": person.ethnicity,
            "religion": "00",
            "marital_status": person.marital_status,
            "blood_group": self._blood.draw(self._rng),
            "nationality": "VN",
            "birth_place": _place(code_on(person.birth_unit, born), None),
            "hometown": _place((person.father or person).birth_unit, self._hometown_day),
            "father": self._relative(person.father, person.family, Sex.MALE, born.year),
            "mother": self._relative(person.mother, None, Sex.FEMALE, born.year),
            "spouse": _known_relative(person.spouse) if person.spouse is not None else None,
            "eid_level": self._eid.draw(self._rng) if person.age >= 14 else 0,
            "residences": self._residences(person, commune, detail, max(since, born)),
        }
        return built(NewCitizen, **values)

    def _residences(self, person: Person, commune: str, detail: str, since: date) -> list[NewResidence]:
        stays = [_residence(ResidenceKind.PERMANENT, commune, detail, since)]
        if 18 <= person.age <= 45 and chance(self._rng, 0.06):  # works elsewhere in the province
            away = self._places.commune()
            moved = self._as_of - timedelta(days=between(self._rng, 1, 900))
            stays.append(_residence(ResidenceKind.CURRENT, away, self._places.detail(away), moved))
        return stays

    def _relative(self, known: Person | None, family: str | None, sex: Sex, year: int) -> Relative:
        """The parent, or the name of one who lives elsewhere or no more."""
        if known is not None:
            return _known_relative(known)
        family = family or self._names.family("01")
        return _relative(self._names.full(family, sex, year - 27), None, None)


@cache
def _place(code: str, on: date | None) -> Place:
    return built(Place, unit_code=code, on=on, detail="", country="VN")


def _known_relative(person: Person) -> Relative:
    return _relative(person.full_name, person.personal_id, person.id_card)


def _relative(full_name: str, personal_id: str | None, id_card: str | None) -> Relative:
    return built(Relative, full_name=full_name, personal_id=personal_id, id_card=id_card, nationality="VN")


def _residence(kind: ResidenceKind, commune: str, detail: str, since: date) -> NewResidence:
    code = code_on(commune, since)
    return built(NewResidence, kind=kind, unit_code=code, detail=detail, valid_from=since, valid_to=None)
