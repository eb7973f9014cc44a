"""The shapes of the dossier API: what callers send and what they get. No rules of the domain live here."""

from __future__ import annotations

from datetime import date, datetime
from typing import Annotated, Any, Literal

from pydantic import BaseModel, Field, StringConstraints, field_validator

from contracts.identifiers import AgencyCode, DossierCode, PersonalId, PersonName, PhoneNumber, ProcedureCode
from contracts.rules import refuse
from contracts.status import Action, Channel, DossierStatus
from services.bus.kit.api import Body

Line = Annotated[str, StringConstraints(max_length=200, pattern=r"^[^\x00-\x1f\x7f]*$")]
Prose = Annotated[str, StringConstraints(max_length=2000, pattern=r"^[^\x00]*$")]
Email = Annotated[str, StringConstraints(max_length=254, pattern=r"^[^@\s\x00]+@[^@\s\x00]+\.[^@\s\x00.]+$")]
Verification = Literal["pending", "matched", "mismatched", "not_found"]
Purpose = Literal["attachment", "result"]
Handling = Literal["officer", "systems"]
Component = Annotated[str, StringConstraints(min_length=1, max_length=60, pattern=r"^[^\x00-\x1f\x7f]*$")]
FileName = Annotated[str, StringConstraints(min_length=1, max_length=1000)]
UploadId = Annotated[str, StringConstraints(pattern=r"^[0-9a-f]{8}(-[0-9a-f]{4}){3}-[0-9a-f]{12}$")]


class NewApplicant(Body):
    """Who asks (chủ hồ sơ). `kind` as the portal counts: 1 citizen, 2 business, 3 agency, 4 other."""

    personal_id: PersonalId
    full_name: PersonName
    date_of_birth: date
    phone: PhoneNumber | None = None
    email: Email | None = None
    kind: Annotated[int, Field(ge=1, le=4)] = 1

    @field_validator("date_of_birth")
    @classmethod
    def _possible(cls, value: date) -> date:
        if value.year < 1880:
            raise refuse("date.too_early", earliest="1880-01-01")
        return value


class NewDossier(Body):
    """A dossier handed in. `form` holds the e-form's data, by the procedure's schema. `handling`: `officer`
    moves it step by step, or `systems` carry it out by the procedure's plan; the service's own setting if
    not said."""

    procedure_code: ProcedureCode
    receiving_agency: AgencyCode
    channel: Channel
    applicant: NewApplicant
    form: dict[str, Any] = Field(default_factory=dict)
    handling: Handling | None = None
    summary: Annotated[str, StringConstraints(max_length=1000, pattern=r"^[^\x00]*$")] | None = None
    officer: Annotated[str, StringConstraints(max_length=50, pattern=r"^[^\x00-\x1f\x7f]*$")] | None = None


class ActionRequest(Body):
    """One step to take. `note` is the reason or the content of the request; `amount_vnd` the sum asked for by
    request_payment; `supplement_working_days` the time given by request_supplement."""

    action: Action
    note: Prose = ""
    officer: Annotated[str, StringConstraints(max_length=50, pattern=r"^[^\x00-\x1f\x7f]*$")] | None = None
    amount_vnd: Annotated[int, Field(ge=0, le=1_000_000_000_000)] | None = None
    paid_online: bool = False
    supplement_working_days: Annotated[int, Field(ge=1, le=60)] | None = None


class Payment(Body):
    """A fee that was paid. Without `fee_code` every unpaid fee is."""

    fee_code: Annotated[str, StringConstraints(max_length=60, pattern=r"^[^\x00]*$")] | None = None
    online: bool = False
    receipt: Line | None = None


class UploadAnnounced(Body):
    """What Upload-Metadata says of a file that will come in pieces. `component` is the paper it is, as the
    procedure's list names it (thành phần hồ sơ)."""

    dossier: DossierCode
    purpose: Purpose = "attachment"
    filename: FileName
    filetype: Annotated[str, StringConstraints(max_length=200)] = ""
    component: Component | None = None
    digitised: bool = False
    reused: bool = False


class Reuse(Body):
    """A paper or result of an earlier dossier of the same person, to be used here again."""

    from_dossier: DossierCode
    upload_id: UploadId
    component: Component | None = None


class DossierAccepted(BaseModel):
    """The short answer of every write: where the dossier stands."""

    code: str
    status: DossierStatus
    version: int
    due_at: datetime | None
    verification: Verification


class ApplicantView(BaseModel):
    personal_id: str
    full_name: str
    date_of_birth: date
    phone: str | None
    email: str | None
    kind: int


class DossierView(DossierAccepted):
    """The whole dossier."""

    status_text: str
    procedure_code: str
    procedure_name: str
    receiving_agency: str
    channel: Channel
    applicant: ApplicantView
    form: dict[str, Any]
    summary: str | None
    portal_reference: str | None
    created_at: datetime
    received_at: datetime | None
    completed_at: datetime | None
    returned_at: datetime | None
    refused_at: datetime | None
    supplement_due_at: datetime | None
    deadline: dict[str, Any] | None
    verification_attempts: int
    verified_at: datetime | None
    fees: list[dict[str, Any]]
    supplements: list[dict[str, Any]]
    attachments: list[dict[str, Any]]
    results: list[dict[str, Any]]


class DossierLine(DossierAccepted):
    """A dossier in a list."""

    status_text: str
    procedure_code: str
    receiving_agency: str
    channel: Channel
    full_name: str
    created_at: datetime


class ActionChoice(BaseModel):
    """An action, whether it is possible now, and if not, why; `leads_to` is the status it would bring."""

    action: Action
    possible: bool
    leads_to: DossierStatus | None
    why_not: str | None
    needs: list[str]


class Actions(BaseModel):
    code: str
    status: DossierStatus
    version: int
    actions: list[ActionChoice]


class StepSync(BaseModel):
    """What became of a step on the portal. `latency_ms` from the step to the portal's acknowledgement."""

    state: Literal["pending", "acknowledged", "refused"]
    sent_at: datetime | None
    acknowledged_at: datetime | None
    latency_ms: float | None
    attempts: int
    reason: str | None = None


class TimelineStep(BaseModel):
    version: int
    status: DossierStatus
    status_text: str
    action: Action | None
    at: datetime
    officer: str
    department: str
    note: str
    due_at: datetime | None
    sync: StepSync


class Timeline(BaseModel):
    code: str
    status: DossierStatus
    version: int
    steps: list[TimelineStep]


class Paper(BaseModel):
    """An attachment or a result. `reused_from` is the paper it was taken over from; `times_reused` counts how
    often this one was. A removed one has no content any more."""

    id: str
    dossier: str
    purpose: Purpose
    state: Literal["complete", "removed"]
    name: str
    component: str | None
    media_type: str
    size: int
    sha256: str
    digitised: bool
    reused: bool
    reused_from: str | None
    times_reused: int
    created_by: str
    created_at: datetime
    completed_at: datetime
    removed_by: str | None
    removed_at: datetime | None


class Papers(BaseModel):
    items: list[Paper]


class ProcedureView(BaseModel):
    code: str
    name: str
    field: str
    level: str
    fee_vnd: int
    duration: str
    handled_by: list[str]
    result_required: bool
    fee_due: str
    notes_optional: bool
    form_schema: dict[str, Any]


class AgencyView(BaseModel):
    code: str
    name: str
    level: str
    unit_code: str
    parent: str | None
