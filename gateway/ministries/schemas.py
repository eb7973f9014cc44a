"""What the stand-ins' own API takes and shows."""

from __future__ import annotations

from datetime import date, datetime
from typing import Annotated, Any, Literal

from pydantic import BaseModel, Field

from contracts.tasks import System
from gateway.ministries.personas import Persona
from services.bus.kit.api import Body


class PersonaView(BaseModel):
    """A persona in force. `is_set`: somebody set it; else it is the system's or the default one. `version` is
    the ETag; `script_left` counts what the script has still to give."""

    system: System
    kind: str | None
    version: int
    is_set: bool
    persona: Persona
    outage_until: datetime | None
    script_left: int
    set_at: datetime | None
    set_by: str | None


class PersonaList(BaseModel):
    items: list[PersonaView]


class TaskLine(BaseModel):
    """A task in hand, without anybody's data."""

    id: str
    system: System
    kind: str
    dossier_code: str
    state: Literal["open", "completed", "refused", "cancelled"]
    round: int
    answers: int
    received_at: datetime
    due_at: datetime
    closed_at: datetime | None


class TurnView(BaseModel):
    """What a stand-in did about a task or will do. `mark` says why: empty for the plain course, else what its
    persona was up to, or `hand`. `version` is that of the answer on the axis."""

    what: Literal["work", "answer"]
    mark: str
    state: Literal["waiting", "done", "dropped", "forgotten"]
    due_at: datetime
    done_at: datetime | None
    version: int | None
    answer: dict[str, Any] | None
    supplied: str | None


class TaskView(TaskLine):
    """A task with its turns. `request` is the task as it came; it holds personal data, so only who may answer
    sees it."""

    turns: list[TurnView]
    request: dict[str, Any] | None


class Misreport(BaseModel):
    """What a lying system says with status 200."""

    error_code: str
    message: str


class PaymentEntry(BaseModel):
    """One beneficiary's money of one month. Names are initials, numbers masked."""

    id: str
    beneficiary: str
    personal_id: str
    allowance: str
    amount_vnd: int
    method: Literal["account", "cash"]
    bank: str | None
    state: Literal["paid-without-cash", "paid-in-cash", "not-yet"]
    paid_at: datetime | None


class PaymentTotals(BaseModel):
    """Counts and sums over the whole list."""

    beneficiaries: int
    amount_vnd: int
    paid_without_cash: int
    paid_in_cash: int
    not_yet: int


class PaymentList(BaseModel):
    """The payment list (danh sách chi trả) of a commune for a month."""

    id: str
    month: str
    unit: str
    unit_name: str
    made_on: date
    totals: PaymentTotals
    entries: list[PaymentEntry]


class PaymentsBody(Body):
    """Entries that were paid, and how."""

    entries: Annotated[
        list[Annotated[str, Field(min_length=1, max_length=20)]], Field(min_length=1, max_length=500)
    ]
    method: Literal["account", "cash"]
