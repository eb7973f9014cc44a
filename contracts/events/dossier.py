"""What the one-stop shop (một cửa) announces about a dossier (hồ sơ).

`StatusChanged` carries the whole dossier as it stood after the step, so that a reader needs no second call and
a late reader needs only the newest one. Its key is the dossier code, its version the number of the step.
"""

from __future__ import annotations

from datetime import date, datetime
from typing import ClassVar

from pydantic import BaseModel, ConfigDict

from contracts.envelope import EventData
from contracts.status import Action, Channel, DossierStatus


class _Part(BaseModel):
    model_config = ConfigDict(extra="ignore", frozen=True)


class Applicant(_Part):
    """Who asks (chủ hồ sơ). `kind` is the portal's LoaiDoiTuong: 1 citizen, 2 business, 3 agency, 4 other."""

    personal_id: str
    full_name: str
    date_of_birth: date | None = None
    phone: str | None = None
    email: str | None = None
    kind: int = 1


class Fee(_Part):
    """One fee (phí, lệ phí) in đồng; `online` tells how it was paid once it is."""

    code: str
    name: str
    amount_vnd: int
    paid: bool = False
    online: bool = False


class Attachment(_Part):
    """A paper handed in (giấy tờ), or a result paper."""

    id: str
    name: str
    component: str | None = None
    sha256: str
    size: int
    digitised: bool = False
    reused: bool = False


class Supplement(_Part):
    """One request to complete the papers (yêu cầu bổ sung) and its answer."""

    id: str
    requested_at: datetime
    requested_by: str
    content: str
    answered_at: datetime | None = None
    due_before: datetime | None = None
    due_after: datetime | None = None


class DossierSnapshot(_Part):
    """The dossier after a step, as much of it as the national portal shows."""

    procedure_code: str
    procedure_name: str
    field: str
    receiving_agency: str
    channel: Channel
    applicant: Applicant
    summary: str | None = None
    portal_reference: str | None = None
    submitted_at: datetime
    received_at: datetime | None = None
    due_at: datetime | None = None
    completed_at: datetime | None = None
    returned_at: datetime | None = None
    refused_at: datetime | None = None
    verification: str = "pending"
    fees: tuple[Fee, ...] = ()
    attachments: tuple[Attachment, ...] = ()
    supplements: tuple[Supplement, ...] = ()
    results: tuple[Attachment, ...] = ()


class StatusChanged(EventData):
    """A dossier took a step (or began). Key: dossier code. Version: the number of the step."""

    TYPE: ClassVar[str] = "dossier.status-changed"
    DOSSIER: ClassVar[str] = "code"

    code: str
    status: DossierStatus
    previous_status: DossierStatus | None = None
    action: Action | None = None
    at: datetime
    officer: str
    department: str
    note: str = ""
    dossier: DossierSnapshot


class VerificationRecorded(EventData):
    """The applicant's identity was checked in the population data. Key: `<dossier code>/verification`."""

    TYPE: ClassVar[str] = "dossier.verification-recorded"
    DOSSIER: ClassVar[str] = "code"

    code: str
    verification: str
    procedure_code: str
    receiving_agency: str
    channel: Channel
    attempts: int
    at: datetime


class RequestDeclined(EventData):
    """A citizen's request that came from the portal could not be carried out. Key: `<reference>/answer`."""

    TYPE: ClassVar[str] = "dossier.request-declined"

    portal_reference: str
    request: int
    reason: str
    at: datetime


class TaskOverdue(EventData):
    """A system has not answered within the limit of the step. Key: `<task id>/overdue`; version: the round."""

    TYPE: ClassVar[str] = "dossier.task-overdue"
    DOSSIER: ClassVar[str] = "code"

    task_id: str
    code: str
    step: str
    system: str
    kind: str
    due_at: datetime
    at: datetime


class RunEnded(EventData):
    """A dossier that systems carry out has come to its end. `outcome`: completed, partly, refused or cancelled;
    `parts` tells the state of each procedure of an interlinked one. Key: `<dossier code>/run`."""

    TYPE: ClassVar[str] = "dossier.run-ended"
    DOSSIER: ClassVar[str] = "code"

    code: str
    procedure_code: str
    receiving_agency: str
    outcome: str
    parts: dict[str, str]
    at: datetime
