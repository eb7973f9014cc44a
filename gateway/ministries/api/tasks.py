"""The tasks a stand-in has in hand, and answering one by hand."""

from __future__ import annotations

from typing import Annotated, Literal

from fastapi import APIRouter, Query, Request, Response
from pydantic import Field

from contracts import scopes
from contracts.population.values import Line
from contracts.tasks import Answer, System
from gateway.ministries.api.parts import Kind, Player, Reader, TaskId
from gateway.ministries.commands.answers import answer
from gateway.ministries.ministries import ministries_behind
from gateway.ministries.queries import tasks as queries
from gateway.ministries.queries.tasks import TaskFilter
from gateway.ministries.schemas import TaskLine, TaskView
from services.bus.kit.api import read_answer, service_of, write_answer
from services.bus.kit.paging import Page
from services.bus.kit.requests import AxisRoute

router = APIRouter(prefix="/v1/tasks", tags=["tasks"], route_class=AxisRoute)

State = Literal["open", "completed", "refused", "cancelled"]


@router.get("", response_model=Page[TaskLine])
async def list_tasks(
    request: Request,
    caller: Reader,
    system: System | None = None,
    state: State | None = None,
    kind: Kind = None,
    dossier: Annotated[Annotated[Line, Field(max_length=60)] | None, Query()] = None,
    limit: Annotated[int, Query(ge=1, le=500)] = 100,
    cursor: str | None = None,
) -> Response:
    """What the stand-ins have in hand, newest first."""
    wanted = TaskFilter(system.value if system is not None else None, state, kind, dossier)
    return await read_answer(request, lambda tx: queries.tasks(tx, wanted, limit=limit, cursor=cursor))


@router.get("/{task_id}", response_model=TaskView)
async def show_task(request: Request, caller: Reader, task_id: TaskId) -> Response:
    """One task, with what was said about it and what is still to come. The task as it came, which holds
    personal data, is shown to who may answer it (scope ministries:answer)."""
    full = scopes.MINISTRIES_ANSWER in caller.scopes
    return await read_answer(request, lambda tx: queries.task(tx, task_id, with_request=full))


@router.post("/{task_id}/answers", status_code=201, response_model=TaskView)
async def answer_task(request: Request, caller: Player, task_id: TaskId, given: Answer) -> Response:
    """Play the ministry: answer a task that is open. Results have to follow the schema of its kind. What the
    stand-in itself had in mind is dropped, unless this only says `accepted` or `progress`."""
    ministries, now = ministries_behind(request), service_of(request).clock.now()
    return await write_answer(request, caller, lambda tx: answer(tx, ministries, task_id, given, now), status=201)
