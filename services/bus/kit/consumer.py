"""A consumer: events in, in order per key, once in effect, acknowledged after the commit.

    receive ──► apply (see `inbox`) ──► commit ──► acknowledge
    a reaction that keeps failing ──► dead letter with its reason; its key is parked, every other key goes on
    the database is away ──► nothing is acknowledged, and everything comes again

A reaction is a command: it runs in the writer, with the inbox check in the same transaction.
"""

from __future__ import annotations

import asyncio
import contextlib
import time
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from datetime import UTC, datetime

import structlog
from nats.aio.msg import Msg
from nats.js import api
from pydantic import ValidationError
from sqlalchemy import select
from sqlalchemy.exc import DBAPIError

from contracts.envelope import Event
from contracts.problems import Problem
from services.bus.kit import metrics
from services.bus.kit.bus import STREAM, Bus
from services.bus.kit.clock import Clock
from services.bus.kit.inbox import DEAD, UNREADABLE, Apply, Arrival, Reaction, bury
from services.bus.kit.pull import StandingPull
from services.bus.kit.store import Store
from services.bus.kit.tables import Held
from services.bus.kit.trace import child_of, parse, tracing

log = structlog.get_logger(__name__)

MAX_BATCH = 256
MAX_ATTEMPTS = 5
ACK_WAIT_S = 5.0
"""After this long the broker gives an unacknowledged message again: what a consumer that was killed had in its
hands comes back no later. A batch that takes longer comes twice, and is seen to be a repeat."""
AGAIN_AFTER_S = 0.5
FEW = 2
"""So many events of a brief reaction are applied on the event loop."""


@dataclass(frozen=True, slots=True)
class ConsumerSpec:
    """What a service listens to: its own durable name, the subjects, the reaction (a command), and what to do
    on the event loop once a batch of events is committed.

    Commits are at least `pace_s` apart, so that under load several events share one; an event that comes alone
    is committed at once. `ahead` is told on the event loop what has come, before it is committed; if it could
    not deal with all of it by itself, the commit does not wait. Where the reaction is `brief`, taking a
    millisecond or so, an event or two are applied on the event loop, which is cheaper than the writer's thread.
    Not `in_order`: a dead letter parks nothing, so it may be retried whatever came before it.
    """

    name: str
    subjects: Sequence[str]
    reaction: Reaction
    after_commit: Callable[[list[Arrival]], None] | None = None
    ahead: Callable[[list[Arrival]], bool] | None = None
    pace_s: float = 0.0
    brief: bool = False
    in_order: bool = True


@dataclass(frozen=True, slots=True)
class _Received:
    """A message that waits for its commit."""

    message: Msg
    arrival: Arrival


