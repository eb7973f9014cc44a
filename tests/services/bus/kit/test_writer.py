"""The writer: brief commands on the event loop, the others in the thread, one order of commits for both."""

from __future__ import annotations

import asyncio
import contextlib
import random
import sqlite3
import threading
import time
from collections.abc import AsyncIterator, Callable, Iterator
from dataclasses import dataclass
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

import orjson
import pytest
from sqlalchemy import String, select
from sqlalchemy.exc import IntegrityError
from sqlalchemy.orm import Mapped, mapped_column

from contracts.events.population import CitizenChanged
from services.bus.kit.columns import UtcDateTime
from services.bus.kit.outbox import emit
from services.bus.kit.plain import Plain
from services.bus.kit.store import Store
from services.bus.kit.tx import Announced, Tx, new_base

pytestmark = pytest.mark.anyio

Base = new_base()
NOW = datetime(2023, 3, 1, tzinfo=UTC)


class Tally(Plain, Base):  # type: ignore[misc, valid-type]
    __tablename__ = "tally"
    id: Mapped[str] = mapped_column(String(36), primary_key=True)
    count: Mapped[int]
    at: Mapped[datetime | None] = mapped_column(UtcDateTime)


class Draft(Base):  # type: ignore[misc, valid-type]
    __tablename__ = "draft"
    id: Mapped[str] = mapped_column(String(36), primary_key=True)


@dataclass
class Brief:
    """A command that may run on the event loop."""

    body: Callable[[Tx], Any]
    brief: bool = True

    def __call__(self, tx: Tx) -> Any:
        return self.body(tx)


@pytest.fixture
async def store(database_url: str) -> AsyncIterator[Store]:
    async with opened(database_url) as store:
        yield store


@pytest.fixture
async def sqlite(tmp_path: Path) -> AsyncIterator[Store]:
    async with opened(url_of(tmp_path)) as store:
        yield store


def url_of(folder: Path) -> str:
    return f"sqlite:///{folder / 'test.db'}"


def opened(url: str) -> Store:
    store = Store(url, source="/test")
    store.create_tables(Base.metadata)
    return store


def adds(key: str) -> Callable[[Tx], str]:
    def command(tx: Tx) -> str:
        tx.insert(Tally, id=key, count=0, at=NOW)
        return key

    return command


def counts_up_and_tells(key: str) -> Callable[[Tx], int]:
    """The key's next version, announced."""

    def command(tx: Tx) -> int:
        row = tx.find(Tally, key) or tx.insert(Tally, id=key, count=0, at=None)
        row.count += 1
        told = CitizenChanged(personal_id=key, changed=(), at=NOW)
        emit(tx, told, key=key, version=row.count, at=NOW)
        return row.count

    return command


def keys(tx: Tx) -> set[str]:
    return set(tx.scalars(select(Tally.id)))


async def gathered(store: Store, *commands: Callable[[Tx], Any]) -> list[Any]:
    async with asyncio.timeout(5):
        return await asyncio.gather(*(store.write(command) for command in commands), return_exceptions=True)


def thread(tx: Tx) -> int:
    return threading.get_ident()


@contextlib.contextmanager
def write_lock(folder: Path) -> Iterator[None]:
    """Another process, as it were, that writes into the same file."""
    with contextlib.closing(sqlite3.connect(folder / "test.db", isolation_level=None)) as connection:
        connection.execute("BEGIN IMMEDIATE")
        yield
        connection.execute("COMMIT")


# -- where they run ----------------------------------------------------------------------------------------


async def test_a_brief_command_runs_on_the_event_loop_only_on_sqlite(store: Store) -> None:
    here = threading.get_ident()
    on_sqlite = store.writer.dialect.name == "sqlite"
    assert (await store.write(Brief(thread)) == here) is on_sqlite
    assert await store.write(thread) != here
    assert (await store.write(Brief(thread)) == here) is on_sqlite
    assert await store.write(Brief(thread, brief=False)) != here


async def test_brief_commands_of_one_turn_of_the_loop_share_a_commit(sqlite: Store) -> None:
    prepared: list[int] = []

    class Counted:
        brief = True

        @staticmethod
        def prepare(tx: Tx, commands: list[Counted]) -> None:
            prepared.append(len(commands))

        def __call__(self, tx: Tx) -> None:
            adds(str(id(self)))(tx)

    commands = [Counted() for _ in range(20)]
    await gathered(sqlite, *commands)
    assert prepared == [20]
    assert len(await sqlite.read(keys)) == 20


