"""Looking at personal data: the line in the log and the data, in one transaction.

Each returns None where there is nothing to show, and raises nothing: a refusal would undo the log line.
"""

from __future__ import annotations

from datetime import datetime

from contracts.population import Citizen, Household, LookupKind, Residence
from services.bus.kit.tx import Tx
from services.population.commands.log import Access, note
from services.population.models import LookupMember
from services.population.queries import citizens, households
from services.population.queries.records import existing

SHOWN = "shown"
NOT_FOUND = "not_found"


def look_up_citizen(tx: Tx, personal_id: str, access: Access, *, now: datetime) -> Citizen | None:
    """The citizen, logged (tra cứu thông tin công dân)."""
    found = citizens.citizen(tx, personal_id)
    outcome = SHOWN if found is not None else NOT_FOUND
    note(tx, access, LookupKind.CITIZEN, outcome, now=now, personal_id=personal_id)
    return found


def look_up_residences(tx: Tx, personal_id: str, access: Access, *, now: datetime) -> list[Residence] | None:
    """Every residence of the citizen, logged."""
    found = citizens.residences(tx, personal_id) if existing(tx, [personal_id]) else None
    outcome = SHOWN if found is not None else NOT_FOUND
    note(tx, access, LookupKind.RESIDENCES, outcome, now=now, personal_id=personal_id)
    return found


def look_up_household(tx: Tx, household_id: str, access: Access, *, now: datetime) -> Household | None:
    """The household, logged under each of its members too."""
    found = households.household(tx, household_id)
    outcome = SHOWN if found is not None else NOT_FOUND
    lookup_id = note(tx, access, LookupKind.HOUSEHOLD, outcome, now=now, household_id=household_id)
    for member in found.members if found is not None else []:
        tx.append(LookupMember, {"personal_id": member.personal_id, "lookup_id": lookup_id})
    return found
