"""What is heard from the national portal: that it holds a status, that it refused one, and what citizens ask.

All of these are emitted by the sync worker; nobody else speaks for the portal.
"""

from __future__ import annotations

from datetime import date, datetime
from typing import Any, ClassVar

from pydantic import BaseModel, ConfigDict

from contracts.envelope import EventData
from contracts.status import DossierStatus


class SyncedStep(BaseModel):
    """One step of a dossier on its way to the portal. `received_at` is when sync took it from the axis,
    `first_sent_at` when the first attempt began (of this process, if it was restarted meanwhile), `sent_at` when
    the one that was acknowledged did; `trouble` is why the one before that failed."""

    model_config = ConfigDict(extra="ignore", frozen=True)

    version: int
    status: DossierStatus
    committed_at: datetime
    published_at: datetime | None = None
    received_at: datetime
    sent_at: datetime
    acknowledged_at: datetime
    attempts: int
    first_sent_at: datetime | None = None
    trouble: str | None = None


class StatusAcknowledged(EventData):
    """The portal acknowledged these steps of one dossier. Key: dossier code; version: sync's own count."""

    TYPE: ClassVar[str] = "portal.status-acknowledged"
    DOSSIER: ClassVar[str] = "code"

    code: str
    procedure_code: str
    receiving_agency: str
    profile: str
    steps: tuple[SyncedStep, ...]


class StatusRefused(EventData):
    """The portal refused a step for its content; the dossier's lane is parked until someone acts."""

    TYPE: ClassVar[str] = "portal.status-refused"
    DOSSIER: ClassVar[str] = "code"

    code: str
    step_version: int
    status: DossierStatus
    verb: str
    error_code: str
    reason: str
    attempts: int
    at: datetime


class DossierSubmitted(EventData):
    """A citizen submitted a dossier on the portal. Key: the portal's reference; version 1."""

    TYPE: ClassVar[str] = "portal.dossier-submitted"

    reference: str
    procedure_code: str
    receiving_agency: str
    personal_id: str
    full_name: str
    date_of_birth: date | None = None
    phone: str | None = None
    email: str | None = None
    form: dict[str, Any]
    submitted_at: datetime


class SupplementSubmitted(EventData):
    """A citizen answered a request for more papers. Key: the portal's reference."""

    TYPE: ClassVar[str] = "portal.supplement-submitted"

    reference: str
    request: int
    content: str
    at: datetime


class WithdrawalRequested(EventData):
    """A citizen asked to withdraw the dossier. Key: the portal's reference."""

    TYPE: ClassVar[str] = "portal.withdrawal-requested"

    reference: str
    request: int
    reason: str
    at: datetime
