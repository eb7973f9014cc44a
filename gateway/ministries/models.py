"""The tables of the stand-in ministries: tasks in hand, what is to be said when, personas, payments.

Rows are plain (`kit.plain`): a task and its answers cost no unit of work. What a stand-in will say later is a row
here before anything is acknowledged, so that a crash forgets none of it.
"""

from __future__ import annotations

from datetime import datetime
from typing import TYPE_CHECKING, Any

from sqlalchemy import BigInteger, Index, String
from sqlalchemy.orm import Mapped, mapped_column

from services.bus.kit.columns import JsonDoc, UtcDateTime
from services.bus.kit.desk import TaskInHand
from services.bus.kit.plain import Plain
from services.bus.kit.tx import new_base

if TYPE_CHECKING:
    from sqlalchemy.orm import DeclarativeBase as Base
else:
    Base = new_base()

metadata = Base.metadata

WORK, ANSWER = "work", "answer"
WAITING, DONE, DROPPED, FORGOTTEN = "waiting", "done", "dropped", "forgotten"


class Task(TaskInHand, Base):
    """A task in hand, of any of the systems."""


Index("ix_tasks_in_hand_received", Task.received_at, Task.id)


class Turn(Plain, Base):
    """One turn of a stand-in at a task: work that waits for its system to be there, or an answer and when it
    falls due. `id` (UUIDv7) sorts by age, so turns due at the same moment keep their order."""

    __tablename__ = "turns"
    __table_args__ = (Index("ix_turns_state", "state", "due_at", "id"), Index("ix_turns_task", "task_id", "id"))

    id: Mapped[str] = mapped_column(String(36), primary_key=True)
    task_id: Mapped[str] = mapped_column(String(100))
    system: Mapped[str] = mapped_column(String(30))
    kind: Mapped[str] = mapped_column(String(60))
    round: Mapped[int]
    """The round of the task it was meant for; in a later one it is dropped."""
    what: Mapped[str] = mapped_column(String(6))
    """"work" or "answer"."""
    mark: Mapped[str] = mapped_column(String(12))
    """Why it is said: "" for the plain course, else the persona's doing ("twice", "lie" ...) or "hand"."""
    answer: Mapped[dict[str, Any] | None] = mapped_column(JsonDoc)
    resumed: Mapped[dict[str, Any] | None] = mapped_column(JsonDoc)
    """Of work: what the citizen supplied, if it is not the first turn of its round."""
    state: Mapped[str] = mapped_column(String(10))
    """"waiting", "done", "dropped" or "forgotten"."""
    due_at: Mapped[datetime] = mapped_column(UtcDateTime)
    done_at: Mapped[datetime | None] = mapped_column(UtcDateTime)
    version: Mapped[int | None]
    """The version of the answer on the axis, once it is given."""


class PersonaInForce(Plain, Base):
    """The persona of a system (`tax`) or of one kind of its tasks (`tax/tax.assess`); without a document, the
    default. `version` counts every change, also back to the default."""

    __tablename__ = "personas"

    key: Mapped[str] = mapped_column(String(100), primary_key=True)
    system: Mapped[str] = mapped_column(String(30))
    kind: Mapped[str | None] = mapped_column(String(60))
    version: Mapped[int]
    edition: Mapped[str] = mapped_column(String(36))
    """Unlike the version, the same nowhere else: what a parsed document is kept under."""
    document: Mapped[dict[str, Any] | None] = mapped_column(JsonDoc)
    outage_until: Mapped[datetime | None] = mapped_column(UtcDateTime)
    script_used: Mapped[list[int]] = mapped_column(JsonDoc)
    """Places in the script that have been given."""
    set_at: Mapped[datetime] = mapped_column(UtcDateTime)
    set_by: Mapped[str] = mapped_column(String(100))


class Payment(Plain, Base):
    """An entry of a payment list that was marked as paid here. `id`: `<list>/<entry>`."""

    __tablename__ = "payments"
    __table_args__ = (Index("ix_payments_list", "list_id"),)

    id: Mapped[str] = mapped_column(String(60), primary_key=True)
    list_id: Mapped[str] = mapped_column(String(30))
    method: Mapped[str] = mapped_column(String(8))
    paid_at: Mapped[datetime] = mapped_column(UtcDateTime)
    noted_by: Mapped[str] = mapped_column(String(100))


class Granted(Plain, Base):
    """An allowance a task has granted, so that it is on the payment lists from its first month on."""

    __tablename__ = "granted"
    __table_args__ = (
        Index("ix_granted_unit", "unit", "first_month"),
        Index("ix_granted_personal_id", "personal_id"),
    )

    task_id: Mapped[str] = mapped_column(String(100), primary_key=True)
    unit: Mapped[str] = mapped_column(String(35))
    """The agency that pays (UBND xã)."""
    allowance: Mapped[str] = mapped_column(String(30))
    personal_id: Mapped[str] = mapped_column(String(40))
    initials: Mapped[str] = mapped_column(String(40))
    amount_vnd: Mapped[int] = mapped_column(BigInteger)
    method: Mapped[str] = mapped_column(String(8))
    first_month: Mapped[str] = mapped_column(String(7))
    last_month: Mapped[str | None] = mapped_column(String(7))
