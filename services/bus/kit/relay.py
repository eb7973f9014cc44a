"""The relay: what was committed with an outbox row reaches the broker, and only then the row goes.

New rows come straight from memory after the commit, in order, with `Nats-Msg-Id` = event id. The table is read
again only on start and when more was committed than memory takes, as by a bulk import: what memory holds goes
first, then the table, a part at a time. A row may be published twice; never is one lost.

    commit ──► deque ──► publish ──► in flight ──ack──► delete the row (in batches)
                 ▲                       │ no ack in time, or reconnected
                 └──── read the table ◄──┘
"""

from __future__ import annotations

import asyncio
import time
from collections import deque
from datetime import UTC, datetime, timedelta
from itertools import count, islice
from typing import cast

import orjson
import structlog
from nats.aio.msg import Msg
from sqlalchemy import ARRAY, String, Table, any_, bindparam, delete, func, select

from services.bus.kit import metrics
from services.bus.kit.bulk import POSTGRESQL
from services.bus.kit.bus import STREAM, Bus
from services.bus.kit.store import Store
from services.bus.kit.tables import Outbox
from services.bus.kit.trace import HEADER
from services.bus.kit.tx import Announced, Tx

log = structlog.get_logger(__name__)

MAX_IN_MEMORY = 20_000
MAX_IN_FLIGHT = 2_000
ACK_TIMEOUT_S = 5.0
DELETE_EVERY_S = 0.5
PAGE = 1_000


class Relay:
    """Publishes one store's outbox. `run` it as a task; `flushed` waits until nothing is owed."""

    def __init__(self, store: Store, bus: Bus) -> None:
        self.store = store
        self.bus = bus
        self._pending: deque[Announced] = deque()
        self._in_flight: dict[str, tuple[Announced, float]] = {}
        self._acked: list[str] = []
        self._wake = asyncio.Event()
        self._reload = True
        self._overflowed = False
        self._tokens = count()
        self._by_token: dict[str, str] = {}
        self._inbox = ""
        store.on_announced(self.enqueue)
        bus.on_reconnected.append(self._on_reconnected)

    @property
    def waiting(self) -> int:
        """Events committed here and not yet acknowledged by the broker, as far as memory knows."""
        return len(self._pending) + len(self._in_flight)

    @property
    def oldest_at(self) -> datetime | None:
        """When the oldest of those was made."""
        ids = [*self._in_flight, *(item.id for item in islice(self._pending, 1))]
        return _made_at(min(ids)) if ids else None

    def acknowledged(self) -> frozenset[str]:
        """Ids the broker has acknowledged and whose rows are still to be deleted."""
        return frozenset(self._acked)

    def enqueue(self, announced: list[Announced]) -> None:
        """Take what a commit announced. Called on the event loop, in commit order."""
        if self._overflowed or len(self._pending) + len(announced) > MAX_IN_MEMORY:
            self._overflowed = True  # from here on everything stands in the table, behind what memory holds
        else:
            self._pending.extend(announced)
        self._wake.set()

    async def run(self) -> None:
        """Publish for ever; cancelled on shutdown."""
        await self.bus.ready()
        self._inbox = f"_INBOX.{self.bus.name}.relay{time.time_ns():x}"
        await self.bus.nc.subscribe(f"{self._inbox}.*", cb=self._on_ack)
        async with asyncio.TaskGroup() as group:
            group.create_task(self._publish(), name="relay-publish")
            group.create_task(self._delete(), name="relay-delete")
            group.create_task(self._watch(), name="relay-watch")

    async def flushed(self, timeout: float) -> bool:
        """Wait until every event in memory is acknowledged and deleted; False if that took too long."""
        deadline = time.monotonic() + timeout
        while self.waiting or self._acked:
            if time.monotonic() > deadline:
                return False
            await asyncio.sleep(0.01)
        return True

    # -- publishing ----------------------------------------------------------------------------------------

    async def _publish(self) -> None:
        while True:
            if (self._reload or (self._overflowed and not self._pending)) and self.bus.is_connected:
                await self._read_table()
            if not self._pending or not self.bus.is_connected or len(self._in_flight) >= MAX_IN_FLIGHT:
                self._wake.clear()
                if not (self._pending and self.bus.is_connected and len(self._in_flight) < MAX_IN_FLIGHT):
                    await self._wake.wait()
                continue
            item = self._pending.popleft()
            try:
                await self._send(item)
            except Exception as error:
                log.warning("relay.publish-failed", error=str(error) or type(error).__name__)
                self._pending.appendleft(item)
                self._in_flight.pop(item.id, None)
                await asyncio.sleep(0.1)

    async def _send(self, item: Announced) -> None:
        token = str(next(self._tokens))
        self._by_token[token] = item.id
        self._in_flight[item.id] = (item, time.monotonic())
        headers = {"Nats-Msg-Id": item.id, "Nats-Expected-Stream": STREAM}
        if item.traceparent is not None:
            headers[HEADER] = item.traceparent
        await self.bus.nc.publish(item.subject, item.payload, reply=f"{self._inbox}.{token}", headers=headers)

    async def _read_table(self) -> None:
        """Put what the table holds in line, oldest first, except what is on its way or has arrived."""
        self._reload = self._overflowed = False
        try:
            found, after, more = await self._rows()
        except BaseException:
            self._reload = True
            raise
        if found:
            acked = set(self._acked)
            late = [] if more else [item for item in self._pending if item.id not in found and item.id > after]
            self._pending = deque(item for item in found.values() if item.id not in acked)
            self._pending.extend(late)
            log.info("relay.read-table", events=len(found), more=more)
        self._overflowed = self._overflowed or more

    async def _rows(self) -> tuple[dict[str, Announced], str, bool]:
        """As many as memory takes, the id of the last one looked at, and whether there may be more."""
        found: dict[str, Announced] = {}
        after = ""
        while len(found) < MAX_IN_MEMORY:
            page = await self.store.read(_page_after(after))
            acked = set(self._acked)
            found |= {item.id: item for item in page if item.id not in self._in_flight and item.id not in acked}
            after = page[-1].id if page else after
            if len(page) < PAGE:
                return found, after, False
        return found, after, True

    # -- acknowledgements ----------------------------------------------------------------------------------

    async def _on_ack(self, message: Msg) -> None:
        token = message.subject.rpartition(".")[2]
        event_id = self._by_token.pop(token, None)
        if event_id is None:
            return
        try:
            answer = orjson.loads(message.data)
        except orjson.JSONDecodeError:
            answer = {"error": {"description": f"no stream took the event ({message.header})"}}
        if "error" in answer:
            log.warning("relay.refused", error=answer["error"].get("description"))
            return  # still in flight: the watch will send it again
        flight = self._in_flight.pop(event_id, None)
        if flight is None:
            return
        self._acked.append(event_id)
        metrics.record_published(flight[0].subject)
        if len(self._in_flight) == MAX_IN_FLIGHT - 1:
            self._wake.set()

    async def _delete(self) -> None:
        done: list[str] = []
        while True:
            if len(done) < PAGE:
                await asyncio.sleep(DELETE_EVERY_S)
            done = self._acked[:PAGE]
            if not done:
                continue
            try:
                await self.store.write(_forget(done))
            except Exception as error:
                log.warning("relay.delete-failed", error=str(error) or type(error).__name__)
                done = []
                continue
            del self._acked[: len(done)]

    async def _watch(self) -> None:
        """Send again what the broker has not acknowledged in time."""
        while True:
            await asyncio.sleep(0.5)
            overdue = time.monotonic() - ACK_TIMEOUT_S
            late = [item for item, sent_at in self._in_flight.values() if sent_at < overdue]
            if late and self.bus.is_connected:
                self._again(late)
            if self._reload or self._overflowed or self._pending:
                self._wake.set()

    async def _on_reconnected(self) -> None:
        self._again([item for item, _ in self._in_flight.values()])

    def _again(self, items: list[Announced]) -> None:
        for item in items:
            self._in_flight.pop(item.id, None)
        self._pending.extendleft(sorted(items, key=lambda item: item.id, reverse=True))
        stale = {token for token, event_id in self._by_token.items() if event_id not in self._in_flight}
        for token in stale:
            del self._by_token[token]
        self._wake.set()


