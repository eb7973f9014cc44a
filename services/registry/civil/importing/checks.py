"""What a row of a digitised book cannot say, whatever the law was then: pure, a few microseconds a row."""

from __future__ import annotations

from collections.abc import Iterator
from datetime import date

from pydantic_core import PydanticCustomError

from contracts.catalogue.agencies import agency
from contracts.civil import BirthRow, DeathRow, MarriageRow, Row
from contracts.identifiers import Sex, check_personal_id_agrees
from contracts.population.values import birth_year
from contracts.rules import refuse
from services.registry.civil.rules.ages import first_day, no_older, surely_before

Errors = Iterator[tuple[str, PydanticCustomError]]


def row_errors(row: Row, today: date) -> Errors:
    """Each field that is wrong, with the rule it breaks."""
    try:
        agency(row.agency)
    except PydanticCustomError as error:
        yield "agency", error
    if row.registered_on.year >= today.year:
        yield "registered_on", refuse("import.book_open", year=today.year)
    if isinstance(row, BirthRow):
        yield from _birth(row)
    elif isinstance(row, DeathRow):
        yield from _death(row)
    else:
        yield from _marriage(row)


def _birth(row: BirthRow) -> Errors:
    yield from _born_before(row.registered_on, "child_born", row.child_born)
    yield from _number("child_personal_id", row.child_personal_id, row.child_sex, row.child_born)
    for role, name, born, number, sex in (
        ("mother", row.mother_name, row.mother_born, row.mother_personal_id, Sex.FEMALE),
        ("father", row.father_name, row.father_born, row.father_personal_id, Sex.MALE),
    ):
        if name is None:
            if born is not None or number is not None:
                yield f"{role}_name", refuse("import.name_missing")
            continue
        if born is not None and no_older(born, row.child_born):
            yield f"{role}_born", refuse("import.parent_younger")
        yield from _number(f"{role}_personal_id", number, sex, born)


def _death(row: DeathRow) -> Errors:
    yield from _born_before(row.registered_on, "died_on", row.died_on)
    if surely_before(row.died_on, row.deceased_born):
        yield "died_on", refuse("import.died_before_birth")
    yield from _number("deceased_personal_id", row.deceased_personal_id, row.deceased_sex, row.deceased_born)


def _marriage(row: MarriageRow) -> Errors:
    yield from _born_before(row.registered_on, "husband_born", row.husband_born)
    yield from _born_before(row.registered_on, "wife_born", row.wife_born)
    yield from _number("husband_personal_id", row.husband_personal_id, Sex.MALE, row.husband_born)
    yield from _number("wife_personal_id", row.wife_personal_id, Sex.FEMALE, row.wife_born)
    if row.husband_personal_id is not None and row.husband_personal_id == row.wife_personal_id:
        yield "wife_personal_id", refuse("import.same_person")


def _born_before(registered_on: date, field: str, day: date | str) -> Errors:
    if first_day(day) > registered_on:
        yield field, refuse("import.after_registration")


def _number(field: str, personal_id: str | None, sex: Sex, born: date | str | None) -> Errors:
    if personal_id is None:
        return
    try:
        check_personal_id_agrees(personal_id, sex=sex, date_of_birth=None if born is None else birth_year(born))
    except PydanticCustomError as error:
        yield field, error
