"""Statements on the driver: what they find on either database, and errors that give nothing away."""

from __future__ import annotations

from collections.abc import AsyncIterator, Callable
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

import psycopg
import pytest
from sqlalchemy import String, bindparam, func, select, text
from sqlalchemy.exc import DBAPIError, IntegrityError, StatementError
from sqlalchemy.orm import Mapped, mapped_column

from services.bus.kit import engines
from services.bus.kit.columns import JsonDoc, UtcDateTime
from services.bus.kit.statements import Lookup, Row
from services.bus.kit.store import Store
from services.bus.kit.testing import PostgresServer
from services.bus.kit.tx import Tx, new_base

pytestmark = pytest.mark.anyio

Base = new_base()
NOW = datetime(2023, 3, 1, 1, 2, 3, 456789, tzinfo=UTC)
SECRET = "052090000123"
MANY = 6_000


class Place(Base):  # type: ignore[misc, valid-type]
    __tablename__ = "place"
    owner: Mapped[str] = mapped_column(String(20), primary_key=True)
    key: Mapped[str] = mapped_column(String(20), primary_key=True)
    version: Mapped[int]
    at: Mapped[datetime | None] = mapped_column(UtcDateTime)
    doc: Mapped[Any] = mapped_column(JsonDoc)


class Lot(Base):  # type: ignore[misc, valid-type]
    __tablename__ = "lot"
    id: Mapped[str] = mapped_column(String(20), primary_key=True)
    size: Mapped[int | None] = mapped_column(default=7)


PLACES = Place.__table__
BY_KEY = Lookup(PLACES, "key", "owner")
VERSION_OF = select(PLACES.c.version, PLACES.c.at, PLACES.c.doc, func.upper(PLACES.c.key).label("shouted")).where(
    PLACES.c.owner == bindparam("owner"), PLACES.c.at >= bindparam("since", type_=UtcDateTime)
)
DOUBLED = (
    PLACES.update()
    .where(PLACES.c.key == bindparam("of_key"))
    .values(version=PLACES.c.version * 2, at=bindparam("at"), doc={"fixed": [1]})
)


def places(*rows: tuple[str, str, int]) -> Callable[[Tx], None]:
    def command(tx: Tx) -> None:
        for owner, key, version in rows:
            doc = {"tên": key}
            tx.append(Place, {"owner": owner, "key": key, "version": version, "at": NOW, "doc": doc})

    return command


@pytest.fixture
async def store(database_url: str) -> AsyncIterator[Store]:
    async with opened(database_url) as store:
        yield store


@pytest.fixture
async def sqlite(tmp_path: Path) -> AsyncIterator[Store]:
    async with opened(f"sqlite:///{tmp_path / 'test.db'}") as store:
        yield store


def opened(url: str) -> Store:
    store = Store(url, source="/test")
    store.create_tables(Base.metadata)
    return store


@pytest.mark.parametrize("verb", ["write", "read"])
async def test_a_select_gives_rows_in_the_columns_own_types(store: Store, verb: str) -> None:
    await store.write(places(("a", "x", 3), ("b", "y", 4)))

    def query(tx: Tx) -> list[Row]:
        return tx.fetch(VERSION_OF, owner="a", since=NOW)

    assert await getattr(store, verb)(query) == [(3, NOW, {"tên": "x"}, "X")]


@pytest.mark.parametrize("verb", ["write", "read"])
async def test_a_select_that_finds_nothing_gives_no_rows(store: Store, verb: str) -> None:
    assert await getattr(store, verb)(lambda tx: tx.fetch(VERSION_OF, owner="a", since=NOW)) == []


@pytest.mark.parametrize("verb", ["read", "write"])
async def test_selects_together_find_what_each_finds_alone(store: Store, verb: str) -> None:
    await store.write(places(("one", "a", 1), ("two", "b", 2)))
    asked = [(VERSION_OF, {"owner": owner, "since": NOW}) for owner in ("two", "nobody", "one")]
    asked.append((BY_KEY.one, {"owner": "one", "key": "a"}))
    alone = await getattr(store, verb)(lambda tx: [tx.fetch(each, **given) for each, given in asked])
    together = await getattr(store, verb)(lambda tx: tx.fetch_together(*asked))
    assert together == alone
    assert [len(rows) for rows in together] == [1, 0, 1, 1]


async def test_a_select_run_again_takes_its_new_parameters(store: Store) -> None:
    await store.write(places(("a", "x", 3), ("b", "y", 4)))

    def query(tx: Tx) -> list[int]:
        return [tx.fetch(VERSION_OF, owner=owner, since=NOW)[0][0] for owner in ("a", "b", "a")]

    assert await store.write(query) == [3, 4, 3]


