"""Whom the ledger asks: every process for receipts, the broker for consumers, sync for what the portal owes."""

from __future__ import annotations

import contextlib
import time
from collections.abc import AsyncIterator, Awaitable, Callable
from datetime import datetime
from typing import TYPE_CHECKING, Any, Final

import orjson

from contracts.catalogue.service_levels import service_levels
from services.bus.hub.ledger import watching
from services.bus.hub.ledger.names import PORTAL
from services.bus.hub.ledger.recording import TakeReceipts, position
from services.bus.hub.ledger.standing import PortalState
from services.bus.hub.rounds import ROUND_S, Take
from services.bus.kit.polling import Poller
from services.bus.kit.receipts import receipts_page
from services.bus.kit.service import Service
from services.bus.kit.standing import Standing

if TYPE_CHECKING:
    from services.bus.hub.ear import Ear
    from services.bus.hub.ledger.ledger import Ledger

IDLE_S: Final = 4.0
"""A process that had nothing new is asked less often, at most so long after."""
RECEIPTS_AT_ONCE: Final = 500
CALL_BUDGET_S: Final = 5.0
SAID_AFRESH_S, CHANGE_SAID_S = 60.0, 5.0
"""What a process owes is stored with its receipts; without any, after so long if it is the same, and if not."""

Ask = Callable[[int], Awaitable[bytes]]
"""Asks for the receipts after one."""
Get = Callable[[str], Awaitable[bytes]]
"""The body of a path of a process."""


def own_receipts(service: Service) -> Ask:
    """The hub's own lie in its own tables."""

    async def ask(after: int) -> bytes:
        page = receipts_page(after, RECEIPTS_AT_ONCE, service.clock.now(), service.relay.acknowledged())
        return await service.store.read(page)

    return ask


def receipts_at(get: Get) -> Ask:
    """Those of another process."""
    return lambda after: get(f"/v1/axis/receipts?after={after}&limit={RECEIPTS_AT_ONCE}")


@contextlib.asynccontextmanager
async def getting(service: Service, url: str) -> AsyncIterator[Get]:
    """GET from one process, for the length of the block."""
    if url.startswith("http://"):
        async with contextlib.aclosing(Poller(url, service.tokens)) as poller:
            yield lambda path: poller.get(path, within_s=CALL_BUDGET_S)
    else:

        async def get(path: str) -> bytes:
            return (await service.http.get(url + path, budget=CALL_BUDGET_S)).content

        yield get


class Receipts:
    """The receipts of one process, page after page, and what it owes."""

    def __init__(self, ledger: Ledger, service: Service, name: str, ask: Ask) -> None:
        self.name = name
        self.more = False
        self._ledger = ledger
        self._service = service
        self._ask = ask
        self._upto: int | None = None
        self._told: dict[str, Any] = {}
        self._told_at: datetime | None = None
        self._pause = ROUND_S
        self._next = 0.0

    def due(self, now: float) -> bool:
        return self.more or now >= self._next

    async def ask(self) -> Take | None:
        self.more = False
        self._next = time.monotonic() + self._pause / 2  # if this fails, soon again
        if self._upto is None:
            self._upto = await self._service.store.read(lambda tx: position(tx, self.name))
        page = orjson.loads(await self._ask(self._upto))
        now = self._service.clock.now()
        receipts, owes = page["receipts"], Standing.model_validate(page["standing"])
        self._ledger.standings.processes[self.name] = (owes, now)
        self._pause = ROUND_S if receipts or owes.owed else min(self._pause * 2, IDLE_S)
        self._next = time.monotonic() + self._pause - ROUND_S / 2
        said_s = SAID_AFRESH_S if page["standing"] == self._told else CHANGE_SAID_S
        if not receipts and self._told_at is not None and (now - self._told_at).total_seconds() <= said_s:
            return None

        async def take() -> None:
            await self._service.store.write(
                TakeReceipts(self._ledger.numbers, self.name, receipts, page["standing"], now)
            )
            self._upto = receipts[-1]["id"] if receipts else self._upto
            self._told, self._told_at, self.more = page["standing"], now, page["more"]

        return take


class Broker:
    """How far every consumer is, and the hub's own ear."""

    name = "broker"
    more = False

    def __init__(self, ledger: Ledger, service: Service, ear: Ear) -> None:
        self._ledger = ledger
        self._service = service
        self._ear = ear

    def due(self, now: float) -> bool:
        return self._service.bus.is_connected

    async def ask(self) -> Take | None:
        standings = self._ledger.standings
        found = await watching.consumers(self._service.bus, self._ledger.links.values())
        standings.consumers = found if self._ear.state is None else {**found, self._ear.name: self._ear.state}
        standings.broker_asked_at = self._service.clock.now()
        return None


class Sync:
    """What waits in sync for the national portal."""

    name = "portal"
    more = False

    def __init__(self, ledger: Ledger, get: Get) -> None:
        self._ledger = ledger
        self._get = get
        within = min((each.within_s for each in service_levels() if each.link.consumer == PORTAL), default=60.0)
        self._path = f"/v1/status?late_after_s={within}"

    def due(self, now: float) -> bool:
        return True

    async def ask(self) -> Take | None:
        told = orjson.loads(await self._get(self._path))
        since = told["oldest_waiting_since"]
        self._ledger.standings.portal = PortalState(
            backlog=told["backlog"],
            parked=told["lanes"]["parked"],
            oldest_at=None if since is None else datetime.fromisoformat(since),
            breaker=told["breaker"],
            late=told["late"],
        )
        self._ledger.standings.portal_asked_at = self._ledger.clock.now()
        return None
