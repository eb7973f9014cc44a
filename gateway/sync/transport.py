"""A lean HTTP/1.1 transport for httpx: keep-alive connections on asyncio, parsed by httptools.

The portal gets two calls a status, so the call's own cost decides how many statuses a core can carry: this
takes about a fifteenth of the CPU of httpx's default transport. It does what this one caller needs (requests
with a whole body, answers read whole, http and https) and must never be used for streaming.

It never repeats anything by itself: whether a call that got no answer may be sent again is for its caller.
"""

from __future__ import annotations

import asyncio
import ssl
import time
from collections import deque
from types import TracebackType
from typing import Final, Self, cast

import httptools
import httpx

MAX_ANSWER: Final = 32 * 1_048_576
"""Bytes of one answer; more is not read."""
KEEP_ALIVE_S: Final = 4.0
"""Below the 5 s after which common servers hang up: we close first, and never write to a corpse."""

Origin = tuple[bool, str, int]


class LeanTransport(httpx.AsyncBaseTransport):
    """For one event loop. `connect` and `read` are seconds: to a connection, and to a whole answer."""

    def __init__(self, *, connect: float, read: float, tls: ssl.SSLContext | None = None) -> None:
        self._connect_s = connect
        self._read_s = read
        self._tls = tls
        self._idle: dict[Origin, deque[_Connection]] = {}
        self._open: set[_Connection] = set()

    @property
    def connections(self) -> int:
        """Connections that stand now, in use or idle."""
        return len(self._open)

    async def handle_async_request(self, request: httpx.Request) -> httpx.Response:
        """Send one request whose body is in memory; the answer, whole. Raises `httpx.TransportError`."""
        url = request.url
        secure = url.scheme == "https"
        origin = (secure, url.host, url.port or (443 if secure else 80))
        head = [f"{request.method} ".encode() + url.raw_path + b" HTTP/1.1"]
        head += [name + b": " + value for name, value in request.headers.raw]
        message = b"\r\n".join([*head, b"", request.content])
        connection = self._reusable(origin) or await self._connect(origin)
        try:
            answer = await connection.exchange(message, self._read_s)
        except BaseException:
            connection.abort()  # a half-used connection must not meet the next request
            raise
        finally:
            self._release(origin, connection)
        return httpx.Response(answer.status, headers=answer.headers, content=answer.body, request=request)

    async def aclose(self) -> None:
        """Hang up everywhere."""
        for connection in list(self._open):
            connection.abort()
        self._idle.clear()

    async def __aenter__(self) -> Self:
        return self

    async def __aexit__(
        self,
        exc_type: type[BaseException] | None = None,
        exc_value: BaseException | None = None,
        traceback: TracebackType | None = None,
    ) -> None:
        await self.aclose()

    def _reusable(self, origin: Origin) -> _Connection | None:
        """The connection used last, unless the other side has closed it or may be about to."""
        idle = self._idle.get(origin)
        while idle:
            connection = idle.pop()
            if connection.usable and time.monotonic() - connection.idle_since < KEEP_ALIVE_S:
                return connection
            connection.abort()
        return None

    async def _connect(self, origin: Origin) -> _Connection:
        secure, host, port = origin
        context = (self._tls or ssl.create_default_context()) if secure else None
        loop = asyncio.get_running_loop()
        try:
            async with asyncio.timeout(self._connect_s):
                _, connection = await loop.create_connection(
                    lambda: _Connection(loop, self._open), host, port, ssl=context
                )
        except TimeoutError as error:
            raise httpx.ConnectTimeout("no connection in time") from error
        except OSError as error:
            raise httpx.ConnectError(type(error).__name__) from error
        return connection

    def _release(self, origin: Origin, connection: _Connection) -> None:
        if connection.usable:
            connection.idle_since = time.monotonic()
            self._idle.setdefault(origin, deque()).append(connection)
        else:
            connection.abort()


class _Answer:
    """An answer as it comes in."""

    __slots__ = ("body", "framed", "headers", "size", "status")

    def __init__(self) -> None:
        self.status = 0
        self.headers: list[tuple[bytes, bytes]] = []
        self.body = b""
        self.size = 0
        self.framed = False
        """Its end is announced, so that the end of the connection is not the end of the answer."""


class _Connection(asyncio.Protocol):
    """One connection, one exchange at a time."""

    def __init__(self, loop: asyncio.AbstractEventLoop, open_: set[_Connection]) -> None:
        self.idle_since = 0.0
        self._loop = loop
        self._open = open_
        self._transport: asyncio.Transport | None = None
        self._parser = httptools.HttpResponseParser(self)
        self._waiting: asyncio.Future[_Answer] | None = None
        self._answer = _Answer()
        self._chunks: list[bytes] = []
        self._usable = True

    @property
    def usable(self) -> bool:
        """Whether another request may be written to it."""
        return self._usable and self._waiting is None

    def abort(self) -> None:
        self._usable = False
        if self._transport is not None:
            self._transport.abort()

    async def exchange(self, message: bytes, seconds: float) -> _Answer:
        """Write a request, read its answer."""
        assert self._transport is not None
        self._answer = _Answer()
        self._chunks = []
        waiting: asyncio.Future[_Answer] = self._loop.create_future()
        self._waiting = waiting
        timer = self._loop.call_later(seconds, self._fail, httpx.ReadTimeout("no answer in time"))
        try:
            self._transport.write(message)
            return await waiting
        finally:
            timer.cancel()
            self._waiting = None

    # -- what the event loop tells -------------------------------------------------------------------------

    def connection_made(self, transport: asyncio.BaseTransport) -> None:
        self._transport = cast("asyncio.Transport", transport)  # uvloop's is one in all but name
        self._open.add(self)

    def data_received(self, data: bytes) -> None:
        if self._waiting is None:  # nobody asked: whatever it is, it is not the next answer
            self.abort()
            return
        try:
            self._parser.feed_data(data)
        except httptools.HttpParserError as error:
            self._fail(httpx.RemoteProtocolError(f"not HTTP: {error}"))

    def connection_lost(self, exc: Exception | None) -> None:
        self._usable = False
        self._open.discard(self)
        if self._answer.status and not self._answer.framed:
            self._finish()
        else:
            self._fail(httpx.ReadError("hung up before the end of the answer"))

    # -- what the parser tells -----------------------------------------------------------------------------

    def on_header(self, name: bytes, value: bytes) -> None:
        self._answer.headers.append((name, value))
        if name.lower() in (b"content-length", b"transfer-encoding"):
            self._answer.framed = True

    def on_headers_complete(self) -> None:
        self._answer.status = self._parser.get_status_code()

    def on_body(self, body: bytes) -> None:
        self._answer.size += len(body)
        if self._answer.size > MAX_ANSWER:
            self._fail(httpx.RemoteProtocolError("answer too large"))
        else:
            self._chunks.append(body)

    def on_message_complete(self) -> None:
        if self._answer.status < 200:  # 100, 103: the answer itself is still to come
            self._answer = _Answer()
            return
        if not self._parser.should_keep_alive():
            self._usable = False
        self._finish()

    def _finish(self) -> None:
        if self._waiting is not None and not self._waiting.done():
            self._answer.body = b"".join(self._chunks)
            self._waiting.set_result(self._answer)

    def _fail(self, error: httpx.TransportError) -> None:
        self._usable = False
        if self._waiting is not None and not self._waiting.done():
            self._waiting.set_exception(error)
        if self._transport is not None:
            self._transport.abort()