@pytest.mark.parametrize("verb", ["write", "read"])
async def test_a_lookup_finds_whole_rows_of_its_fixed_columns_only(store: Store, verb: str) -> None:
    await store.write(places(("a", "x", 1), ("a", "y", 2), ("a", "z", 3), ("b", "x", 4)))

    def query(tx: Tx) -> list[Row]:
        return sorted(tx.look_up(BY_KEY, ["y", "x", "none"], owner="a"), key=lambda row: row[1])

    assert await getattr(store, verb)(query) == [
        ("a", "x", 1, NOW, {"tên": "x"}),
        ("a", "y", 2, NOW, {"tên": "y"}),
    ]
    assert await getattr(store, verb)(lambda tx: tx.look_up(BY_KEY, ["x"], owner="c")) == []


@pytest.mark.parametrize("verb", ["write", "read"])
async def test_a_lookup_of_nothing_finds_nothing(store: Store, verb: str) -> None:
    assert await getattr(store, verb)(lambda tx: tx.look_up(BY_KEY, [], owner="a")) == []


@pytest.mark.parametrize("verb", ["write", "read"])
async def test_a_lookup_takes_thousands_of_keys(store: Store, verb: str) -> None:
    keys = [f"{number:05d}" for number in range(MANY)]
    await store.write(places(*(("a", key, number) for number, key in enumerate(keys)), ("b", "00000", 1)))
    rows = await getattr(store, verb)(lambda tx: tx.look_up(BY_KEY, [*keys, "none"], owner="a"))
    assert sorted(row[2] for row in rows) == list(range(MANY))


async def test_what_is_left_for_the_commit_is_seen_once_it_is_run(store: Store) -> None:
    def command(tx: Tx) -> tuple[int, int]:
        places(("a", "x", 1))(tx)
        before = len(tx.look_up(BY_KEY, ["x"], owner="a"))
        tx.run_later()
        return before, len(tx.look_up(BY_KEY, ["x"], owner="a"))

    assert await store.write(command) == (0, 1)


async def test_a_statement_with_constants_of_its_own_is_run_for_each_row(store: Store) -> None:
    await store.write(places(("a", "x", 3), ("a", "y", 4), ("a", "z", 5)))

    def command(tx: Tx) -> None:
        for key in "xy":
            tx.later(DOUBLED, {"of_key": key, "at": None})

    await store.write(command)
    rows = await store.read(lambda tx: tx.look_up(BY_KEY, list("xyz"), owner="a"))
    assert sorted(row[1:] for row in rows) == [
        ("x", 6, None, {"fixed": [1]}),
        ("y", 8, None, {"fixed": [1]}),
        ("z", 5, NOW, {"tên": "z"}),
    ]


async def test_a_column_left_out_gets_its_default(database_url: str) -> None:
    async with opened(database_url) as store:
        await store.write(lambda tx: tx.append(Lot, {"id": "a"}))
        assert await store.read(lambda tx: tx.scalar(select(Lot.size))) == 7


async def test_a_broken_constraint_is_an_integrity_error(store: Store) -> None:
    await store.write(places(("a", "x", 1)))
    with pytest.raises(IntegrityError):
        await store.write(places(("a", "x", 2)))
    with pytest.raises(IntegrityError):
        await store.write(places(("a", "y", 2), ("a", "x", 2)))
    assert await store.read(lambda tx: tx.scalar(select(func.count()).select_from(Place))) == 1


async def test_what_the_database_cannot_do_is_a_dbapi_error(store: Store) -> None:
    nonsense: Any = text("SELECT nothing FROM nowhere WHERE it = :it")
    with pytest.raises(DBAPIError) as caught:
        await store.write(lambda tx: tx.later(nonsense, {"it": "x"}))
    assert not caught.value.connection_invalidated


@pytest.mark.parametrize("copies", [1, 2, 5])
async def test_an_errors_text_holds_no_parameters(store: Store, copies: int) -> None:
    rows = [(SECRET, SECRET, number) for number in range(copies)]
    await store.write(places((SECRET, SECRET, 1)))
    with pytest.raises(IntegrityError) as caught:
        await store.write(places(*rows))
    assert_silent(caught.value)
    assert "place" in str(caught.value)


async def test_an_error_of_a_select_holds_no_parameters(store: Store) -> None:
    gone: Any = select(text("1")).select_from(text("nowhere")).where(text("it = :it"))
    with pytest.raises(DBAPIError) as caught:
        await store.write(lambda tx: tx.fetch(gone, it=SECRET))
    assert_silent(caught.value)


async def test_an_error_of_a_value_the_driver_does_not_take_holds_no_parameters(store: Store) -> None:
    strange: Any = {SECRET: {SECRET}}
    with pytest.raises(DBAPIError) as caught:
        await store.write(lambda tx: tx.look_up(BY_KEY, [SECRET], owner=strange))
    assert_silent(caught.value)


# -- many rows at once, which PostgreSQL has copied in ------------------------------------------------------

ODD = 'tab\there, \\N, "quoted", xuống\ndòng, \\.'


