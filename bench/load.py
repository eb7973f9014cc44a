"""A load generator lean enough not to be what is measured: raw HTTP/1.1 over kept connections."""

from __future__ import annotations

import asyncio
import math
import time
from collections.abc import Callable, Coroutine, Iterator
from dataclasses import dataclass, field
from typing import Any, TypeVar

import uvloop

from deploy.local.errors import RunnerError

T = TypeVar("T")


def run(main: Coroutine[Any, Any, T]) -> T:
    """Run a load to its end, on the loop that costs least."""
    with asyncio.Runner(loop_factory=uvloop.new_event_loop) as runner:
        return runner.run(main)


@dataclass
class Load:
    """What came of a load: seconds per request, and how often each HTTP status was answered."""

    latencies: list[float] = field(default_factory=list)
    statuses: dict[int, int] = field(default_factory=dict)
    seconds: float = 0.0

    @property
    def per_second(self) -> float:
        return len(self.latencies) / self.seconds if self.seconds else 0.0

    def note(self, status: int, seconds: float) -> None:
        """One request was answered."""
        self.latencies.append(seconds)
        self.statuses[status] = self.statuses.get(status, 0) + 1

    def require(self, status: int) -> None:
        """Raises RunnerError unless every request was answered with this status: a figure of errors is none."""
        if set(self.statuses) - {status}:
            raise RunnerError(f"not every request was answered with {status}: {self.statuses}")


def post(path: str, body: bytes, token: str, **headers: str) -> bytes:
    """The bytes of one POST with a JSON body."""
    more = _header_lines(headers)
    head = (
        f"POST {path} HTTP/1.1\r\nHost: bench\r\nAuthorization: Bearer {token}\r\n"
        f"Content-Type: application/json\r\nContent-Length: {len(body)}\r\n{more}\r\n"
    )
    return head.encode() + body


def get(path: str, token: str, **headers: str) -> bytes:
    """The bytes of one GET."""
    more = _header_lines(headers)
    return f"GET {path} HTTP/1.1\r\nHost: bench\r\nAuthorization: Bearer {token}\r\n{more}\r\n".encode()


def _header_lines(headers: dict[str, str]) -> str:
    return "".join(f"{name.replace('_', '-')}: {value}\r\n" for name, value in headers.items())


def percentile(values: list[float], share: float) -> float:
    """The smallest value that at least `share` of all values do not exceed (nearest rank); 0 of none."""
    if not values:
        return 0.0
    return sorted(values)[max(0, math.ceil(share * len(values) - 1e-9) - 1)]


class Connection:
    """A kept connection: one request after another."""

    def __init__(self, reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        self._reader = reader
        self._writer = writer

    @classmethod
    async def open(cls, port: int) -> Connection:
        return cls(*await asyncio.open_connection("127.0.0.1", port))

    async def ask(self, request: bytes) -> tuple[int, bytes]:
        """Send one request; its HTTP status and body."""
        self._writer.write(request)
        head = await self._reader.readuntil(b"\r\n\r\n")
        length = _content_length(head)
        body = await self._reader.readexactly(length) if length else b""
        return int(head[9:12]), body

    def close(self) -> None:
        self._writer.close()


async def drive(
    port: int, requests: Iterator[bytes], clients: int, on_answer: Callable[[bytes], None] | None = None
) -> Load:
    """Send every request, `clients` at a time, each client waiting for its answer."""
    load = Load()
    started = time.perf_counter()
    await asyncio.gather(*(_client(port, requests, load, on_answer) for _ in range(clients)))
    load.seconds = time.perf_counter() - started
    return load


async def _client(
    port: int, requests: Iterator[bytes], load: Load, on_answer: Callable[[bytes], None] | None
) -> None:
    connection = await Connection.open(port)
    for request in requests:
        began = time.perf_counter()
        status, body = await connection.ask(request)
        load.note(status, time.perf_counter() - began)
        if on_answer is not None:
            on_answer(body)
    connection.close()


def _content_length(head: bytes) -> int:
    lower = head.lower()
    at = lower.find(b"content-length:")
    return int(lower[at + 15 : lower.index(b"\r\n", at)]) if at >= 0 else 0
