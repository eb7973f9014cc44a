"""Answers given by hand: somebody plays the ministry."""

from __future__ import annotations

from datetime import datetime
from typing import Any

from contracts.problems import NOT_FOUND, TASK_CLOSED, Problem
from contracts.tasks import Answer, AnswerKind
from gateway.ministries.commands.turns import by_hand
from gateway.ministries.ministries import Ministries
from gateway.ministries.models import Task
from gateway.ministries.queries.tasks import task
from gateway.ministries.schemas import TaskView
from services.bus.kit.desk import OPEN
from services.bus.kit.json_schemas import check_results
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
        check_results(row.kind, given.results)
    by_hand(tx, desk, row, given, now)
    return task(tx, task_id, with_request=True)
