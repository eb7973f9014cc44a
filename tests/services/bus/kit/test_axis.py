"""The axis: relay and consumer over a real broker. Order per key, once in effect, through its absences."""

from __future__ import annotations

import asyncio
import contextlib
import tempfile
import threading
from collections.abc import AsyncIterator, Callable
from dataclasses import replace
from datetime import UTC, datetime
from pathlib import Path

import anyio
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from sqlalchemy import String, func, select
from sqlalchemy.orm import Mapped, mapped_column

from contracts.envelope import Event
from contracts.events.population import CitizenChanged
from contracts.problems import CONFLICT, Problem
from services.bus.kit.bus import Bus
from services.bus.kit.clock import SystemClock
from services.bus.kit.consumer import Consumer, ConsumerSpec
from services.bus.kit.ids import new_id
from services.bus.kit.inbox import Arrival, correct, discard, retry
from services.bus.kit.outbox import emit
from services.bus.kit.relay import Relay
from services.bus.kit.store import Store
from services.bus.kit.tables import Held, Outbox
from services.bus.kit.testing import NatsServer
from services.bus.kit.tx import Tx, new_base

pytestmark = pytest.mark.anyio

Base = new_base()
NOW = datetime(2023, 3, 1, tzinfo=UTC)


class Seen(Base):  # type: ignore[misc, valid-type]
    """What a consumer applied, in the order it did."""

    __tablename__ = "seen"
    id: Mapped[int] = mapped_column(primary_key=True, autoincrement=True)
    key: Mapped[str] = mapped_column(String(50))
    version: Mapped[int]


def sees(tx: Tx, event: Event) -> None:
    tx.add(Seen(key=event.key, version=event.version))
    tx.flush()


def seen(tx: Tx) -> dict[str, list[int]]:
    found: dict[str, list[int]] = {}
    for key, version in tx.execute(select(Seen.key, Seen.version).order_by(Seen.id)):
        found.setdefault(key, []).append(version)
    return found


def held(tx: Tx) -> dict[tuple[str, int], str]:
    return {(row.key, row.version): row.state for row in tx.scalars(select(Held))}


def announces(key: str, version: int) -> Callable[[Tx], None]:
    def command(tx: Tx) -> None:
        emit(tx, CitizenChanged(personal_id=key, changed=(), at=NOW), key=key, version=version, at=NOW)

    return command


def arrival(key: str, version: int) -> Arrival:
    event = Event.of(
        CitizenChanged(personal_id=key, changed=(), at=NOW),
        id=new_id(), source="/test", key=key, version=version, time=NOW,
    )  # fmt: skip
    return Arrival(event, event.model_dump_json().encode(), NOW, NOW)


@contextlib.asynccontextmanager
async def opened(url: str) -> AsyncIterator[Store]:
    store = Store(url, source="/test")
    store.create_tables(Base.metadata)
    async with store:
        yield store


@contextlib.asynccontextmanager
async def relaying(store: Store, broker: NatsServer, name: str = "producer") -> AsyncIterator[Relay]:
    async with Bus(broker.url, name=name) as bus:
        relay = Relay(store, bus)
        task = asyncio.create_task(relay.run())
        try:
            yield relay
        finally:
            task.cancel()
            with contextlib.suppress(asyncio.CancelledError):
                await task


@contextlib.asynccontextmanager
async def consuming(
    store: Store, broker: NatsServer, reaction: Callable[[Tx, Event], None] = sees
) -> AsyncIterator[None]:
    async with Bus(broker.url, name="consumer") as bus:
        consumer = Consumer(ConsumerSpec("test", ["axis.>"], reaction), store, bus, SystemClock())
        task = asyncio.create_task(consumer.run())
        try:
            yield
        finally:
            task.cancel()
            with contextlib.suppress(asyncio.CancelledError):
                await task


async def until(store: Store, query: Callable[[Tx], object], expected: object, seconds: float = 20) -> None:
    with anyio.move_on_after(seconds):
        while await store.read(query) != expected:
            await asyncio.sleep(0.02)
    assert await store.read(query) == expected


def owed(tx: Tx) -> int:
    return tx.scalar(select(func.count()).select_from(Outbox)) or 0


