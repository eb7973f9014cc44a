"""What a route needs: who calls, one write with its answer, one read with its answer.

A route parses, authorises, calls one function and returns. Everything it answers is JSON of our own making or
problem+json; bad input never becomes a 500.
"""

from __future__ import annotations

import re
from collections.abc import Callable
from typing import TYPE_CHECKING, Any, cast

from fastapi import Depends, Request, Response
from pydantic import BaseModel, ConfigDict
from pydantic_core import to_json

from contracts.problems import (
    BAD_IDEMPOTENCY_KEY,
    IDEMPOTENCY_RUNNING,
    STALE_VERSION,
    Problem,
)
from services.bus.kit.idempotency import AnsweredWrite, Key, Reply
from services.bus.kit.tokens import Caller, require
from services.bus.kit.tx import Tx

if TYPE_CHECKING:
    from services.bus.kit.service import Service

JSON = "application/json"
_VISIBLE = re.compile(r"^[\x21-\x7e]{1,200}$")


class Body(BaseModel):
    """Base of what callers send: unknown fields are refused, strings are stripped of nothing."""

    model_config = ConfigDict(extra="forbid", allow_inf_nan=False)


class ProblemDocument(BaseModel):
    """An RFC 9457 problem. `type` is stable; `errors` names each field and the rule it breaks."""

    model_config = ConfigDict(extra="allow")

    type: str
    title: str
    status: int
    detail: str
    instance: str | None = None
    errors: list[dict[str, Any]] | None = None


def service_of(request: Request) -> Service:
    """The running service behind this request."""
    return cast("Service", request.app.state.service)


class Requires:
    """The dependency behind `requires`: one flat call a request, because it stands in the way of every one.
    `kit.openapi` writes its scopes into the document."""

    def __init__(self, scopes: tuple[str, ...]) -> None:
        self.scopes = scopes

    async def __call__(self, request: Request) -> Caller:
        verifier = service_of(request).verifier
        header = request.headers.get("authorization")
        caller = verifier.verify_cached(header) or await verifier.verify(header)
        require(caller, *self.scopes)
        return caller


def requires(*scopes: str) -> Any:
    """A dependency: the caller, whose token must hold every one of these scopes."""
    return Depends(Requires(scopes))


async def write_answer(
    request: Request,
    caller: Caller,
    command: Callable[[Tx], Any],
    *,
    status: int = 200,
    headers: Callable[[Any], dict[str, str]] | None = None,
) -> Response:
    """One write and its answer: the model the command returns, as JSON, once it is durable."""
    return respond(await write_reply(request, caller, command, status=status, headers=headers))


async def write_reply(
    request: Request,
    caller: Caller,
    command: Callable[[Tx], Any],
    *,
    status: int = 200,
    headers: Callable[[Any], dict[str, str]] | None = None,
) -> Reply:
    """Like `write_answer`, for a route that has something to do between the commit and the answer."""
    service = service_of(request)
    text = request.headers.get("idempotency-key")
    key = None
    if text is not None:
        if not _VISIBLE.match(text):
            raise Problem(BAD_IDEMPOTENCY_KEY, field="header.Idempotency-Key")
        address = f"{request.scope['path']}?{request.scope['query_string'].decode('latin-1')}"
        key = Key.of(text, caller.client_id, request.method, address, await request.body())
    write = AnsweredWrite(command, status=status, headers=headers, key=key, now=service.clock.now())
    if key is None:
        return await service.store.write(write)
    if key.id in service.running_keys:
        raise Problem(IDEMPOTENCY_RUNNING, key=key.text, headers={"Retry-After": "1"})
    service.running_keys.add(key.id)
    try:
        return await service.store.write(write)
    finally:
        service.running_keys.discard(key.id)


def respond(reply: Reply) -> Response:
    headers = dict(reply.headers)
    if reply.replayed:
        headers["Idempotency-Replayed"] = "true"
    return Response(reply.body, reply.status, headers, JSON if reply.body else None)


async def read_answer(
    request: Request,
    query: Callable[[Tx], Any],
    *,
    headers: Callable[[Any], dict[str, str]] | None = None,
) -> Response:
    """One read and its answer; the query raises Problem NOT_FOUND where there is nothing."""
    result = await service_of(request).store.read(query)
    return Response(to_json(result), 200, headers(result) if headers else None, JSON)


def expected_version(request: Request) -> int | None:
    """The version in `If-Match` (`"3"`), None without the header or with `*`; a Problem if it is no version."""
    header = request.headers.get("if-match")
    if header is None or header.strip() == "*":
        return None
    match = re.fullmatch(r'(?:W/)?"(\d{1,9})"', header.strip())
    if match is None:
        raise Problem(STALE_VERSION, field="header.If-Match", given=header[:50], current='"<version>"')
    return int(match[1])


def check_version(expected: int | None, current: int) -> None:
    """Refuse with 412 if the caller has seen another version than the current one."""
    if expected is not None and expected != current:
        raise Problem(STALE_VERSION, field="header.If-Match", given=f'"{expected}"', current=f'"{current}"')
