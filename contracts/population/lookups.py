"""The log of lookups (nhật ký khai thác): who asked, for whom, about whom, and what they were told.

It holds the numbers asked for and never the names or dates as typed: the log must prove an access, not be a
second copy of the personal data.
"""

from __future__ import annotations

from datetime import datetime
from enum import StrEnum

from pydantic import BaseModel

from contracts.status import Channel


class LookupKind(StrEnum):
    """The ways of looking (Loai)."""

    CITIZEN = "citizen"
    RESIDENCES = "residences"
    HOUSEHOLD = "household"
    IDENTITY_CHECK = "identity_check"
    ID_CARD_CHECK = "id_card_check"
    HOUSEHOLD_CONFIRMATION = "household_confirmation"
    ABSENCES = "absences"
    HOUSEHOLD_RESIDENTS = "household_residents"
    UNIT_RESIDENTS = "unit_residents"


class LookupEntry(BaseModel):
    """One access. `outcome` is that of a check, or `shown` / `not_found` of a lookup."""

    id: str
    at: datetime
    kind: LookupKind
    client_id: str
    agency: str | None
    officer: str | None
    procedure_code: str
    dossier: str
    channel: Channel | None
    request_id: str
    personal_id: str | None
    id_card: str | None
    household_id: str | None
    unit_code: str | None = None
    outcome: str


class LookupCount(BaseModel):
    """Accesses of one unit, kind and channel: how many, and for how many distinct dossiers."""

    agency: str | None
    kind: LookupKind
    channel: Channel | None
    events: int
    dossiers: int


class LookupSummary(BaseModel):
    """Both counts a province reports: verification events and distinct dossiers. Those of the rows may add up
    to more than `dossiers`, because one dossier may be looked at in several ways; neither is forced."""

    events: int
    dossiers: int
    counts: list[LookupCount]
