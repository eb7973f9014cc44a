"""A civil registry of any size: the births, marriages and deaths of families, in the books of their communes."""

from __future__ import annotations

from collections import Counter
from datetime import UTC, date, datetime, timedelta
from random import Random
from typing import Any, Final

from bench.registers.bulk import Bulk
from bench.registers.families import LAST_DAY, Family, Person, families
from contracts.catalogue.agencies import agencies
from services.population.generator.draws import between, chance
from services.registry.civil.books import USUAL, book_id
from services.registry.civil.names import fold, with_marks

SEED: Final = 20_261_122
SAMPLES: Final = 4_000
COMMONEST: Final = 20
_AT: Final = datetime(2026, 11, 1, tzinfo=UTC)
_REGISTERED: Final = {"birth": 0.97, "marriage": 0.9, "death": 0.95}
"""How many of the acts are in the books."""


def fill(bulk: Bulk, count: int) -> dict[str, Any]:
    """`count` records, and what a benchmark asks for: some records, and the names most people bear."""
    registry = _Registry(bulk, count)
    for family in families(SEED):
        registry.enter(family)
        if registry.full:
            break
    registry.close_books()
    bulk.finish()
    return {"records": registry.samples, "commonest": [name for name, _ in registry.names.most_common(COMMONEST)]}


