"""Replays a plan: a few hands take the steps of many open dossiers in turn, in step with the portal.

A closed loop: each hand goes on when the portal has acknowledged the status it brought about, or after a second
(the counter does not stop for a portal that is away). So the mesh sets the pace, and the latency that is measured
is that of a loaded axis, not of a queue the load has built up.
"""

from __future__ import annotations

import asyncio
import time
from collections import Counter
from collections.abc import Callable, Iterator
from dataclasses import dataclass, field
from random import Random
from typing import Final

from deploy.demo.acks import Acks
from deploy.demo.hands import Hands, Open
from deploy.demo.plan import Planned

HANDS: Final = 12
OPEN: Final = 240
"""Dossiers that lie open at once: the steps of one are so far apart as the others take in between."""
PATIENCE_S: Final = 1.0


@dataclass(slots=True)
class Taken:
    """What callers were told was taken: the first witness of what there must be."""

    dossiers: int = 0
    statuses: Counter[int] = field(default_factory=Counter)
    second_looks: Counter[tuple[str, str]] = field(default_factory=Counter)
    finished: int = 0
    seconds: float = 0.0

    @property
    def all_statuses(self) -> int:
        return self.statuses.total()


class Replay:
    """One replay. `run` it once."""

    def __init__(
        self,
        plan: Iterator[Planned],
        make_hands: Callable[[], Hands],
        acks: Acks,
        *,
        seed: int,
        hands: int = HANDS,
        at_once: int = OPEN,
    ) -> None:
        self._plan = plan
        self._make_hands = make_hands
        self._acks = acks
        self._rng = Random(seed)
        self._hands = hands
        self._at_once = at_once
        self._ready: list[Open] = []
        self._open = 0
        self.taken = Taken()

    async def run(self) -> Taken:
        """Replay all of it. Raises RunnerError when a step is refused or not answered."""
        started = time.monotonic()
        tasks = [asyncio.create_task(self._work(self._make_hands())) for _ in range(self._hands)]
        try:
            await asyncio.gather(*tasks)
        finally:
            for task in tasks:
                task.cancel()
            await asyncio.gather(*tasks, return_exceptions=True)
            self.taken.seconds = time.monotonic() - started
        return self.taken

    async def _work(self, hands: Hands) -> None:
        try:
            while (dossier := self._next()) is not None:
                await self._one_step(hands, dossier)
                if dossier.is_done:
                    self._open -= 1
                    self.taken.finished += 1
                else:
                    self._ready.append(dossier)
        finally:
            hands.close()

    def _next(self) -> Open | None:
        """A new dossier while there is room, else any of those that lie open; None when nothing is left that
        no other hand holds."""
        if self._open < self._at_once:
            planned = next(self._plan, None)
            if planned is not None:
                self._open += 1
                return Open(planned)
        if not self._ready:
            return None
        place = int(self._rng.random() * len(self._ready))
        self._ready[place], self._ready[-1] = self._ready[-1], self._ready[place]
        return self._ready.pop()

    async def _one_step(self, hands: Hands, dossier: Open) -> None:
        is_new = not dossier.code
        statuses = await hands.go_on(dossier)
        self.taken.statuses.update(status.value for status in statuses)
        if is_new:
            self.taken.dossiers += 1
            if dossier.planned.second_look:
                outcome = await hands.look_again(dossier)
                self.taken.second_looks[outcome, dossier.planned.intake["channel"]] += 1
        if statuses and not dossier.planned.by_systems:
            await self._acks.reached(dossier.code, dossier.version, PATIENCE_S)
