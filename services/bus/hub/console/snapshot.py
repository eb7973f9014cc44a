"""One picture of the axis for everybody who looks: taken once for all open consoles, and only while there are any;
pushed only when it has changed.

What waits is known to the ledger in memory and is looked at every second. The rest is read beside that, so that
nothing slow keeps it from being told: latencies from the database, as often as that is cheap and at the latest
after two seconds, service levels, and what sync knows of differences.
"""

from __future__ import annotations

import asyncio
import contextlib
from collections.abc import Callable
from dataclasses import dataclass, field, replace
from datetime import datetime, timedelta
from typing import Any, Final

import structlog

from contracts.catalogue.service_levels import service_levels
from services.bus.hub.console import continuous, reconciliation
from services.bus.hub.console.continuous import Continuous
from services.bus.hub.console.reconciliation import Comparison
from services.bus.hub.console.remote import Remote
from services.bus.hub.console.reread import Reread
from services.bus.hub.console.verdict import Verdict, verdict
from services.bus.hub.ledger import queries
from services.bus.hub.ledger.agreed import ServiceLevelView, agreed
from services.bus.hub.ledger.ledger import SERVICE, Ledger
from services.bus.hub.ledger.names import LinkName
from services.bus.hub.ledger.standing import PortalState
from services.bus.hub.ledger.views import Links
from services.bus.kit.http_errors import CallError
from services.bus.kit.service import Service
from services.bus.kit.tasks import end

log = structlog.get_logger(__name__)

EVERY_S: Final = 1.0
SHARE: Final = 0.04
"""Of one core, for reading latencies."""
LATEST_S: Final = 2.0
LEVELS_EVERY_S: Final = 15.0
COMPARED_EVERY_S: Final = 5.0
SILENT_AFTER: Final = timedelta(seconds=15)
WINDOW: Final = "1h"


@dataclass(frozen=True, slots=True)
class Snapshot:
    """The axis at one moment. `continuous`: what the comparison that never ends knows; `compared`: the newest row
    by row comparison anybody asked for. `drawn` keeps what pages made of it, so that each is drawn once."""

    at: datetime
    links: Links
    verdict: Verdict
    levels: tuple[ServiceLevelView, ...]
    portal: PortalState | None
    continuous: Continuous | None
    compared: Comparison | None
    drawn: dict[Any, str] = field(default_factory=dict, compare=False)

    def same_as(self, other: Snapshot | None) -> bool:
        """Nothing to see has changed."""
        if other is None:
            return False
        alike = replace(self, at=other.at, links=self.links.model_copy(update={"at": other.links.at}))
        return _bare(alike) == _bare(other)


def _bare(snapshot: Snapshot) -> Snapshot:
    """Without the times at which witnesses were asked, which always change."""
    items = [link.model_copy(update={"as_of": None}) for link in snapshot.links.items]
    late = tuple(link.model_copy(update={"as_of": None}) for link in snapshot.verdict.late)
    return replace(
        snapshot,
        links=snapshot.links.model_copy(update={"items": items}),
        verdict=replace(snapshot.verdict, late=late),
    )


Told = Callable[[Snapshot], None]
Known = tuple[Continuous | None, Comparison | None]


