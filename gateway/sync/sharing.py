"""Rows of several dossiers in one call, where they are ready together.

Rows that find no call under way go at once. Rows that find one wait for its end, a few milliseconds at most, and
go together with whatever else waits by then. So a portal at leisure is told every step by itself and at once,
and one that is busy gets fewer and fuller calls.

    done                   for all of them
    not now                for all of them, as it would have been for each
    anything else          some row is at fault: each dossier's rows go again in a call of their own
"""

from __future__ import annotations

import asyncio
from collections import deque
from collections.abc import Awaitable, Callable
from dataclasses import dataclass
from enum import Enum
from typing import Any, Final

from gateway.sync.client import Settled
from gateway.sync.outcomes import Delivered, Retry

LONGEST_WAIT_S: Final = 0.005
"""For the end of another call. A portal that takes longer than this gets a second call meanwhile."""

Rows = list[dict[str, Any]]
Told = Callable[[], None]
"""Told when a call that had to wait for leave has got it."""
Push = Callable[[Rows, str | None, Told | None], Awaitable[Settled]]
"""One call: rows and trace context to what became of it."""


class _Turn(Enum):
    """What one who waits is told instead of an outcome."""

    LEAD = "make the call yourself, and take along who waits"
    ALONE = "make a call of your own"


@dataclass(slots=True, eq=False)
class _Waiting:
    """One dossier's rows, and where their sender hears what to do, or what became of them."""

    rows: Rows
    on_leave: Told | None
    told: asyncio.Future[Settled | _Turn]


class SharedCalls:
    """For one event loop. `most`: rows a call may carry."""

    def __init__(self, push: Push, most: int) -> None:
        self._push = push
        self._most = most
        self._waiting: deque[_Waiting] = deque()
        self._under_way = 0
        self._timer: asyncio.TimerHandle | None = None

    async def push(self, rows: Rows, traceparent: str | None, on_leave: Told | None = None) -> Settled:
        """Send one dossier's rows, at most `most`, in a call that others may share; what became of them."""
        if not self._under_way:
            self._under_way += 1
            return await self._lead(rows, traceparent, on_leave)
        told = await self._told(rows, on_leave)
        if told is _Turn.LEAD:
            return await self._lead(rows, traceparent, on_leave)
        if told is _Turn.ALONE:
            return await self._push(rows, traceparent, on_leave)
        return told

    async def _told(self, rows: Rows, on_leave: Told | None) -> Settled | _Turn:
        loop = asyncio.get_running_loop()
        waiting = _Waiting(rows, on_leave, loop.create_future())
        self._waiting.append(waiting)
        if self._timer is None:
            self._timer = loop.call_later(LONGEST_WAIT_S, self._waited_long_enough)
        try:
            return await waiting.told
        except asyncio.CancelledError:
            if not waiting.told.cancelled() and waiting.told.result() is _Turn.LEAD:
                self._ended()  # told in the same moment: the next one leads
            raise

    async def _lead(self, rows: Rows, traceparent: str | None, on_leave: Told | None) -> Settled:
        others = self._take_along(self._most - len(rows))
        told: Settled | _Turn = _Turn.ALONE

        def left() -> None:
            for each in (on_leave, *(other.on_leave for other in others)):
                if each is not None:
                    each()

        try:
            together = [*rows, *(row for other in others for row in other.rows)]
            outcome = await self._push(together, traceparent, left)
            if isinstance(outcome, Delivered) or (isinstance(outcome, Retry) and not outcome.blames):
                told = outcome
        finally:
            for other in others:
                if not other.told.done():
                    other.told.set_result(told)
            self._ended()
        return await self._push(rows, traceparent, on_leave) if others and told is _Turn.ALONE else outcome

    def _take_along(self, room: int) -> list[_Waiting]:
        """Who goes with the call that is made now: the first that wait, as far as there is room."""
        taken: list[_Waiting] = []
        while self._waiting and len(self._waiting[0].rows) <= room:
            waiting = self._waiting.popleft()
            if not waiting.told.done():
                taken.append(waiting)
                room -= len(waiting.rows)
        if not self._waiting:
            self._stop_timer()
        return taken

    def _ended(self) -> None:
        self._under_way -= 1
        if not self._under_way:
            self._start_next()

    def _waited_long_enough(self) -> None:
        self._timer = None
        self._start_next()

    def _start_next(self) -> None:
        """Let the first that waits make a call."""
        while self._waiting:
            waiting = self._waiting.popleft()
            if not waiting.told.done():
                self._under_way += 1
                waiting.told.set_result(_Turn.LEAD)
                break
        self._stop_timer()
        if self._waiting:
            self._timer = asyncio.get_running_loop().call_later(LONGEST_WAIT_S, self._waited_long_enough)

    def _stop_timer(self) -> None:
        if self._timer is not None:
            self._timer.cancel()
            self._timer = None
