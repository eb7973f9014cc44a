"""The shapes of the portal's own JSON: what citizens send and see, and what proves that nothing got lost.

Times are RFC 3339 in UTC, statuses the portal's numbers 1 to 10 with their name beside them. The wire's
shapes are in `contracts.portal`.
"""

from __future__ import annotations

from datetime import date, datetime
from typing import Annotated, Any, Literal, Self

from pydantic import BaseModel, Field, StringConstraints, model_validator

from contracts.identifiers import (
    AgencyCode,
    PersonalId,
    PersonName,
    PhoneNumber,
    ProcedureCode,
    check_personal_id_agrees,
)
from gateway.portal.faults import Fault, FaultPlan
from services.bus.kit.api import Body

Prose = Annotated[
    str, StringConstraints(strip_whitespace=True, min_length=1, max_length=2000, pattern=r"^[^\x00]*$")
]
Line = Annotated[
    str,
    StringConstraints(strip_whitespace=True, min_length=1, max_length=200, pattern=r"^[^\x00-\x1f\x7f]*$"),
]
Email = Annotated[str, StringConstraints(max_length=254, pattern=r"^[^@\s\x00]+@[^@\s\x00]+\.[^@\s\x00.]+$")]


# -- what citizens send ------------------------------------------------------------------------------------
class Applicant(Body):
    """Who submits (người nộp). The personal id must agree with the date of birth."""

    personal_id: PersonalId
    full_name: PersonName
    date_of_birth: date
    phone: PhoneNumber | None = None
    email: Email | None = None

    @model_validator(mode="after")
    def _agrees(self) -> Self:
        check_personal_id_agrees(self.personal_id, date_of_birth=self.date_of_birth)
        return self


class NewSubmission(Body):
    """A dossier submitted online (nộp hồ sơ trực tuyến). `form` is the e-form, by the procedure's schema."""

    procedure_code: ProcedureCode
    receiving_agency: AgencyCode
    applicant: Applicant
    form: dict[str, Any] = Field(default_factory=dict)


class NewSupplement(Body):
    """What is handed in after a request for more papers."""

    content: Prose


class NewWithdrawal(Body):
    """Why the dossier is withdrawn."""

    reason: Prose


class NewQuestion(Body):
    """A question to an agency (hỏi đáp)."""

    agency: AgencyCode
    title: Line
    content: Prose
    asker: PersonName | None = None
    phone: PhoneNumber | None = None
    email: Email | None = None


# -- what citizens see -------------------------------------------------------------------------------------
class SubmissionAccepted(BaseModel):
    """The reference is what the submission is followed by; keep it."""

    reference: str
    submitted_at: datetime


class RequestAccepted(BaseModel):
    """A supplement or withdrawal on its way to the province."""

    reference: str
    number: int
    sent_at: datetime


class QuestionAccepted(BaseModel):
    id: str
    asked_at: datetime


class QuestionView(BaseModel):
    """A question that has its answer. Who asked is never shown."""

    id: str
    agency: str
    title: str | None
    content: str
    asked_at: datetime
    answer: str
    answered_by: str | None
    answered_at: datetime


class QuestionList(BaseModel):
    """Answered questions, newest first."""

    items: list[QuestionView]


class StepView(BaseModel):
    """A step on the time line. `note` and `officer` only for whoever proved who they are."""

    status: int
    status_name: str
    at: datetime
    department: str | None = None
    officer: str | None = None
    note: str | None = None


class SupplementView(BaseModel):
    """A request for more papers as the province tells it; `content` only with proof."""

    requested_at: datetime | None
    answered_at: datetime | None
    content: str | None
    due_before: datetime | None
    due_after: datetime | None


class RequestView(BaseModel):
    """What the citizen asked here. waiting: not fetched yet; taken: the province has it; declined: see
    `reason` (only with proof)."""

    number: int
    kind: Literal["submission", "supplement", "withdrawal"]
    sent_at: datetime
    state: Literal["waiting", "taken", "declined"]
    content: str | None = None
    reason: str | None = None


class ResultView(BaseModel):
    name: str | None
    url: str | None


class FollowView(BaseModel):
    """A dossier as the citizen follows it. `status` is null while a submission is on its way to the province;
    without proof of who asks, the owner's name is masked and what people wrote is left out."""

    code: str | None
    reference: str | None
    proven: bool
    procedure_code: str
    procedure_name: str | None
    agency: str | None
    channel: Literal["direct", "online", "post"]
    owner: str
    status: int | None
    status_name: str
    submitted_at: datetime
    received_at: datetime | None
    due_at: datetime | None
    completed_at: datetime | None
    returned_at: datetime | None
    steps: list[StepView]
    supplements: list[SupplementView]
    requests: list[RequestView]
    results: list[ResultView]
    advice: str
    may_supplement: bool
    may_withdraw: bool
    version: str


# -- proof and faults --------------------------------------------------------------------------------------
class DossierRow(BaseModel):
    """A dossier in short: `steps` counts its progress rows."""

    code: str
    status: int
    steps: int


class HeldStep(BaseModel):
    """A progress row as it was accepted; `at` is ThoiDiemXuLy, `arrival` its place among the accepted."""

    arrival: int
    at: str
    status: int
    received_at: datetime
    lag_ms: int


class DossierProof(BaseModel):
    """All that is held of a dossier, in order of arrival."""

    code: str
    unit: str
    reference: str | None
    status: int
    status_at: datetime
    duplicates_ignored: int
    older_ignored: int
    steps: list[HeldStep]


class Lag(BaseModel):
    """From a step to its arrival here, in milliseconds; null without steps. The wire cuts the step's time to
    whole seconds, so each is up to 1,000 too long."""

    p50: int | None
    p95: int | None


class Summary(BaseModel):
    """What this portal holds. `statuses` counts progress rows, `by_status` dossiers at each status."""

    dossiers: int
    statuses: int
    by_status: dict[int, int]
    duplicates_ignored: int
    older_ignored: int
    refused: int
    submissions: int
    requests_waiting: int
    lag_ms: Lag


class FaultState(BaseModel):
    """The plan in force and what it has done to how many calls since it was set."""

    plan: FaultPlan | None
    since: datetime | None
    outage_until: datetime | None
    calls: int
    injected: dict[Fault, int]
