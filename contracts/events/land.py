"""What the land registry (đất đai) announces. Key: the parcel key.

All events of one parcel share one row of versions, whatever their type. A parcel that came in by a bulk import
was not announced: its first event is version 1.
"""

from __future__ import annotations

from datetime import date, datetime
from typing import ClassVar

from pydantic import BaseModel, ConfigDict

from contracts.envelope import EventData


class LandHolder(BaseModel):
    """A party and its share, `1/2`, of the right of use."""

    model_config = ConfigDict(extra="ignore", frozen=True)

    name: str
    personal_id: str | None = None
    tax_code: str | None = None
    share: str


class ParcelRegistered(EventData):
    """A parcel entered the registry, for the first time or out of a split or merge (`came_from`)."""

    TYPE: ClassVar[str] = "land.parcel-registered"

    parcel_key: str
    unit_code: str
    area_m2: str
    land_uses: tuple[str, ...]
    geohash: str
    holders: tuple[LandHolder, ...]
    came_from: tuple[str, ...] = ()
    at: datetime


class LandChangeRegistered(EventData):
    """A change (biến động) was registered. `holders` are those afterwards, none if the parcel is no more;
    `became` are the parcels in its place."""

    TYPE: ClassVar[str] = "land.change-registered"

    parcel_key: str
    change_id: str
    number: str
    kind: str
    effective_on: date
    holders: tuple[LandHolder, ...]
    became: tuple[str, ...] = ()
    dossier_code: str | None = None
    at: datetime


class LandRestrictionChanged(EventData):
    """A restriction (mortgage, dispute, distraint, emergency measure, easement) was entered or is no more."""

    TYPE: ClassVar[str] = "land.restriction-changed"

    parcel_key: str
    restriction_id: str
    kind: str
    live: bool
    change_number: str
    at: datetime


class LandCertificateIssued(EventData):
    """A certificate (GCN) was issued, in place of another if `replaces` names one."""

    TYPE: ClassVar[str] = "land.certificate-issued"

    parcel_key: str
    serial: str
    issue_number: str
    replaces: str | None = None
    holders: tuple[LandHolder, ...]
    issued_on: date
    at: datetime
