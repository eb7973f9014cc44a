"""HTTP/1.1 to the portal: keep-alive connections on asyncio, parsed by httptools, and nothing else.

The portal gets two calls a status, so what a call costs decides how many statuses a core carries: a call through
httpx takes some 15 times the CPU of one through here (its pool alone some 40 times a bare exchange). It does
what this one caller needs, a POST with a whole body and an answer read whole over http or https, and must never
grow into a client for anything else.

It never repeats anything by itself: whether a call that got no answer may be sent again is for its caller.
"""

from __future__ import annotations

import asyncio
import ssl
import time
from collections import deque
from collections.abc import Mapping
from dataclasses import dataclass
from typing import Final, cast

import httptools
import httpx

MAX_ANSWER: Final = 32 * 1_048_576
"""Bytes of one answer; more is not read."""
KEEP_ALIVE_S: Final = 4.0
"""Below the 5 s after which common servers hang up: we close first, and never write to a corpse."""


class NoAnswerError(Exception):
    """The call brought no answer; whether the portal acted on it is unknown. The text says what happened."""


@dataclass(frozen=True, slots=True)
class Answer:
    """What came back, whole."""

    status: int
    body: bytes


@dataclass(frozen=True, slots=True)
class Endpoint:
    """Where to post to. `head` is the request up to its last fixed header, made once."""

    secure: bool
    host: str
    port: int
    head: bytes

    @classmethod
    def of(cls, url: str, headers: Mapping[str, str]) -> Endpoint:
        """The endpoint at a URL, with headers that are the same in every call."""
        parsed = httpx.URL(url)
        secure = parsed.scheme == "https"
        lines = [b"POST " + parsed.raw_path + b" HTTP/1.1", b"Host: " + parsed.netloc]
        lines += [f"{name}: {value}".encode("ascii") for name, value in headers.items()]
        return cls(secure, parsed.host, parsed.port or (443 if secure else 80), b"\r\n".join(lines))


class Connections:
    """For one event loop and one portal. `connect_s` and `read_s`: seconds to a connection, and to a whole
    answer. Open it with `async with`; there are as many connections as there were calls at once."""

    def __init__(self, *, connect_s: float, read_s: float, tls: ssl.SSLContext | None = None) -> None:
        self._connect_s = connect_s
        self._read_s = read_s
        self._tls = tls
        self._idle: deque[_Connection] = deque()
        self._open: set[_Connection] = set()

    async def __aenter__(self) -> Connections:
        return self

    async def __aexit__(self, *exc_info: object) -> None:
        for connection in list(self._open):
            connection.abort()

    @property
    def count(self) -> int:
        """Connections that stand now, in use or idle."""
        return len(self._open)

    async def post(self, endpoint: Endpoint, content: bytes, *, traceparent: str) -> Answer:
        """Post a body, read the answer. Raises NoAnswerError."""
        message = b"%b\r\ntraceparent: %b\r\nContent-Length: %d\r\n\r\n%b" % (
            endpoint.head,
            traceparent.encode("ascii"),
            len(content),
            content,
        )
        connection = self._reusable() or await self._connect(endpoint)
        try:
            answer = await connection.exchange(message, self._read_s)
        except BaseException:
            connection.abort()  # a half-used connection must not meet the next request
            raise
        if connection.usable:
            connection.idle_since = time.monotonic()
            self._idle.append(connection)
        else:
            connection.abort()
        return answer

    def _reusable(self) -> _Connection | None:
        """The connection used last, unless the other side has closed it or may be about to."""
        while self._idle:
            connection = self._idle.pop()
            if connection.usable and time.monotonic() - connection.idle_since < KEEP_ALIVE_S:
                return connection
            connection.abort()
        return None

    async def _connect(self, endpoint: Endpoint) -> _Connection:
        if endpoint.secure and self._tls is None:
            self._tls = ssl.create_default_context()
        loop = asyncio.get_running_loop()
        try:
            async with asyncio.timeout(self._connect_s):
                _, connection = await loop.create_connection(
                    lambda: _Connection(loop, self._open),
                    endpoint.host,
                    endpoint.port,
                    ssl=self._tls if endpoint.secure else None,
                )
        except TimeoutError as error:
            raise NoAnswerError("no connection in time") from error
        except OSError as error:
            raise NoAnswerError(f"no connection: {type(error).__name__}") from error
        return connection


class _Connection(asyncio.Protocol):
    """One connection, one exchange at a time."""

    def __init__(self, loop: asyncio.AbstractEventLoop, open_: set[_Connection]) -> None:
        self.idle_since = 0.0
        self._loop = loop
        self._open = open_
        self._transport: asyncio.Transport | None = None
        self._parser = httptools.HttpResponseParser(self)
        self._waiting: asyncio.Future[Answer] | None = None
        self._alive = True
        self._begin()

    def _begin(self) -> None:
        self._status = 0
        self._chunks: list[bytes] = []
        self._size = 0
        self._framed = False  # its end is announced: the end of the connection is not the end of the answer

    @property
    def usable(self) -> bool:
        """Whether another request may be written to it."""
        return self._alive and self._waiting is None

    def abort(self) -> None:
        """Hang up at once."""
        self._alive = False
        if self._transport is not None:
            self._transport.abort()

    async def exchange(self, message: bytes, seconds: float) -> Answer:
        """Write a request, read its answer."""
        assert self._transport is not None
        self._begin()
        waiting: asyncio.Future[Answer] = self._loop.create_future()
        self._waiting = waiting
        timer = self._loop.call_later(seconds, self._fail, "no answer in time")
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
            self._fail(f"not HTTP: {error}")

    def connection_lost(self, exc: Exception | None) -> None:
        self._alive = False
        self._open.discard(self)
        if self._status and not self._framed:
            self._finish()
        else:
            self._fail("hung up before the end of the answer")

    # -- what the parser tells -----------------------------------------------------------------------------

    def on_header(self, name: bytes, value: bytes) -> None:
        if name.lower() in (b"content-length", b"transfer-encoding"):
            self._framed = True

    def on_headers_complete(self) -> None:
        self._status = self._parser.get_status_code()

    def on_body(self, body: bytes) -> None:
        self._size += len(body)
        if self._size > MAX_ANSWER:
            self._fail("answer too large")
        else:
            self._chunks.append(body)

    def on_message_complete(self) -> None:
        if self._status < 200:  # 100, 103: the answer itself is still to come
            self._begin()
            return
        if not self._parser.should_keep_alive():
            self._alive = False
        self._finish()

    def _finish(self) -> None:
        if self._waiting is not None and not self._waiting.done():
            self._waiting.set_result(Answer(self._status, b"".join(self._chunks)))

    def _fail(self, why: str) -> None:
        if self._waiting is not None and not self._waiting.done():
            self._waiting.set_exception(NoAnswerError(why))
        self.abort()
