"""What is read again every so often, beside those who look at it."""

from __future__ import annotations

import asyncio
from collections.abc import Awaitable, Callable
from math import inf
from time import perf_counter
from typing import Final, Generic, TypeVar

import structlog

from services.bus.kit.tasks import end

log = structlog.get_logger(__name__)
T = TypeVar("T")

PATIENCE_S: Final = 0.25
"""Whoever looks waits so long for what is being read, and else goes on with what was read last."""


class Reread(Generic[T]):
    """What `read` tells, read again `pause(took)` seconds after the last reading began, and good for `keeps_s`
    seconds. A reading that fails is logged, and what was read last stays."""

    def __init__(
        self, read: Callable[[], Awaitable[T]], pause: Callable[[float], float], *, keeps_s: float
    ) -> None:
        self._read = read
        self._pause = pause
        self._keeps_s = keeps_s
        self._last: tuple[T] | None = None
        self._good_until = 0.0
        self._reading: asyncio.Task[T] | None = None
        self._due_at = 0.0

    async def now(self) -> T:
        """The newest there is. Where there is nothing good yet a reading is waited for; the first one raises what
        it raises."""
        if self._reading is None and perf_counter() >= self._due_at:
            self._reading = asyncio.create_task(self._again(), name="reread")
            self._reading.add_done_callback(self._ended)
        reading = self._reading
        if reading is not None:
            await asyncio.wait([reading], timeout=PATIENCE_S if perf_counter() < self._good_until else None)
        if self._last is None:
            assert reading is not None
            return reading.result()
        return self._last[0]

    def outdate(self) -> None:
        """Somebody has changed something: read again, even if that is being done."""
        self._due_at = 0.0

    async def aclose(self) -> None:
        """Stop reading."""
        if self._reading is not None:
            await end(self._reading)

    async def _again(self) -> T:
        began, self._due_at = perf_counter(), inf
        try:
            return await self._read()
        finally:
            if self._due_at == inf:
                self._due_at = began + self._pause(perf_counter() - began)

    def _ended(self, reading: asyncio.Task[T]) -> None:
        self._reading = None
        if reading.cancelled():
            return
        if (error := reading.exception()) is None:
            self._last = (reading.result(),)
            self._good_until = perf_counter() + self._keeps_s
        else:
            log.warning("console.not-read", exc_info=error)
