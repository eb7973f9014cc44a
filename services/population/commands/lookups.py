"""Looking at personal data: the line in the log and the data, in one transaction.

Each returns None where there is nothing to show, and raises nothing: a refusal would undo the log line.
"""

from __future__ import annotations

from collections.abc import Iterable
from datetime import datetime

from contracts.population import (
    Absence,
    Citizen,
    Household,
    HouseholdResident,
    LookupKind,
    Residence,
    ResidenceKind,
    UnitResident,
)
from contracts.times import vn_date
from services.bus.kit.paging import Page
from services.bus.kit.tx import Tx
from services.population.commands.log import Access, note
from services.population.models import LookupMember
from services.population.queries import citizens, households, residents
from services.population.queries.records import existing
from services.population.queries.residents import Period

SHOWN = "shown"
NOT_FOUND = "not_found"


def look_up_citizen(tx: Tx, personal_id: str, access: Access, *, now: datetime) -> Citizen | None:
    """The citizen, logged (tra cứu thông tin công dân)."""
    found = citizens.citizen(tx, personal_id, on=vn_date(now))
    outcome = SHOWN if found is not None else NOT_FOUND
    note(tx, access, LookupKind.CITIZEN, outcome, now=now, personal_id=personal_id)
    return found


def look_up_residences(tx: Tx, personal_id: str, access: Access, *, now: datetime) -> list[Residence] | None:
    """Every residence of the citizen, logged."""
    found = citizens.residences(tx, personal_id) if existing(tx, [personal_id]) else None
    outcome = SHOWN if found is not None else NOT_FOUND
    note(tx, access, LookupKind.RESIDENCES, outcome, now=now, personal_id=personal_id)
    return found


def look_up_absences(tx: Tx, personal_id: str, access: Access, *, now: datetime) -> list[Absence] | None:
    """Every absence of the citizen, logged."""
    found = citizens.absences(tx, personal_id) if existing(tx, [personal_id]) else None
    outcome = SHOWN if found is not None else NOT_FOUND
    note(tx, access, LookupKind.ABSENCES, outcome, now=now, personal_id=personal_id)
    return found


def look_up_household(tx: Tx, household_id: str, access: Access, *, now: datetime) -> Household | None:
    """The household, logged under each of its members too."""
    found = households.household(tx, household_id)
    outcome = SHOWN if found is not None else NOT_FOUND
    lookup_id = note(tx, access, LookupKind.HOUSEHOLD, outcome, now=now, household_id=household_id)
    if found is not None:
        _note_shown(tx, lookup_id, [member.personal_id for member in found.members])
    return found


def look_up_household_residents(
    tx: Tx, household_id: str, period: Period, access: Access, *, limit: int, cursor: str | None, now: datetime
) -> Page[HouseholdResident] | None:
    """One page of who lived in the household, logged under each of them."""
    found = residents.household_residents(tx, household_id, period, limit=limit, cursor=cursor)
    outcome = SHOWN if found is not None else NOT_FOUND
    kind = LookupKind.HOUSEHOLD_RESIDENTS
    lookup_id = note(tx, access, kind, outcome, now=now, household_id=household_id)
    if found is not None:
        _note_shown(tx, lookup_id, [each.personal_id for each in found.items])
    return found


def look_up_unit_residents(
    tx: Tx,
    code: str,
    period: Period,
    access: Access,
    *,
    kind: ResidenceKind | None,
    limit: int,
    cursor: str | None,
    now: datetime,
) -> Page[UnitResident]:
    """One page of who lived in the commune, logged under each of them."""
    found = residents.unit_residents(tx, code, period, kind=kind, limit=limit, cursor=cursor)
    lookup_id = note(tx, access, LookupKind.UNIT_RESIDENTS, SHOWN, now=now, unit_code=code)
    _note_shown(tx, lookup_id, [each.personal_id for each in found.items])
    return found


def _note_shown(tx: Tx, lookup_id: str, people: Iterable[str]) -> None:
    for personal_id in dict.fromkeys(people):
        tx.append(LookupMember, {"personal_id": personal_id, "lookup_id": lookup_id})