async def test_a_brief_command_is_durable_when_it_is_answered(tmp_path: Path) -> None:
    async with opened(url_of(tmp_path)) as store:
        await store.write(Brief(adds("a")))
        with contextlib.closing(sqlite3.connect(tmp_path / "test.db")) as other:
            assert other.execute("SELECT id FROM tally").fetchall() == [("a",)]


# -- what fails --------------------------------------------------------------------------------------------


async def test_a_brief_command_that_fails_after_touching_is_undone_and_the_others_are_done(store: Store) -> None:
    def bad(tx: Tx) -> None:
        adds("half-done")(tx)
        raise RuntimeError("after touching")

    results = await gathered(store, Brief(adds("a")), Brief(bad), Brief(adds("b")), adds("c"))
    assert isinstance(results[1], RuntimeError)
    assert [results[0], *results[2:]] == ["a", "b", "c"]
    assert await store.read(keys) == {"a", "b", "c"}


async def test_a_brief_command_that_refuses_without_touching_costs_the_others_no_second_run(store: Store) -> None:
    runs = 0

    def counted(tx: Tx) -> None:
        nonlocal runs
        runs += 1
        adds(str(runs))(tx)

    def refuses(tx: Tx) -> None:
        tx.find(Tally, "whatever")
        raise ValueError("no")

    results = await gathered(store, Brief(counted), Brief(refuses), Brief(counted), Brief(refuses))
    assert [type(result) for result in results] == [type(None), ValueError, type(None), ValueError]
    assert runs == 2
    assert await store.read(keys) == {"1", "2"}


async def test_nothing_of_a_failed_brief_command_is_announced(store: Store) -> None:
    announced: list[Announced] = []
    store.on_announced(announced.extend)

    def bad(tx: Tx) -> None:
        counts_up_and_tells("a")(tx)
        raise RuntimeError("after announcing")

    await gathered(store, Brief(counts_up_and_tells("a")), Brief(bad), Brief(counts_up_and_tells("a")))
    assert versions(announced) == {"a": [1, 2]}


async def test_what_nobody_waits_for_any_more_is_done_and_the_others_are_answered(store: Store) -> None:
    impatient = asyncio.create_task(store.write(Brief(adds("a"))))
    patient = asyncio.create_task(store.write(Brief(adds("b"))))
    await asyncio.sleep(0)
    impatient.cancel()
    assert await patient == "b"
    assert await store.write(Brief(adds("c"))) == "c"
    assert {"b", "c"} <= await store.read(keys)


async def test_a_brief_command_that_breaks_a_constraint_is_answered_and_the_others_are_done(sqlite: Store) -> None:
    await sqlite.write(Brief(adds("a")))
    results = await gathered(sqlite, Brief(adds("b")), Brief(adds("a")), Brief(adds("c")))
    assert isinstance(results[1], IntegrityError)
    assert [results[0], results[2]] == ["b", "c"]
    assert await sqlite.read(keys) == {"a", "b", "c"}


async def test_a_brief_command_whose_values_cannot_be_written_is_answered(sqlite: Store) -> None:
    def without_zone(tx: Tx) -> None:
        tx.insert(Tally, id="a", count=0, at=datetime(2023, 3, 1))  # noqa: DTZ001

    (result,) = await gathered(sqlite, Brief(without_zone))
    assert "time zone" in str(result)
    assert await sqlite.read(keys) == set()


async def test_brief_commands_whose_prepare_fails_are_answered(sqlite: Store) -> None:
    class Unprepared:
        brief = True

        @staticmethod
        def prepare(tx: Tx, commands: list[Unprepared]) -> None:
            raise RuntimeError("not prepared")

        def __call__(self, tx: Tx) -> None:
            adds("a")(tx)

    results = await gathered(sqlite, Unprepared(), Brief(adds("b")))
    assert isinstance(results[0], RuntimeError)
    assert results[1] == "b"
    assert await sqlite.read(keys) == {"b"}


async def test_what_is_answered_is_committed_though_the_unit_of_work_had_nothing_to_write(sqlite: Store) -> None:
    def changes_its_mind(tx: Tx) -> None:
        draft = Draft(id="a")
        tx.add(draft)
        tx.expunge(draft)
        adds("a")(tx)

    await sqlite.write(changes_its_mind)
    assert await sqlite.read(keys) == {"a"}


# -- another writer ----------------------------------------------------------------------------------------


