"""Rounds: the hub asks everybody together, then commits together what they said.

    ask all who are due ──► wait a moment ──► one commit for what has come ──► the next round
                                                 who is slow is in a later round, and keeps nobody waiting

Watching has to cost next to nothing, and what costs is less what is done than how often.
"""

from __future__ import annotations

import asyncio
import time
from collections.abc import Awaitable, Callable, Sequence
from typing import Final, Protocol

import structlog

from services.bus.kit.tasks import end

log = structlog.get_logger(__name__)

ROUND_S: Final = 2.0
WAITED_FOR_S: Final = 0.5
"""An answer that takes longer is for a later round."""
CATCHING_UP: Final = 1.0
"""Where there is more to come the next round follows at once, after a pause this many times as long as it took."""

Take = Callable[[], Awaitable[None]]
"""Commits what somebody said. Those of one round are called in the order of their sources, at the same moment."""


class Source(Protocol):
    """Somebody who is asked. `more`: there was more than one answer could hold."""

    name: str
    more: bool

    def due(self, now: float) -> bool:
        """Whether to ask in this round, by the monotonic clock."""
        ...

    async def ask(self) -> Take | None:
        """Ask; what to do with the answer, if anything. Whatever it raises, it is asked again."""
        ...


class Patience:
    """What goes wrong is said once, until it is something else."""

    def __init__(self) -> None:
        self._away: dict[str, str] = {}

    def failed(self, name: str, error: Exception) -> None:
        said = f"{type(error).__name__}: {error}"
        if self._away.get(name) != said:
            log.warning("hub.not-answered", whom=name, error=said)
        self._away[name] = said

    def succeeded(self, name: str) -> None:
        if self._away.pop(name, None) is not None:
            log.info("hub.answered-again", whom=name)


class Rounds:
    """`run` it as a task. `close` ends every round in which there was something to take, in the same commit."""

    def __init__(self, sources: Sequence[Source], close: Take, patience: Patience) -> None:
        self._sources = sources
        self._close = close
        self._patience = patience
        self._asking: dict[str, asyncio.Task[Take | None]] = {}

    async def run(self) -> None:
        try:
            while True:
                began = time.monotonic()
                await self.one()
                took = time.monotonic() - began
                more = any(each.more for each in self._sources)
                await asyncio.sleep(min(took * CATCHING_UP, ROUND_S) if more else max(ROUND_S - took, 0.05))
        finally:
            for task in self._asking.values():
                await end(task)

    async def one(self) -> None:
        """One round."""
        for source in self._sources:
            if source.name not in self._asking and source.due(time.monotonic()):
                self._asking[source.name] = asyncio.create_task(self._ask(source), name=f"ask-{source.name}")
        if self._asking:
            await asyncio.wait(self._asking.values(), timeout=WAITED_FOR_S)
        takes = []
        for name in [name for name, task in self._asking.items() if task.done()]:
            if (take := self._asking.pop(name).result()) is not None:
                takes.append((name, take))
        if takes:
            await asyncio.gather(*(self._take(*each) for each in (*takes, ("close", self._close))))

    async def _ask(self, source: Source) -> Take | None:
        try:
            take = await source.ask()
        except Exception as error:
            self._patience.failed(source.name, error)
            return None
        self._patience.succeeded(source.name)
        return take

    async def _take(self, name: str, take: Take) -> None:
        try:
            await take()
        except Exception as error:
            self._patience.failed(f"{name}, taking in", error)
        else:
            self._patience.succeeded(f"{name}, taking in")
