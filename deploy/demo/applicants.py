"""Who asks: people of the generated province, as they would state themselves at the counter.

Three kinds, by what the population data will say of them: stated as recorded, stated otherwise (another name, or
another day in the same year), and unknown, because they belong to households that are not loaded.
"""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from datetime import date, timedelta
from functools import cache
from itertools import islice
from random import Random
from typing import Any, Literal

from contracts.population import NewCitizen
from deploy.demo.figures import CITIZENS, OF_AGE, SEED, STRANGERS
from services.population.generator import generate

Stated = Literal["matched", "mismatched", "not_found"]


@dataclass(frozen=True, slots=True)
class Person:
    """What of a citizen goes into a dossier."""

    personal_id: str
    full_name: str
    born: date


class Applicants:
    """Draws applicants; the same seed gives the same ones."""

    def __init__(self, rng: Random, known: Sequence[Person], strangers: Sequence[Person]) -> None:
        self._rng = rng
        self._known = known
        self._strangers = strangers

    @classmethod
    def of_the_province(cls, rng: Random) -> Applicants:
        """Adults among the citizens that are loaded, and among those that are not."""
        return cls(rng, *_everybody())

    def draw(self, stated: Stated) -> dict[str, Any]:
        """An applicant as the dossier service takes one, of whom population will say this."""
        rng = self._rng
        person = _pick(rng, self._strangers if stated == "not_found" else self._known)
        name, born = person.full_name, person.born
        if stated == "mismatched":
            other = _pick(rng, self._known)
            if other.full_name != name and rng.random() < 0.6:
                name = other.full_name
            else:
                day = timedelta(days=1)
                born = born - day if (born + day).year != born.year else born + day
        applicant: dict[str, Any] = {
            "personal_id": person.personal_id,
            "full_name": name,
            "date_of_birth": born.isoformat(),
        }
        if rng.random() < 0.8:
            applicant["phone"] = f"09{rng.randrange(100_000_000):08d}"
        return applicant


def _pick(rng: Random, people: Sequence[Person]) -> Person:
    return people[int(rng.random() * len(people))]


@cache
def _everybody() -> tuple[Sequence[Person], Sequence[Person]]:
    citizens = iter(generate(SEED, CITIZENS + STRANGERS))
    return _adults(islice(citizens, CITIZENS)), _adults(citizens)


def _adults(citizens: Iterable[NewCitizen]) -> list[Person]:
    """Those of age whose day of birth is known: a dossier states a day, and a bare year never agrees with it."""
    return [
        Person(each.personal_id, each.full_name, each.date_of_birth)
        for each in citizens
        if isinstance(each.date_of_birth, date) and each.date_of_birth < OF_AGE
    ]
