"""An open-loop load: each piece of work begins when the schedule says so, whether or not earlier ones are done.

A closed loop waits for a slow server and so hides how slow it is; this never waits. It notes how late it was
itself, because a generator that falls behind measures something else than it claims.
"""

from __future__ import annotations

import asyncio
import time
from collections.abc import Awaitable, Callable, Sequence
from dataclasses import dataclass, field

from bench.load import Connection, Load, percentile

LATE_S = 0.020
"""A generator whose 99th percentile is later than this has fallen behind."""


@dataclass
class Punctuality:
    """How many seconds after its time each piece of work began."""

    late: list[float] = field(default_factory=list)

    @property
    def p99_ms(self) -> float:
        return percentile(self.late, 0.99) * 1000

    @property
    def fell_behind(self) -> bool:
        return percentile(self.late, 0.99) > LATE_S


async def pace(rate: float, count: int, begin: Callable[[int], Awaitable[None]]) -> Punctuality:
    """Begin `begin(0)`, `begin(1)` ... at `rate` a second; return when all of them have ended.

    Raises what any of them raised.
    """
    punctuality = Punctuality()
    start = time.perf_counter()
    async with asyncio.TaskGroup() as group:
        for number in range(count):
            due = start + number / rate
            wait = due - time.perf_counter()
            if wait > 0:
                await asyncio.sleep(wait)
            punctuality.late.append(max(0.0, time.perf_counter() - due))
            group.create_task(_run(begin, number))
    return punctuality


async def _run(begin: Callable[[int], Awaitable[None]], number: int) -> None:
    await begin(number)


class Pool:
    """Kept connections to one port, opened as they are needed: an open loop must never wait for one."""

    def __init__(self, port: int) -> None:
        self._port = port
        self._idle: list[Connection] = []

    async def ask(self, request: bytes) -> tuple[int, bytes]:
        connection = self._idle.pop() if self._idle else await Connection.open(self._port)
        answer = await connection.ask(request)
        self._idle.append(connection)
        return answer

    async def warm(self, connections: int) -> None:
        """Open so many beforehand."""
        self._idle += [await Connection.open(self._port) for _ in range(connections)]

    def close(self) -> None:
        for connection in self._idle:
            connection.close()
        self._idle.clear()


async def paced(port: int, requests: Sequence[bytes], rate: float) -> tuple[Load, Punctuality]:
    """Send the requests at `rate` a second, on time."""
    load = Load()
    pool = Pool(port)

    async def send(number: int) -> None:
        began = time.perf_counter()
        status, _ = await pool.ask(requests[number])
        load.note(status, time.perf_counter() - began)

    started = time.perf_counter()
    try:
        punctuality = await pace(rate, len(requests), send)
    finally:
        pool.close()
    load.seconds = time.perf_counter() - started
    return load, punctuality