async def test_while_another_holds_the_write_lock_the_loop_goes_on_and_brief_commands_wait(
    sqlite: Store, tmp_path: Path
) -> None:
    gaps: list[float] = []
    ticked = asyncio.Event()

    async def ticks() -> None:
        last = time.monotonic()
        while True:
            await asyncio.sleep(0.005)
            now = time.monotonic()
            gaps.append(now - last)
            last = now
            ticked.set()

    async def many_ticks(count: int) -> None:
        wanted = len(gaps) + count
        while len(gaps) < wanted:
            ticked.clear()
            await ticked.wait()

    async with asyncio.timeout(20):
        ticking = asyncio.create_task(ticks())
        with write_lock(tmp_path):
            first = asyncio.create_task(sqlite.write(Brief(adds("a"))))
            await many_ticks(20)
            more = [asyncio.create_task(sqlite.write(Brief(adds(key)))) for key in "bc"]
            other = asyncio.create_task(sqlite.write(adds("d")))
            await many_ticks(20)
            assert not any(task.done() for task in (first, *more, other))
        assert await asyncio.gather(first, *more, other) == ["a", "b", "c", "d"]
        ticking.cancel()
    assert await sqlite.read(keys) == {"a", "b", "c", "d"}
    assert max(gaps) < 1
    assert await sqlite.write(Brief(thread)) == threading.get_ident()


async def test_a_lock_that_comes_and_goes_loses_nothing(sqlite: Store, tmp_path: Path) -> None:
    over = threading.Event()

    def disturbs() -> None:
        while not over.is_set():
            with write_lock(tmp_path):
                over.wait(0.002)
            over.wait(0.002)

    disturbing = asyncio.create_task(asyncio.to_thread(disturbs))
    try:
        for number in range(100):
            assert await sqlite.write(Brief(adds(str(number)))) == str(number)
    finally:
        over.set()
        await disturbing
    assert await sqlite.read(keys) == {str(number) for number in range(100)}


# -- order -------------------------------------------------------------------------------------------------


def versions(announced: list[Announced]) -> dict[str, list[int]]:
    told: dict[str, list[int]] = {}
    for each in announced:
        event = orjson.loads(each.payload)
        told.setdefault(event["key"], []).append(event["version"])
    return told


@pytest.mark.parametrize("seed", range(3))
async def test_events_come_in_the_order_of_the_commits_whoever_commits(store: Store, seed: int) -> None:
    chance = random.Random(seed)
    announced: list[Announced] = []
    threads: set[int] = set()

    def told(events: list[Announced]) -> None:
        threads.add(threading.get_ident())
        announced.extend(events)

    store.on_announced(told)

    async def submits(key: str) -> None:
        for _ in range(150):
            command = counts_up_and_tells(key)
            await store.write(Brief(command, brief=chance.random() < 0.5))
            for _ in range(chance.randrange(3)):
                await asyncio.sleep(0)

    async with asyncio.timeout(60):
        await asyncio.gather(*(submits(key) for key in "aaabbc"))
    expected = {"a": 450, "b": 300, "c": 150}
    assert versions(announced) == {key: list(range(1, count + 1)) for key, count in expected.items()}
    assert threads == {threading.get_ident()}


async def test_a_brief_command_does_not_overtake_one_that_is_committed_but_not_told(sqlite: Store) -> None:
    """The thread has committed, the loop has not heard of it; a brief command comes in between."""
    announced: list[Announced] = []
    sqlite.on_announced(announced.extend)
    committed = threading.Event()

    def tells_when_committed(tx: Tx) -> int:
        tx.after_commit(committed.set)
        return counts_up_and_tells("a")(tx)

    first = asyncio.create_task(sqlite.write(tells_when_committed))
    await asyncio.sleep(0)
    assert committed.wait(10)  # the event loop stands still
    second = asyncio.create_task(sqlite.write(Brief(counts_up_and_tells("a"))))
    assert [await first, await second] == [1, 2]
    assert versions(announced) == {"a": [1, 2]}


# -- the end -----------------------------------------------------------------------------------------------


async def test_what_was_submitted_just_before_the_store_closes_is_answered(database_url: str) -> None:
    commands = [Brief(adds(str(number)), brief=number % 2 == 0) for number in range(600)]
    async with opened(database_url) as store:
        writing = [asyncio.create_task(store.write(command)) for command in commands]
        await asyncio.sleep(0)
    async with asyncio.timeout(5):
        assert await asyncio.gather(*writing) == [str(number) for number in range(600)]
    async with opened(database_url) as again:
        assert len(await again.read(keys)) == 600


async def test_events_of_the_last_commands_are_announced_before_the_store_is_closed(database_url: str) -> None:
    announced: list[Announced] = []
    async with opened(database_url) as store:
        store.on_announced(announced.extend)
        commands = [Brief(counts_up_and_tells("a"), brief=number % 3 == 0) for number in range(30)]
        writing = [asyncio.create_task(store.write(command)) for command in commands]
        await asyncio.sleep(0)
    assert versions(announced) == {"a": list(range(1, 31))}
    assert sorted(await asyncio.gather(*writing)) == list(range(1, 31))
