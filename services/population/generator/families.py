"""Households as they are: people alone, couples, parents with children, three generations under one roof.

Ages follow from each other (a mother is 19 to 40 years older than her child), children bear their father's
family name, and every address has a code that is valid on the day its stay begins.
"""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass, field
from datetime import date, timedelta
from itertools import chain
from random import Random
from typing import Final

from contracts.identifiers import Sex
from contracts.population import HouseholdMember, MaritalStatus, NewCitizen, NewHousehold, Relation
from services.bus.kit.models import built
from services.population.generator.draws import Deck, between, chance
from services.population.generator.names import Names
from services.population.generator.people import People, Person
from services.population.generator.places import Places, code_on

AS_OF: Final = date(2023, 1, 1)
"""The day the generated province is a picture of: just before the half year the demo replays."""

OLDEST: Final = 98
LEAVES_HOME: Final = 27

_KINDS: Final = {
    "alone": 12.0,
    "couple": 19.0,
    "nuclear": 47.0,
    "lone parent": 8.0,
    "three generations": 14.0,
}
_CHILDREN: Final = {1: 28.0, 2: 50.0, 3: 17.0, 4: 5.0}
_YOUNG_OR_OLD: Final = {(21, 34): 40.0, (35, 59): 15.0, (60, 88): 45.0}
_COUPLE_AGES: Final = {(23, 36): 30.0, (48, 62): 30.0, (63, 86): 40.0}


@dataclass(frozen=True, slots=True)
class GeneratedHousehold:
    """A household and its members, the head first; the members are to be registered before it is formed."""

    citizens: tuple[NewCitizen, ...]
    household: NewHousehold


@dataclass(slots=True)
class _Home:
    """A household in the making."""

    commune: str
    detail: str
    ethnicity: str
    since: date
    members: list[tuple[Person, Relation]] = field(default_factory=list)


def generate(seed: int, count: int, *, as_of: date = AS_OF) -> Iterator[NewCitizen]:
    """`count` citizens, household by household."""
    return chain.from_iterable(each.citizens for each in households(seed, count, as_of=as_of))


def households(seed: int, count: int, *, as_of: date = AS_OF) -> Iterator[GeneratedHousehold]:
    """Households with `count` members in all; the last is cut to fit."""
    families = _Families(Random(seed), as_of)
    while count > 0:
        made = families.household(count)
        count -= len(made.citizens)
        yield made


