"""From the commit to the lanes: what the reactions have stored is handed over on the event loop, with the times
only the consumer knows.

The transaction tells what it has committed, whoever ran it, and the consumer tells right after it when each
event was published and received. What nobody calls for (an operator retried a held event) is handed over a
moment later.
"""

from __future__ import annotations

import asyncio
import time
from collections import deque
from collections.abc import Iterable
from typing import Final

from gateway.sync.lane import News
from gateway.sync.lanes import Lanes
from services.bus.kit.inbox import Arrival

LEFT_AFTER_S: Final = 0.1


class Newsstand:
    """`put` in the writer thread, everything else on the event loop."""

    def __init__(self, lanes: Lanes) -> None:
        self._lanes = lanes
        self._waiting: deque[tuple[float, list[News]]] = deque()

    def put(self, news: list[News]) -> None:
        """These steps have been committed."""
        self._waiting.append((time.monotonic(), news))

    def hand_over(self, arrivals: Iterable[Arrival] = ()) -> None:
        """Give the lanes all there is; `arrivals` say when their steps were published and received."""
        times = {(each.event.key, each.event.version): each for each in arrivals}
        while self._waiting:
            _, news = self._waiting.popleft()
            for each in news:
                arrival = times.get((each.told.code, each.step.version))
                if arrival is not None:
                    each.step.published_at = arrival.published_at
                    each.step.received_at = arrival.received_at
            self._lanes.arrived(news)

    async def run(self) -> None:
        """Hand over what is left lying, for ever; cancelled on shutdown."""
        while True:
            await asyncio.sleep(LEFT_AFTER_S)
            if self._waiting and time.monotonic() - self._waiting[0][0] > LEFT_AFTER_S:
                self.hand_over()
