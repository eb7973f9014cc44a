"""Routes of the accounts: list, show, make, change, new password, disable, enable; and what operators did."""

from __future__ import annotations

import asyncio
from collections.abc import Callable
from typing import Annotated

import structlog
from fastapi import APIRouter, Path, Query, Request, Response
from pydantic_core import to_json

from contracts import scopes
from services.bus.hub.hub import hub_of
from services.bus.hub.operators import commands, queries
from services.bus.hub.operators.accounts import forget_first_password
from services.bus.hub.operators.passwords import hash_secret, new_password
from services.bus.hub.operators.schemas import (
    USERNAME_PATTERN,
    ActionView,
    NewOperator,
    NewPassword,
    OperatorChange,
    OperatorStatus,
    OperatorView,
    OperatorWithPassword,
)
from services.bus.kit.api import (
    JSON,
    expected_version,
    read_answer,
    requires,
    respond,
    service_of,
    write_answer,
    write_reply,
)
from services.bus.kit.paging import Page
from services.bus.kit.requests import AxisRoute
from services.bus.kit.tokens import Caller
from services.bus.kit.tx import Tx

log = structlog.get_logger(__name__)
router = APIRouter(prefix="/v1", tags=["operators"], route_class=AxisRoute)

Manager = Annotated[Caller, requires(scopes.HUB_OPERATORS)]
UsernameInPath = Annotated[str, Path(pattern=USERNAME_PATTERN)]
CursorText = Annotated[str | None, Query(max_length=500)]
Limit = Annotated[int, Query(ge=1, le=500)]


def _etag(view: OperatorView) -> dict[str, str]:
    return {"ETag": f'"{view.version}"'}


@router.get("/operators", response_model=Page[OperatorView])
async def list_operators(
    request: Request, caller: Manager, cursor: CursorText = None, limit: Limit = 50
) -> Response:
    """Accounts by name."""
    return await read_answer(request, lambda tx: queries.operators(tx, cursor=cursor, limit=limit))


@router.get("/operators/{username}", response_model=OperatorView)
async def show_operator(request: Request, username: UsernameInPath, caller: Manager) -> Response:
    """One account. Its version is the ETag."""
    return await read_answer(request, lambda tx: queries.operator(tx, username), headers=_etag)


@router.post("/operators", status_code=201, response_model=OperatorWithPassword)
async def add_operator(request: Request, new: NewOperator, caller: Manager) -> Response:
    """A new account. A password made here is in this answer, this once."""
    now = service_of(request).clock.now()
    log.info("operator.add", username=new.username, role=new.role, by=caller.client_id)

    def command(tx: Tx, hashed: str) -> OperatorView:
        return commands.add_operator(tx, new.username, new.name, new.role, password_hash=hashed, now=now)

    return await _with_password(request, caller, new.password, command, status=201)


@router.patch("/operators/{username}", response_model=OperatorView)
async def change_operator(
    request: Request, username: UsernameInPath, change: OperatorChange, caller: Manager
) -> Response:
    """Another name or role, with If-Match only if nobody else changed it. It holds at once."""
    now, expected = service_of(request).clock.now(), expected_version(request)
    log.info("operator.change", username=username, role=change.role, by=caller.client_id)
    return await write_answer(
        request,
        caller,
        lambda tx: commands.change_operator(tx, username, change, expected=expected, now=now),
        headers=_etag,
    )


@router.post("/operators/{username}/password", response_model=OperatorWithPassword)
async def set_password(request: Request, username: UsernameInPath, new: NewPassword, caller: Manager) -> Response:
    """A new password: given, or made here and shown this once. Whoever is logged in with the old one is out."""
    now = service_of(request).clock.now()
    log.info("operator.password", username=username, by=caller.client_id)
    answer = await _with_password(
        request,
        caller,
        new.password,
        lambda tx, hashed: commands.set_password(tx, username, password_hash=hashed, now=now),
        status=200,
    )
    await asyncio.to_thread(forget_first_password, hub_of(request).settings.administrator_file, username)
    return answer


@router.post("/operators/{username}/disable", response_model=OperatorView)
async def disable(request: Request, username: UsernameInPath, caller: Manager) -> Response:
    """Nobody logs in with it any more; whoever is logged in is out."""
    return await _set_status(request, username, "disabled", caller)


@router.post("/operators/{username}/enable", response_model=OperatorView)
async def enable(request: Request, username: UsernameInPath, caller: Manager) -> Response:
    """Logins again."""
    return await _set_status(request, username, "active", caller)


@router.get("/operator-actions", response_model=Page[ActionView])
async def list_actions(
    request: Request,
    caller: Manager,
    who: Annotated[str | None, Query(max_length=255)] = None,
    target: Annotated[str | None, Query(max_length=300)] = None,
    cursor: CursorText = None,
    limit: Limit = 50,
) -> Response:
    """What operators did with the console, newest first."""
    return await read_answer(
        request, lambda tx: queries.actions(tx, who=who, target=target, cursor=cursor, limit=limit)
    )


async def _set_status(request: Request, username: str, status: OperatorStatus, caller: Caller) -> Response:
    now = service_of(request).clock.now()
    log.info("operator.status", username=username, status=status, by=caller.client_id)
    return await write_answer(
        request,
        caller,
        lambda tx: commands.set_operator_status(tx, username, status, now=now),
        headers=_etag,
    )


async def _with_password(
    request: Request,
    caller: Caller,
    given: str | None,
    command: Callable[[Tx, str], OperatorView],
    *,
    status: int,
) -> Response:
    """Writes with a password's hash, and answers with the password if it was made here, which nothing stores."""
    password = given or new_password()
    hashed = await asyncio.to_thread(hash_secret, password)

    def without_password(tx: Tx) -> OperatorWithPassword:
        return OperatorWithPassword(**command(tx, hashed).model_dump())

    reply = await write_reply(request, caller, without_password, status=status, headers=_etag)
    if reply.replayed or given is not None:
        return respond(reply)
    body = to_json(reply.result.model_copy(update={"made_password": password}))
    return Response(body, status, {**reply.headers, "Cache-Control": "no-store"}, JSON)
