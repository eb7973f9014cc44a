"""Plain rows: found, inserted, changed and written without the unit of work, and undone like any other."""

from __future__ import annotations

from collections.abc import AsyncIterator, Callable
from datetime import UTC, datetime
from typing import Any

import pytest
from sqlalchemy import BigInteger, LargeBinary, String, bindparam, func, select, update
from sqlalchemy.exc import IntegrityError
from sqlalchemy.orm import Mapped, mapped_column

from services.bus.kit.columns import JsonDoc, UtcDateTime
from services.bus.kit.plain import Plain
from services.bus.kit.store import Store
from services.bus.kit.tx import Tx, new_base
from tests.services.bus.kit.batches import together

pytestmark = pytest.mark.anyio

Base = new_base()
NOW = datetime(2023, 3, 1, 1, 2, 3, 456789, tzinfo=UTC)
MANY = 6_000


class Ware(Plain, Base):  # type: ignore[misc, valid-type]
    __tablename__ = "ware"
    id: Mapped[str] = mapped_column(String(36), primary_key=True)
    count: Mapped[int] = mapped_column(BigInteger)
    name: Mapped[str | None] = mapped_column(String(50))
    at: Mapped[datetime | None] = mapped_column(UtcDateTime)
    doc: Mapped[Any] = mapped_column(JsonDoc)
    digest: Mapped[bytes | None] = mapped_column(LargeBinary)


@pytest.fixture
async def store(database_url: str) -> AsyncIterator[Store]:
    store = Store(database_url, source="/test")
    store.create_tables(Base.metadata)
    async with store:
        yield store


def inserted(tx: Tx, key: str, **values: Any) -> Ware:
    row: dict[str, Any] = {"id": key, "count": 0, "name": None, "at": None, "doc": {}, "digest": None, **values}
    return tx.insert(Ware, **row)


def inserts(key: str, **values: Any) -> Callable[[Tx], None]:
    def command(tx: Tx) -> None:
        inserted(tx, key, **values)

    return command


def found(tx: Tx, key: str) -> Ware:
    row = tx.find(Ware, key)
    assert row is not None
    return row


def counts_up(key: str) -> Callable[[Tx], int]:
    def command(tx: Tx) -> int:
        row = found(tx, key)
        row.count += 1
        return row.count

    return command


def counts(tx: Tx) -> dict[str, int]:
    return {row.id: row.count for row in tx.scalars(select(Ware))}


async def test_what_is_inserted_is_found_and_changed_later(store: Store) -> None:
    await store.write(inserts("a", count=1, name="bàn"))
    assert await store.write(lambda tx: found(tx, "a").name) == "bàn"
    await store.write(counts_up("a"))
    assert await store.read(counts) == {"a": 2}


async def test_what_is_not_there_is_found_to_be_none(store: Store) -> None:
    assert await store.write(lambda tx: tx.find(Ware, "a")) is None
    assert await store.read(lambda tx: tx.find(Ware, "a")) is None


async def test_a_query_finds_plain_rows_as_well(store: Store) -> None:
    await store.write(inserts("a", count=4))
    assert await store.read(lambda tx: found(tx, "a").count) == 4


async def test_every_command_of_a_batch_sees_what_the_earlier_ones_did(store: Store) -> None:
    results = await together(store, inserts("a"), counts_up("a"), counts_up("a"), counts_up("a"))
    assert results == [None, 1, 2, 3]
    assert await store.write(counts_up("a")) == 4
    assert await store.read(counts) == {"a": 4}


async def test_a_row_looked_for_in_vain_is_seen_once_a_later_command_has_inserted_it(store: Store) -> None:
    results = await together(store, lambda tx: tx.find(Ware, "a"), inserts("a"), counts_up("a"))
    assert results == [None, None, 1]


async def test_a_row_inserted_and_changed_in_one_command_is_written_as_it_is_at_the_end(store: Store) -> None:
    def command(tx: Tx) -> None:
        row = inserted(tx, "a", count=1)
        row.count = 2
        row.name = "ghế"

    await store.write(command)
    assert await store.write(lambda tx: (found(tx, "a").count, found(tx, "a").name)) == (2, "ghế")


