"""The worker: so many sends at once, each for lanes nobody else has, for as long as the process lives.

Whatever goes wrong in one send that nobody foresaw is logged and costs that send a pause, never the worker.
"""

from __future__ import annotations

import asyncio
from typing import Final

import structlog

from gateway.sync import metrics
from gateway.sync.batch import send_together
from gateway.sync.lane import HotLane
from gateway.sync.lanes import Lanes
from gateway.sync.sending import Sending

log = structlog.get_logger(__name__)

AFTER_SURPRISE_S: Final = 1.0
GAUGES_EVERY_S: Final = 1.0


class Worker:
    """For one event loop."""

    def __init__(self, sending: Sending) -> None:
        self._sending = sending
        self._lanes: Lanes = sending.lanes

    async def run(self) -> None:
        """Send for ever; cancelled on shutdown, when what was under way is simply sent again."""
        async with asyncio.TaskGroup() as group:
            for number in range(self._sending.profile.calls_at_once):
                group.create_task(self._send_for_ever(), name=f"sync-send-{number}")
            group.create_task(self._show(), name="sync-gauges")

    async def _send_for_ever(self) -> None:
        while True:
            taken: list[HotLane] = []
            try:
                taken = await self._lanes.take(self._sending.profile.dossiers)
                await send_together(self._sending, taken)
            except Exception as error:
                log.error("send.surprise", lanes=len(taken), exc_info=error)
                for lane in taken:
                    if lane.sending:
                        self._lanes.release_later(lane, AFTER_SURPRISE_S)
                if not taken:
                    await asyncio.sleep(AFTER_SURPRISE_S)

    async def _show(self) -> None:
        lanes = self._lanes
        while True:
            metrics.set_lanes(lanes.ready, lanes.sending, lanes.pausing, lanes.parked, lanes.backlog)
            await asyncio.sleep(GAUGES_EVERY_S)