async def test_what_is_committed_arrives_in_order_and_the_outbox_empties(
    database_url: str, broker: NatsServer, tmp_path: Path
) -> None:
    async with (
        opened(database_url) as store,
        opened(f"sqlite:///{tmp_path / 'consumer.db'}") as other,
        relaying(store, broker),
        consuming(other, broker),
    ):
        for version in range(1, 31):
            await asyncio.gather(*(store.write(announces(key, version)) for key in "abc"))
        await until(other, seen, {key: list(range(1, 31)) for key in "abc"})
        await until(store, owed, 0)


async def test_events_committed_while_the_broker_is_away_arrive_when_it_returns(
    broker: NatsServer, tmp_path: Path
) -> None:
    async with (
        opened(f"sqlite:///{tmp_path / 'producer.db'}") as store,
        opened(f"sqlite:///{tmp_path / 'consumer.db'}") as other,
        relaying(store, broker),
        consuming(other, broker),
    ):
        await store.write(announces("a", 1))
        await until(other, seen, {"a": [1]})
        broker.kill()
        for version in range(2, 12):
            await store.write(announces("a", version))
        broker.start()
        await until(other, seen, {"a": list(range(1, 12))})
        await until(store, owed, 0)


async def test_a_producer_that_died_before_publishing_publishes_on_its_next_start(
    broker: NatsServer, tmp_path: Path
) -> None:
    url = f"sqlite:///{tmp_path / 'producer.db'}"
    async with opened(url) as store:
        for version in range(1, 6):
            await store.write(announces("a", version))
    async with (
        opened(url) as store,
        opened(f"sqlite:///{tmp_path / 'consumer.db'}") as other,
        relaying(store, broker),
        consuming(other, broker),
    ):
        await until(other, seen, {"a": [1, 2, 3, 4, 5]})
        await until(store, owed, 0)


async def test_what_is_no_event_is_kept_and_stops_nobody(broker: NatsServer, tmp_path: Path) -> None:
    async with (
        opened(f"sqlite:///{tmp_path / 'consumer.db'}") as other,
        Bus(broker.url, name="foreigner") as bus,
        consuming(other, broker),
    ):
        await bus.ready()
        await bus.js.publish("axis.population.citizen-changed", b"<html>")
        await bus.js.publish("axis.population.citizen-changed", arrival("a", 1).payload)
        await until(other, seen, {"a": [1]})
        assert set((await other.read(held)).values()) == {"dead"}


class Refuses:
    """A reaction that refuses one event until it is told to relent."""

    def __init__(self, key: str, version: int, error: Exception) -> None:
        self.target, self.error, self.relents = (key, version), error, False

    def __call__(self, tx: Tx, event: Event) -> None:
        sees(tx, event)
        if (event.key, event.version) == self.target and not self.relents:
            raise self.error


@pytest.mark.parametrize("error", [Problem(CONFLICT, reason="no"), ValueError("a bug")])
async def test_a_dead_letter_parks_its_key_and_no_other(database_url: str, error: Exception) -> None:
    reaction = Refuses("a", 2, error)
    spec = ConsumerSpec("test", ["axis.>"], reaction)
    async with opened(database_url) as store:
        consumer = Consumer(spec, store, Bus("", name="x"), SystemClock())
        await consumer.deliver(
            [arrival("a", 1), arrival("a", 2), arrival("b", 1), arrival("a", 3), arrival("b", 2)]
        )
        assert await store.read(seen) == {"a": [1], "b": [1, 2]}
        assert await store.read(held) == {("a", 2): "dead", ("a", 3): "waiting"}
        await consumer.deliver([arrival("a", 4), arrival("a", 2)])
        assert await store.read(seen) == {"a": [1], "b": [1, 2]}
        reaction.relents = True
        assert await store.write(lambda tx: retry(tx, spec.name, spec.reaction, "a", now=NOW)) == 3
        assert await store.read(seen) == {"a": [1, 2, 3, 4], "b": [1, 2]}
        assert await store.read(held) == {}


