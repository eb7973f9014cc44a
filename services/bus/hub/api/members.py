"""Routes of the members: list, show, make, change, suspend, activate, new secret.

A secret made here is in the answer that made it and in no other: the stored answer of an Idempotency-Key does
not hold it, so whoever loses the first answer makes a new secret.
"""

from __future__ import annotations

import asyncio
from collections.abc import Callable
from typing import Annotated

import structlog
from fastapi import APIRouter, Path, Query, Request, Response
from pydantic_core import to_json

from contracts import scopes
from services.bus.hub import commands, queries
from services.bus.hub.schemas import (
    CLIENT_ID_PATTERN,
    MemberChange,
    MemberView,
    MemberWithSecret,
    NewMember,
    Status,
)
from services.bus.hub.secrets import hash_secret, new_secret
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
router = APIRouter(prefix="/v1/members", tags=["members"], route_class=AxisRoute)

Manager = Annotated[Caller, requires(scopes.HUB_MEMBERS)]
ClientIdInPath = Annotated[str, Path(pattern=CLIENT_ID_PATTERN)]


def _etag(view: MemberView) -> dict[str, str]:
    return {"ETag": f'"{view.version}"'}


@router.get("", response_model=Page[MemberView])
async def list_members(
    request: Request,
    caller: Manager,
    status: Annotated[Status | None, Query()] = None,
    cursor: Annotated[str | None, Query(max_length=500)] = None,
    limit: Annotated[int, Query(ge=1, le=500)] = 50,
) -> Response:
    """Members by client id, all or those of one status."""
    return await read_answer(request, lambda tx: queries.members(tx, status=status, cursor=cursor, limit=limit))


@router.get("/{client_id}", response_model=MemberView)
async def show_member(request: Request, client_id: ClientIdInPath, caller: Manager) -> Response:
    """One member. Its version is the ETag."""
    return await read_answer(request, lambda tx: queries.member(tx, client_id), headers=_etag)


@router.post("", status_code=201, response_model=MemberWithSecret)
async def create_member(request: Request, new: NewMember, caller: Manager) -> Response:
    """A new member. The answer holds its secret, this once."""
    now = service_of(request).clock.now()

    def command(tx: Tx, secret_hash: str) -> MemberView:
        return commands.create_member(tx, new, secret_hash=secret_hash, now=now)

    log.info("member.create", client_id=new.client_id, by=caller.client_id)
    return await _with_new_secret(request, caller, command, status=201)


@router.patch("/{client_id}", response_model=MemberView)
async def change_member(
    request: Request, client_id: ClientIdInPath, change: MemberChange, caller: Manager
) -> Response:
    """Changes name or scopes, with If-Match only if nobody else did. Tokens issued keep their scopes."""
    now, expected = service_of(request).clock.now(), expected_version(request)

    def command(tx: Tx) -> MemberView:
        return commands.change_member(tx, client_id, change, expected=expected, now=now, caller=caller.client_id)

    log.info("member.change", client_id=client_id, by=caller.client_id)
    return await write_answer(request, caller, command, headers=_etag)


@router.post("/{client_id}/secret", response_model=MemberWithSecret)
async def rotate_secret(request: Request, client_id: ClientIdInPath, caller: Manager) -> Response:
    """A new secret in place of the old one, which is refused from now on. The answer holds it, this once."""
    now = service_of(request).clock.now()

    def command(tx: Tx, secret_hash: str) -> MemberView:
        return commands.rotate_secret(tx, client_id, secret_hash=secret_hash, now=now)

    log.info("member.secret", client_id=client_id, by=caller.client_id)
    return await _with_new_secret(request, caller, command, status=200)


@router.post("/{client_id}/suspend", response_model=MemberView)
async def suspend(request: Request, client_id: ClientIdInPath, caller: Manager) -> Response:
    """No new token for this member. One it already has is good until it expires."""
    return await _set_status(request, client_id, "suspended", caller)


@router.post("/{client_id}/activate", response_model=MemberView)
async def activate(request: Request, client_id: ClientIdInPath, caller: Manager) -> Response:
    """Tokens again for a member that was suspended."""
    return await _set_status(request, client_id, "active", caller)


async def _set_status(request: Request, client_id: str, status: Status, caller: Caller) -> Response:
    now = service_of(request).clock.now()
    log.info("member.status", client_id=client_id, status=status, by=caller.client_id)
    return await write_answer(
        request,
        caller,
        lambda tx: commands.set_status(tx, client_id, status, now=now, caller=caller.client_id),
        headers=_etag,
    )


async def _with_new_secret(
    request: Request, caller: Caller, command: Callable[[Tx, str], MemberView], *, status: int
) -> Response:
    """Writes with a new secret's hash, and answers with the secret, which nothing has stored."""
    secret = new_secret()
    secret_hash = await asyncio.to_thread(hash_secret, secret)

    def without_secret(tx: Tx) -> MemberWithSecret:
        return MemberWithSecret(**command(tx, secret_hash).model_dump())

    reply = await write_reply(request, caller, without_secret, status=status, headers=_etag)
    if reply.replayed:
        return respond(reply)
    body = to_json(reply.result.model_copy(update={"client_secret": secret}))
    return Response(body, status, {**reply.headers, "Cache-Control": "no-store"}, JSON)
