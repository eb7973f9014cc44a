"""The shapes of the task API: the one for systems, and the one that shows a dossier's whole run."""

from __future__ import annotations

from datetime import datetime
from typing import Any, Literal

from pydantic import BaseModel

from contracts.tasks import System

TaskState = Literal[
    "waiting",
    "skipped",
    "requested",
    "in_progress",
    "awaits_supplement",
    "awaits_payment",
    "completed",
    "refused",
    "cancelled",
]
Outcome = Literal["running", "completed", "partly", "refused", "cancelled"]


class TaskLine(BaseModel):
    """A task as lists show it. `overdue_at`: when it was found late; null while it is not."""

    id: str
    code: str
    step: str
    part: str
    system: System
    kind: str
    state: TaskState
    requested_at: datetime | None
    due_at: datetime | None
    overdue_at: datetime | None
    closed_at: datetime | None
    note: str


class AnswerView(BaseModel):
    """An answer as it came. `effect`: applied, corrected, repeated, late or rejected, with the reason.
    `received_at`, `at`, `heard_at`: when the system had the task, answered it, and was heard here."""

    number: int
    received_at: datetime | None
    at: datetime
    heard_at: datetime | None
    kind: str
    effect: str
    reason: str | None
    answered_by: str
    document: dict[str, Any]


class TaskView(TaskLine):
    """A task with everything its system needs to work on it, and what was answered so far. `earlier`: the results
    of the steps before it."""

    procedure_code: str
    receiving_agency: str
    applicant: dict[str, Any]
    form: dict[str, Any]
    earlier: dict[str, dict[str, Any]]
    attachments: list[dict[str, Any]]
    wanted: dict[str, Any] | None
    results: dict[str, Any]
    refusal: dict[str, Any] | None
    answers: list[AnswerView]


class RunTask(TaskLine):
    """A step in the overview of a dossier."""

    title: str
    after: list[str]
    results: dict[str, Any]
    refusal: dict[str, Any] | None


class RunView(BaseModel):
    """How far the systems are with a dossier. `parts`: the state of each procedure of an interlinked one."""

    code: str
    plan: str
    outcome: Outcome
    began_at: datetime
    ended_at: datetime | None
    parts: dict[str, str]
    tasks: list[RunTask]


class TaskKindView(BaseModel):
    """A kind of task: what it takes and gives, as JSON Schemas."""

    kind: str
    system: System
    title: str
    input: dict[str, Any]
    results: dict[str, Any]
