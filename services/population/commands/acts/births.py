"""A birth was registered: the child becomes a citizen with a personal id, once per record (Luật Hộ tịch, Đ.16)."""

from __future__ import annotations

from datetime import date, datetime
from typing import Any

from contracts.events.civil import BirthRegistered, CivilPlace
from contracts.events.population import PersonalIdAssigned
from contracts.identifiers import Sex
from contracts.population import MaritalStatus, NewCitizen
from contracts.population.values import birth_year
from contracts.times import vn_date
from services.bus.kit.outbox import emit
from services.bus.kit.tx import Tx
from services.population import consistency, models
from services.population.commands.acts.numbers import free_number
from services.population.commands.acts.people import citizen_of, relative_of
from services.population.commands.citizen_rows import citizen_row, registered
from services.population.commands.memberships import OF_AGE
from services.population.places import unit_errors


def birth_registered(tx: Tx, birth: BirthRegistered, *, now: datetime) -> str | None:
    """Assign the child a number and register the citizen; the number, None if this record has had its own.

    A child who comes with a number (an old birth entered again) is only registered if nobody here bears it.
    Raises INCONSISTENT_PERSON where number, sex and year do not agree.
    """
    if tx.find(models.AssignedNumber, birth.record_id) is not None:
        return None
    number = birth.child.personal_id
    is_new = number is None
    if number is None:
        number = free_number(
            tx,
            birth.record_id,
            unit_code=birth.registered_unit_code,
            on=birth.registered_unit_on,
            sex=Sex(birth.child.sex or ""),
            year=birth_year(birth.born_on),
        )
    if citizen_of(tx, number) is None:
        citizen = _citizen(birth, number, vn_date(now))
        errors = consistency.number_errors("child", number, citizen.sex, citizen.date_of_birth, vn_date(now))
        consistency.refuse_if_any(errors)
        tx.insert(models.Citizen, **citizen_row(citizen, now))
        emit(tx, registered(citizen, now), key=number, version=1, at=now)
    tx.insert(models.AssignedNumber, record_id=birth.record_id, personal_id=number, assigned_at=now)
    if is_new:
        assigned = PersonalIdAssigned(record_id=birth.record_id, personal_id=number, at=now)
        emit(tx, assigned, key=f"{birth.record_id}/personal-id", version=1, at=now)
    return number


def place_of(place: CivilPlace | None) -> dict[str, Any] | None:
    """A place of a record, as a citizen's own record holds it. A code that means nothing on its day is left out:
    the words say where it was."""
    if place is None:
        return None
    code = place.unit_code
    if code is not None and unit_errors("unit_code", code, place.on):
        code = None
    return {"unit_code": code, "on": place.on, "detail": place.detail[:200], "country": place.country}


def _citizen(birth: BirthRegistered, number: str, today: date) -> NewCitizen:
    child, born = birth.child, birth.born_on
    is_minor = today.year - birth_year(born) < OF_AGE
    return NewCitizen.model_validate(
        {
            "personal_id": number,
            "full_name": child.full_name,
            "date_of_birth": born,
            "sex": child.sex,
            "ethnicity": child.ethnicity or "01",
            "nationality": child.nationality,
            "marital_status": MaritalStatus.SINGLE if is_minor else MaritalStatus.UNKNOWN,
            "birth_place": place_of(birth.birth_place),
            "hometown": place_of(birth.hometown),
            "father": relative_of(birth.father),
            "mother": relative_of(birth.mother),
        }
    )
