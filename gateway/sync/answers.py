"""Tells the portal which citizens' requests the province declined, one by one, until it has heard.

The same rules as for statuses: again when it may help, a dead letter when the portal refuses the content. One
that pauses does not hold up the others.
"""

from __future__ import annotations

import asyncio
import contextlib
from typing import Final

import structlog

from contracts.portal import PhanHoiYeuCau, Verb, format_portal_time
from gateway.sync import metrics
from gateway.sync.client import PortalClient
from gateway.sync.commands.requests import decline_refused, decline_told
from gateway.sync.outcomes import REASON_LENGTH, Delivered, Retry
from gateway.sync.queries.requests import PendingDecline, pending_declines
from services.bus.kit.clock import Clock
from services.bus.kit.store import Store

log = structlog.get_logger(__name__)

AT_ONCE: Final = 20
AGAIN_AFTER_S: Final = 1.0
LOOK_EVERY_S: Final = 5.0
"""Also without being woken: an operator may have retried one."""


class DeclineTeller:
    """For one event loop."""

    def __init__(self, client: PortalClient, store: Store, clock: Clock, *, fault_limit: int) -> None:
        self._client = client
        self._store = store
        self._clock = clock
        self._fault_limit = fault_limit
        self._wake = asyncio.Event()
        self._tries: dict[tuple[str, int], tuple[int, int]] = {}

    def wake(self, *_: object) -> None:
        """There may be one to tell."""
        self._wake.set()

    async def run(self) -> None:
        """For the app's life; cancelled on shutdown."""
        while True:
            self._wake.clear()
            try:
                settled = await self.tell_pending()
            except Exception as error:
                log.error("declines.surprise", exc_info=error)
                settled = False
            if settled:
                with contextlib.suppress(TimeoutError):
                    async with asyncio.timeout(LOOK_EVERY_S):
                        await self._wake.wait()
            else:
                await asyncio.sleep(AGAIN_AFTER_S)

    async def tell_pending(self) -> bool:
        """Tell the oldest ones. False if there are more, or some have to be told again."""
        pending = await self._store.read(lambda tx: pending_declines(tx, AT_ONCE))
        done = [await self._tell(each) for each in pending]
        return all(done) and len(pending) < AT_ONCE

    async def _tell(self, decline: PendingDecline) -> bool:
        key = (decline.reference, decline.request)
        tries, faults = self._tries.get(key, (decline.attempts, 0))
        row = PhanHoiYeuCau(
            MaThamChieu=decline.reference,
            SoYeuCau=str(decline.request),
            LyDo=decline.reason[:4000],
            ThoiDiemXuLy=format_portal_time(decline.at),
        )
        outcome = await self._client.call(Verb.DECLINE_REQUESTS, data=[row.wire()])
        tries += 1
        now = self._clock.now()
        if isinstance(outcome, Delivered):
            await self._store.write(lambda tx: decline_told(tx, *key, attempts=tries, now=now))
        elif isinstance(outcome, Retry) and faults + outcome.blames < self._fault_limit:
            self._tries[key] = (tries, faults + outcome.blames)
            return False
        else:
            code = outcome.trouble.value if isinstance(outcome, Retry) else outcome.error_code
            reason = outcome.reason[:REASON_LENGTH]
            metrics.record_letter(Verb.DECLINE_REQUESTS.value)
            await self._store.write(
                lambda tx: decline_refused(tx, *key, error_code=code, reason=reason, attempts=tries, now=now)
            )
        self._tries.pop(key, None)
        return True
