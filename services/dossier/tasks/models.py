"""Tables of dossiers that run by a plan: the plans they began with, their tasks, and every answer."""

from __future__ import annotations

from datetime import datetime
from typing import Any, Final

from sqlalchemy import Index, String, Text
from sqlalchemy.orm import Mapped, mapped_column

from services.bus.kit.columns import JsonDoc, UtcDateTime
from services.bus.kit.plain import Plain
from services.dossier.models import Base

WAITING, SKIPPED = "waiting", "skipped"
REQUESTED, IN_PROGRESS = "requested", "in_progress"
AWAITS_SUPPLEMENT, AWAITS_PAYMENT = "awaits_supplement", "awaits_payment"
COMPLETED, REFUSED, CANCELLED = "completed", "refused", "cancelled"

OPEN: Final = (REQUESTED, IN_PROGRESS, AWAITS_SUPPLEMENT, AWAITS_PAYMENT)
"""States in which the system owes an answer, or the citizen owes the system something."""

RUNNING, PARTLY = "running", "partly"


class KeptPlan(Plain, Base):  # type: ignore[misc, valid-type]
    """A plan that a dossier began with. It is never changed: a changed plan has another digest."""

    __tablename__ = "plans"

    digest: Mapped[str] = mapped_column(String(16), primary_key=True)
    procedure_code: Mapped[str] = mapped_column(String(40))
    document: Mapped[dict[str, Any]] = mapped_column(JsonDoc)
    first_used_at: Mapped[datetime] = mapped_column(UtcDateTime)


class Run(Plain, Base):  # type: ignore[misc, valid-type]
    """A dossier's way through its plan."""

    __tablename__ = "runs"

    code: Mapped[str] = mapped_column(String(60), primary_key=True)
    outcome: Mapped[str] = mapped_column(String(10))
    """"running", "completed", "partly" (some part was refused), "refused" or "cancelled"."""
    rounds: Mapped[int]
    """How often it has ended: the version of the event that said so last."""
    began_at: Mapped[datetime] = mapped_column(UtcDateTime)
    ended_at: Mapped[datetime | None] = mapped_column(UtcDateTime)


class Task(Plain, Base):  # type: ignore[misc, valid-type]
    """One step of a running dossier. `id` is `<dossier code>.<step>`."""

    __tablename__ = "tasks"
    __table_args__ = (
        Index("ix_tasks_code", "code"),
        Index("ix_tasks_system_state", "system", "state", "id"),
        Index("ix_tasks_due", "state", "due_at"),
    )

    id: Mapped[str] = mapped_column(String(100), primary_key=True)
    code: Mapped[str] = mapped_column(String(60))
    step: Mapped[str] = mapped_column(String(30))
    part: Mapped[str] = mapped_column(String(40))
    system: Mapped[str] = mapped_column(String(30))
    kind: Mapped[str] = mapped_column(String(60))
    state: Mapped[str] = mapped_column(String(18))
    told: Mapped[int]
    """How many events went to the system about it: the version of the last one."""
    said: Mapped[int]
    """How many answers came."""
    requested_at: Mapped[datetime | None] = mapped_column(UtcDateTime)
    due_at: Mapped[datetime | None] = mapped_column(UtcDateTime)
    overdue_at: Mapped[datetime | None] = mapped_column(UtcDateTime)
    """When it was found to be late; None while it is not."""
    times_overdue: Mapped[int]
    closed_at: Mapped[datetime | None] = mapped_column(UtcDateTime)
    note: Mapped[str] = mapped_column(Text)
    wanted: Mapped[dict[str, Any] | None] = mapped_column(JsonDoc)
    """What the citizen is asked for: `{"supplement": ...}` or `{"payments": [...]}`."""
    results: Mapped[dict[str, Any]] = mapped_column(JsonDoc)
    refusal: Mapped[dict[str, Any] | None] = mapped_column(JsonDoc)


class TaskAnswer(Base):  # type: ignore[misc, valid-type]
    """An answer as it came, and what it did: only ever added to."""

    __tablename__ = "task_answers"
    __table_args__ = {"sqlite_with_rowid": False}  # noqa: RUF012

    task_id: Mapped[str] = mapped_column(String(100), primary_key=True)
    number: Mapped[int] = mapped_column(primary_key=True)
    received_at: Mapped[datetime | None] = mapped_column(UtcDateTime)
    """When the system had the task in hand, if it told."""
    at: Mapped[datetime] = mapped_column(UtcDateTime)
    """When it answered."""
    heard_at: Mapped[datetime | None] = mapped_column(UtcDateTime)
    """When the answer was taken in here; None of one that came before this was noted."""
    kind: Mapped[str] = mapped_column(String(20))
    effect: Mapped[str] = mapped_column(String(10))
    """"applied", "corrected", "repeated", "late" or "rejected"."""
    reason: Mapped[str | None] = mapped_column(Text)
    """Why it was rejected."""
    answered_by: Mapped[str] = mapped_column(String(100))
    document: Mapped[dict[str, Any]] = mapped_column(JsonDoc)
