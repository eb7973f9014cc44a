"""What the population database (dân cư) announces. Key: the personal id, which stays out of every header.

All events of one citizen share one row of versions, whatever their type; a household has its own.
"""

from __future__ import annotations

from datetime import date, datetime
from typing import ClassVar

from contracts.envelope import EventData
from contracts.population.values import BirthDate


class CitizenRegistered(EventData):
    """A citizen entered the population data. Version 1 of the citizen. `date_of_birth` may be a bare year;
    `commune_code` is that of the permanent residence, valid on `resident_since`."""

    TYPE: ClassVar[str] = "population.citizen-registered"

    personal_id: str
    full_name: str
    date_of_birth: BirthDate
    sex: str
    commune_code: str | None = None
    resident_since: date | None = None
    at: datetime


class CitizenChanged(EventData):
    """Fields of a citizen changed; `changed` names them, the values are read at the source."""

    TYPE: ClassVar[str] = "population.citizen-changed"

    personal_id: str
    changed: tuple[str, ...]
    at: datetime


class ResidenceChanged(EventData):
    """A citizen's place of residence changed from `valid_from` on; `commune_code` is valid on that day."""

    TYPE: ClassVar[str] = "population.residence-changed"

    personal_id: str
    commune_code: str
    kind: str
    valid_from: date
    at: datetime


class HouseholdChanged(EventData):
    """A household was formed or its members changed. Key: the household id. `commune_code` is valid on
    `formed_on`."""

    TYPE: ClassVar[str] = "population.household-changed"

    household_id: str
    commune_code: str
    formed_on: date
    head_personal_id: str
    members: int
    at: datetime
