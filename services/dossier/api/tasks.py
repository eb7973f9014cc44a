"""Tasks: what a system is asked, how it answers, and how far the systems are with a dossier.

A system holds the scope `task:<system>` and sees its own tasks only.
"""

from __future__ import annotations

from typing import Annotated

from fastapi import APIRouter, Path, Query, Request, Response
from pydantic_core import to_json

from contracts import scopes
from contracts.identifiers import DossierCode
from contracts.problems import TASK_NOT_YOURS, Problem
from contracts.tasks import Answer, System
from services.bus.kit.api import JSON, read_answer, requires, service_of, write_answer
from services.bus.kit.errors import language_of
from services.bus.kit.paging import Page
from services.bus.kit.requests import AxisRoute
from services.bus.kit.tokens import Caller
from services.bus.kit.tx import Tx
from services.dossier.results.room import room_of
from services.dossier.settings import DossierSettings
from services.dossier.tasks import answers, queries
from services.dossier.tasks.schemas import RunView, TaskKindView, TaskLine, TaskState, TaskView

router = APIRouter(prefix="/v1", tags=["tasks"], route_class=AxisRoute)

TaskId = Annotated[str, Path(min_length=3, max_length=100, pattern=r"^[A-Za-z0-9.-]+$")]
AnyCaller = Annotated[Caller, requires()]


@router.get("/tasks", response_model=Page[TaskLine])
async def find_tasks(
    request: Request,
    caller: AnyCaller,
    system: System,
    state: TaskState | None = None,
    overdue: bool = False,
    cursor: Annotated[str | None, Query(max_length=300)] = None,
    limit: Annotated[int, Query(ge=1, le=500)] = 50,
) -> Response:
    """A system's tasks: those that are open, or those in the state named."""
    if scopes.TASK_PREFIX + system.value not in caller.scopes:
        raise Problem(TASK_NOT_YOURS, field="query.system", task="*", system=system.value)
    return await read_answer(
        request, queries.tasks_of(system, state=state, overdue=overdue, cursor=cursor, limit=limit)
    )


@router.get("/tasks/{task_id}", response_model=TaskView)
async def show_task(request: Request, task_id: TaskId, caller: AnyCaller) -> Response:
    """A task with its form, the results of earlier steps, and every answer so far."""
    return await read_answer(request, queries.task(task_id, frozenset(caller.scopes)))


@router.post("/tasks/{task_id}/answers", status_code=201, response_model=TaskView)
async def answer_task(request: Request, task_id: TaskId, answer: Answer, caller: AnyCaller) -> Response:
    """Answer a task: accepted, progress, needs_supplement, needs_payment, completed with its results, or refused
    with a reason. The same answer once more has no second effect."""
    service = service_of(request)
    settings = service.settings
    assert isinstance(settings, DossierSettings)
    now = service.clock.now()
    held = frozenset(caller.scopes)

    def command(tx: Tx) -> TaskView:
        answers.answer(
            tx,
            task_id,
            answer,
            scopes=held,
            by=caller.client_id,
            now=now,
            supplement_days=settings.supplement_working_days,
            signer=room_of(request).ring,
        )
        return queries.task(task_id, held)(tx)

    return await write_answer(request, caller, command, status=201)


@router.get("/task-kinds/{kind}", response_model=TaskKindView)
async def show_kind(request: Request, kind: Annotated[str, Path(max_length=60)], caller: AnyCaller) -> Response:
    """What a kind of task takes and gives."""
    return Response(to_json(queries.kind(kind, language_of(request))), 200, None, JSON)


@router.get("/dossiers/{code}/run", response_model=RunView)
async def show_run(
    request: Request, code: DossierCode, caller: Annotated[Caller, requires(scopes.DOSSIER_READ)]
) -> Response:
    """How far the systems are with this dossier: each step with its state, limit, lateness and results."""
    return await read_answer(request, queries.run_of(code, language_of(request)))
