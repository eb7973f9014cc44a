"""A marriage was registered, or ended: marital status and spouse, on each side's own record."""

from __future__ import annotations

from datetime import datetime

from contracts.events.civil import CivilPerson
from contracts.population import LifeStatus, MaritalStatus
from services.bus.kit.tx import Tx
from services.population import models
from services.population.commands.acts.deaths import widow
from services.population.commands.acts.people import citizen_of, relative_of
from services.population.commands.changes import set_columns


def married(tx: Tx, citizen: models.Citizen, other: CivilPerson, *, now: datetime) -> None:
    """Set one side. A marriage that is heard of after the other side's death leaves this one widowed."""
    values = {"marital_status": MaritalStatus.MARRIED.value, "spouse": relative_of(other)}
    set_columns(tx, citizen, values, now=now)
    partner = citizen_of(tx, other.personal_id)
    if partner is not None and partner.status == LifeStatus.DECEASED and citizen.status != LifeStatus.DECEASED:
        widow(tx, citizen, partner.personal_id, now=now)


def marriage_ended(tx: Tx, citizen: models.Citizen, other: CivilPerson, *, now: datetime) -> None:
    """End it on one side, if that is still the marriage its record tells of."""
    spouse = citizen.spouse or {}
    same = spouse.get("personal_id") == other.personal_id and (
        other.personal_id is not None or spouse.get("full_name") == other.full_name
    )
    if citizen.marital_status == MaritalStatus.MARRIED and same:
        values = {"marital_status": MaritalStatus.DIVORCED_OR_WIDOWED.value, "spouse": None}
        set_columns(tx, citizen, values, now=now)
