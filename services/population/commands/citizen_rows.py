"""A citizen as rows: what registration, changes and civil acts write, and the event that tells of a new one.

Bulk imports build them in a second process: nothing here knows a database.
"""

from __future__ import annotations

from collections.abc import Iterator
from datetime import date, datetime
from typing import Any

from contracts.events.population import CitizenRegistered
from contracts.population import (
    EndReason,
    LifeStatus,
    NewCitizen,
    NewResidence,
    Place,
    Relative,
    ResidenceKind,
)
from contracts.population.values import birth_year
from services.bus.kit.ids import new_id
from services.bus.kit.models import built
from services.population import consistency
from services.population.matching import fold_name


def name_columns(full_name: str, parts: tuple[str | None, str | None, str | None]) -> dict[str, str]:
    """The five columns of a name; parts that are not stated are split from the full name."""
    if not any(parts):
        parts = consistency.split_name(full_name)
    family, middle, given = parts
    return {
        "full_name": full_name,
        "folded_name": fold_name(full_name),
        "family_name": family or "",
        "middle_name": middle or "",
        "given_name": given or "",
    }


def birth_columns(born: date | str) -> dict[str, Any]:
    """Year and, where known, day of birth."""
    return {"birth_year": birth_year(born), "birth_date": born if isinstance(born, date) else None}


def place_document(place: Place | None, born: date | str) -> dict[str, Any] | None:
    """A place as stored: always with its day."""
    if place is None:
        return None
    return {
        "unit_code": place.unit_code,
        "on": consistency.place_day(place, born).isoformat(),
        "detail": place.detail,
        "country": place.country,
    }


def relative_document(relative: Relative | None) -> dict[str, Any] | None:
    """A relative as stored."""
    if relative is None:
        return None
    return {
        "full_name": relative.full_name,
        "personal_id": relative.personal_id,
        "id_card": relative.id_card,
        "nationality": relative.nationality,
    }


def citizen_row(citizen: NewCitizen, now: datetime) -> dict[str, Any]:
    """The row of a citizen registered now."""
    born = citizen.date_of_birth
    return {
        "personal_id": citizen.personal_id,
        "version": 1,
        "status": LifeStatus.ALIVE.value,
        "id_card": citizen.id_card,
        **name_columns(citizen.full_name, (citizen.family_name, citizen.middle_name, citizen.given_name)),
        **birth_columns(born),
        "sex": citizen.sex.value,
        "ethnicity": citizen.ethnicity,
        "religion": citizen.religion,
        "marital_status": citizen.marital_status.value,
        "blood_group": citizen.blood_group.value,
        "nationality": citizen.nationality,
        "eid_level": citizen.eid_level,
        "birth_place": place_document(citizen.birth_place, born),
        "hometown": place_document(citizen.hometown, born),
        "father": relative_document(citizen.father),
        "mother": relative_document(citizen.mother),
        "spouse": relative_document(citizen.spouse),
        "registered_at": now,
        "changed_at": now,
        "died_on": None,
    }


def residence_rows(citizen: NewCitizen) -> Iterator[dict[str, Any]]:
    """One row a residence; each ends on its stated day, or on the day the next of its kind begins."""
    begins: dict[str, date] = {}
    for each in sorted(citizen.residences, key=_first_day, reverse=True):
        yield residence_row(citizen.personal_id, each, until=each.valid_to or begins.get(each.kind))
        begins[each.kind] = each.valid_from


def _first_day(residence: NewResidence) -> date:
    return residence.valid_from


def residence_row(personal_id: str, residence: NewResidence, *, until: date | None) -> dict[str, Any]:
    """The row of a residence in [valid_from, until)."""
    return {
        "id": new_id(),
        "personal_id": personal_id,
        "kind": residence.kind.value,
        "unit_code": residence.unit_code,
        "detail": residence.detail,
        "valid_from": residence.valid_from,
        "valid_to": until,
        "end_reason": EndReason.MOVED.value if until is not None and residence.valid_to is None else None,
        "note": None,
    }


def registered(citizen: NewCitizen, now: datetime) -> CitizenRegistered:
    """What tells that the citizen is registered: version 1."""
    home = None
    for each in citizen.residences:
        if each.kind is ResidenceKind.PERMANENT and (home is None or each.valid_from > home.valid_from):
            home = each
    return built(
        CitizenRegistered,
        personal_id=citizen.personal_id,
        full_name=citizen.full_name,
        date_of_birth=citizen.date_of_birth,
        sex=citizen.sex.value,
        commune_code=home.unit_code if home is not None else None,
        resident_since=home.valid_from if home is not None else None,
        at=now,
    )
