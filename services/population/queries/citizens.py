"""A citizen as shown: the record, the residences of a day, the household."""

from __future__ import annotations

from datetime import date
from typing import Any

from sqlalchemy import or_, select

from contracts.population import (
    Absence,
    AbsenceReason,
    Citizen,
    EndReason,
    HouseholdOfCitizen,
    PlaceView,
    Relation,
    Residence,
    ResidenceKind,
)
from contracts.problems import NOT_FOUND, Problem
from services.bus.kit.tx import Tx
from services.population import models
from services.population.places import after_reform, full_name


def citizen_not_found(personal_id: str) -> Problem:
    """The refusal for a personal id nobody bears."""
    return Problem(NOT_FOUND, what="citizen", id=personal_id)


def citizen(tx: Tx, personal_id: str, *, on: date) -> Citizen | None:
    """The citizen with this personal id and the residences of that day, None if there is none."""
    row = tx.find(models.Citizen, personal_id)
    if row is None:
        return None
    return Citizen.model_validate(
        {
            "personal_id": row.personal_id,
            "version": row.version,
            "status": row.status,
            "died_on": row.died_on,
            "id_card": row.id_card,
            "full_name": row.full_name,
            "family_name": row.family_name,
            "middle_name": row.middle_name,
            "given_name": row.given_name,
            "date_of_birth": row.birth_date or str(row.birth_year),
            "sex": row.sex,
            "ethnicity": row.ethnicity,
            "religion": row.religion,
            "marital_status": row.marital_status,
            "blood_group": row.blood_group,
            "nationality": row.nationality,
            "birth_place": _place(row.birth_place),
            "hometown": _place(row.hometown),
            "father": row.father,
            "mother": row.mother,
            "spouse": row.spouse,
            "eid_level": row.eid_level,
            "residences": residences(tx, personal_id, on=on),
            "household": _household(tx, personal_id),
        }
    )


def residences(tx: Tx, personal_id: str, *, on: date | None = None) -> list[Residence]:
    """Where the citizen lives and has lived, kind by kind, newest first; only the stays of a day if one is
    named."""
    table = models.Residence
    wanted = select(table).where(table.personal_id == personal_id)
    if on is not None:
        wanted = wanted.where(table.valid_from <= on, or_(table.valid_to.is_(None), table.valid_to > on))
    rows = tx.scalars(wanted.order_by(table.kind, table.valid_from.desc()))
    return [_residence(row) for row in rows]


def _residence(row: models.Residence) -> Residence:
    return Residence(
        id=row.id,
        kind=ResidenceKind(row.kind),
        unit_code=row.unit_code,
        unit_name=full_name(row.unit_code, row.valid_from),
        detail=row.detail,
        valid_from=row.valid_from,
        valid_to=row.valid_to,
        end_reason=EndReason(row.end_reason) if row.end_reason else None,
        after_reform=after_reform(row.unit_code, row.valid_from),
    )


def absences(tx: Tx, personal_id: str) -> list[Absence]:
    """When the citizen was, is or will be away, newest first."""
    table = models.Absence
    rows = tx.scalars(
        select(table).where(table.personal_id == personal_id).order_by(table.valid_from.desc(), table.id)
    )
    return [
        Absence(
            id=row.id,
            reason=AbsenceReason(row.reason),
            valid_from=row.valid_from,
            valid_to=row.valid_to,
            unit_code=row.unit_code,
            unit_name=full_name(row.unit_code, row.valid_from) if row.unit_code else None,
            detail=row.detail,
        )
        for row in rows
    ]


def _place(stored: dict[str, Any] | None) -> PlaceView | None:
    if stored is None:
        return None
    on = date.fromisoformat(stored["on"])
    code = stored["unit_code"]
    return PlaceView(
        unit_code=code,
        on=on,
        unit_name=full_name(code, on) if code else None,
        detail=stored["detail"],
        country=stored["country"],
        after_reform=after_reform(code, on) if code else None,
    )


def _household(tx: Tx, personal_id: str) -> HouseholdOfCitizen | None:
    member, house, head = models.Membership, models.Household, models.Citizen
    row = tx.execute(
        select(house.id, house.number, member.relation, head.personal_id, head.full_name)
        .join_from(member, house, house.id == member.household_id)
        .outerjoin(head, head.personal_id == house.head_personal_id)
        .where(member.personal_id == personal_id, member.valid_to.is_(None))
    ).first()
    if row is None:
        return None
    household_id, number, relation, head_id, head_name = row
    return HouseholdOfCitizen(
        household_id=household_id,
        number=number,
        relation=Relation(relation),
        head_personal_id=head_id,
        head_full_name=head_name,
    )