class Snapshots:
    """Takes them, and tells whoever subscribed."""

    def __init__(self, service: Service, ledger: Ledger | None, remote: Remote) -> None:
        self._service = service
        self._ledger = ledger
        self._remote = remote
        self._subscribers: dict[object, Told] = {}
        self._task: asyncio.Task[None] | None = None
        self._last: Snapshot | None = None
        self._taking = asyncio.Lock()
        self._stale = asyncio.Event()
        self._links = Reread(
            self._read_links, lambda took: min(took / SHARE, LATEST_S - EVERY_S / 2), keeps_s=4 * LATEST_S
        )
        self._levels = Reread(self._read_levels, lambda _: LEVELS_EVERY_S, keeps_s=2 * LEVELS_EVERY_S)
        self._comparisons = Reread(self._ask_comparisons, lambda _: COMPARED_EVERY_S, keeps_s=2 * COMPARED_EVERY_S)
        self._known: Known = None, None

    @property
    def subscribers(self) -> int:
        return len(self._subscribers)

    async def now(self) -> Snapshot:
        """A picture that is fresh enough to begin a page with."""
        if (last := self._fresh()) is not None:
            return last  # without waiting for the next one, should that be in the making
        async with self._taking:
            if (last := self._fresh()) is None:
                last = self._last = await self._take()
            return last

    def _fresh(self) -> Snapshot | None:
        last = self._last
        is_fresh = last is not None and self._service.clock.now() - last.at <= timedelta(seconds=LATEST_S)
        return last if is_fresh else None

    def subscribe(self, key: object, told: Told) -> None:
        """Tell of every change, on the event loop, until `unsubscribe`."""
        self._subscribers[key] = told
        if self._task is None or self._task.done():
            self._task = asyncio.create_task(self._run(), name="console-snapshots")

    def unsubscribe(self, key: object) -> None:
        self._subscribers.pop(key, None)

    def look_again(self) -> None:
        """Somebody has changed something: do not wait for what was read a while ago."""
        self._comparisons.outdate()
        self._stale.set()

    async def aclose(self) -> None:
        self._subscribers.clear()
        if self._task is not None:
            await end(self._task)
        for each in (self._links, self._levels, self._comparisons):
            await each.aclose()

    async def _run(self) -> None:
        while self._subscribers:
            try:
                async with self._taking:
                    before, self._last = self._last, await self._take()
                    taken = self._last
                if not taken.same_as(before):
                    for told in list(self._subscribers.values()):
                        told(taken)
            except Exception as error:
                log.warning("console.snapshot-failed", exc_info=error)
            with contextlib.suppress(TimeoutError):
                async with asyncio.timeout(EVERY_S):
                    await self._stale.wait()
            self._stale.clear()

    async def _take(self) -> Snapshot:
        if (ledger := self._ledger) is None:
            now = self._service.clock.now()
            nothing = Links(at=now, window=WINDOW, items=[])
            return Snapshot(now, nothing, verdict([], None, {}), (), None, None, None)
        read, levels, (standing, compared) = await asyncio.gather(
            self._links.now(), self._levels.now(), self._comparisons.now()
        )
        now = self._service.clock.now()
        links = _as_it_waits(read, ledger, now)
        limits = {level.link: level.within_s for level in levels}
        said = verdict(links.items, standing, limits, silent(ledger, now))
        return Snapshot(now, links, said, levels, ledger.standings.portal, standing, compared)

    async def _read_links(self) -> Links:
        ledger, now = self._watching(), self._service.clock.now()
        return await self._service.store.read(lambda tx: queries.links(tx, ledger, WINDOW, now))

    async def _read_levels(self) -> tuple[ServiceLevelView, ...]:
        ledger, now = self._watching(), self._service.clock.now()
        return tuple((await self._service.store.read(lambda tx: agreed(tx, ledger, now))).items)

    def _watching(self) -> Ledger:
        assert self._ledger is not None
        return self._ledger

    async def _ask_comparisons(self) -> Known:
        """With the hub's own token: nobody in particular asks. What cannot be asked stays as it was."""
        standing, newest = self._known
        address = self._remote.address(reconciliation.WHERE)
        if address:
            http = self._service.http
            try:
                told = await http.get(f"{address}{continuous.PATH}", budget=1.0)
                standing = continuous.read(told.json())
                answer = await http.get(f"{address}/v1/reconciliations", params={"limit": 1}, budget=1.0)
                newest = reconciliation.newest(answer.json())
            except (CallError, ValueError, KeyError, TypeError) as error:
                log.debug("console.not-compared", error=type(error).__name__)
        self._known = standing, newest
        return self._known


def _as_it_waits(links: Links, ledger: Ledger, now: datetime) -> Links:
    """The same latencies, and what waits now."""
    items = []
    for link in links.items:
        name = LinkName(link.source, link.type, link.consumer, link.verb or "")
        waiting, trend = ledger.standings.of(name), ledger.trends.get(name)
        age = None if waiting.oldest_at is None else max((now - waiting.oldest_at).total_seconds(), 0.0)
        items.append(
            link.model_copy(
                update={
                    "oldest_at": waiting.oldest_at,
                    "oldest_s": None if age is None else round(age, 3),
                    "backlog": waiting.backlog,
                    "held": waiting.held,
                    "dead": waiting.dead,
                    "trend": trend.verdict if trend is not None else link.trend,
                    "as_of": waiting.as_of,
                }
            )
        )
    return links.model_copy(update={"at": now, "items": items})


def silent(ledger: Ledger, now: datetime) -> list[str]:
    """Who has not been heard for a while."""
    heard = ledger.standings.processes
    limit = now - SILENT_AFTER
    quiet = [name for name in (SERVICE, *ledger.settings.observed) if name not in heard or heard[name][1] < limit]
    asked = ledger.standings.broker_asked_at
    return [*quiet, *(["broker"] if asked is None or asked < limit else [])]


def objectives() -> dict[str, float]:
    """Within how many seconds, by link, where a service level says so."""
    return {
        LinkName(each.link.source, each.link.type, each.link.consumer, each.link.verb).slug: each.within_s
        for each in service_levels()
    }
