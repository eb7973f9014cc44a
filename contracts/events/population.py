"""What the population database (dân cư) announces. Key: the personal id, which stays out of every header.

All events of one citizen share one row of versions, whatever their type; a household has its own.
"""

from __future__ import annotations

from datetime import date, datetime
from typing import ClassVar

from pydantic import BaseModel, ConfigDict

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
    """A citizen's place of residence changed from `valid_from` on; `commune_code` is valid on that day. A
    temporary residence ends on `valid_to`; when it is renewed it is told again, with its new end."""

    TYPE: ClassVar[str] = "population.residence-changed"

    personal_id: str
    commune_code: str
    kind: str
    valid_from: date
    valid_to: date | None = None
    at: datetime


class ResidenceDeregistered(EventData):
    """A stay ended and no other of its kind took its place (xóa đăng ký): `valid_to` is the first day the
    citizen no longer lives there. `commune_code` is valid on `valid_from`."""

    TYPE: ClassVar[str] = "population.residence-deregistered"

    personal_id: str
    commune_code: str
    kind: str
    valid_from: date
    valid_to: date
    reason: str
    at: datetime


class AbsenceDeclared(EventData):
    """A citizen is away in [valid_from, valid_to) (tạm vắng). One told again has a new end."""

    TYPE: ClassVar[str] = "population.absence-declared"

    personal_id: str
    absence_id: str
    reason: str
    valid_from: date
    valid_to: date | None = None
    at: datetime


class HouseholdChanged(EventData):
    """A household was formed or its members changed. Key: the household id. `commune_code` is valid on
    `formed_on`. It has no head where the head died and no member is of age."""

    TYPE: ClassVar[str] = "population.household-changed"

    household_id: str
    commune_code: str
    formed_on: date
    head_personal_id: str | None = None
    members: int
    at: datetime


class PersonalIdAssigned(EventData):
    """A registered birth has its personal id (số định danh cá nhân): the citizen exists from here on. Key:
    `<record id>/personal-id`, version 1."""

    TYPE: ClassVar[str] = "population.personal-id-assigned"

    record_id: str
    personal_id: str
    at: datetime


class HouseholdSplit(EventData):
    """Members left a household to form one of their own (tách hộ). Key: the household they left, which now has
    `members`; the new one is told of by its own `household-changed`, version 1."""

    TYPE: ClassVar[str] = "population.household-split"

    household_id: str
    new_household_id: str
    split_on: date
    head_personal_id: str | None = None
    members: int
    at: datetime


class CountedCheck(BaseModel):
    """One check (lượt xác thực): its kind and what it said, for which dossier; nothing of whom it was about."""

    model_config = ConfigDict(extra="ignore", frozen=True)

    kind: str
    outcome: str
    dossier: str
    procedure_code: str
    agency: str | None = None
    channel: str | None = None


class IdentityChecksRecorded(EventData):
    """The checks of one request, for those who count them. Key: `identity-checks/<id>`, version 1."""

    TYPE: ClassVar[str] = "population.identity-checks-recorded"

    checks: tuple[CountedCheck, ...]
    at: datetime
