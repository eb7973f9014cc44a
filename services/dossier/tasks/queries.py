"""Tasks to look at: one system's, one task, one dossier's whole run."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

from sqlalchemy import select

from contracts.problems import NOT_FOUND, Language, Problem
from contracts.tasks import System, task_kind
from services.bus.kit.paging import Cursor, Page
from services.bus.kit.tx import Tx
from services.dossier.models import Dossier
from services.dossier.queries.dossiers import find
from services.dossier.tasks import models
from services.dossier.tasks.answers import answers_of, own_task
from services.dossier.tasks.course import Course
from services.dossier.tasks.endings import parts_of
from services.dossier.tasks.models import OPEN, Run, Task
from services.dossier.tasks.schemas import AnswerView, RunTask, RunView, TaskKindView, TaskLine, TaskView


def tasks_of(
    system: System, *, state: str | None, overdue: bool, cursor: str | None, limit: int
) -> Callable[[Tx], Page[TaskLine]]:
    """One page of a system's tasks, oldest dossier first; those that are open unless a state is named."""
    after = Cursor.decode(cursor, (str,)) if cursor is not None else None

    def query(tx: Tx) -> Page[TaskLine]:
        wanted = [state] if state is not None else list(OPEN)
        statement = select(Task).where(Task.system == system.value, Task.state.in_(wanted))
        if overdue:
            statement = statement.where(Task.overdue_at.is_not(None))
        if after is not None:
            statement = statement.where(Task.id > after[0])
        rows = list(tx.scalars(statement.order_by(Task.id).limit(limit + 1)))
        more = len(rows) > limit
        return Page(
            items=[TaskLine.model_validate(_fields(row, TaskLine)) for row in rows[:limit]],
            next_cursor=Cursor.encode([rows[limit - 1].id]) if more else None,
        )

    return query


def task(task_id: str, scopes: frozenset[str]) -> Callable[[Tx], TaskView]:
    """One task, for its own system. Raises NOT_FOUND, TASK_NOT_YOURS."""

    def query(tx: Tx) -> TaskView:
        row = own_task(tx, task_id, scopes)
        dossier = find(tx, row.code)
        course = Course(tx, dossier)
        return TaskView.model_validate(
            {
                **_fields(row, TaskView),
                "procedure_code": dossier.procedure_code,
                "receiving_agency": dossier.receiving_agency,
                "applicant": _applicant(dossier),
                "form": dossier.form,
                "earlier": {
                    each.step: each.results
                    for each in course.tasks.values()
                    if each.state == models.COMPLETED and each.step != row.step
                },
                "attachments": dossier.attachments,
                "answers": [_answer(each) for each in answers_of(tx, task_id)],
            }
        )

    return query


def run_of(code: str, language: Language) -> Callable[[Tx], RunView]:
    """How far the systems are with a dossier. Raises NOT_FOUND also where an officer carries it out."""

    def query(tx: Tx) -> RunView:
        dossier = find(tx, code)
        run = tx.find(Run, code)
        if run is None or dossier.plan is None:
            raise Problem(NOT_FOUND, field="path.code", what="task", id=code)
        course = Course(tx, dossier)
        return RunView.model_validate(
            {
                **{name: getattr(run, name) for name in ("code", "outcome", "began_at", "ended_at")},
                "plan": dossier.plan,
                "parts": parts_of(course.tasks.values()),
                "tasks": [
                    RunTask.model_validate(
                        {
                            **_fields(course.tasks[step.id], RunTask),
                            "title": getattr(step.title, language),
                            "after": list(step.after),
                        }
                    )
                    for step in course.plan.steps
                ],
            }
        )

    return query


def kind(name: str, language: Language) -> TaskKindView:
    """A kind of task by name. Raises NOT_FOUND."""
    try:
        found = task_kind(name)
    except ValueError:
        raise Problem(NOT_FOUND, field="path.kind", what="task kind", id=name) from None
    return TaskKindView(
        kind=found.kind,
        system=found.system,
        title=found.title.render(language, {}),
        input=found.input,
        results=found.results,
    )


def _fields(row: Any, model: type[Any]) -> dict[str, Any]:
    return {name: getattr(row, name) for name in model.model_fields if hasattr(row, name)}


def _applicant(dossier: Dossier) -> dict[str, Any]:
    names = ("personal_id", "full_name", "date_of_birth", "phone", "email", "kind")
    return {name: getattr(dossier, name) for name in names}


def _answer(row: models.TaskAnswer) -> AnswerView:
    return AnswerView.model_validate(_fields(row, AnswerView))
