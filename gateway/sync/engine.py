"""Everything that runs in the sync worker, put together: lanes, sending, recorder, and both directions.

axis ──► reaction ──► lanes ──► worker ──► portal
                        ▲                    │
                        └──── recorder ◄─────┘ ──► axis
portal ──► citizens ──► axis ──► declines ──► portal
"""

from __future__ import annotations

import asyncio
import contextlib
from collections.abc import AsyncIterator, Awaitable, Callable, Coroutine
from typing import Any, Final, cast

import structlog
from fastapi import Request

from contracts.envelope import Event
from gateway.sync import metrics
from gateway.sync.ahead import Ahead
from gateway.sync.answers import DeclineTeller
from gateway.sync.citizens import CitizenPoll
from gateway.sync.client import PortalClient
from gateway.sync.commands.reconciliations import abandon_running
from gateway.sync.lanes import Lanes
from gateway.sync.latency import Latencies
from gateway.sync.newsstand import Newsstand
from gateway.sync.profiles import SendingProfile
from gateway.sync.queries.differences import compared, known_by_kind
from gateway.sync.queries.operator import oldest_waiting, open_letters
from gateway.sync.reactions import StatusReaction
from gateway.sync.recorder import Recorder
from gateway.sync.sending import Sending
from gateway.sync.settings import SyncSettings
from gateway.sync.worker import Worker
from services.bus.kit.api import service_of
from services.bus.kit.clock import Clock
from services.bus.kit.inbox import Arrival
from services.bus.kit.service import Service
from services.bus.kit.tasks import end
from services.bus.kit.tx import Tx

log = structlog.get_logger(__name__)

EXTRA: Final = "sync"


class Engine:
    """One process's worker. Made before the service runs, because the consumers name its reactions; alive
    inside `running`."""

    lanes: Lanes
    news: Newsstand
    client: PortalClient
    recorder: Recorder
    declines: DeclineTeller

    def __init__(self, settings: SyncSettings, clock: Clock) -> None:
        self.settings = settings
        self.clock = clock
        self.profile = SendingProfile.of(settings)
        self.latencies = Latencies()
        self._reaction: StatusReaction | None = None
        self._tasks: set[asyncio.Task[None]] = set()

    def on_status_changed(self, tx: Tx, event: Event) -> None:
        """The reaction to dossier.status-changed."""
        assert self._reaction is not None
        self._reaction(tx, event)

    def ahead(self, arrivals: list[Arrival]) -> bool:
        """Before the commit: what can be sent already is."""
        return self._ahead.take(arrivals)

    def committed(self, arrivals: list[Arrival]) -> None:
        """After the commit: these may be sent."""
        self.news.hand_over(arrivals)

    def declined(self, arrivals: list[Arrival]) -> None:
        """After the commit: there are declined requests to tell."""
        self.declines.wake()

    def background(self, work: Coroutine[Any, Any, None]) -> None:
        """Do this beside everything else; it ends with the process at the latest."""
        task = asyncio.get_running_loop().create_task(work)
        self._tasks.add(task)
        task.add_done_callback(self._tasks.discard)

    @contextlib.asynccontextmanager
    async def running(self, service: Service) -> AsyncIterator[None]:
        """Everything made and loaded for the length of the block; at its end what is acknowledged is saved.
        The work itself is done in `loops`."""
        settings, store = self.settings, service.store
        service.extra[EXTRA] = self
        service.scraping.looks.append(self.look)
        self.lanes = Lanes(store, settings.hot_lanes)
        self.news = Newsstand(self.lanes)
        self._ahead = Ahead(self.lanes)
        self._reaction = StatusReaction(self.lanes, self.clock, self.news.put)
        await store.write(lambda tx: abandon_running(tx, now=self.clock.now()))
        await self.lanes.start()
        log.info("sync.backlog", statuses=self.lanes.backlog, lanes=self.lanes.ready, parked=self.lanes.parked)
        async with PortalClient(settings) as self.client:
            self.recorder = Recorder(store, self.lanes, self.clock, self.latencies, self.profile.name)
            self.declines = DeclineTeller(self.client, store, self.clock, fault_limit=settings.fault_limit)
            yield
            await asyncio.gather(*(end(task) for task in self._tasks))
            await self.recorder.flush(settings.drain_seconds)

    async def look(self, service: Service) -> None:
        """How things stand, for the metrics."""
        metrics.forget_standing()
        oldest_at, letters, compared_at, differing = await service.store.read(
            lambda tx: (oldest_waiting(tx), open_letters(tx), compared(tx), known_by_kind(tx))
        )
        age = 0.0 if oldest_at is None else max((self.clock.now() - oldest_at).total_seconds(), 0.0)
        metrics.set_standing(age, letters)
        metrics.set_compared(None if compared_at is None else compared_at.timestamp(), differing)

    @property
    def loops(self) -> list[Callable[[Service], Awaitable[None]]]:
        """What runs while `running`, each for ever."""
        polling = [self.poll] if self.settings.poll_interval_s else []
        return [self.record, self.send, self.hand_over, self.tell_declines, *polling]

    async def record(self, service: Service) -> None:
        """Results into the store."""
        await self.recorder.run()

    async def send(self, service: Service) -> None:
        """Lanes to the portal."""
        settings = self.settings
        sending = Sending(
            self.client,
            self.lanes,
            self.recorder,
            self.clock,
            self.profile,
            longest_pause_s=settings.retry_longest_s,
            fault_limit=settings.fault_limit,
        )
        await Worker(sending).run()

    async def hand_over(self, service: Service) -> None:
        """Committed steps into their lanes, where the consumer does not call for them."""
        await self.news.run()

    async def tell_declines(self, service: Service) -> None:
        """Declined requests to the portal."""
        await self.declines.run()

    async def poll(self, service: Service) -> None:
        """Citizens' requests from the portal."""
        settings = self.settings
        poll = CitizenPoll(
            self.client, service.store, self.clock, every_s=settings.poll_interval_s, most=settings.poll_batch
        )
        await poll.run()


def engine_of(request: Request) -> Engine:
    """The engine behind this request."""
    return cast("Engine", service_of(request).extra[EXTRA])
