"""Work that many may ask for at once but that is done once: all who ask while it runs share its outcome.

A caller who is cancelled leaves; the work goes on for the others, and its failure is everybody's failure.
"""

from __future__ import annotations

import asyncio
from collections.abc import Callable, Coroutine
from typing import Any, Generic, TypeVar

from services.bus.kit.tasks import end

T = TypeVar("T")


class SingleFlight(Generic[T]):
    """Wraps a coroutine function without parameters."""

    def __init__(self, work: Callable[[], Coroutine[Any, Any, T]]) -> None:
        self._work = work
        self._running: asyncio.Task[T] | None = None

    @property
    def running(self) -> bool:
        return self._running is not None

    def start(self) -> asyncio.Task[T]:
        """The task of the work under way, started if none is. Await it through `shield`, or not at all."""
        if self._running is None:
            self._running = asyncio.get_running_loop().create_task(self._work())
            self._running.add_done_callback(self._ended)
        return self._running

    async def join(self) -> T:
        """The outcome of the work under way, started if none is."""
        return await asyncio.shield(self.start())

    async def aclose(self) -> None:
        """Cancels what is under way and waits for its end."""
        task = self._running
        if task is not None:
            await end(task)

    def _ended(self, task: asyncio.Task[T]) -> None:
        self._running = None
        if not task.cancelled():
            task.exception()  # looked at, so that nobody who left leaves a warning behind
