"""Reading a request: JSON that is too deep, not UTF-8, or holds what no database takes is refused at the door."""

from __future__ import annotations

import re
from collections.abc import AsyncGenerator, Callable, Coroutine
from typing import Any

import orjson
from fastapi import Request, Response
from fastapi.routing import APIRoute

from contracts.problems import BODY_TOO_LARGE, MALFORMED_BODY, Problem, Text

MAX_DEPTH = 64
TOO_DEEP = Text(f"lồng nhau quá {MAX_DEPTH} cấp", f"nested deeper than {MAX_DEPTH} levels")
NO_NUL = Text("không được có ký tự U+0000", "the character U+0000 is not allowed")
_NOT_BRACKETS = bytes(set(range(256)) - set(b"[]{}"))
_NUL = re.compile(rb"(?<!\\)(?:\\\\)*\\u0000")


class AxisRequest(Request):
    """A request whose body is bounded and whose JSON is parsed strictly."""

    async def stream(self) -> AsyncGenerator[bytes, None]:
        limit: int = self.app.state.max_body_bytes
        announced = self.headers.get("content-length", "0")
        if announced.isdigit() and int(announced) > limit:
            raise Problem(BODY_TOO_LARGE, limit=limit)
        received = 0
        async for chunk in super().stream():
            received += len(chunk)
            if received > limit:
                raise Problem(BODY_TOO_LARGE, limit=limit)
            yield chunk

    def hold(self, body: bytes) -> None:
        """Make this the body: whoever calls has read and bounded it already."""
        self._body = body

    async def json(self) -> Any:
        if not hasattr(self, "_parsed"):
            self._parsed = parse_json(await self.body())
        return self._parsed


class AxisRoute(APIRoute):
    """A route that reads its JSON strictly."""

    def get_route_handler(self) -> Callable[[Request], Coroutine[Any, Any, Response]]:
        handler = super().get_route_handler()

        async def handle(request: Request) -> Response:
            return await handler(AxisRequest(request.scope, request.receive))

        return handle


def parse_json(body: bytes) -> Any:
    """The JSON value in `body`; Problem MALFORMED_BODY saying what is wrong with it."""
    if body.count(b"[") + body.count(b"{") > MAX_DEPTH and _depth(body) > MAX_DEPTH:
        raise Problem(MALFORMED_BODY, reason=TOO_DEEP)
    if b"\\u0000" in body and _NUL.search(body):
        raise Problem(MALFORMED_BODY, reason=NO_NUL)
    try:
        return orjson.loads(body)
    except orjson.JSONDecodeError as error:
        raise Problem(MALFORMED_BODY, reason=f"{error.msg} (byte {error.pos})") from None


def _depth(body: bytes) -> int:
    """How deep brackets nest, ignoring those inside strings; counted no further than one past the limit."""
    if b"\\" in body:
        body = body.replace(b"\\\\", b"").replace(b'\\"', b"")
    brackets = b"".join(body.split(b'"')[::2]).translate(None, _NOT_BRACKETS)
    depth = 0
    while brackets and depth <= MAX_DEPTH:
        left = brackets.replace(b"[]", b"").replace(b"{}", b"")
        if left == brackets:  # not balanced: the parser will say where
            return max(depth, len(brackets))
        brackets = left
        depth += 1
    return depth
