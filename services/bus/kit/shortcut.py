"""A shortcut for busy routes: the same function, reached without FastAPI's generic machinery.

FastAPI matches routes one by one and solves dependencies step by step, which on the routes a province lives on
costs more than all our own work. A shortcut takes only the request that is right in every way: known path,
parameters and JSON that fit, a token verified before. Whatever is not goes the ordinary way, which says what is
wrong; so there is one behaviour, and a shortcut cannot differ in what it refuses.
"""

from __future__ import annotations

import re
from collections.abc import Awaitable, Callable
from typing import Any

import orjson
from fastapi import APIRouter, FastAPI, Response
from fastapi.routing import APIRoute
from starlette.types import ASGIApp, Message, Receive, Scope, Send

from contracts.problems import Problem
from services.bus.kit.arguments import Arguments, Asked, NotPlainError, query_of
from services.bus.kit.requests import MAX_DEPTH, AxisRequest

_JSON = ("application/json", "application/json; charset=utf-8")
_PARAMETER = re.compile(r"\{([a-z_]+)\}")


class Shortcut:
    """The shortcut to one GET or POST route of a router, by its function, which returns a response."""

    def __init__(self, router: APIRouter, endpoint: Callable[..., Awaitable[Response]]) -> None:
        """Raises NotPlainError if the function wants anything a shortcut does not know."""
        [route] = [each for each in router.routes if isinstance(each, APIRoute) and each.endpoint is endpoint]
        self.method = next(iter(route.methods or ()))
        self.path = route.path
        self.endpoint = endpoint
        self.arguments = Arguments(route.dependant)
        self.pattern = _pattern(route.path)


def _pattern(path: str) -> re.Pattern[str]:
    """What an address has to match; each parameter is a named group."""
    literal, *rest = _PARAMETER.split(path)
    pieces = [re.escape(literal)]
    for name, following in zip(rest[::2], rest[1::2], strict=True):
        pieces += [f"(?P<{name}>[^/]+)", re.escape(following)]
    return re.compile("".join(pieces))


class Shortcuts:
    """ASGI middleware that takes the shortcuts of one app."""

    def __init__(self, app: ASGIApp, owner: FastAPI, shortcuts: tuple[Shortcut, ...]) -> None:
        self.app = app
        self.owner = owner
        self.ways = {
            method: [(each.pattern.fullmatch, each) for each in shortcuts if each.method == method]
            for method in ("GET", "POST")
        }

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        if scope["type"] == "http":
            for matches, way in self.ways.get(scope["method"], ()):
                match = matches(scope["path"])
                if match is not None:
                    await self._try(way, match.groupdict(), scope, receive, send)
                    return
        await self.app(scope, receive, send)

    async def _try(self, way: Shortcut, path: dict[str, str], scope: Scope, receive: Receive, send: Send) -> None:
        scope["app"] = self.owner
        request = AxisRequest(scope, receive)
        headers = {  # of a header given twice the first counts, as everywhere
            name.decode("latin-1"): value.decode("latin-1") for name, value in reversed(scope["headers"])
        }
        body = None
        try:
            if way.arguments.has_body:
                if not self._is_plain_json(headers):
                    raise NotPlainError
                message = await receive()
                receive = _again(message, receive)
                request = AxisRequest(scope, receive)
                body = _plain_json(message)
                request.hold(message["body"])
            query = query_of(scope["query_string"])
            asked = Asked(request, path, query, headers, body, self.owner.state.service.verifier)
            arguments = await way.arguments.of(asked)
        except NotPlainError:
            await self.app(scope, receive, send)
            return
        scope["route"] = way
        try:
            response = await way.endpoint(**arguments)
        except Exception as error:
            response = await self._answer(request, error)
        await response(scope, receive, send)

    def _is_plain_json(self, headers: dict[str, str]) -> bool:
        length = headers.get("content-length", "")
        bounded = length.isdigit() and int(length) <= self.owner.state.max_body_bytes
        return bounded and headers.get("content-type") in _JSON

    async def _answer(self, request: AxisRequest, error: Exception) -> Response:
        """What the app's own handlers make of an error."""
        kinds = (Problem, *type(error).__mro__) if isinstance(error, Problem) else type(error).__mro__
        handlers = self.owner.exception_handlers
        handler = next(handlers[kind] for kind in kinds if kind in handlers)
        response = handler(request, error)
        return response if isinstance(response, Response) else await response


def _plain_json(message: Message) -> Any:
    """The JSON value, if it came in one piece and nothing about it needs a second look."""
    if message["type"] != "http.request" or message.get("more_body"):
        raise NotPlainError
    body: bytes = message["body"]
    if b"\\u0000" in body or body.count(b"[") + body.count(b"{") > MAX_DEPTH:
        raise NotPlainError
    try:
        return orjson.loads(body)
    except orjson.JSONDecodeError:
        raise NotPlainError from None


def _again(message: Message, receive: Receive) -> Receive:
    """A `receive` that gives the message already taken once more, then goes on."""
    taken = [message]

    async def replay() -> Message:
        return taken.pop() if taken else await receive()

    return replay