class _Registry:
    def __init__(self, bulk: Bulk, count: int) -> None:
        self._bulk = bulk
        self._count = count
        self._every = max(1, count // SAMPLES)
        self._rng = Random(SEED)
        self._agencies = {each.unit_code: each.code for each in agencies() if each.level == "commune"}
        self._books: Counter[str] = Counter()
        self._entered = 0
        self._shown: dict[str, dict[str, Any]] = {}
        self.names: Counter[str] = Counter()
        self.samples: list[dict[str, Any]] = []

    @property
    def full(self) -> bool:
        return self._entered >= self._count

    def enter(self, family: Family) -> None:
        """What the family has left in the books, and what that shows of its members."""
        father, mother = family.father, family.mother
        self._shown = {}
        for person in (father, mother):
            if chance(self._rng, 0.3):
                self._birth(family, person, None, None)
        self._marriage(family)
        for child in family.children:
            self._birth(family, child, father, mother)
        for person in (father, mother, *family.children):
            if person.died is not None:
                self._death(family, person, person.died)
        for personal_id, shown in self._shown.items():
            self._bulk.add("individuals", personal_id=personal_id, **{**_NOTHING, **shown})

    def close_books(self) -> None:
        """The books, as far as they are written."""
        for key, last in self._books.items():
            agency, kind, year = key.split("/")
            volumes, _ = USUAL.place(last)
            values = {"agency": agency, "kind": kind, "year": int(year), "volumes": volumes}
            self._bulk.add("books", id=key, last=last, entries=last, **values)

    def _birth(self, family: Family, child: Person, father: Person | None, mother: Person | None) -> None:
        content = {
            "child": {**_party(child), "ethnicity": "01", "birth_place": {"detail": "Tại nhà", "country": "VN"}}
        }
        people = {"child": child}
        for role, parent in (("mother", mother), ("father", father)):
            if parent is not None:
                content[role] = _party(parent)
                people[role] = parent
        record_id = self._record("birth", family, child.born, content, people, child.personal_id)
        if record_id is not None:
            parents = {f"{role}_id": people[role].personal_id for role in ("mother", "father") if role in people}
            self._show(child, birth_record=record_id, **parents)

    def _marriage(self, family: Family) -> None:
        people = {"husband": family.father, "wife": family.mother}
        content = {role: _party(person) for role, person in people.items()}
        record_id = self._record("marriage", family, family.married, content, people, None)
        if record_id is not None:
            for own, other in ((family.father, family.mother), (family.mother, family.father)):
                self._show(own, married_by=record_id, spouse_id=other.personal_id, was_married=True)

    def _death(self, family: Family, person: Person, died: date) -> None:
        content = {
            "deceased": _party(person),
            "died_on": died.isoformat(),
            "place": {"detail": "Tại nhà", "country": "VN"},
            "cause": "Tuổi già",
        }
        people = {"deceased": person}
        record_id = self._record("death", family, died, content, people, person.personal_id)
        if record_id is not None:
            self._show(person, death_record=record_id, died_on=died.isoformat())

    def _show(self, person: Person, **shown: Any) -> None:
        if person.personal_id is not None:
            self._shown.setdefault(person.personal_id, {}).update(shown)

    def _record(
        self,
        kind: str,
        family: Family,
        happened: date,
        content: dict[str, Any],
        people: dict[str, Person],
        personal_id: str | None,
    ) -> str | None:
        """Enter one record in its book; its id, None if nobody has registered it or all are there."""
        if self.full or not chance(self._rng, _REGISTERED[kind]):
            return None
        number, record_id = self._entered, _id_of(self._entered)
        self._entered += 1
        registered = min(happened + timedelta(days=between(self._rng, 0, 45)), LAST_DAY)
        agency = self._agencies.get(family.commune) or "H08.31.21"
        book = book_id(agency, kind, registered.year)
        self._books[book] += 1
        volume, page = USUAL.place(self._books[book])
        place = {"book_id": book, "year": registered.year, "number": self._books[book]}
        self._bulk.add(
            "records",
            **place, id=record_id, kind=kind, registration="digitised", agency=agency, volume=volume, page=page,
            registered_on=registered, version=1, events=0, personal_id=personal_id, dossier_code=None,
            task_id=None, due_at=None, warnings=[], changed_at=_AT,
        )  # fmt: skip
        self._bulk.add(
            "record_versions",
            record_id=record_id, version=1, valid_on=registered, at=_AT, change="entry", changed=[], reason="",
            ground=None, agency=agency, officer="", book_id=None, number=None, volume=None, page=None,
            content=content,
        )  # fmt: skip
        for role, person in people.items():
            marked = with_marks(person.full_name)
            self.names[person.full_name] += 1
            self._bulk.add(
                "participants",
                record_id=record_id, role=role, kind=kind, personal_id=person.personal_id,
                full_name=person.full_name, marked_name=marked, folded_name=fold(marked),
                birth_year=person.born.year, birth_date=None if person.year_only else person.born,
            )  # fmt: skip
        if number % self._every == 0:
            self._sample(kind, record_id, agency, place, content, people)
        return record_id

    def _sample(
        self,
        kind: str,
        record_id: str,
        agency: str,
        place: dict[str, Any],
        content: dict[str, Any],
        people: dict[str, Person],
    ) -> None:
        person = next(iter(people.values()))
        numbers = [each.personal_id for each in people.values() if each.personal_id is not None]
        self.samples.append(
            {
                "id": record_id, "kind": kind, "agency": agency, "year": place["year"], "number": place["number"],
                "name": person.full_name, "born": person.born_as_written,
                "personal_id": numbers[0] if numbers else None, "content": content,
            }
        )  # fmt: skip


_NOTHING: Final = {
    "birth_record": None,
    "mother_id": None,
    "father_id": None,
    "married_by": None,
    "spouse_id": None,
    "was_married": False,
    "death_record": None,
    "died_on": None,
    "guarded_by": None,
}


def _party(person: Person) -> dict[str, Any]:
    party = {"full_name": person.full_name, "date_of_birth": person.born_as_written, "sex": person.sex.value}
    return party if person.personal_id is None else {**party, "personal_id": person.personal_id}


def _id_of(number: int) -> str:
    """The id of the record with this number: sorted by time in front, spread behind, as UUID version 7 is."""
    front, spread = f"{0x0190_0000_0000 + number * 40:012x}", f"{number * 0x9E37_79B9_7F4B % 2**48:012x}"
    return f"{front[:8]}-{front[8:]}-7000-8000-{spread}"