class Consumer:
    """Runs one ConsumerSpec against one store."""

    def __init__(self, spec: ConsumerSpec, store: Store, bus: Bus, clock: Clock) -> None:
        self.spec = spec
        self.store = store
        self.bus = bus
        self.clock = clock
        self.subscribed = False
        self._urgent = asyncio.Event()
        self._levels = metrics.levels_of(spec.name)

    async def run(self) -> None:
        """Consume for ever; cancelled on shutdown, when what is not acknowledged simply comes again."""
        await self.bus.ready()
        while True:
            try:
                await self._introduce()
                async with StandingPull(self.bus, self.spec.name, most=MAX_BATCH) as pull:
                    self.subscribed = True
                    await self._consume(pull)
            except* Exception as failed:
                (error, *_) = failed.exceptions
                log.warning(
                    "consumer.interrupted", consumer=self.spec.name, error=f"{type(error).__name__}: {error}"
                )
            finally:
                self.subscribed = False
            await asyncio.sleep(AGAIN_AFTER_S)

    async def _introduce(self) -> None:
        """Make sure the broker keeps our place."""
        subjects = list(self.spec.subjects)
        config = api.ConsumerConfig(
            name=self.spec.name,
            durable_name=self.spec.name,
            deliver_policy=api.DeliverPolicy.ALL,
            ack_policy=api.AckPolicy.EXPLICIT,
            ack_wait=ACK_WAIT_S,
            max_ack_pending=MAX_BATCH * 8,
            filter_subject=subjects[0] if len(subjects) == 1 else None,
            filter_subjects=subjects if len(subjects) > 1 else None,
        )
        await self.bus.js.add_consumer(STREAM, config)

    async def _consume(self, pull: StandingPull) -> None:
        """Receive and commit side by side: while one batch is on its way to the disk, the next comes in."""
        received: asyncio.Queue[_Received] = asyncio.Queue(MAX_BATCH)
        async with asyncio.TaskGroup() as group:
            group.create_task(self._receive(pull, received), name=f"{self.spec.name}-receive")
            group.create_task(self._settle(received), name=f"{self.spec.name}-settle")

    async def _receive(self, pull: StandingPull, received: asyncio.Queue[_Received]) -> None:
        while True:
            messages = await pull.next()
            now = self.clock.now()
            arrivals = []
            for message in messages:
                published_at = message.metadata.timestamp.replace(tzinfo=UTC)
                try:
                    event = Event.model_validate_json(message.data)
                except ValidationError as error:
                    await self._unreadable(message, published_at, error)
                    await message.ack()
                    continue
                arrivals.append((message, Arrival(event, message.data, published_at, now)))
            if self.spec.ahead is not None and not self.spec.ahead([arrival for _, arrival in arrivals]):
                self._urgent.set()
            for message, arrival in arrivals:
                await received.put(_Received(message, arrival))

    async def _settle(self, received: asyncio.Queue[_Received]) -> None:
        """Commit what has come, then acknowledge it."""
        committed_at = 0.0
        while True:
            batch = [await received.get()]
            pause = committed_at + self.spec.pace_s - time.monotonic()
            if pause > 0:
                with contextlib.suppress(TimeoutError):
                    async with asyncio.timeout(pause):
                        await self._urgent.wait()
            self._urgent.clear()
            while len(batch) < MAX_BATCH and not received.empty():
                batch.append(received.get_nowait())
            committed_at = time.monotonic()
            await self.deliver([each.arrival for each in batch])
            for each in batch:
                await each.message.ack()

    async def deliver(self, arrivals: list[Arrival]) -> None:
        """Apply a batch durably, each event once and in the order of its key; return when committed."""
        if not arrivals:
            return
        try:
            await self._commit(arrivals)
        except Problem as refusal:
            await self._one_by_one(arrivals, refusal)
        except DBAPIError as error:
            if error.connection_invalidated or not await self._reachable():
                raise  # the database's fault, not the event's: come again
            await self._one_by_one(arrivals, error)
        except Exception as error:
            await self._one_by_one(arrivals, error)

    async def _commit(self, arrivals: list[Arrival]) -> None:
        command = Apply(self.spec.name, self.spec.reaction, arrivals, self.clock)
        command.brief = self.spec.brief and len(arrivals) <= FEW
        with tracing(child_of(arrivals[0].event.traceparent)):
            outcomes = await self.store.write(command)
        for outcome, events in outcomes.items():
            metrics.record_consumed(self.spec.name, outcome, events)
        metrics.record_batch(self.spec.name, len(arrivals))
        done = self.clock.now()
        for arrival in arrivals:
            event = arrival.event
            if event.time.tzinfo is not None:  # a foreign member's may say nothing
                seconds = (done - event.time).total_seconds()
                metrics.record_hop(self.spec.name, seconds, event.traceparent)
                level = self._levels.get(event.type)
                if level is not None:
                    level.done(seconds)
        if self.spec.after_commit is not None:
            self.spec.after_commit(arrivals)

    async def _one_by_one(self, arrivals: list[Arrival], cause: Exception) -> None:
        if len(arrivals) > 1:
            for arrival in sorted(arrivals, key=lambda a: (a.event.key, a.event.version)):
                await self.deliver([arrival])
            return
        (arrival,) = arrivals
        attempts = 1
        while not isinstance(cause, Problem) and attempts < MAX_ATTEMPTS:
            await asyncio.sleep(0.05 * 2**attempts)
            attempts += 1
            try:
                await self._commit(arrivals)
            except Exception as error:
                cause = error
            else:
                return
        log.error(
            "consumer.dead-letter",
            consumer=self.spec.name,
            event_id=arrival.event.id,
            type=arrival.event.type,
            reason=type(cause).__name__,
            dossier=arrival.event.about_dossier(),
            trace=parse(arrival.event.traceparent),
        )
        reason = f"{type(cause).__name__}: {cause}"
        await self.store.write(lambda tx: bury(tx, self.spec.name, arrival, reason, attempts, self.clock.now()))
        metrics.record_consumed(self.spec.name, "dead")
        level = self._levels.get(arrival.event.type)
        if level is not None:
            level.never()

    async def _reachable(self) -> bool:
        try:
            await self.store.read(lambda tx: tx.scalar(select(1)))
        except Exception:
            return False
        return True

    async def _unreadable(self, message: Msg, published_at: datetime, error: ValidationError) -> None:
        """What is no event of ours at all is kept, so that nothing is lost, and stops nobody."""
        sequence = message.metadata.sequence.stream
        reason = f"not a CloudEvents event of the axis: {error.error_count()} error(s)"
        log.error("consumer.unreadable", consumer=self.spec.name, stream_sequence=sequence)
        metrics.record_consumed(self.spec.name, "unreadable")
        row = Held(
            consumer=self.spec.name,
            key=f"{UNREADABLE}{sequence}",
            version=1,
            state=DEAD,
            reason=reason,
            attempts=1,
            held_at=self.clock.now(),
            published_at=published_at,
            payload=message.data,
        )
        await self.store.write(lambda tx: tx.merge(row) and None)
