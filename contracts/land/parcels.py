"""A parcel (thửa đất) to register for the first time, with its right, its holders and its certificate."""

from __future__ import annotations

from typing import Annotated

from pydantic import Field

from contracts.identifiers import CertificateCode, UnitCode
from contracts.land.values import (
    Area,
    CertificateSerial,
    Geohash,
    Holder,
    LandUse,
    RightSource,
    SourceDocument,
)
from contracts.population.values import Day, Input, Line

Sheet = Annotated[int, Field(strict=True, ge=1, le=99_999)]
ParcelNumber = Annotated[int, Field(strict=True, ge=1, le=999_999)]
Address = Annotated[Line, Field(max_length=300)]
Holders = Annotated[list[Holder], Field(min_length=1, max_length=100)]
LandUses = Annotated[list[LandUse], Field(min_length=1, max_length=10)]
Documents = Annotated[list[SourceDocument], Field(max_length=20, default_factory=list)]


class NewCertificate(Input):
    """A certificate (GCN) that has been printed: serial, number in the register of certificates, code."""

    serial: CertificateSerial
    issue_number: Annotated[Line, Field(min_length=1, max_length=30)]
    code: CertificateCode | None = None
    issued_on: Day


class NewRight(Input):
    """The right of use: where it comes from and until when; no term means lâu dài."""

    source: RightSource = RightSource.RECOGNISED
    term_until: Day | None = None


class NewParcel(Input):
    """A parcel to register. The unit code is that of the commune on `registered_on` (today, if not said).

    `certificate`: one that exists already; without it one of our own series is issued, unless
    `without_certificate`.
    """

    unit_code: UnitCode
    map_sheet: Sheet
    parcel_number: ParcelNumber
    registered_on: Day | None = None
    area_m2: Area
    land_uses: LandUses
    geohash: Geohash
    address: Address = ""
    right: NewRight = NewRight()
    holders: Holders
    certificate: NewCertificate | None = None
    without_certificate: bool = False
    documents: Documents