class _Families:
    """Makes one household after another."""

    def __init__(self, rng: Random, as_of: date) -> None:
        self._rng = rng
        self._as_of = as_of
        self._places = Places(rng)
        self._names = Names(rng)
        self._people = People(rng, as_of, self._names, self._places)
        self._kinds = Deck(_KINDS)
        self._children = Deck(_CHILDREN)
        self._single_ages = Deck(_YOUNG_OR_OLD)
        self._couple_ages = Deck(_COUPLE_AGES)

    def household(self, at_most: int) -> GeneratedHousehold:
        """One household of 1 to 7, cut to `at_most`."""
        rng = self._rng
        commune = self._places.commune()
        home = _Home(
            commune,
            self._places.detail(commune),
            self._places.ethnicity(commune),
            self._as_of - timedelta(days=between(rng, 30, 9_000)),
        )
        match self._kinds.draw(rng):
            case "alone":
                self._alone(home)
            case "couple":
                self._couple(home, self._couple_ages.draw(rng))
            case "nuclear":
                self._add_children(home, *self._couple(home, (27, 60)), at_most=4)
            case "lone parent":
                self._lone_parent(home)
            case _:
                head, spouse = self._couple(home, (30, 56))
                self._add_children(home, head, spouse, at_most=3)
                self._add_parents(home, head)
        return self._finish(home, home.members[:at_most])

    def _alone(self, home: _Home) -> None:
        age = between(self._rng, *self._single_ages.draw(self._rng))
        sex = Sex.FEMALE if chance(self._rng, 0.65 if age > 59 else 0.4) else Sex.MALE
        head = self._adult(home, sex, age)
        head.marital_status = MaritalStatus.SINGLE if age < 36 else MaritalStatus.DIVORCED_OR_WIDOWED
        home.members.append((head, Relation.HEAD))

    def _couple(self, home: _Home, ages: tuple[int, int]) -> tuple[Person, Person]:
        rng = self._rng
        his_age = between(rng, *ages)
        husband = self._adult(home, Sex.MALE, his_age)
        wife = self._adult(home, Sex.FEMALE, max(20, his_age - between(rng, -2, 6)))
        husband.spouse, wife.spouse = wife, husband
        husband.marital_status = wife.marital_status = MaritalStatus.MARRIED
        pair = (husband, wife) if chance(rng, 0.8) else (wife, husband)
        home.members += [(pair[0], Relation.HEAD), (pair[1], Relation.SPOUSE)]
        return pair

    def _lone_parent(self, home: _Home) -> None:
        rng = self._rng
        sex = Sex.FEMALE if chance(rng, 0.8) else Sex.MALE
        head = self._adult(home, sex, between(rng, 26, 62))
        head.marital_status = MaritalStatus.DIVORCED_OR_WIDOWED
        home.members.append((head, Relation.HEAD))
        self._add_children(home, head, None, at_most=2)

    def _add_children(self, home: _Home, head: Person, spouse: Person | None, *, at_most: int) -> None:
        """Children still at home, the eldest first."""
        rng = self._rng
        father = head if head.sex is Sex.MALE else spouse
        mother = head if head.sex is Sex.FEMALE else spouse
        family = father.family if father is not None else self._names.family(home.ethnicity)
        oldest_parent_age = min(person.age for person in (head, spouse) if person is not None)
        parent_age = between(rng, 20, 29)
        for _ in range(min(self._children.draw(rng), at_most)):
            age = oldest_parent_age - parent_age
            parent_age += between(rng, 1, 6)
            if age < 0 or parent_age > 45:
                break
            if age > LEAVES_HOME:
                continue
            sex = Sex.MALE if chance(rng, 0.525) else Sex.FEMALE
            child = self._people.child(sex, age, family, home.ethnicity, home.commune)
            child.father, child.mother = father, mother
            home.members.append((child, Relation.CHILD))

    def _add_parents(self, home: _Home, head: Person) -> None:
        """One or both parents of the head, if they can still be alive."""
        rng = self._rng
        mother_age, father_age = head.age + between(rng, 20, 29), head.age + between(rng, 23, 34)
        both = chance(rng, 0.45)
        if mother_age <= OLDEST:
            head.mother = self._parent(home, Sex.FEMALE, mother_age, None)
        if father_age <= OLDEST and (both or head.mother is None):
            head.father = self._parent(home, Sex.MALE, father_age, head.family)
        if head.mother is not None and head.father is not None:
            head.mother.spouse, head.father.spouse = head.father, head.mother
            head.mother.marital_status = head.father.marital_status = MaritalStatus.MARRIED

    def _parent(self, home: _Home, sex: Sex, age: int, family: str | None) -> Person:
        parent = self._adult(home, sex, age, family)
        parent.marital_status = MaritalStatus.DIVORCED_OR_WIDOWED
        home.members.append((parent, Relation.PARENT))
        return parent

    def _adult(self, home: _Home, sex: Sex, age: int, family: str | None = None) -> Person:
        return self._people.adult(sex, age, family or self._names.family(home.ethnicity), home.ethnicity)

    def _finish(self, home: _Home, members: list[tuple[Person, Relation]]) -> GeneratedHousehold:
        unit_code = code_on(home.commune, home.since)
        return GeneratedHousehold(
            tuple(self._people.citizen(person, home.commune, home.detail, home.since) for person, _ in members),
            built(
                NewHousehold,
                number=None,
                unit_code=unit_code,
                detail=home.detail,
                valid_from=home.since,
                members=[
                    built(HouseholdMember, personal_id=person.personal_id, relation=relation)
                    for person, relation in members
                ],
            ),
        )
