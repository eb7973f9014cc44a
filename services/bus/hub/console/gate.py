"""In front of NiceGUI: nobody gets past without a session, and no websocket but from our own pages. When a session
ends, by logout, by time or because the account was disabled, its websockets end with it.

NiceGUI is imported the first time somebody comes to the console, beside the event loop: a hub that nobody looks at
is a small one, and starts as fast as ever.
"""

from __future__ import annotations

import asyncio
import contextlib
from collections.abc import Awaitable, Callable
from typing import TYPE_CHECKING, Any, Final
from urllib.parse import quote, urlsplit

import structlog
from starlette.requests import HTTPConnection, Request
from starlette.responses import Response
from starlette.types import ASGIApp, Message, Receive, Scope, Send

from services.bus.hub.operators.queries import Somebody

if TYPE_CHECKING:
    from services.bus.hub.console.console import Console

log = structlog.get_logger(__name__)

CONSOLE: Final = "truc.console"
SOMEBODY: Final = "truc.somebody"
LOOK_EVERY_S: Final = 5.0
CLOSED: Final = 4401
_STATIC: Final = "/_nicegui/"
_FOR_GOOD: Final = b"public, max-age=31536000, immutable"
_POLICY: Final = (
    "default-src 'self'; script-src 'self' 'unsafe-inline' 'unsafe-eval'; style-src 'self' 'unsafe-inline'; "
    "img-src 'self' data:; font-src 'self' data:; connect-src 'self'; frame-ancestors 'none'; base-uri 'none'; "
    "form-action 'self'; object-src 'none'"
)
"""NiceGUI's pages begin with a script in the page, and its templates are compiled in the browser."""
_HEADERS: Final = [
    (b"content-security-policy", _POLICY.encode()),
    (b"referrer-policy", b"same-origin"),
    (b"x-frame-options", b"DENY"),
]

Loader = Callable[[], Awaitable[ASGIApp]]


class Gate:
    """An ASGI app to mount at /console."""

    def __init__(self, console: Callable[[], Console]) -> None:
        self._console = console
        self._doors: dict[str, set[Door]] = {}
        self._looking: asyncio.Task[None] | None = None

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        if scope["type"] == "http":
            await self._http(scope, receive, send)
        elif scope["type"] == "websocket":
            await self._websocket(scope, receive, send)

    def shut(self, id_hash: str) -> None:
        """Close every websocket of this session."""
        for door in self._doors.get(id_hash, set()):
            door.shut()

    @property
    def open_doors(self) -> int:
        return sum(len(doors) for doors in self._doors.values())

    async def aclose(self) -> None:
        if self._looking is not None:
            self._looking.cancel()
            with contextlib.suppress(asyncio.CancelledError):
                await self._looking
        for id_hash in list(self._doors):
            self.shut(id_hash)

    async def _http(self, scope: Scope, receive: Receive, send: Send) -> None:
        console, request = self._console(), Request(scope, receive)
        inside = scope["path"].removeprefix(scope.get("root_path", ""))
        if scope["method"] not in ("GET", "HEAD"):
            await Response(status_code=405, headers={"Allow": "GET, HEAD"})(scope, receive, send)
            return
        if inside.startswith(_STATIC):  # a library everybody may have
            await (await console.nicegui())(_clean(scope), receive, _with(send, [(b"cache-control", _FOR_GOOD)]))
            return
        somebody = await console.sessions.current(request)
        if somebody is None:
            await self._to_login(request)(scope, receive, send)
            return
        scope[CONSOLE], scope[SOMEBODY] = console, somebody
        await (await console.nicegui())(_clean(scope), receive, _with(send, _HEADERS))

    def _to_login(self, request: Request) -> Response:
        to = request.url.path + (f"?{request.url.query}" if request.url.query else "")
        return Response(
            status_code=303,
            headers={"Location": f"/console/login?to={quote(to, safe='')}", "Cache-Control": "no-store"},
        )

    async def _websocket(self, scope: Scope, receive: Receive, send: Send) -> None:
        console, connection = self._console(), HTTPConnection(scope)
        somebody = None
        if _is_ours(connection, console.settings.issuer):
            somebody = await console.sessions.current(connection, used=False)
        if somebody is None:
            await receive()
            await send({"type": "websocket.close", "code": CLOSED})
            return
        scope[CONSOLE], scope[SOMEBODY] = console, somebody
        door = Door(receive, send, lambda: console.note_used(somebody))
        self._doors.setdefault(somebody.id_hash, set()).add(door)
        if self._looking is None or self._looking.done():
            self._looking = asyncio.create_task(self._look(), name="console-gate")
        try:
            await (await console.nicegui())(_clean(scope), door.receive, door.send)
        finally:
            doors = self._doors.get(somebody.id_hash, set())
            doors.discard(door)
            if not doors:
                self._doors.pop(somebody.id_hash, None)

    async def _look(self) -> None:
        """As long as somebody is in: whose session has ended goes out."""
        while self._doors:
            await asyncio.sleep(LOOK_EVERY_S)
            for id_hash in list(self._doors):
                try:
                    ended = await self._console().sessions.of(id_hash, used=False) is None
                except Exception as error:  # the database may be away for a moment
                    log.warning("console.session-not-looked-up", error=type(error).__name__)
                    continue
                if ended:
                    self.shut(id_hash)


class Door:
    """A websocket that can be closed from outside."""

    def __init__(self, receive: Receive, send: Send, used: Callable[[], None]) -> None:
        self._receive = receive
        self._send = send
        self._used = used
        self._shut = asyncio.Event()
        self._over = False

    def shut(self) -> None:
        self._shut.set()

    async def receive(self) -> Message:
        """The next message; a disconnect once the door is shut."""
        if self._over:
            return {"type": "websocket.disconnect", "code": CLOSED}
        coming = asyncio.ensure_future(self._receive())
        shut = asyncio.ensure_future(self._shut.wait())
        try:
            await asyncio.wait((coming, shut), return_when=asyncio.FIRST_COMPLETED)
            if coming.done():
                message: Message = coming.result()
                if '"event"' in (message.get("text") or "")[:12]:
                    self._used()
                return message
        finally:
            coming.cancel()
            shut.cancel()
        self._over = True
        with contextlib.suppress(Exception):
            await self._send({"type": "websocket.close", "code": CLOSED})
        return {"type": "websocket.disconnect", "code": CLOSED}

    async def send(self, message: Message) -> None:
        if not self._over:
            await self._send(message)


def _is_ours(connection: HTTPConnection, issuer: str) -> bool:
    """Whether a page of this very hub opens the websocket; browsers always say where they come from."""
    origin = urlsplit(connection.headers.get("origin", ""))
    return bool(origin.netloc) and origin.netloc in (connection.headers.get("host", ""), urlsplit(issuer).netloc)


def _clean(scope: Scope) -> Scope:
    """Without what a visitor could make the pages point elsewhere with."""
    scope["headers"] = [each for each in scope["headers"] if each[0] != b"x-forwarded-prefix"]
    return scope


def _with(send: Send, headers: list[tuple[bytes, bytes]]) -> Send:
    names = {name for name, _ in headers}

    async def sending(message: Any) -> None:
        if message["type"] == "http.response.start":
            kept = [each for each in message.get("headers", ()) if each[0].lower() not in names]
            message = {**message, "headers": [*kept, *headers]}
        await send(message)

    return sending


def somebody_of(request: HTTPConnection) -> Somebody:
    """Who asks for this page."""
    found = request.scope[SOMEBODY]
    assert isinstance(found, Somebody)
    return found
