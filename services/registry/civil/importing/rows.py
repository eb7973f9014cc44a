"""A checked row as what is written of it: the record's content, its people, and what they show of individuals."""

from __future__ import annotations

from datetime import date
from typing import Any, NamedTuple

from contracts.civil import BirthRow, DeathRow, MarriageRow, Role, Row
from contracts.population.values import birth_year
from services.registry.civil.models import UNKNOWN_YEAR
from services.registry.civil.names import fold, with_marks

NOTHING_KNOWN: dict[str, Any] = {
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


class Written(NamedTuple):
    """What a row becomes. `number` is the personal id of the person the record is about."""

    content: dict[str, Any]
    people: list[dict[str, Any]]
    individuals: list[dict[str, Any]]
    number: str | None


def written(row: Row, record_id: str, kind: str) -> Written:
    """What is written of a row under this record id."""
    if isinstance(row, BirthRow):
        return _birth(row, record_id, kind)
    if isinstance(row, DeathRow):
        return _death(row, record_id, kind)
    return _marriage(row, record_id, kind)


def _birth(row: BirthRow, record_id: str, kind: str) -> Written:
    child = _party(row.child_name, row.child_personal_id, row.child_born, row.child_sex.value)
    if row.child_ethnicity is not None:
        child["ethnicity"] = row.child_ethnicity
    child["birth_place"] = {"detail": row.birth_place, "country": "VN"}
    content = {"child": child}
    people = [_person(record_id, kind, Role.CHILD, row.child_name, row.child_personal_id, row.child_born)]
    if row.mother_name is not None:
        content["mother"] = _party(row.mother_name, row.mother_personal_id, row.mother_born, None)
        people.append(
            _person(record_id, kind, Role.MOTHER, row.mother_name, row.mother_personal_id, row.mother_born)
        )
    if row.father_name is not None:
        content["father"] = _party(row.father_name, row.father_personal_id, row.father_born, None)
        people.append(
            _person(record_id, kind, Role.FATHER, row.father_name, row.father_personal_id, row.father_born)
        )
    individuals = []
    if row.child_personal_id is not None:
        shown = {
            "personal_id": row.child_personal_id,
            "birth_record": record_id,
            "mother_id": row.mother_personal_id,
            "father_id": row.father_personal_id,
        }
        individuals.append({**NOTHING_KNOWN, **shown})
    return Written(content, people, individuals, row.child_personal_id)


def _death(row: DeathRow, record_id: str, kind: str) -> Written:
    number, died_on = row.deceased_personal_id, str(row.died_on)
    content: dict[str, Any] = {
        "deceased": _party(row.deceased_name, number, row.deceased_born, row.deceased_sex.value),
        "died_on": died_on,
        "place": {"detail": row.death_place, "country": "VN"},
        "cause": row.cause,
    }
    people = [_person(record_id, kind, Role.DECEASED, row.deceased_name, number, row.deceased_born)]
    individuals = []
    if number is not None:
        shown = {"personal_id": number, "death_record": record_id, "died_on": died_on}
        individuals.append({**NOTHING_KNOWN, **shown})
    return Written(content, people, individuals, number)


def _marriage(row: MarriageRow, record_id: str, kind: str) -> Written:
    husband, wife = row.husband_personal_id, row.wife_personal_id
    content = {
        "husband": _party(row.husband_name, husband, row.husband_born, "male"),
        "wife": _party(row.wife_name, wife, row.wife_born, "female"),
    }
    people = [
        _person(record_id, kind, Role.HUSBAND, row.husband_name, husband, row.husband_born),
        _person(record_id, kind, Role.WIFE, row.wife_name, wife, row.wife_born),
    ]
    individuals = [
        {**NOTHING_KNOWN, "personal_id": own, "married_by": record_id, "spouse_id": other, "was_married": True}
        for own, other in ((husband, wife), (wife, husband))
        if own is not None
    ]
    return Written(content, people, individuals, None)


def _party(name: str, personal_id: str | None, born: date | str | None, sex: str | None) -> dict[str, Any]:
    party: dict[str, Any] = {"full_name": name}
    if personal_id is not None:
        party["personal_id"] = personal_id
    if born is not None:
        party["date_of_birth"] = str(born)
    if sex is not None:
        party["sex"] = sex
    return party


def _person(
    record_id: str, kind: str, role: Role, name: str, personal_id: str | None, born: date | str | None
) -> dict[str, Any]:
    marked = with_marks(name)
    return {
        "record_id": record_id,
        "role": role.value,
        "kind": kind,
        "personal_id": personal_id,
        "full_name": name,
        "marked_name": marked,
        "folded_name": fold(marked),
        "birth_year": UNKNOWN_YEAR if born is None else birth_year(born),
        "birth_date": born if isinstance(born, date) else None,
    }
