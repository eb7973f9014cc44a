"""How a system is asked to act: `task.*` from the one-stop shop to one system, `answer.given` back.

Each system has subjects of its own (`axis.task.<system>.requested`, `axis.answer.<system>.given`), so that a
member reads the tasks meant for it and no others. The key of what is asked is the task id, of what is answered
`<task id>/answer`: either side counts its own versions.
"""

from __future__ import annotations

from datetime import datetime
from typing import Any, ClassVar

from pydantic import Field

from contracts.envelope import SUBJECT_PREFIX, EventData
from contracts.events.dossier import Applicant, Attachment
from contracts.tasks import Answer, System


class _ToSystem(EventData):
    """What goes to one system."""

    task_id: str
    system: System

    @classmethod
    def subject_of(cls, system: str) -> str:
        """The subject for one system; `*` and `{system}` stand for all of them."""
        domain, _, name = cls.TYPE.partition(".")
        return f"{SUBJECT_PREFIX}{domain}.{system}.{name}"

    @classmethod
    def axis_subject(cls) -> str:
        return cls.subject_of("{system}")

    def subject(self) -> str:
        return self.subject_of(self.system.value)


class TaskRequested(_ToSystem):
    """A dossier has reached a step of its procedure that this system carries out. Key: task id; version 1, or
    a later one when a refused task is asked for again.

    `part` is the procedure this step belongs to, which in an interlinked dossier is one of several; `earlier`
    holds the results of the steps before it, by step id. `due_at` is the limit of the step."""

    TYPE: ClassVar[str] = "task.requested"

    dossier_code: str
    procedure_code: str
    part: str
    step: str
    kind: str
    receiving_agency: str
    officer: str
    applicant: Applicant
    form: dict[str, Any]
    earlier: dict[str, dict[str, Any]] = Field(default_factory=dict)
    attachments: tuple[Attachment, ...] = ()
    requested_at: datetime
    due_at: datetime


class TaskResumed(_ToSystem):
    """The citizen has done what the system asked for: `supplied` is `supplement` or `payment`."""

    TYPE: ClassVar[str] = "task.resumed"

    supplied: str
    content: str = ""
    attachments: tuple[Attachment, ...] = ()
    paid_vnd: int = 0
    at: datetime


class TaskCancelled(_ToSystem):
    """The task is no longer wanted; an answer that comes all the same has no effect."""

    TYPE: ClassVar[str] = "task.cancelled"

    reason: str
    at: datetime


class TaskAnswered(_ToSystem):
    """A system answers a task it was given. Key: `<task id>/answer`. `received_at`: when the system first had the
    task in hand, if it says so."""

    TYPE: ClassVar[str] = "answer.given"

    dossier_code: str
    answer: Answer
    received_at: datetime | None = None
    at: datetime
