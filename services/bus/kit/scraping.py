"""What `/metrics` answers: everything counted so far, and how things stand at this moment.

Depths, ages and states are looked up when somebody asks, never kept up to date for nobody. Several scrapers share
one look-up; one that fails shows nothing rather than an old number.
"""

from __future__ import annotations

import asyncio
import contextlib
import shutil
import time
from collections.abc import Awaitable, Callable, Iterator
from functools import cache
from pathlib import Path
from typing import TYPE_CHECKING, Final

import structlog
from prometheus_client import CONTENT_TYPE_LATEST, REGISTRY, Gauge, generate_latest
from prometheus_client.openmetrics import exposition as openmetrics
from sqlalchemy import distinct, func, select

from services.bus.kit.breaker import BreakerState
from services.bus.kit.inbox import DEAD, UNREADABLE
from services.bus.kit.measuring import Counter
from services.bus.kit.standing import COUNTED
from services.bus.kit.tables import Held
from services.bus.kit.tx import Tx

if TYPE_CHECKING:
    from services.bus.kit.service import Service

log = structlog.get_logger(__name__)

OPEN_METRICS: Final = "application/openmetrics-text"
FRESH_S: Final = 1.0
PATIENCE_S: Final = 3.0
BREAKER_STATES: Final = {BreakerState.CLOSED: 0, BreakerState.HALF_OPEN: 1, BreakerState.OPEN: 2}

_connected = Gauge("truc_axis_connected", "1 while the connection to the broker stands", registry=None)
_subscribed = Gauge("truc_axis_consumer_subscribed", "1 while a consumer is fed by the broker", ("consumer",))
_waiting = Gauge(
    "truc_axis_outbox_waiting", "Events committed here and not yet acknowledged by the broker", registry=None
)
_oldest = Gauge("truc_axis_outbox_oldest_seconds", "Age of the oldest of them; 0 if there is none", registry=None)
_held = Gauge("truc_axis_held_events", "Events held back, counted up to ten thousand", ("consumer", "state"))
_parked = Gauge("truc_axis_parked_keys", "Keys that wait behind a dead letter", ("consumer",))
_commands = Gauge("truc_commands_waiting", "Commands that wait for the writer")
_breaker = Gauge("truc_breaker_state", "0 closed, 1 half open, 2 open", ("destination",))
_keys = Gauge("truc_keys_known", "1 once the hub's keys are known: without them every token is refused")
_free = Gauge("truc_disk_free_bytes", "Free on the disk of the data folder")
_size = Gauge("truc_disk_size_bytes", "Size of the disk of the data folder")
_database = Gauge(
    "truc_database_bytes", "An SQLite database: the file, and the log of what is not in it yet", ("part",)
)
_failed = Counter("truc_scrape_failures_total", "Look-ups for /metrics that failed", ("what",))

Look = Callable[["Service"], Awaitable[None]]
"""Sets gauges. What it sets has to be cleared first, so that a failure leaves nothing old behind."""


class Scraping:
    """The look-ups of one service. Add those of its own to `looks`."""

    def __init__(self, service: Service) -> None:
        self.looks: list[Look] = [_of_process, _of_disk]
        if service.on_axis:
            self.looks.append(_of_inbox)
            _show_the_axis()
        self._service = service
        self._looked_at = 0.0
        self._looking = asyncio.Lock()

    async def answer(self, accept: str) -> tuple[bytes, str]:
        """The metrics in the format asked for (with exemplars where that is OpenMetrics), and its content type."""
        async with self._looking:
            if time.monotonic() - self._looked_at > FRESH_S:
                await asyncio.gather(*map(self._look, self.looks))
                self._looked_at = time.monotonic()
        if OPEN_METRICS in accept:
            return await asyncio.to_thread(openmetrics.generate_latest, REGISTRY), openmetrics.CONTENT_TYPE_LATEST
        return await asyncio.to_thread(generate_latest, REGISTRY), CONTENT_TYPE_LATEST

    async def _look(self, look: Look) -> None:
        try:
            async with asyncio.timeout(PATIENCE_S):
                await look(self._service)
        except Exception as error:
            _failed.labels(look.__name__.removeprefix("_of_")).inc()
            log.info("scrape.failed", what=look.__name__, error=type(error).__name__)


@cache
def _show_the_axis() -> None:
    """Who is not on the axis does not show that it is not connected."""
    for gauge in (_connected, _waiting, _oldest):
        REGISTRY.register(gauge)


async def _of_process(service: Service) -> None:
    _commands.set(service.store.waiting)
    _keys.set(await service.verifier.knows_keys())
    for breaker in service.http.breakers:
        set_breaker(breaker.name, breaker.state)
    if service.on_axis:
        _connected.set(service.bus.is_connected)
        _waiting.set(service.relay.waiting)
        oldest_at = service.relay.oldest_at
        _oldest.set(0 if oldest_at is None else max((service.clock.now() - oldest_at).total_seconds(), 0))
        for consumer in service.consumers:
            _subscribed.labels(consumer.spec.name).set(consumer.subscribed)


async def _of_inbox(service: Service) -> None:
    _held.clear()
    _parked.clear()
    found = await service.store.read(_held_now)
    for consumer in service.consumers:
        name = consumer.spec.name
        for state in ("waiting", DEAD):
            _held.labels(name, state).set(found.get((name, state), (0, 0))[0])
        _parked.labels(name).set(found.get((name, DEAD), (0, 0))[1])


def _held_now(tx: Tx) -> dict[tuple[str, str], tuple[int, int]]:
    """By consumer and state: how many events, of how many keys (messages that are no events have none)."""
    some = select(Held.consumer, Held.state, Held.key).limit(COUNTED).subquery()
    keys = distinct(some.c.key)
    groups = select(
        some.c.consumer,
        some.c.state,
        func.count(),
        func.count(keys).filter(some.c.key.not_like(f"{UNREADABLE}%")),
    ).group_by(some.c.consumer, some.c.state)
    return {(consumer, state): (events, keys) for consumer, state, events, keys in tx.execute(groups)}


async def _of_disk(service: Service) -> None:
    for gauge in (_free, _size):
        gauge.set(float("nan"))
    _database.clear()
    usage, files = await asyncio.to_thread(_on_disk, service)
    _free.set(usage.free)
    _size.set(usage.total)
    for part, size in files.items():
        _database.labels(part).set(size)


def _on_disk(service: Service) -> tuple[shutil._ntuple_diskusage, dict[str, int]]:
    url = service.store.writer.url
    sizes: dict[str, int] = {}
    if url.get_backend_name() == "sqlite" and url.database:
        for part, path in (("file", url.database), ("log", f"{url.database}-wal")):
            with contextlib.suppress(OSError):
                sizes[part] = Path(path).stat().st_size
    folder = next(each for each in _upwards(service.settings.data_dir) if each.exists())
    return shutil.disk_usage(folder), sizes


def _upwards(folder: Path) -> Iterator[Path]:
    """The folder, else the nearest one above it: it may not have been made yet."""
    whole = folder.absolute()
    yield whole
    yield from whole.parents


def set_breaker(destination: str, state: BreakerState) -> None:
    """Show a breaker. Destinations come from configuration: a small set."""
    _breaker.labels(destination).set(BREAKER_STATES[state])
