"""A household as shown: its address and its present members, the head first."""

from __future__ import annotations

from sqlalchemy import select

from contracts.population import Household, HouseholdMemberView, Relation
from contracts.problems import NOT_FOUND, Problem
from services.bus.kit.tx import Tx
from services.population import models
from services.population.places import after_reform, full_name


def household_not_found(household_id: str) -> Problem:
    """The refusal for an id no household bears."""
    return Problem(NOT_FOUND, what="household", id=household_id)


def household(tx: Tx, household_id: str) -> Household | None:
    """The household with this id, None if there is none."""
    row = tx.find(models.Household, household_id)
    if row is None:
        return None
    return Household(
        household_id=row.id,
        version=row.version,
        number=row.number,
        head_personal_id=row.head_personal_id,
        unit_code=row.unit_code,
        unit_name=full_name(row.unit_code, row.valid_from),
        after_reform=after_reform(row.unit_code, row.valid_from),
        detail=row.detail,
        valid_from=row.valid_from,
        members=_members(tx, household_id),
    )


def _members(tx: Tx, household_id: str) -> list[HouseholdMemberView]:
    member, person = models.Membership, models.Citizen
    rows = tx.execute(
        select(person.personal_id, person.full_name, member.relation, member.valid_from)
        .join_from(member, person, person.personal_id == member.personal_id)
        .where(member.household_id == household_id, member.valid_to.is_(None))
        .order_by(member.valid_from, person.birth_year, person.personal_id)
    )
    views = [
        HouseholdMemberView(personal_id=number, full_name=name, relation=Relation(relation), valid_from=since)
        for number, name, relation, since in rows
    ]
    return sorted(views, key=lambda view: view.relation != Relation.HEAD)
