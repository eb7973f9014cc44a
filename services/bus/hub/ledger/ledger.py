"""The ledger while it runs: one task asks each process for receipts, one sync, one the broker; one rolls up, one
judges trends, one forgets.

Whoever is away is asked again a second later, from where it stood. Nothing here may stand in the way of a token.
"""

from __future__ import annotations

import asyncio
import contextlib
from collections import Counter, deque
from collections.abc import AsyncIterator, Awaitable, Callable
from datetime import datetime
from typing import Any, Final, cast

import orjson
import structlog
from fastapi import Request
from sqlalchemy import select

from contracts.catalogue.service_levels import service_levels
from services.bus.hub.ledger import watching
from services.bus.hub.ledger.models import Link, ReadUpTo
from services.bus.hub.ledger.names import PORTAL, LinkName
from services.bus.hub.ledger.numbers import Numbers
from services.bus.hub.ledger.recording import OnPortalStatus, TakeReceipts, position
from services.bus.hub.ledger.rolling import AT_ONCE, Forget, RollUp, forget_records
from services.bus.hub.ledger.standing import PortalState, Standings
from services.bus.hub.ledger.trend import SPAN, Sample, Trend, next_trend
from services.bus.hub.settings import HubSettings
from services.bus.kit.api import service_of
from services.bus.kit.clock import Clock
from services.bus.kit.consumer import ConsumerSpec
from services.bus.kit.inbox import Arrival
from services.bus.kit.receipts import receipts_page
from services.bus.kit.service import Service
from services.bus.kit.standing import Standing
from services.bus.kit.tasks import end
from services.bus.kit.tx import Tx

log = structlog.get_logger(__name__)

EXTRA: Final = "ledger"
SERVICE: Final = "hub"
EVERY_S: Final = 1.0
ROLL_PACE_S: Final = 0.75
"""What comes within this is committed together: the hub has to be quick, not instant, and is to cost little."""
IDLE_S: Final = 4.0
"""A process that had nothing new is asked less often, at most so long after."""
FORGET_EVERY_S: Final = 60.0
RECEIPTS_AT_ONCE: Final = 200
CALL_BUDGET_S: Final = 5.0
SAID_AFRESH_S, CHANGE_SAID_S = 60.0, 5.0
"""What a process owes is stored with its receipts; without any, after so long if it is the same, and if not."""