class Sweep:
    """On PostgreSQL several replicas share one outbox. Each publishes what it committed from memory; the one
    that holds the advisory lock also publishes what a dead replica left behind."""

    LOCK = 0x7472_7563  # "truc"

    def __init__(self, relay: Relay, every_s: float = 5.0, older_than_s: float = 10.0) -> None:
        self.relay = relay
        self.every_s = every_s
        self.older_than_s = older_than_s

    async def run(self) -> None:
        """Look for orphans for ever; cancelled on shutdown."""
        connection = await asyncio.to_thread(self.relay.store.writer.connect)
        try:
            while True:
                held = await asyncio.to_thread(
                    lambda: connection.scalar(select(func.pg_try_advisory_lock(self.LOCK)))
                )
                await asyncio.to_thread(connection.rollback)
                if held and await self.relay.store.read(self._has_orphans):
                    self.relay._reload = True
                    self.relay._wake.set()
                await asyncio.sleep(self.every_s)
        finally:
            connection.close()

    def _has_orphans(self, tx: Tx) -> bool:
        oldest = tx.scalar(select(func.min(Outbox.id)))
        return oldest is not None and _made_at(oldest) < datetime.now(UTC) - timedelta(seconds=self.older_than_s)


def _made_at(event_id: str) -> datetime:
    """When a UUIDv7 was made: its first 48 bits are milliseconds since 1970."""
    return datetime.fromtimestamp(int(event_id.replace("-", "")[:12], 16) / 1000, UTC)


def _page_after(after: str):  # type: ignore[no-untyped-def]
    def query(tx: Tx) -> list[Announced]:
        rows = tx.execute(
            select(Outbox.id, Outbox.subject, Outbox.traceparent, Outbox.payload)
            .where(Outbox.id > after)
            .order_by(Outbox.id)
            .limit(PAGE)
        )
        return [Announced(*row) for row in rows]

    return query


_OUTBOX = cast("Table", Outbox.__table__)
_DELETE = delete(_OUTBOX).where(_OUTBOX.c.id == bindparam("of_id"))
_DELETE_ALL = delete(_OUTBOX).where(_OUTBOX.c.id == any_(bindparam("of_ids", type_=ARRAY(String))))


def _forget(ids: list[str]):  # type: ignore[no-untyped-def]
    def command(tx: Tx) -> None:
        if tx.dialect == POSTGRESQL:
            tx.later(_DELETE_ALL, {"of_ids": ids})
            return
        for each in ids:
            tx.later(_DELETE, {"of_id": each})

    return command
