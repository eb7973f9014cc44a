"""A death was registered: it closes everything that only the living have, from the day after the death on.

Residences, absences and the membership of a household end; a head is followed by the next of age; the spouse is
widowed.
"""

from __future__ import annotations

from datetime import date, datetime, timedelta

from contracts.events.civil import DeathRegistered
from contracts.population import EndReason, LifeStatus, MaritalStatus
from contracts.population.values import birth_year
from services.bus.kit.tx import Tx
from services.population import models
from services.population.commands.acts.people import citizen_of
from services.population.commands.changes import set_columns
from services.population.commands.memberships import leave_household, open_membership
from services.population.commands.residences.absence import absences_of, tell_absence
from services.population.commands.residences.stays import end_stay, stays_of

_ONE_DAY = timedelta(days=1)


def death_registered(tx: Tx, citizen: models.Citizen, death: DeathRegistered, *, now: datetime) -> None:
    """Close what the citizen had. Somebody who is dead already stays as they are."""
    if citizen.status == LifeStatus.DECEASED:
        return
    died_on = last_day(death.died_on, death.registered_on)
    set_columns(tx, citizen, {"status": LifeStatus.DECEASED.value, "died_on": died_on}, now=now)
    _end_everything(tx, citizen, died_on + _ONE_DAY, now)
    spouse_id = death.spouse_personal_id or (citizen.spouse or {}).get("personal_id")
    spouse = citizen_of(tx, spouse_id)
    if spouse is not None:
        widow(tx, spouse, citizen.personal_id, now=now)


def day_of_death_corrected(tx: Tx, citizen: models.Citizen, died_on: date, *, now: datetime) -> None:
    """The day of a death was corrected: what the death ended, it ended on another day."""
    if citizen.died_on is None or citizen.died_on == died_on:
        return
    before, after = citizen.died_on + _ONE_DAY, died_on + _ONE_DAY
    set_columns(tx, citizen, {"died_on": died_on}, now=now)
    for stay in stays_of(tx, citizen.personal_id):
        if stay.end_reason == EndReason.DEATH and stay.valid_to == max(before, stay.valid_from):
            end_stay(tx, citizen, stay, after, EndReason.DEATH, now)


def last_day(died_on: date | str, registered_on: date) -> date:
    """The day of a death: of one known by its year only, the last it can have been."""
    if isinstance(died_on, date):
        return died_on
    return min(date(birth_year(died_on), 12, 31), registered_on)


def widow(tx: Tx, spouse: models.Citizen, deceased_id: str, *, now: datetime) -> None:
    """The spouse of somebody who died is no longer married, unless they are to somebody else."""
    named = (spouse.spouse or {}).get("personal_id")
    if spouse.marital_status == MaritalStatus.MARRIED and named in (None, deceased_id):
        status = MaritalStatus.DIVORCED_OR_WIDOWED.value
        set_columns(tx, spouse, {"marital_status": status, "spouse": None}, now=now)


def _end_everything(tx: Tx, citizen: models.Citizen, on: date, now: datetime) -> None:
    for stay in stays_of(tx, citizen.personal_id):
        if stay.valid_to is None or stay.valid_to > on:
            end_stay(tx, citizen, stay, on, EndReason.DEATH, now)
    for absence in absences_of(tx, citizen.personal_id):
        if absence.valid_to is None or absence.valid_to > on:
            absence.valid_to = max(on, absence.valid_from)
            tell_absence(tx, citizen, absence, now)
    membership = open_membership(tx, citizen.personal_id)
    if membership is not None:
        leave_household(tx, membership, on, now=now)