@pytest.mark.parametrize("many", [1, 2, 3, 400])
async def test_however_many_rows_arrive_as_they_were_given(store: Store, many: int) -> None:
    docs = [{"chữ": ODD, "số": number, "trống": None} for number in range(many)]

    def command(tx: Tx) -> None:
        for number, doc in enumerate(docs):
            at = NOW if number % 2 else None
            tx.append(Place, {"owner": ODD[:19], "key": str(number), "version": number, "at": at, "doc": doc})
            tx.append(Lot, {"id": str(number), "size": None})

    await store.write(command)
    rows = await store.read(lambda tx: tx.execute(select(PLACES).order_by(Place.version)).all())
    assert [tuple(row) for row in rows] == [
        (ODD[:19], str(number), number, NOW if number % 2 else None, doc) for number, doc in enumerate(docs)
    ]


@pytest.mark.parametrize("many", [1, 2])
async def test_an_instant_without_a_zone_is_refused_however_many(store: Store, many: int) -> None:
    def command(tx: Tx) -> None:
        for number in range(many):
            row = {"owner": "a", "key": str(number), "version": 1, "at": NOW.replace(tzinfo=None), "doc": None}
            tx.append(Place, row)

    with pytest.raises((ValueError, StatementError), match="an instant needs a time zone"):
        await store.write(command)


async def test_nothing_is_null_in_json_too(store: Store) -> None:
    def command(tx: Tx) -> None:
        for number in range(3):
            tx.append(Place, {"owner": "a", "key": str(number), "version": 1, "at": None, "doc": None})

    await store.write(command)
    assert await store.read(lambda tx: tx.scalars(select(Place.doc)).all()) == [None] * 3


async def test_rows_that_leave_a_column_out_get_its_default_however_many(store: Store) -> None:
    def command(tx: Tx) -> None:
        for number in range(10):
            tx.append(Lot, {"id": str(number)})

    await store.write(command)
    assert await store.read(lambda tx: tx.scalars(select(Lot.size)).all()) == [7] * 10


async def test_a_broken_constraint_among_many_leaves_none_of_them(store: Store) -> None:
    await store.write(places(("a", "x", 1)))
    with pytest.raises(IntegrityError):
        await store.write(places(*(("a", key, 2) for key in "uvwxyz")))
    assert await store.read(lambda tx: tx.scalar(select(func.count()).select_from(Place))) == 1


@pytest.mark.parametrize("many", [1, 2, 5])
async def test_a_connection_that_was_lost_costs_one_try(postgres: PostgresServer, many: int) -> None:
    async with opened(postgres.new_database()) as store:
        rows = [("a", str(number), number) for number in range(many)]

        def command(tx: Tx) -> None:
            places(*rows)(tx)
            tx.run_later()
            if not tried:
                tried.append(True)
                tx.execute(text("SELECT pg_terminate_backend(pg_backend_pid())"))
            tx.look_up(BY_KEY, ["x"], owner="a")

        tried: list[bool] = []
        with pytest.raises(DBAPIError):
            await store.write(command)
        await store.write(command)
        assert await store.read(lambda tx: tx.scalar(select(func.count()).select_from(Place))) == many


async def test_a_server_that_hangs_up_between_two_statements_is_noticed(postgres: PostgresServer) -> None:
    async with opened(postgres.new_database()) as store:

        def command(tx: Tx) -> None:
            (pid,) = tx.execute(text("SELECT pg_backend_pid()")).one()
            with psycopg.connect(store_url(store), autocommit=True) as other:
                other.execute("SELECT pg_terminate_backend(%s)", (pid,))
            tx.look_up(BY_KEY, ["x"], owner="a")

        with pytest.raises(DBAPIError) as caught:
            await store.write(command)
        assert caught.value.connection_invalidated
        await store.write(places(("a", "x", 1)))


def store_url(store: Store) -> str:
    """The database of a store as its driver takes it."""
    return store.writer.url.set(drivername="postgresql").render_as_string(hide_password=False)


@pytest.mark.parametrize("verb", ["write", "read"])
async def test_a_connection_that_died_while_it_rested_is_replaced(
    postgres: PostgresServer, monkeypatch: pytest.MonkeyPatch, verb: str
) -> None:
    monkeypatch.setattr(engines, "REST_S", 0.0)
    async with opened(postgres.new_database()) as store:

        def pid(tx: Tx) -> int:
            return int(tx.scalar(text("SELECT pg_backend_pid()")) or 0)

        first = await getattr(store, verb)(pid)
        with psycopg.connect(store_url(store), autocommit=True) as other:
            other.execute("SELECT pg_terminate_backend(%s)", (first,))
        assert await getattr(store, verb)(pid) != first


def assert_silent(error: BaseException | None) -> None:
    """Neither the error nor any that led to it names a parameter's value."""
    while error is not None:
        assert SECRET not in str(error)
        assert SECRET not in repr(error)
        assert not getattr(error, "params", None)
        error = error.__cause__ or error.__context__