Ask = Callable[[int], Awaitable[bytes]]
"""Asks for the receipts after one."""


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
        self._recorded = asyncio.Event()
        self._away: dict[str, str] = {}

    def consumer(self) -> ConsumerSpec:
        """What the hub itself hears."""
        return ConsumerSpec(
            "hub-ledger",
            ["axis.portal.>"],
            OnPortalStatus(self.numbers, self.clock),
            self._on_committed,
            pace_s=ROLL_PACE_S,
        )

    def _on_committed(self, arrivals: list[Arrival]) -> None:
        self._recorded.set()

    @contextlib.asynccontextmanager
    async def running(self, service: Service) -> AsyncIterator[None]:
        """For the length of the block."""
        service.extra[EXTRA] = self
        await service.store.read(self._remember)
        jobs: dict[str, Callable[[], Awaitable[None]]] = {
            "roll-up": lambda: self._roll_up(service),
            "forget": lambda: self._forget(service),
            "broker": lambda: self._every_second("broker", lambda: self._ask_broker(service)),
            "trends": lambda: self._every_second("trends", self._judge),
        }
        asked = {name: self._over_http(service, url) for name, url in self.settings.observed.items()}
        for name, ask in {SERVICE: self._own(service), **asked}.items():
            jobs[name] = lambda name=name, ask=ask: self._collect(service, name, ask)  # type: ignore[misc]
        if self.settings.sync_url:
            jobs["portal"] = lambda: self._every_second("portal", lambda: self._ask_sync(service))
        tasks = [asyncio.create_task(_for_ever(job, name), name=f"ledger-{name}") for name, job in jobs.items()]
        try:
            yield
        finally:
            for task in tasks:
                await end(task)

    def _remember(self, tx: Tx) -> None:
        """What was known before the last stop: the links, and what each process owed then."""
        for row in tx.scalars(select(Link)):
            self.links[row.id] = LinkName(row.source, row.type, row.consumer, row.verb)
        asked = [SERVICE, *self.settings.observed]  # whoever is no longer asked owes nothing any more
        for read in tx.scalars(select(ReadUpTo).where(ReadUpTo.process.in_(asked))):
            self.standings.processes[read.process] = (Standing.model_validate(read.standing), read.asked_at)

    # -- receipts --------------------------------------------------------------------------------------------

    def _own(self, service: Service) -> Ask:
        """The hub's own receipts lie in its own tables."""

        async def ask(after: int) -> bytes:
            page = receipts_page(after, RECEIPTS_AT_ONCE, self.clock.now(), service.relay.acknowledged())
            return await service.store.read(page)

        return ask

    def _over_http(self, service: Service, url: str) -> Ask:
        async def ask(after: int) -> bytes:
            answer = await service.http.get(
                f"{url}/v1/axis/receipts",
                params={"after": after, "limit": RECEIPTS_AT_ONCE},
                budget=CALL_BUDGET_S,
            )
            return answer.content

        return ask

    async def _collect(self, service: Service, name: str, ask: Ask) -> None:
        """Take in the receipts of one process, page after page, and then once a second."""
        upto = await service.store.read(lambda tx: position(tx, name))
        told: dict[str, Any] = {}
        told_at: datetime | None = None
        pause = EVERY_S
        while True:
            more = fresh = False
            with self._patient(name):
                page = orjson.loads(await ask(upto))
                now = self.clock.now()
                self.standings.processes[name] = (Standing.model_validate(page["standing"]), now)
                fresh = bool(page["receipts"])
                said_s = SAID_AFRESH_S if page["standing"] == told else CHANGE_SAID_S
                if fresh or told_at is None or (now - told_at).total_seconds() > said_s:
                    take = TakeReceipts(self.numbers, name, page["receipts"], page["standing"], now)
                    if await service.store.write(take):
                        self._recorded.set()
                    upto = page["receipts"][-1]["id"] if page["receipts"] else upto
                    told, told_at, more = page["standing"], now, page["more"]
            busy = fresh or (name in self.standings.processes and self.standings.processes[name][0].owed)
            pause = EVERY_S if busy else min(pause * 2, IDLE_S)
            if not more:
                await asyncio.sleep(pause)

    # -- what waits ------------------------------------------------------------------------------------------

    async def _ask_broker(self, service: Service) -> None:
        if service.bus.is_connected:
            self.standings.consumers = await watching.consumers(service.bus, self.links.values())
            self.standings.broker_asked_at = self.clock.now()

    async def _ask_sync(self, service: Service) -> None:
        within = min((each.within_s for each in service_levels() if each.link.consumer == PORTAL), default=60.0)
        answer = await service.http.get(
            f"{self.settings.sync_url}/v1/status", params={"late_after_s": within}, budget=CALL_BUDGET_S
        )
        told = answer.json()
        since = told["oldest_waiting_since"]
        self.standings.portal = PortalState(
            backlog=told["backlog"],
            parked=told["lanes"]["parked"],
            oldest_at=None if since is None else datetime.fromisoformat(since),
            breaker=told["breaker"],
            late=told["late"],
        )
        self.standings.portal_asked_at = self.clock.now()

    async def _judge(self) -> None:
        """One sample of every link, and its trend."""
        now = self.clock.now()
        for link in {*self.links.values(), *self.standings.links()}:
            oldest_at = self.standings.of(link).oldest_at
            age = 0.0 if oldest_at is None else max((now - oldest_at).total_seconds(), 0.0)
            samples = self._samples.setdefault(link, deque(maxlen=2 * SPAN))
            samples.append(Sample(age, self._done.pop(link, 0)))
            self.trends[link] = next_trend(self.trends.get(link, Trend()), list(samples))

    # -- figures ---------------------------------------------------------------------------------------------

    async def _roll_up(self, service: Service) -> None:
        """Count what was recorded, soon after it was."""
        while True:
            rows, done = await service.store.write(RollUp(self.numbers, self.clock.now()))
            if done:
                await self._note(service, done)
            if rows < AT_ONCE:
                await self._recorded.wait()
                self._recorded.clear()
                await asyncio.sleep(ROLL_PACE_S)

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
                await asyncio.sleep(ROLL_PACE_S)
            while await service.store.write(forget_records(self.clock.now())):
                await asyncio.sleep(ROLL_PACE_S)

    # -- manners ---------------------------------------------------------------------------------------------

    async def _every_second(self, name: str, ask: Callable[[], Awaitable[None]]) -> None:
        while True:
            with self._patient(name):
                await ask()
            await asyncio.sleep(EVERY_S)

    @contextlib.contextmanager
    def _patient(self, name: str) -> Any:
        """What goes wrong is said once, until it is something else."""
        try:
            yield
        except Exception as error:
            said = f"{type(error).__name__}: {error}"
            if self._away.get(name) != said:
                log.warning("ledger.not-answered", whom=name, error=said)
            self._away[name] = said
        else:
            if self._away.pop(name, None) is not None:
                log.info("ledger.answered-again", whom=name)


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
