"""What the records together show of people with a personal id: kept with every act, in the same transaction."""

from __future__ import annotations

from typing import Any

from contracts.civil import Birth, Guardianship, Marriage
from services.bus.kit.tx import Tx
from services.registry.civil.models import Individual


def individual(tx: Tx, personal_id: str) -> Any:
    """The row of this person, made if there is none."""
    row: Any = tx.find(Individual, personal_id)
    if row is None:
        row = tx.insert(
            Individual,
            personal_id=personal_id,
            birth_record=None,
            mother_id=None,
            father_id=None,
            married_by=None,
            spouse_id=None,
            was_married=False,
            death_record=None,
            died_on=None,
            guarded_by=None,
        )
    return row


def note_birth(tx: Tx, record_id: str, personal_id: str, birth: Birth) -> None:
    """The child has a number: its birth and its parents are known by it."""
    row = individual(tx, personal_id)
    row.birth_record = record_id
    row.mother_id = birth.mother.personal_id if birth.mother else None
    row.father_id = birth.father.personal_id if birth.father else None


def note_parent(tx: Tx, child_id: str, role: str, parent_id: str) -> None:
    """A recognised parent of somebody whose birth may be unknown here."""
    setattr(individual(tx, child_id), f"{role}_id", parent_id)


def note_death(tx: Tx, record_id: str, personal_id: str, died_on: str) -> str | None:
    """Somebody has died: a marriage ends, a guardianship too. Returns the spouse left widowed."""
    row = individual(tx, personal_id)
    widowed: str | None = row.spouse_id if row.married_by is not None else None
    row.death_record, row.died_on, row.guarded_by = record_id, died_on, None
    if widowed is not None:
        spouse = individual(tx, widowed)
        spouse.married_by = spouse.spouse_id = None
    row.married_by = row.spouse_id = None
    return widowed


def note_marriage(tx: Tx, record_id: str, marriage: Marriage) -> None:
    """Both sides are bound by this record, unless it has ended: then neither is, if they were by it."""
    sides = (marriage.husband.personal_id, marriage.wife.personal_id)
    over = marriage.ended_on is not None or any(_has_died(tx, side) for side in sides if side)
    for own, other in (sides, sides[::-1]):
        if own is None:
            continue
        row = individual(tx, own)
        row.was_married = True
        if not over:
            row.married_by, row.spouse_id = record_id, other
        elif row.married_by == record_id:
            row.married_by = row.spouse_id = None


def note_guardianship(tx: Tx, record_id: str, guardianship: Guardianship) -> None:
    """The ward is guarded by this record, unless it has ended."""
    ward = guardianship.ward.personal_id
    if ward is None:
        return
    row = individual(tx, ward)
    if guardianship.ended_on is None:
        row.guarded_by = record_id
    elif row.guarded_by == record_id:
        row.guarded_by = None


def _has_died(tx: Tx, personal_id: str) -> bool:
    return bool(individual(tx, personal_id).death_record is not None)