async def test_only_the_columns_that_were_set_are_written(store: Store) -> None:
    await store.write(inserts("a", count=1, name="before"))

    def command(tx: Tx) -> None:
        row = found(tx, "a")
        tx.execute(update(Ware).where(Ware.id == "a").values(name="meanwhile"))
        row.count = 5

    await store.write(command)
    assert await store.write(lambda tx: (found(tx, "a").count, found(tx, "a").name)) == (5, "meanwhile")


async def test_rows_of_one_batch_with_different_columns_set_are_all_written(store: Store) -> None:
    def names(key: str, name: str) -> Callable[[Tx], None]:
        def command(tx: Tx) -> None:
            found(tx, key).name = name

        return command

    await together(store, *(inserts(key) for key in "abc"))
    await together(store, counts_up("a"), names("b", "ghế"), counts_up("c"), names("c", "bàn"))

    def all_of_them(tx: Tx) -> list[tuple[str, int, str | None]]:
        return [tuple(row) for row in tx.execute(select(Ware.id, Ware.count, Ware.name).order_by(Ware.id))]  # type: ignore[misc]

    assert await store.read(all_of_them) == [("a", 1, None), ("b", 0, "ghế"), ("c", 1, "bàn")]


async def test_an_attribute_that_is_no_column_cannot_be_set(store: Store) -> None:
    await store.write(inserts("a"))

    def misspells(tx: Tx) -> None:
        row = found(tx, "a")
        row.count = 9
        row.cuont = 10

    with pytest.raises(AttributeError, match="cuont"):
        await store.write(misspells)
    assert await store.read(counts) == {"a": 0}


async def test_a_command_that_only_read_before_it_raised_costs_the_others_nothing(store: Store) -> None:
    await store.write(inserts("a"))
    runs = 0

    def counted(tx: Tx) -> None:
        nonlocal runs
        runs += 1
        counts_up("a")(tx)

    def reads_and_refuses(tx: Tx) -> None:
        tx.preload(Ware, ["a", "b"])
        raise ValueError(found(tx, "a").count)

    results = await together(store, counted, reads_and_refuses, counted)
    assert [type(result) for result in results] == [type(None), ValueError, type(None)]
    assert runs == 2
    assert await store.read(counts) == {"a": 2}


async def test_a_command_that_has_set_an_attribute_before_it_raised_is_undone(store: Store) -> None:
    await store.write(inserts("a"))

    def changes_and_raises(tx: Tx) -> None:
        found(tx, "a").count = 99
        raise RuntimeError("after touching")

    results = await together(store, counts_up("a"), changes_and_raises, counts_up("a"))
    assert results[0] == 1
    assert isinstance(results[1], RuntimeError)
    assert results[2] == 2
    assert await store.read(counts) == {"a": 2}


async def test_a_command_that_has_inserted_before_it_raised_is_undone(store: Store) -> None:
    def inserts_and_raises(tx: Tx) -> None:
        inserted(tx, "half-done")
        raise RuntimeError("after touching")

    results = await together(store, inserts("a"), inserts_and_raises, lambda tx: tx.find(Ware, "half-done"))
    assert isinstance(results[1], RuntimeError)
    assert results[2] is None
    assert await store.read(counts) == {"a": 0}


async def test_a_row_that_is_there_already_fails_only_the_command_that_inserts_it(store: Store) -> None:
    await store.write(inserts("a", count=1))
    results = await together(store, inserts("b"), inserts("a", count=2), inserts("c"))
    assert isinstance(results[1], IntegrityError)
    assert await store.read(counts) == {"a": 1, "b": 0, "c": 0}


async def test_thousands_are_looked_up_at_once(store: Store) -> None:
    keys = [f"{number:05d}" for number in range(MANY)]

    def inserts_all(tx: Tx) -> None:
        for number, key in enumerate(keys):
            inserted(tx, key, count=number)

    def looks_up(tx: Tx) -> int:
        tx.preload(Ware, [*keys, "not there"], for_update=True)
        assert tx.find(Ware, "not there") is None
        for key in keys:
            found(tx, key).count += 1
        return len(keys)

    await store.write(inserts_all)
    assert await store.write(looks_up) == MANY
    total = await store.read(lambda tx: tx.scalar(select(func.sum(Ware.count))))
    assert total == MANY * (MANY + 1) // 2


async def test_looking_up_again_does_not_forget_what_was_changed(store: Store) -> None:
    await store.write(inserts("a"))

    def command(tx: Tx) -> None:
        found(tx, "a").count = 7
        tx.preload(Ware, ["a", "b"])
        assert found(tx, "a").count == 7

    await store.write(command)
    assert await store.read(counts) == {"a": 7}


