"""The lanes in memory: turns, exclusivity, forgetting and loading, each on its own."""

from __future__ import annotations

import asyncio
import threading
from collections.abc import AsyncIterator, Sequence
from datetime import UTC, datetime
from pathlib import Path

import pytest

from contracts.events.dossier import StatusChanged
from gateway.sync.commands.results import Acknowledged, SaveResults
from gateway.sync.lane import HotStep, News
from gateway.sync.lanes import Lanes
from gateway.sync.models import metadata
from gateway.sync.queries.backlog import LoadedLane, load_lanes
from gateway.sync.reactions import StatusReaction
from services.bus.kit.bus import Bus
from services.bus.kit.clock import SystemClock
from services.bus.kit.consumer import Consumer, ConsumerSpec
from services.bus.kit.store import Store
from services.bus.kit.tx import Tx
from tests.gateway.sync.province import arrivals, code_of, status_event

pytestmark = pytest.mark.anyio

A, B = code_of(1), code_of(2)


def news(code: str, version: int, *, first: bool | None = None) -> News:
    event = status_event(code, version, 2)
    now = datetime.now(UTC)
    step = HotStep(version, 2, 1_000 + version, "", "", "", None, now, now)
    return News(event.data_as(StatusChanged), step, None, version == 1 if first is None else first, None)


@pytest.fixture
async def store(tmp_path: Path) -> AsyncIterator[Store]:
    store = Store(f"sqlite:///{tmp_path / 'sync.db'}", source="/truc/sync")
    store.create_tables(metadata)
    async with store:
        yield store


async def taken(lanes: Lanes, most: int = 10) -> list[str]:
    async with asyncio.timeout(2):
        return [lane.code for lane in await lanes.take(most)]


async def test_a_taken_lane_is_nobody_elses_until_released(store: Store) -> None:
    lanes = Lanes(store, 10)
    lanes.arrived([news(A, 1)])
    (lane,) = await lanes.take(10)
    lanes.arrived([news(A, 2), news(B, 1)])
    assert await taken(lanes) == [B]
    del lane.steps[:1]
    lanes.release(lane)
    assert await taken(lanes) == [A]
    assert [step.version for step in lane.steps] == [2]


async def test_lanes_come_in_the_order_their_news_did(store: Store) -> None:
    lanes = Lanes(store, 10)
    lanes.arrived([news(B, 1), news(A, 1), news(B, 2)])
    assert await taken(lanes) == [B, A]


async def test_a_pausing_lane_is_not_taken_and_comes_back(store: Store) -> None:
    lanes = Lanes(store, 10)
    lanes.arrived([news(A, 1)])
    (lane,) = await lanes.take(1)
    lanes.release_later(lane, 0.05)
    lanes.arrived([news(A, 2), news(B, 1)])
    assert await taken(lanes) == [B]
    assert lanes.pausing == 1
    assert await taken(lanes) == [A]
    assert lanes.pausing == 0


async def test_a_step_is_not_taken_in_twice(store: Store) -> None:
    lanes = Lanes(store, 10)
    lanes.arrived([news(A, 1)])
    lanes.arrived([news(A, 1)])
    (lane,) = await lanes.take(1)
    assert len(lane.steps) == 1


async def test_exclusively_waits_for_a_send_and_holds_the_lane_back(store: Store) -> None:
    lanes = Lanes(store, 10)
    lanes.arrived([news(A, 1)])
    (lane,) = await lanes.take(1)
    entered = asyncio.Event()
    leave = asyncio.Event()

    async def change() -> None:
        async with lanes.exclusively(A):
            entered.set()
            await leave.wait()

    task = asyncio.create_task(change())
    await asyncio.sleep(0)
    assert not entered.is_set()
    lanes.release(lane)
    await entered.wait()
    lanes.arrived([news(A, 2), news(B, 1)])
    assert await taken(lanes) == [B]
    leave.set()
    await task
    assert lanes.lane(A) is None  # what the change left is in the database


async def test_a_lane_that_begins_while_it_is_held_is_not_taken(store: Store) -> None:
    lanes = Lanes(store, 10)
    async with lanes.exclusively(A):
        lanes.arrived([news(A, 1), news(B, 1)])
        assert await taken(lanes) == [B]
        assert lanes.lane(A) is None


async def test_a_commit_between_a_lanes_reading_and_its_use_is_not_lost(
    store: Store, monkeypatch: pytest.MonkeyPatch
) -> None:
    """The lane is read; before anybody can use what was read, its next step is committed and told."""
    first, second = status_event(A, 1, 2), status_event(A, 2, 4)
    with Tx(store.writer, source="") as tx:
        StatusReaction(Lanes(store, 10), SystemClock(), lambda news: None)(tx, first)
        tx.run_later()
        tx.commit()
    lanes = Lanes(store, 10)
    reaction = StatusReaction(lanes, SystemClock(), lanes.arrived)
    been_read = threading.Event()

    def reading(tx: Tx, codes: Sequence[str]) -> list[LoadedLane]:
        found = load_lanes(tx, codes)
        been_read.set()
        return found

    monkeypatch.setattr("gateway.sync.lanes.load_lanes", reading)
    await lanes.start()
    await asyncio.sleep(0)
    been_read.clear()
    taking = asyncio.create_task(lanes.take(1))
    await asyncio.sleep(0)
    assert been_read.wait(5)  # the event loop stands still: nobody has seen what was read
    with Tx(store.writer, source="") as tx:
        reaction(tx, second)
        tx.run_later()
        tx.commit()
    async with asyncio.timeout(5):
        (lane,) = await taking
    assert [step.version for step in lane.steps] == [1, 2]


async def test_reading_and_committing_a_lane_may_cross_at_any_moment(tmp_path: Path) -> None:
    url = f"sqlite:///{tmp_path / 'sync.db'}"
    store = Store(url, source="/truc/sync")
    store.create_tables(metadata)
    async with store:
        lanes = Lanes(store, 1)
        loop = asyncio.get_running_loop()
        reaction = StatusReaction(
            lanes, SystemClock(), lambda news: loop.call_soon_threadsafe(lanes.arrived, news) and None
        )
        consumer = Consumer(ConsumerSpec("t", ["x"], reaction), store, Bus("", name="x"), SystemClock())
        codes = [code_of(number) for number in range(5)]
        got: dict[str, list[int]] = {code: [] for code in codes}

        async def work() -> None:
            while sum(map(len, got.values())) < 5 * 20:
                for lane in await lanes.take(2):
                    sent = [step.version for step in lane.steps]
                    got[lane.code] += sent
                    last = sent[-1]
                    await store.write(lambda tx, code=lane.code, last=last: _acknowledged(tx, code, last))  # type: ignore[misc]
                    del lane.steps[: len(sent)]
                    lanes.release(lane)

        async def feed() -> None:
            for version in range(1, 21):
                await consumer.deliver(arrivals(*(status_event(code, version, 2) for code in codes)))

        async with asyncio.timeout(20), asyncio.TaskGroup() as group:
            group.create_task(work())
            group.create_task(feed())
        assert got == {code: list(range(1, 21)) for code in codes}


def _acknowledged(tx: Tx, code: str, version: int) -> None:
    done = Acknowledged(code, version, True, 0, None, "", "", "strict", (), datetime.now(UTC))
    SaveResults([done])(tx)
