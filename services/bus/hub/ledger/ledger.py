"""The ledger while it runs: it asks in rounds, rolls up what was recorded, judges trends, and forgets.

Whoever is away is asked again a second later, from where it stood. Nothing here may stand in the way of a token.
"""

from __future__ import annotations

import asyncio
import contextlib
from collections import Counter, deque
from collections.abc import AsyncIterator, Awaitable, Callable
from typing import Final, cast

import structlog
from fastapi import Request
from sqlalchemy import select

from services.bus.hub.ear import Ear
from services.bus.hub.hearing import spec
from services.bus.hub.ledger.models import Link, ReadUpTo
from services.bus.hub.ledger.names import LinkName
from services.bus.hub.ledger.numbers import Numbers
from services.bus.hub.ledger.rolling import AT_ONCE, PARTS_AT_ONCE, Forget, RollUp, RollUpParts, forget_records
from services.bus.hub.ledger.sources import Broker, Receipts, Sync, getting, own_receipts, receipts_at
from services.bus.hub.ledger.standing import Standings
from services.bus.hub.ledger.trend import SPAN, Sample, Trend, next_trend
from services.bus.hub.rounds import Patience, Rounds, Source
from services.bus.hub.settings import HubSettings
from services.bus.kit.api import service_of
from services.bus.kit.clock import Clock
from services.bus.kit.consumer import Consumer
from services.bus.kit.service import Service
from services.bus.kit.standing import Standing
from services.bus.kit.tasks import end
from services.bus.kit.tx import Tx

log = structlog.get_logger(__name__)

EXTRA: Final = "ledger"
SERVICE: Final = "hub"
EVERY_S: Final = 1.0
PARTS_EVERY_S: Final = 10.0
"""Agencies and procedures are many: they are counted together, not with every round."""
FORGET_EVERY_S: Final = 60.0
PAUSE_S: Final = 0.75


class Ledger:
    """For one event loop; everything durable is in the tables."""

    def __init__(self, settings: HubSettings, clock: Clock) -> None:
        self.settings = settings
        self.clock = clock
        self.numbers = Numbers()
        self.standings = Standings()
        self.trends: dict[LinkName, Trend] = {}
        self.links: dict[int, LinkName] = {}
        self._samples: dict[LinkName, deque[Sample]] = {}
        self._done: Counter[LinkName] = Counter()
        self._patience = Patience()
        self._parts_wait = True

    @contextlib.asynccontextmanager
    async def running(self, service: Service) -> AsyncIterator[None]:
        """For the length of the block."""
        service.extra[EXTRA] = self
        await service.store.read(self._remember)
        service.consumers.append(Consumer(spec(self.numbers, self.clock), service.store, service.bus, self.clock))
        async with contextlib.AsyncExitStack() as stack:
            ear = await stack.enter_async_context(Ear(service, self.numbers))
            sources: list[Source] = [
                ear,
                Broker(self, service, ear),
                Receipts(self, service, SERVICE, own_receipts(service)),
            ]
            for name, url in self.settings.observed.items():
                get = await stack.enter_async_context(getting(service, url))
                sources.append(Receipts(self, service, name, receipts_at(get)))
            if self.settings.sync_url:
                get = await stack.enter_async_context(getting(service, self.settings.sync_url.rstrip("/")))
                sources.append(Sync(self, get))
            rounds = Rounds(sources, lambda: self._roll_up(service), self._patience)
            jobs: dict[str, Callable[[], Awaitable[None]]] = {
                "rounds": rounds.run,
                "parts": lambda: self._roll_up_parts(service),
                "forget": lambda: self._forget(service),
                "trends": self._judge,
            }
            running = [asyncio.create_task(_for_ever(job, name), name=f"hub-{name}") for name, job in jobs.items()]
            try:
                yield
            finally:
                for task in running:
                    await end(task)

    def _remember(self, tx: Tx) -> None:
        """What was known before the last stop: the links, and what each process owed then."""
        for row in tx.scalars(select(Link)):
            self.links[row.id] = LinkName(row.source, row.type, row.consumer, row.verb)
        asked = [SERVICE, *self.settings.observed]  # whoever is no longer asked owes nothing any more
        for read in tx.scalars(select(ReadUpTo).where(ReadUpTo.process.in_(asked))):
            self.standings.processes[read.process] = (Standing.model_validate(read.standing), read.asked_at)

    # -- what waits ------------------------------------------------------------------------------------------

    async def _judge(self) -> None:
        """Every second one sample of every link, and its trend."""
        while True:
            self.judge()
            await asyncio.sleep(EVERY_S)

    def judge(self) -> None:
        now = self.clock.now()
        for link in {*self.links.values(), *self.standings.links()}:
            oldest_at = self.standings.of(link).oldest_at
            age = 0.0 if oldest_at is None else max((now - oldest_at).total_seconds(), 0.0)
            samples = self._samples.setdefault(link, deque(maxlen=2 * SPAN))
            samples.append(Sample(age, self._done.pop(link, 0)))
            self.trends[link] = next_trend(self.trends.get(link, Trend()), list(samples))

    # -- figures ---------------------------------------------------------------------------------------------

    async def _roll_up(self, service: Service) -> None:
        """Count what was recorded, in the commit of the round that recorded it."""
        rows = AT_ONCE
        while rows == AT_ONCE:
            rows, done = await service.store.write(RollUp(self.numbers, self.clock.now()))
            self._parts_wait |= rows > 0
            await self._note(service, done)

    async def _roll_up_parts(self, service: Service) -> None:
        """Count it by agency and procedure."""
        while True:
            while self._parts_wait:
                rows = await service.store.write(RollUpParts(self.numbers, self.clock.now()))
                self._parts_wait = rows == PARTS_AT_ONCE
                await asyncio.sleep(PAUSE_S)
            await asyncio.sleep(PARTS_EVERY_S)

    async def _note(self, service: Service, done: Counter[int]) -> None:
        if not done.keys() <= self.links.keys():
            self.links = await service.store.read(links_by_id)
        for link_id, events in done.items():
            self._done[self.links[link_id]] += events

    async def _forget(self, service: Service) -> None:
        """Delete what is too old, some series at a time."""
        while True:
            await asyncio.sleep(FORGET_EVERY_S)
            after: int | None = 0
            while after is not None:
                after = await service.store.write(Forget(after, self.clock.now()))
                await asyncio.sleep(PAUSE_S)
            while await service.store.write(forget_records(self.clock.now())):
                await asyncio.sleep(PAUSE_S)


async def _for_ever(job: Callable[[], Awaitable[None]], name: str) -> None:
    """A job that dies is begun anew: the ledger must not take the tokens with it."""
    while True:
        try:
            await job()
        except Exception as error:
            log.error("ledger.job-failed", job=name, exc_info=error)
        await asyncio.sleep(EVERY_S)


def links_by_id(tx: Tx) -> dict[int, LinkName]:
    """Every link there is."""
    rows = tx.execute(select(Link.id, Link.source, Link.type, Link.consumer, Link.verb))
    return {id: LinkName(*name) for id, *name in rows}


def ledger_of(request: Request) -> Ledger:
    """The ledger behind this request."""
    return cast("Ledger", service_of(request).extra[EXTRA])
