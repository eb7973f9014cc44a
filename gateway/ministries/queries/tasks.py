"""The tasks the stand-ins have in hand, and everything said about one."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

from sqlalchemy import ColumnElement, and_, or_, select

from contracts.problems import BAD_CURSOR, NOT_FOUND, Problem
from gateway.ministries.models import Task, Turn
from gateway.ministries.schemas import TaskLine, TaskView, TurnView
from services.bus.kit.columns import from_micros, to_micros
from services.bus.kit.paging import Cursor, Page
from services.bus.kit.tx import Tx


@dataclass(frozen=True, slots=True)
class TaskFilter:
    """Which tasks: all that is given must hold."""

    system: str | None = None
    state: str | None = None
    kind: str | None = None
    dossier: str | None = None

    def conditions(self) -> list[ColumnElement[bool]]:
        columns = (
            (Task.system, self.system),
            (Task.state, self.state),
            (Task.kind, self.kind),
            (Task.dossier_code, self.dossier),
        )
        return [column == value for column, value in columns if value is not None]


def tasks(tx: Tx, wanted: TaskFilter, *, limit: int, cursor: str | None) -> Page[TaskLine]:
    """One page of the tasks, newest first."""
    conditions = wanted.conditions()
    if cursor is not None:
        conditions.append(_older_than(cursor))
    newest = select(Task).where(*conditions).order_by(Task.received_at.desc(), Task.id.desc())
    rows = list(tx.scalars(newest.limit(limit + 1)))
    shown = rows[:limit]
    return Page(
        items=[TaskLine.model_validate(_line(row)) for row in shown],
        next_cursor=Cursor.encode([to_micros(shown[-1].received_at), shown[-1].id]) if len(rows) > limit else None,
    )


def task(tx: Tx, task_id: str, *, with_request: bool) -> TaskView:
    """One task with its turns. Raises Problem NOT_FOUND."""
    row: Any = tx.find(Task, task_id)
    if row is None:
        raise Problem(NOT_FOUND, field="path.task_id", what="task", id=task_id)
    tx.run_later()  # in a command: what it has just said is shown, too
    of_task = select(Turn).where(Turn.task_id == task_id).order_by(Turn.due_at, Turn.id)
    turns = tx.scalars(of_task.execution_options(populate_existing=True))
    return TaskView.model_validate(
        {
            **_line(row),
            "turns": [_turn(each) for each in turns],
            "request": row.request if with_request else None,
        }
    )


def _line(row: Any) -> dict[str, Any]:
    return {name: getattr(row, name) for name in TaskLine.model_fields}


def _turn(row: Turn) -> TurnView:
    values: dict[str, Any] = {name: getattr(row, name) for name in TurnView.model_fields if name != "supplied"}
    return TurnView(**values, supplied=None if row.resumed is None else row.resumed["supplied"])


def _older_than(cursor: str) -> ColumnElement[bool]:
    micros, last_id = Cursor.decode(cursor, (int, str))
    try:
        at = from_micros(micros)
    except (ValueError, OverflowError, OSError):
        raise Problem(BAD_CURSOR, field="query.cursor") from None
    return or_(Task.received_at < at, and_(Task.received_at == at, Task.id < last_id))
