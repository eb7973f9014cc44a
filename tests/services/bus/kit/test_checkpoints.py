"""SQLite's log is moved into the database beside the commits, and nobody is kept waiting by it."""

from __future__ import annotations

import asyncio
import contextlib
import sqlite3
import threading
import time
from collections.abc import AsyncIterator, Callable
from pathlib import Path

import pytest
from sqlalchemy import String, func, select
from sqlalchemy.orm import Mapped, mapped_column

from services.bus.kit import checkpoints
from services.bus.kit.store import Store
from services.bus.kit.tx import Tx, new_base

pytestmark = pytest.mark.anyio

Base = new_base()
OFTEN_S = 0.02


class Entry(Base):  # type: ignore[misc, valid-type]
    __tablename__ = "entry"
    id: Mapped[int] = mapped_column(primary_key=True)
    text: Mapped[str] = mapped_column(String(2000))


@pytest.fixture
def path(tmp_path: Path) -> Path:
    return tmp_path / "test.db"


@pytest.fixture
async def store(path: Path) -> AsyncIterator[Store]:
    store = Store(f"sqlite:///{path}", source="/test")
    store.create_tables(Base.metadata)
    async with store:
        yield store


@pytest.fixture
def often(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(checkpoints, "EVERY_S", OFTEN_S)


def adds(number: int) -> Callable[[Tx], None]:
    return lambda tx: tx.append(Entry, {"id": number, "text": "x" * 1000})


def entries(tx: Tx) -> int:
    return tx.scalar(select(func.count()).select_from(Entry)) or 0


def moved(path: Path) -> int:
    """How many entries the database file holds by itself, its log left aside."""
    with contextlib.closing(sqlite3.connect(f"file:{path}?immutable=1", uri=True)) as alone:
        try:
            (count,) = alone.execute("SELECT count(*) FROM entry").fetchone()
        except sqlite3.DatabaseError:
            return -1  # it is being moved at this moment
    return int(count)


async def until_moved(path: Path, expected: int, seconds: float = 3) -> None:
    deadline = time.monotonic() + seconds
    while (there := await asyncio.to_thread(moved, path)) != expected:
        assert time.monotonic() < deadline, f"{there} of {expected} entries moved"
        await asyncio.sleep(0.02)


async def test_after_the_commits_have_stopped_the_log_is_in_the_database(store: Store, path: Path) -> None:
    assert moved(path) <= 0
    for number in range(100):
        await store.write(adds(number))
    await until_moved(path, 100)
    await store.write(adds(100))
    await until_moved(path, 101)


@pytest.mark.usefixtures("often")
async def test_a_log_that_has_been_moved_begins_anew(store: Store, path: Path) -> None:
    log = path.with_name(path.name + "-wal")
    for number in range(50):
        await store.write(adds(number))
    await until_moved(path, 50)
    longest = log.stat().st_size
    for number in range(50, 200):
        await store.write(adds(number))
        if number % 10 == 0:
            await until_moved(path, number + 1)
    assert log.stat().st_size <= longest


@pytest.mark.usefixtures("often")
async def test_readers_are_not_locked_out_while_the_log_is_moved(store: Store, path: Path) -> None:
    slowest = 0.0
    seen = [0]

    async def writes() -> None:
        for number in range(400):
            await store.write(adds(number))

    async def reads() -> None:
        nonlocal slowest
        while seen[-1] < 400:
            began = time.monotonic()
            seen.append(await store.read(entries))
            slowest = max(slowest, time.monotonic() - began)

    async with asyncio.timeout(30):
        await asyncio.gather(writes(), reads())
    assert seen == sorted(seen)
    assert slowest < 2
    await until_moved(path, 400)


@pytest.mark.usefixtures("often")
async def test_a_long_read_sees_one_state_and_holds_no_commit_up(store: Store, path: Path) -> None:
    await store.write(adds(0))
    begun, go_on = threading.Event(), threading.Event()

    def reads_for_long(tx: Tx) -> tuple[int, int]:
        before = entries(tx)
        begun.set()
        assert go_on.wait(20)
        return before, entries(tx)

    reading = asyncio.create_task(store.read(reads_for_long))
    assert await asyncio.to_thread(begun.wait, 10)
    for number in range(1, 100):
        await store.write(adds(number))
    assert await store.read(entries) == 100
    go_on.set()
    assert await reading == (1, 1)
    await store.write(adds(100))
    await until_moved(path, 101)


@pytest.mark.usefixtures("often")
async def test_the_last_commit_is_moved_however_long_its_command_took(store: Store, path: Path) -> None:
    def slow(tx: Tx) -> None:
        time.sleep(10 * OFTEN_S)
        adds(0)(tx)

    await store.write(slow)
    await until_moved(path, 1)


@pytest.mark.usefixtures("often")
async def test_what_a_reader_kept_in_the_log_is_moved_when_it_has_gone(store: Store, path: Path) -> None:
    begun, go_on = threading.Event(), threading.Event()

    def reads_for_long(tx: Tx) -> None:
        entries(tx)
        begun.set()
        assert go_on.wait(20)

    reading = asyncio.create_task(store.read(reads_for_long))
    assert await asyncio.to_thread(begun.wait, 10)
    for number in range(50):
        await store.write(adds(number))
    await asyncio.sleep(5 * OFTEN_S)
    go_on.set()
    await reading
    await until_moved(path, 50)
