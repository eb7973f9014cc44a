"""The store: group commit, and a bad command that hurts nobody else."""

from __future__ import annotations

import asyncio
from collections.abc import AsyncIterator, Callable
from datetime import UTC, datetime, timedelta
from typing import Any

import pytest
from sqlalchemy import String, func, select
from sqlalchemy.exc import IntegrityError
from sqlalchemy.orm import Mapped, mapped_column

from contracts.events.population import CitizenChanged
from services.bus.kit.columns import UtcDateTime, from_micros, to_micros
from services.bus.kit.outbox import emit
from services.bus.kit.store import Store
from services.bus.kit.tables import Outbox
from services.bus.kit.tx import Announced, Tx, new_base

pytestmark = pytest.mark.anyio

Base = new_base()
NOW = datetime(2023, 3, 1, 1, 2, 3, 456789, tzinfo=UTC)


class Thing(Base):  # type: ignore[misc, valid-type]
    __tablename__ = "thing"
    id: Mapped[str] = mapped_column(String(36), primary_key=True)
    count: Mapped[int] = mapped_column(default=0)
    at: Mapped[datetime | None] = mapped_column(UtcDateTime)


@pytest.fixture
async def store(database_url: str) -> AsyncIterator[Store]:
    store = Store(database_url, source="/test")
    store.create_tables(Base.metadata)
    async with store:
        yield store


def adds(key: str) -> Callable[[Tx], str]:
    def command(tx: Tx) -> str:
        tx.add(Thing(id=key, at=NOW))
        return key

    return command


def things(tx: Tx) -> set[str]:
    return set(tx.scalars(select(Thing.id)))


async def gathered(store: Store, *commands: Callable[[Tx], Any]) -> list[Any]:
    return await asyncio.gather(*(store.write(command) for command in commands), return_exceptions=True)


async def test_commands_that_wait_together_commit_together(store: Store) -> None:
    transactions: set[int] = set()

    def noting(key: str) -> Callable[[Tx], str]:
        def command(tx: Tx) -> str:
            transactions.add(id(tx))
            return adds(key)(tx)

        return command

    results = await gathered(store, *(noting(str(n)) for n in range(50)))
    assert results == [str(n) for n in range(50)]
    assert len(await store.read(things)) == 50
    assert len(transactions) < 10


async def test_a_command_that_fails_after_touching_hurts_nobody_else(store: Store) -> None:
    def bad(tx: Tx) -> None:
        tx.add(Thing(id="half-done"))
        raise RuntimeError("after touching")

    results = await gathered(store, adds("a"), bad, adds("b"))
    assert results[0] == "a"
    assert isinstance(results[1], RuntimeError)
    assert results[2] == "b"
    assert await store.read(things) == {"a", "b"}


async def test_a_change_of_a_loaded_row_is_undone_with_its_command(store: Store) -> None:
    await store.write(adds("a"))

    def bad(tx: Tx) -> None:
        row = tx.find(Thing, "a")
        assert row is not None
        row.count = 99
        raise RuntimeError("after touching")

    def good(tx: Tx) -> None:
        row = tx.find(Thing, "a")
        assert row is not None
        row.count += 1

    await gathered(store, good, bad, good)
    assert await store.read(lambda tx: tx.scalar(select(Thing.count))) == 2


async def test_a_refusal_before_touching_costs_the_others_no_second_run(store: Store) -> None:
    await store.write(adds("there"))
    runs = 0

    def counted(tx: Tx) -> None:
        nonlocal runs
        runs += 1
        tx.add(Thing(id=str(runs)))

    def refuses(tx: Tx) -> None:
        tx.find(Thing, "whatever")
        assert tx.find(Thing, "there") is not None  # looking at a row is no change of it
        raise ValueError("no")

    results = await gathered(store, counted, refuses, counted, refuses)
    assert [type(result) for result in results] == [type(None), ValueError, type(None), ValueError]
    assert runs == 2


async def test_a_constraint_broken_at_commit_fails_only_its_own_command(store: Store) -> None:
    await store.write(adds("a"))
    results = await gathered(store, adds("b"), adds("a"), adds("c"))
    assert isinstance(results[1], IntegrityError)
    assert await store.read(things) == {"a", "b", "c"}


