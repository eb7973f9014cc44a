"""The land registry as shown."""

from __future__ import annotations

from datetime import date, datetime
from typing import Any

from pydantic import BaseModel

from contracts.land.changes import ChangeKind
from contracts.land.values import CertificateState, ChangeState, RestrictionKind, RightKind, RightSource


class _Valid(BaseModel):
    """In force in [valid_from, valid_to); `recorded_at` is when it was entered."""

    valid_from: date
    valid_to: date | None
    recorded_at: datetime


class HolderView(BaseModel):
    """A party and its share of the right."""

    name: str
    personal_id: str | None
    tax_code: str | None
    share: str


class RightView(_Valid):
    """A right and who held it; `under` is the right a lease or sublease derives from."""

    id: str
    kind: RightKind
    source: RightSource
    term_until: date | None
    under: str | None
    holders: list[HolderView]


class RestrictionView(_Valid):
    """A restriction; `holder` is the mortgagee or the authority."""

    id: str
    kind: RestrictionKind
    holder: str
    document_number: str
    document_date: date
    amount_vnd: int
    allows_disposal: bool
    note: str


class CertificateView(_Valid):
    """A certificate (GCN)."""

    serial: str
    issue_number: str
    code: str | None
    issued_on: date
    state: CertificateState


class LandUseView(BaseModel):
    """A land-use code, what it is called, and its area."""

    code: str
    name: str
    area_m2: str


class ParcelView(BaseModel):
    """A parcel as it was on `as_of`. `version` is the present one, for If-Match; `pending` names the change
    that has the right locked now."""

    key: str
    version: int
    as_of: date
    live: bool
    unit_code: str
    unit_name: str
    map_sheet: int
    parcel_number: int
    area_m2: str
    land_uses: list[LandUseView]
    geohash: str
    latitude: float
    longitude: float
    address: str
    registered_on: date
    retired_on: date | None
    became: list[str]
    came_from: list[str]
    rights: list[RightView]
    restrictions: list[RestrictionView]
    certificate: CertificateView | None
    pending: str | None


class ParcelLine(BaseModel):
    """A parcel in a list."""

    key: str
    version: int
    live: bool
    unit_code: str
    map_sheet: int
    parcel_number: int
    area_m2: str
    address: str


class CertificateFound(CertificateView):
    """A certificate and the parcel it stands for."""

    parcel_key: str


class ChangeView(BaseModel):
    """A row of a parcel's history. `effects` tells what it did, `warnings` the rules it only strained."""

    id: str
    number: str | None
    kind: ChangeKind
    state: ChangeState
    parcels: list[str]
    effective_on: date
    requested_at: datetime
    registered_at: datetime | None
    closed_because: str | None
    dossier: str | None
    request: dict[str, Any]
    effects: dict[str, Any]
    warnings: list[str]


class RegisteredChange(BaseModel):
    """What became of a requested change. `certificates` are the new ones, by parcel."""

    id: str
    number: str | None
    state: ChangeState
    kind: ChangeKind
    parcel_key: str
    version: int
    parcels: list[str]
    certificates: dict[str, str]
    restriction: str | None
    warnings: list[str]


class RegisteredParcel(BaseModel):
    """A parcel that was registered."""

    key: str
    version: int
    certificate: str | None
