"""Answers given by hand: somebody plays the ministry."""

from __future__ import annotations

from datetime import datetime
from typing import Any

from contracts.problems import NOT_FOUND, RESULTS_UNFIT, TASK_CLOSED, FieldError, Problem, Text
from contracts.tasks import Answer, AnswerKind
from gateway.ministries.commands.turns import by_hand
from gateway.ministries.kinds.matter import faults
from gateway.ministries.ministries import Ministries
from gateway.ministries.models import Task
from gateway.ministries.queries.tasks import task
from gateway.ministries.schemas import TaskView
from services.bus.kit.desk import OPEN
from services.bus.kit.tx import Tx


def answer(tx: Tx, ministries: Ministries, task_id: str, given: Answer, now: datetime) -> TaskView:
    """Answer an open task. Raises Problem NOT_FOUND, SYSTEM_OFF, TASK_CLOSED, RESULTS_UNFIT."""
    row: Any = tx.find(Task, task_id)
    if row is None:
        raise Problem(NOT_FOUND, field="path.task_id", what="task", id=task_id)
    desk = ministries.desk(row.system, "path.task_id")
    if row.state != OPEN:
        raise Problem(TASK_CLOSED, field="path.task_id", task=task_id, state=row.state)
    if given.kind is AnswerKind.COMPLETED:
        _check_results(row.kind, given.results)
    by_hand(tx, desk, row, given, now)
    return task(tx, task_id, with_request=True)


def _check_results(kind: str, results: dict[str, Any]) -> None:
    errors = [
        FieldError(
            f"body.results{place}",
            f"results.{rule}",
            Text(
                f"Không đúng quy tắc {rule} của lược đồ kết quả",
                f"Breaks the rule {rule} of the results' schema",
            ),
        )
        for place, rule in faults(kind, "results", results)
    ]
    if errors:
        raise Problem(RESULTS_UNFIT, errors=errors, kind=kind, count=len(errors))