VALUES: dict[str, Any] = {
    "count": 2**53 + 1,
    "name": "Nguyễn Văn Ánh 'x' \\ %s :y",
    "at": NOW,
    "doc": {"tên": ["Hà Nội", 1, 2.5, None, True], "trong": {"a": {}}},
    "digest": bytes(range(256)),
}


async def test_values_come_back_as_they_went_in(store: Store) -> None:
    def values(tx: Tx, key: str) -> dict[str, Any]:
        row = found(tx, key)
        return {name: getattr(row, name) for name in VALUES}

    def changes(tx: Tx) -> None:
        row = found(tx, "changed")
        for name, value in VALUES.items():
            setattr(row, name, value)

    await together(store, inserts("inserted", **VALUES), inserts("changed"))
    await store.write(changes)
    for key in ("inserted", "changed"):
        assert await store.write(lambda tx, key=key: values(tx, key)) == VALUES  # type: ignore[misc]
        assert await store.read(lambda tx, key=key: values(tx, key)) == VALUES  # type: ignore[misc]
    by_query = select(*(getattr(Ware, name) for name in VALUES)).where(Ware.id == "changed")
    assert await store.read(lambda tx: tuple(tx.execute(by_query).one())) == tuple(VALUES.values())


async def test_nothing_comes_back_as_nothing(store: Store) -> None:
    await store.write(inserts("a", doc=None))
    row = await store.write(lambda tx: found(tx, "a"))
    assert (row.name, row.at, row.doc, row.digest) == (None, None, None, None)


async def test_what_a_command_did_is_seen_by_its_queries_and_may_change_again(store: Store) -> None:
    await store.write(inserts("old"))

    def command(tx: Tx) -> None:
        new, old = inserted(tx, "new"), found(tx, "old")
        new.count = old.count = 2
        assert counts(tx) == {"new": 2, "old": 2}
        new.count = 3
        new.name = old.name = "sau"
        assert counts(tx) == {"new": 3, "old": 2}

    await store.write(command)
    assert await store.read(counts) == {"new": 3, "old": 2}
    assert await store.read(lambda tx: set(tx.scalars(select(Ware.name)))) == {"sau"}


_WARES: Any = Ware.__table__
FROM_COUNT = select(_WARES).where(_WARES.c.count >= bindparam("least")).order_by(_WARES.c.id)


async def test_rows_of_a_select_are_those_the_transaction_knows(store: Store) -> None:
    await together(store, inserts("a", count=1), inserts("b", count=2), inserts("c", count=3))

    def command(tx: Tx) -> None:
        known = found(tx, "a")
        known.count = 5
        new = inserted(tx, "d")
        new.count = 7
        rows = tx.rows(Ware, FROM_COUNT, least=3)
        assert [row.id for row in rows] == ["a", "c", "d"]
        assert rows[0] is known
        assert rows[2] is new
        rows[1].count = 9
        assert found(tx, "c") is rows[1]

    await store.write(command)
    assert await store.read(counts) == {"a": 5, "b": 2, "c": 9, "d": 7}


async def test_a_row_that_was_not_there_is_found_once_it_is(store: Store) -> None:
    def command(tx: Tx) -> None:
        assert tx.find(Ware, "a") is None
        tx.append(Ware, {"id": "a", "count": 4, **{name: None for name in VALUES if name != "count"}})
        (row,) = tx.rows(Ware, FROM_COUNT, least=4)
        row.count = 5
        assert found(tx, "a").count == 5

    await store.write(command)
    assert await store.read(counts) == {"a": 5}


async def test_what_was_run_in_the_middle_is_undone_with_its_command(store: Store) -> None:
    await store.write(inserts("a"))

    def command(tx: Tx) -> None:
        found(tx, "a").count = 99
        inserted(tx, "b")
        tx.run_later()
        raise RuntimeError("after writing")

    results = await together(store, counts_up("a"), command, counts_up("a"))
    assert isinstance(results[1], RuntimeError)
    assert await store.read(counts) == {"a": 2}


async def test_two_commands_of_a_batch_that_insert_the_same_key_are_not_both_done(store: Store) -> None:
    results = await together(store, inserts("a", count=1), inserts("a", count=2))
    assert [type(result) for result in results] == [type(None), IntegrityError]
    assert await store.read(counts) == {"a": 1}
