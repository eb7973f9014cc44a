"""What an answer does: to its task, and through it to the dossier.

applied    the task moves on                    repeated   said before, word for word: nothing
corrected  other results of a completed task    late       the task was closed: kept, without effect
rejected   it does not fit, and says why (only what comes over the axis is kept so; HTTP gets a problem)
"""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime

from sqlalchemy import select

from contracts.events.task import TaskAnswered
from contracts.problems import NOT_FOUND, TASK_CLOSED, TASK_NOT_YOURS, Problem
from contracts.status import DossierStatus
from contracts.tasks import Answer, AnswerKind, System
from services.bus.kit.json_schemas import check_results
from services.bus.kit.tx import Tx
from services.dossier.commands.demands import ask_for_papers, ask_for_payment
from services.dossier.models import Dossier
from services.dossier.results.keyring import Signer
from services.dossier.tasks import models
from services.dossier.tasks.course import AXIS, Course
from services.dossier.tasks.models import OPEN, Task, TaskAnswer

APPLIED, CORRECTED, REPEATED, LATE, REJECTED = "applied", "corrected", "repeated", "late", "rejected"


def answered(tx: Tx, data: TaskAnswered, *, now: datetime, supplement_days: int, signer: Signer | None) -> str:
    """An answer that came over the axis. Never raises for what it says: what does not fit is kept as rejected.
    `now` is only noted: the answer counts from when it was given."""
    task = tx.find(Task, data.task_id)
    if task is None:
        return REJECTED  # nothing of ours to keep it with
    heard = Heard(data.received_at, now)
    said = Said(data.answer, data.system, data.system.value, data.at, supplement_days, signer, heard)
    try:
        return _answer(tx, task, said)
    except Problem as problem:
        effect = LATE if problem.type is TASK_CLOSED else REJECTED
        _note(tx, task, said, effect, reason=_words(problem))
        return effect


@dataclass(frozen=True, slots=True)
class Heard:
    """The way of an answer: when its system had the task, if it told, and when the answer was taken in here."""

    received_at: datetime | None
    at: datetime


@dataclass(frozen=True, slots=True)
class Said:
    """An answer with all that goes with it. `days`: working days for a supplement that names none."""

    answer: Answer
    system: System
    by: str
    at: datetime
    days: int
    signer: Signer | None
    heard: Heard


def answer(
    tx: Tx,
    task_id: str,
    given: Answer,
    *,
    scopes: frozenset[str],
    by: str,
    now: datetime,
    supplement_days: int,
    signer: Signer | None,
) -> Task:
    """An answer that came over HTTP. Raises NOT_FOUND, TASK_NOT_YOURS, TASK_CLOSED, RESULTS_UNFIT."""
    task = own_task(tx, task_id, scopes)
    said = Said(given, System(task.system), by, now, supplement_days, signer, Heard(None, now))
    _answer(tx, task, said)
    return task


def own_task(tx: Tx, task_id: str, scopes: frozenset[str]) -> Task:
    """The task, for one who may see it. Raises NOT_FOUND, TASK_NOT_YOURS."""
    task = tx.find(Task, task_id)
    if task is None or task.state in (models.WAITING, models.SKIPPED):
        raise Problem(NOT_FOUND, field="path.task_id", what="task", id=task_id)
    if f"task:{task.system}" not in scopes:
        raise Problem(TASK_NOT_YOURS, field="path.task_id", task=task_id, system=task.system)
    return task


def _answer(tx: Tx, task: Task, said: Said) -> str:
    if task.system != said.system:
        raise Problem(TASK_NOT_YOURS, task=task.id, system=task.system)
    dossier = tx.find(Dossier, task.code)
    assert dossier is not None
    if said.answer.kind is AnswerKind.COMPLETED:
        check_results(task.kind, said.answer.results)
    if task.state not in OPEN:
        return _afterwards(tx, task, dossier, said)
    _apply(task, dossier, said.answer, said.at, said.days)
    _note(tx, task, said, APPLIED)
    Course(tx, dossier, said.signer).settle(said.at)
    return APPLIED


def _apply(task: Task, dossier: Dossier, given: Answer, now: datetime, days: int) -> None:
    task.note = given.note
    match given.kind:
        case AnswerKind.ACCEPTED | AnswerKind.PROGRESS:
            if task.state == models.REQUESTED:
                task.state = models.IN_PROGRESS
        case AnswerKind.NEEDS_SUPPLEMENT:
            assert given.supplement is not None
            wanted = given.supplement
            task.state, task.wanted = models.AWAITS_SUPPLEMENT, {"supplement": wanted.model_dump()}
            task.note = wanted.content
            ask_for_papers(
                dossier, wanted.content, officer=AXIS, working_days=wanted.working_days or days, now=now
            )
        case AnswerKind.NEEDS_PAYMENT:
            payments = []
            for each in given.payments:
                code = ask_for_payment(dossier, code=each.code, name=each.name, amount_vnd=each.amount_vnd)
                payments.append({**each.model_dump(), "code": code})
            task.state, task.wanted = models.AWAITS_PAYMENT, {"payments": payments}
            task.note = given.note or "; ".join(each.name for each in given.payments)
        case AnswerKind.COMPLETED:
            task.state, task.closed_at, task.wanted = models.COMPLETED, now, None
            task.results = given.results
        case AnswerKind.REFUSED:
            assert given.refusal is not None
            task.state, task.closed_at, task.wanted = models.REFUSED, now, None
            task.refusal = given.refusal.model_dump()


def _afterwards(tx: Tx, task: Task, dossier: Dossier, said: Said) -> str:
    """An answer to a closed task: said before, a correction in time, or too late."""
    given = said.answer
    if _same_as_last(tx, task, given):
        _note(tx, task, said, REPEATED)
        return REPEATED
    status = DossierStatus(dossier.status)
    if task.state != models.COMPLETED or given.kind is not AnswerKind.COMPLETED or status.is_terminal:
        raise Problem(TASK_CLOSED, field="path.task_id", task=task.id, state=task.state)
    task.results, task.note = given.results, given.note
    _note(tx, task, said, CORRECTED)
    if status is DossierStatus.COMPLETED:
        Course(tx, dossier, said.signer).issue_results(said.at)
    return CORRECTED


def _same_as_last(tx: Tx, task: Task, given: Answer) -> bool:
    if task.state == models.COMPLETED:
        return given.kind is AnswerKind.COMPLETED and given.results == task.results
    if task.state == models.REFUSED:
        return given.refusal is not None and given.refusal.model_dump() == task.refusal
    return False


def _note(tx: Tx, task: Task, said: Said, effect: str, *, reason: str | None = None) -> None:
    """Keep the answer as it came, and what it did."""
    task.said += 1
    tx.append(
        TaskAnswer,
        {
            "task_id": task.id,
            "number": task.said,
            "received_at": said.heard.received_at,
            "at": said.at,
            "heard_at": said.heard.at,
            "kind": said.answer.kind.value,
            "effect": effect,
            "reason": reason,
            "answered_by": said.by,
            "document": said.answer.model_dump(mode="json", exclude_defaults=True),
        },
    )


def answers_of(tx: Tx, task_id: str) -> list[TaskAnswer]:
    """Every answer to a task, in the order they came."""
    tx.run_later()
    return list(tx.scalars(select(TaskAnswer).where(TaskAnswer.task_id == task_id).order_by(TaskAnswer.number)))


def _words(problem: Problem) -> str:
    document = problem.document("vi")
    details = "; ".join(f"{each['field']}: {each['detail']}" for each in document.get("errors", ()))
    return f"{document['detail']} {details}".strip()[:2_000]
