"""The desk of a system that answers tasks: what was asked, what was said, once each.

    task.requested ──► a row of the service's own table ──► the handler of its kind ──► answer.given
    task.resumed   ──► the same handler, told what came
    task.cancelled ──► the row is closed; nothing more is said

A handler is a plain function of a transaction and the task, like any command. It returns an answer, returns None
when the answer comes later (`Desk.answer`), or raises a Problem before it has touched anything, which is said as
a refusal. A request that comes again meets its row and does nothing.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping
from datetime import datetime
from typing import Any, Final, cast

from sqlalchemy import Index, String
from sqlalchemy.orm import Mapped, declared_attr, mapped_column

from contracts.envelope import Event
from contracts.events.task import TaskAnswered, TaskCancelled, TaskRequested, TaskResumed
from contracts.problems import Problem
from contracts.tasks import Answer, AnswerKind, Refusal, System
from services.bus.kit.clock import Clock
from services.bus.kit.columns import JsonDoc, UtcDateTime
from services.bus.kit.outbox import emit
from services.bus.kit.plain import Plain
from services.bus.kit.touching import has_touched, touch, untouched
from services.bus.kit.tx import Tx

OPEN, COMPLETED, REFUSED, CANCELLED = "open", "completed", "refused", "cancelled"
_CLOSED_BY: Final = {AnswerKind.COMPLETED: COMPLETED, AnswerKind.REFUSED: REFUSED}


class TaskInHand(Plain):
    """Columns of a table of tasks; a service mixes it into a model on its own base:
    `class Task(TaskInHand, Base)`."""

    __tablename__ = "tasks_in_hand"

    id: Mapped[str] = mapped_column(String(100), primary_key=True)
    system: Mapped[str] = mapped_column(String(30))
    kind: Mapped[str] = mapped_column(String(60))
    dossier_code: Mapped[str] = mapped_column(String(60))
    state: Mapped[str] = mapped_column(String(10))
    """"open", "completed", "refused" or "cancelled"."""
    round: Mapped[int]
    """The version of the request that is being worked on: it goes up when a refused task is asked again."""
    answers: Mapped[int]
    """How many answers were given: the version of the last one."""
    request: Mapped[dict[str, Any]] = mapped_column(JsonDoc)
    received_at: Mapped[datetime] = mapped_column(UtcDateTime)
    due_at: Mapped[datetime] = mapped_column(UtcDateTime)
    closed_at: Mapped[datetime | None] = mapped_column(UtcDateTime)

    @declared_attr.directive
    @classmethod
    def __table_args__(cls) -> tuple[Any, ...]:
        return (
            Index("ix_tasks_in_hand_dossier", "dossier_code"),
            Index("ix_tasks_in_hand_state", "state", "due_at"),
        )


Handler = Callable[[Tx, TaskRequested, TaskResumed | None], Answer | None]
"""Works on a task: `(tx, task, resumed)`, where `resumed` tells what came after an answer asked for it."""


class Desk:
    """One system's desk, over the service's table of tasks. `handlers` are by kind."""

    def __init__(
        self, system: System, table: type[TaskInHand], handlers: Mapping[str, Handler], clock: Clock
    ) -> None:
        self.system = system
        self.table: Any = table
        self.handlers = handlers
        self.clock = clock

    @property
    def subjects(self) -> tuple[str]:
        """What its consumer listens to."""
        return (f"axis.task.{self.system.value}.>",)

    def react(self, tx: Tx, event: Event) -> None:
        """One event about a task of this system."""
        if event.is_a(TaskRequested):
            self._take_up(tx, event.data_as(TaskRequested), event.version)
        elif event.is_a(TaskResumed):
            resumed = event.data_as(TaskResumed)
            row = self._open(tx, resumed.task_id)
            if row is not None:
                self._work(tx, row, TaskRequested.model_validate(row.request), resumed)
        elif event.is_a(TaskCancelled):
            row = self._open(tx, event.data_as(TaskCancelled).task_id)
            if row is not None:
                row.state, row.closed_at = CANCELLED, self.clock.now()

    def answer(self, tx: Tx, task_id: str, answer: Answer) -> bool:
        """Say something about a task; False if it is not open here (any more)."""
        row = self._open(tx, task_id)
        if row is None:
            return False
        self._say(tx, row, answer)
        return True

    # -- within --------------------------------------------------------------------------------------------

    def _take_up(self, tx: Tx, task: TaskRequested, version: int) -> None:
        row = tx.find(self.table, task.task_id)
        if row is None:
            row = tx.insert(
                self.table,
                id=task.task_id,
                system=self.system.value,
                kind=task.kind,
                dossier_code=task.dossier_code,
                state=OPEN,
                round=version,
                answers=0,
                request=task.model_dump(mode="json"),
                received_at=self.clock.now(),
                due_at=task.due_at,
                closed_at=None,
            )
        elif row.round >= version:
            return
        else:  # it was refused, and is asked for again
            row.state, row.round, row.closed_at = OPEN, version, None
            row.request, row.due_at = task.model_dump(mode="json"), task.due_at
        self._work(tx, row, task, None)

    def _open(self, tx: Tx, task_id: str) -> Any:
        row: Any = tx.find(self.table, task_id)
        return row if row is not None and row.state == OPEN else None

    def _work(self, tx: Tx, row: Any, task: TaskRequested, resumed: TaskResumed | None) -> None:
        handler = self.handlers.get(task.kind)
        if handler is None:
            words = (f"Hệ thống không nhận nhiệm vụ {task.kind}.", f"This system takes no task {task.kind}.")
            answer: Answer | None = Answer.refused("unknown-kind", *words)
        else:
            answer = _attempted(handler, tx, task, resumed)
        if answer is not None:
            self._say(tx, row, answer)

    def _say(self, tx: Tx, row: Any, answer: Answer) -> None:
        now = self.clock.now()
        row.answers += 1
        if answer.kind.closes:
            row.state, row.closed_at = _CLOSED_BY[answer.kind], now
        said = TaskAnswered(
            task_id=row.id,
            system=self.system,
            dossier_code=row.dossier_code,
            answer=answer,
            received_at=row.received_at,
            at=now,
        )
        emit(tx, said, key=f"{row.id}/answer", version=row.answers, at=now)


def _attempted(handler: Handler, tx: Tx, task: TaskRequested, resumed: TaskResumed | None) -> Answer | None:
    """What the handler answers. A Problem it raises is a refusal, unless it left something half done: that is
    raised on, so that nothing of it stays."""
    before = has_touched()
    untouched()
    try:
        return handler(tx, task, resumed)
    except Problem as problem:
        if has_touched():
            raise
        return refusal_of(problem)
    finally:
        if before:
            touch()


def refusal_of(problem: Problem) -> Answer:
    """A problem as a system says it about a task."""
    told = {language: _words(problem, language) for language in ("vi", "en")}
    refusal = Refusal(code=problem.type.slug, vi=told["vi"], en=told["en"])
    return Answer(kind=AnswerKind.REFUSED, refusal=refusal)


def _words(problem: Problem, language: str) -> str:
    """Every reason there is; a summary only where there are none, for a citizen sees no list of errors."""
    document = problem.document(cast("Any", language))
    reasons = [each["detail"] for each in document.get("errors", ())] or [document["detail"]]
    return " ".join(dict.fromkeys(reasons))[:2_000]