async def test_find_sees_what_an_earlier_command_of_the_batch_added(store: Store) -> None:
    def adds_once(tx: Tx) -> bool:
        if tx.find(Thing, "once") is not None:
            return False
        tx.add(Thing(id="once"))
        return True

    assert sorted(await gathered(store, *[adds_once] * 5)) == [False] * 4 + [True]


async def test_prepare_is_called_once_a_batch_and_preload_finds_without_selects(store: Store) -> None:
    await gathered(store, adds("a"), adds("b"))
    prepared: list[int] = []

    class Finds:
        def __init__(self, key: str) -> None:
            self.key = key

        @staticmethod
        def prepare(tx: Tx, commands: list[Finds]) -> None:
            prepared.append(len(commands))
            tx.preload(Thing, [each.key for each in commands])

        def __call__(self, tx: Tx) -> bool:
            return tx.find(Thing, self.key) is not None

    assert await gathered(store, Finds("a"), Finds("b"), Finds("c")) == [True, True, False]
    assert sum(prepared) == 3


async def test_events_leave_only_with_their_commit(store: Store) -> None:
    announced: list[Announced] = []
    store.on_announced(announced.extend)

    def announces(tx: Tx, fail: bool) -> None:
        emit(tx, CitizenChanged(personal_id="x", changed=("name",), at=NOW), key="x", version=1, at=NOW)
        if fail:
            raise RuntimeError("after announcing")

    await gathered(store, lambda tx: announces(tx, False), lambda tx: announces(tx, True))
    assert len(announced) == 1
    assert await store.read(lambda tx: tx.scalar(select(func.count()).select_from(Outbox))) == 1
    assert announced[0].subject == "axis.population.citizen-changed"


async def test_a_read_cannot_write(store: Store) -> None:
    def sneaks(tx: Tx) -> None:
        tx.add(Thing(id="sneaked"))
        tx.commit()

    with pytest.raises(Exception, match=r"(?i)read-?only"):
        await store.read(sneaks)
    assert await store.read(things) == set()


async def test_every_read_stands_alone(database_url: str) -> None:
    """One thread reads: what a look did, or how it failed, is nothing to the next, which sees what is new."""

    def fails(tx: Tx) -> None:
        tx.add(Thing(id="never"))
        raise ValueError

    store = Store(database_url, source="/test", readers=1)
    store.create_tables(Base.metadata)
    async with store:
        assert await store.read(things) == set()
        for key in ("a", "b"):
            await store.write(adds(key))
            with pytest.raises(ValueError):
                await store.read(fails)
            assert (await store.read(lambda tx, key=key: tx.find(Thing, key))).at == NOW
        await store.write(lambda tx: setattr(tx.find(Thing, "a"), "count", 7))
        assert (await store.read(lambda tx: tx.find(Thing, "a"))).count == 7
        assert await store.read(things) == {"a", "b"}


async def test_instants_come_back_as_they_went_in(store: Store) -> None:
    await store.write(adds("a"))
    assert await store.read(lambda tx: tx.scalar(select(Thing.at))) == NOW
    assert from_micros(to_micros(NOW)) == NOW
    assert from_micros(to_micros(NOW - timedelta(days=40_000))) == NOW - timedelta(days=40_000)


async def test_what_was_answered_survives_reopening(database_url: str) -> None:
    store = Store(database_url, source="/test")
    store.create_tables(Base.metadata)
    async with store:
        await gathered(store, *(adds(str(n)) for n in range(20)))
    again = Store(database_url, source="/test")
    async with again:
        assert len(await again.read(things)) == 20


async def test_what_fails_after_the_commit_does_not_undo_it(store: Store) -> None:
    runs = 0

    def command(tx: Tx) -> str:
        nonlocal runs
        runs += 1
        tx.after_commit(lambda: 1 // 0)
        return adds("a")(tx)

    assert await store.write(command) == "a"
    assert (runs, await store.read(things)) == (1, {"a"})
