"""A shortcut for busy routes: the same function, reached without FastAPI's generic machinery.

FastAPI matches routes one by one and solves dependencies step by step, which on the two routes a province
lives on costs more than all our own work. A shortcut takes only the request that is right in every way: known
path, JSON that fits the model, a token verified before. Whatever is not goes the ordinary way, which says what
is wrong; so there is one behaviour, and a shortcut cannot differ in what it refuses.
"""

from __future__ import annotations

import re
from collections.abc import Awaitable, Callable, Mapping
from dataclasses import dataclass, field
from typing import Any

import orjson
from fastapi import FastAPI, Response
from pydantic import BaseModel, TypeAdapter, ValidationError
from starlette.types import ASGIApp, Message, Receive, Scope, Send

from contracts.problems import Problem
from services.bus.kit.requests import MAX_DEPTH, AxisRequest

_JSON = (b"application/json", b"application/json; charset=utf-8")
_PARAMETER = re.compile(r"\{([a-z_]+)\}")


@dataclass(frozen=True)
class Shortcut:
    """A POST route: its path template, the endpoint `(request, <path parameters>, <body>, caller)` that FastAPI
    knows, the name and model of its body, the scope it asks for, the types of its path parameters."""

    path: str
    endpoint: Callable[..., Awaitable[Response]]
    body: tuple[str, type[BaseModel]]
    scope: str
    parameters: Mapping[str, Any] = field(default_factory=dict)

    def pattern(self) -> re.Pattern[str]:
        """What the path has to match; each parameter is a named group."""
        literal, *rest = _PARAMETER.split(self.path)
        pieces = [re.escape(literal)]
        for name, following in zip(rest[::2], rest[1::2], strict=True):
            pieces += [f"(?P<{name}>[A-Za-z0-9.-]{{1,100}})", re.escape(following)]
        return re.compile("".join(pieces))


class Shortcuts:
    """ASGI middleware that takes the shortcuts of one app."""

    def __init__(self, app: ASGIApp, owner: FastAPI, shortcuts: tuple[Shortcut, ...]) -> None:
        self.app = app
        self.owner = owner
        self.ways = [
            (each, each.pattern(), {name: TypeAdapter(kind) for name, kind in each.parameters.items()})
            for each in shortcuts
        ]

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        if scope["type"] == "http" and scope["method"] == "POST":
            for way, pattern, adapters in self.ways:
                match = pattern.fullmatch(scope["path"])
                if match is not None:
                    await self._try(way, match.groupdict(), adapters, scope, receive, send)
                    return
        await self.app(scope, receive, send)

    async def _try(
        self,
        way: Shortcut,
        path: dict[str, str],
        adapters: Mapping[str, TypeAdapter[Any]],
        scope: Scope,
        receive: Receive,
        send: Send,
    ) -> None:
        scope["app"] = self.owner
        headers = dict(scope["headers"])
        caller = self._caller(way, headers.get(b"authorization"))
        if caller is None or headers.get(b"content-type") not in _JSON or not _bounded(headers, self.owner):
            await self.app(scope, receive, send)
            return
        message = await receive()
        if message["type"] != "http.request" or message.get("more_body"):
            await self.app(scope, _again(message, receive), send)
            return
        again = _again(message, receive)
        try:
            arguments = {name: adapters[name].validate_python(value) for name, value in path.items()}
            name, model = way.body
            arguments[name] = model.model_validate(_plain_json(message["body"]))
        except (ValidationError, ValueError):
            await self.app(scope, again, send)
            return
        scope["route"] = way
        request = AxisRequest(scope, again)
        request.hold(message["body"])
        try:
            response = await way.endpoint(request, **arguments, caller=caller)
        except Exception as error:
            response = await self._answer(request, error)
        await response(scope, receive, send)

    def _caller(self, way: Shortcut, header: bytes | None) -> Any:
        caller = self.owner.state.service.verifier.verify_cached(header.decode("latin-1") if header else None)
        return caller if caller is not None and way.scope in caller.scopes else None

    async def _answer(self, request: AxisRequest, error: Exception) -> Response:
        """What the app's own handlers make of an error."""
        kinds = (Problem, *type(error).__mro__) if isinstance(error, Problem) else type(error).__mro__
        handlers = self.owner.exception_handlers
        handler = next(handlers[kind] for kind in kinds if kind in handlers)
        response = handler(request, error)
        return response if isinstance(response, Response) else await response


def _bounded(headers: Mapping[bytes, bytes], owner: FastAPI) -> bool:
    length = headers.get(b"content-length", b"")
    return length.isdigit() and int(length) <= owner.state.max_body_bytes


def _plain_json(body: bytes) -> Any:
    """The JSON value, if nothing about it needs a second look; a ValueError sends it the ordinary way."""
    if b"\\u0000" in body or body.count(b"[") + body.count(b"{") > MAX_DEPTH:
        raise ValueError
    return orjson.loads(body)


def _again(message: Message, receive: Receive) -> Receive:
    """A `receive` that gives the message already taken once more, then goes on."""
    taken = [message]

    async def replay() -> Message:
        return taken.pop() if taken else await receive()

    return replay