async def test_a_dead_letter_that_is_put_right_is_applied_as_it_now_stands(database_url: str) -> None:
    class Picky:
        def __call__(self, tx: Tx, event: Event) -> None:
            if event.version == 2 and event.data.get("wrong"):
                raise ValueError("a wrong field")
            sees(tx, event)

    spec = ConsumerSpec("test", ["axis.>"], Picky())
    async with opened(database_url) as store:
        consumer = Consumer(spec, store, Bus("", name="x"), SystemClock())
        bad = arrival("a", 2)
        bad = replace(bad, event=bad.event.model_copy(update={"data": {"wrong": "x", "kept": "y"}}))
        bad = replace(bad, payload=bad.event.model_dump_json().encode())
        await consumer.deliver([arrival("a", 1), bad, arrival("a", 3)])
        assert await store.read(held) == {("a", 2): "dead", ("a", 3): "waiting"}
        assert not await store.write(lambda tx: correct(tx, "test", "a", 3, {"wrong": None})), "only what is dead"
        assert not await store.write(lambda tx: correct(tx, "test", "b", 2, {"wrong": None}))

        def put_right(tx: Tx) -> int:
            assert correct(tx, "test", "a", 2, {"wrong": None})
            return retry(tx, spec.name, spec.reaction, "a", now=NOW)

        assert await store.write(put_right) == 2
        assert await store.read(seen) == {"a": [1, 2, 3]}


async def test_a_few_events_of_a_brief_reaction_are_applied_on_the_event_loop(tmp_path: Path) -> None:
    here = threading.get_ident()
    where: list[bool] = []

    def notes(tx: Tx, event: Event) -> None:
        where.append(threading.get_ident() == here)
        sees(tx, event)

    async with opened(f"sqlite:///{tmp_path / 'a.db'}") as store:
        bus = Bus("nats://127.0.0.1:1", name="unused")
        brief = Consumer(ConsumerSpec("brief", [], notes, brief=True), store, bus, SystemClock())
        other = Consumer(ConsumerSpec("other", [], notes), store, bus, SystemClock())
        await brief.deliver([arrival("a", 1), arrival("b", 1)])
        await brief.deliver([arrival("a", 2), arrival("b", 2), arrival("c", 1)])
        await other.deliver([arrival("d", 1)])
        assert where == [True, True, False, False, False, False]
        assert await store.read(seen) == {"a": [1, 2], "b": [1, 2], "c": [1], "d": [1]}


async def test_a_discarded_letter_lets_its_key_go_on(database_url: str) -> None:
    spec = ConsumerSpec("test", ["axis.>"], Refuses("a", 1, Problem(CONFLICT, reason="no")))
    async with opened(database_url) as store:
        consumer = Consumer(spec, store, Bus("", name="x"), SystemClock())
        await consumer.deliver([arrival("a", 1), arrival("a", 2)])

        def discards(tx: Tx) -> int:
            assert discard(tx, spec.name, "a", 1, now=NOW) is not None
            return retry(tx, spec.name, spec.reaction, "a", now=NOW)

        assert await store.write(discards) == 1
        assert await store.read(seen) == {"a": [2]}


@given(data=st.data())
@settings(max_examples=25)
def test_any_duplication_and_reordering_ends_in_the_same_order(data: st.DataObject) -> None:
    """Each key's versions, dealt in any order, any number of times, in batches of any size, are applied
    once each and in order."""
    lengths = data.draw(st.dictionaries(st.sampled_from("abcd"), st.integers(1, 8), min_size=1))
    deal = [(key, version) for key, length in lengths.items() for version in range(1, length + 1)]
    deal += data.draw(st.lists(st.sampled_from(deal), max_size=20))
    deal = data.draw(st.permutations(deal))
    cuts = data.draw(st.lists(st.integers(0, len(deal)), max_size=6).map(sorted))

    async def play() -> None:
        with tempfile.TemporaryDirectory() as folder:
            await play_in(folder)

    async def play_in(folder: str) -> None:
        async with opened(f"sqlite:///{folder}/consumer.db") as store:
            consumer = Consumer(ConsumerSpec("test", ["axis.>"], sees), store, Bus("", name="x"), SystemClock())
            for start, end in zip([0, *cuts], [*cuts, len(deal)], strict=True):
                await consumer.deliver([arrival(*each) for each in deal[start:end]])
            result = await store.write(lambda tx: (seen(tx), held(tx)))
            assert result == ({key: list(range(1, n + 1)) for key, n in lengths.items()}, {})

    anyio.run(play)
