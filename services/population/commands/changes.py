"""A citizen's record changes: named fields only, checked as strictly as on the day of registration."""

from __future__ import annotations

from datetime import date, datetime
from typing import Any, Final

from contracts.events.population import CitizenChanged
from contracts.identifiers import Sex
from contracts.population import CitizenChange, RegisteredCitizen
from contracts.problems import ALREADY_EXISTS, FieldError, Problem, Text
from contracts.times import vn_date
from services.bus.kit.api import check_version
from services.bus.kit.outbox import emit
from services.bus.kit.tx import Tx
from services.population import consistency, models
from services.population.commands.citizen_rows import (
    birth_columns,
    name_columns,
    place_document,
    relative_document,
)
from services.population.commands.rows import locked
from services.population.queries.citizens import citizen_not_found
from services.population.queries.records import cards_taken

TAKEN: Final = Text("Số này đã có người mang.", "Somebody bears this number already.")
_NAME: Final = frozenset({"full_name", "family_name", "middle_name", "given_name"})
_PLACES: Final = ("birth_place", "hometown")
_RELATIVES: Final = ("father", "mother", "spouse")
_COLUMNS_OF: Final = {
    "folded_name": "full_name",
    "birth_year": "date_of_birth",
    "birth_date": "date_of_birth",
}
"""Columns that are not fields of their own, with the field they belong to."""


def change(
    tx: Tx, personal_id: str, change: CitizenChange, *, expected: int | None, now: datetime
) -> RegisteredCitizen:
    """Change what is named; a change that changes nothing keeps the version and announces nothing.

    Raises NOT_FOUND, STALE_VERSION, INCONSISTENT_PERSON, VALIDATION, ALREADY_EXISTS (the card).
    """
    citizen = locked(tx, models.Citizen, personal_id)
    if citizen is None:
        raise citizen_not_found(personal_id)
    check_version(expected, citizen.version)
    today = vn_date(now)
    consistency.refuse_if_any(_errors(citizen, change, today))
    values = _columns(citizen, change)
    different = {name: value for name, value in values.items() if getattr(citizen, name) != value}
    if not different:
        return RegisteredCitizen(personal_id=personal_id, version=citizen.version)
    card = different.get("id_card")
    if card is not None and cards_taken(tx, [card]):
        errors = [FieldError("body.id_card", "already-exists", TAKEN)]
        raise Problem(ALREADY_EXISTS, errors=errors, what="id card", id=card)
    set_columns(tx, citizen, different, now=now)
    return RegisteredCitizen(personal_id=personal_id, version=citizen.version)


def set_columns(tx: Tx, citizen: models.Citizen, values: dict[str, Any], *, now: datetime) -> bool:
    """Set what differs and tell which fields did; False, and nothing is told, if nothing differs."""
    different = {name: value for name, value in values.items() if getattr(citizen, name) != value}
    for name, value in different.items():
        setattr(citizen, name, value)
    if different:
        fields = tuple(sorted({_COLUMNS_OF.get(name, name) for name in different}))
        event = CitizenChanged(personal_id=citizen.personal_id, changed=fields, at=now)
        emit(tx, event, key=citizen.personal_id, version=next_version(citizen, now), at=now)
    return bool(different)


def next_version(citizen: models.Citizen, now: datetime) -> int:
    """Count the citizen's version up by one: every event of a citizen takes exactly one."""
    citizen.version += 1
    citizen.changed_at = now
    return citizen.version


def _errors(citizen: models.Citizen, change: CitizenChange, today: date) -> list[FieldError]:
    named = change.model_fields_set
    born = _born(citizen, change)
    found: list[FieldError] = []
    if named & {"sex", "date_of_birth"}:
        sex = change.sex if "sex" in named else Sex(citizen.sex)
        found += consistency.number_errors("body", citizen.personal_id, sex, born, today)
    if named & _NAME:
        full_name = change.full_name if "full_name" in named else citizen.full_name
        parts = (change.family_name, change.middle_name, change.given_name)
        found += consistency.name_errors("body", full_name, parts)
    for field in _PLACES:
        if field in named:
            found += consistency.place_errors(f"body.{field}", getattr(change, field), born)
    return found


def _born(citizen: models.Citizen, change: CitizenChange) -> date | str:
    if "date_of_birth" in change.model_fields_set:
        return change.date_of_birth
    return citizen.birth_date or str(citizen.birth_year)


def _columns(citizen: models.Citizen, change: CitizenChange) -> dict[str, Any]:
    """The columns the change names, with their new values."""
    named = change.model_fields_set
    values: dict[str, Any] = {}
    for field in named - _NAME:
        given = getattr(change, field)
        if field == "date_of_birth":
            values.update(birth_columns(given))
        elif field in _PLACES:
            values[field] = place_document(given, _born(citizen, change))
        elif field in _RELATIVES:
            values[field] = relative_document(given)
        else:
            values[field] = getattr(given, "value", given)
    if named & _NAME:
        full_name = change.full_name if "full_name" in named else citizen.full_name
        parts = (change.family_name, change.middle_name, change.given_name)
        values.update(name_columns(full_name, parts))
    return values
