"""`Tx.bulk`: rows built for the driver are the rows the models say, on both databases."""

from __future__ import annotations

from collections.abc import AsyncIterator
from datetime import UTC, date, datetime
from typing import Any

import pytest
from sqlalchemy import Date, String, select
from sqlalchemy.exc import IntegrityError
from sqlalchemy.orm import Mapped, mapped_column

from services.bus.kit.bulk import instant, packed
from services.bus.kit.columns import JsonDoc, UtcDateTime
from services.bus.kit.store import Store
from services.bus.kit.tx import Tx, new_base

pytestmark = pytest.mark.anyio

Base = new_base()
NOW = datetime(2023, 3, 1, 1, 2, 3, 456789, tzinfo=UTC)
COLUMNS = ("id", "order", "day", "at", "document", "true")


class Leaf(Base):  # type: ignore[misc, valid-type]
    __tablename__ = "leaf"
    id: Mapped[str] = mapped_column(String(50), primary_key=True)
    order: Mapped[int]
    day: Mapped[date | None] = mapped_column(Date)
    at: Mapped[datetime] = mapped_column(UtcDateTime)
    document: Mapped[dict[str, Any]] = mapped_column(JsonDoc)
    true: Mapped[bool]
    left_out: Mapped[str | None] = mapped_column(String(10))


@pytest.fixture
async def store(database_url: str) -> AsyncIterator[Store]:
    store = Store(database_url, source="/test")
    store.create_tables(Base.metadata)
    async with store:
        yield store


def rows(store: Store, *ids: str) -> list[Any]:
    dialect = store.writer.dialect.name
    document = '{"a":"x\\ty\\\\z"}'
    made = [
        (each, place, "2023-03-01" if place else None, instant(NOW, dialect), document, place % 2)
        for place, each in enumerate(ids)
    ]
    return packed(made, dialect)


ODD = ("tab\there", "line\nbreak", "back\\slash", "\\N", "return\rhere", "quote'\"", "Nguyễn", "\\.", "")


async def test_every_value_comes_out_as_it_went_in(store: Store) -> None:
    await store.write(lambda tx: tx.bulk(Leaf, COLUMNS, rows(store, *ODD)))
    found = await store.read(lambda tx: list(tx.scalars(select(Leaf).order_by(Leaf.order))))
    assert [each.id for each in found] == list(ODD)
    assert [each.day for each in found] == [None, *[date(2023, 3, 1)] * (len(ODD) - 1)]
    assert {each.at for each in found} == {NOW}
    assert found[0].document == {"a": "x\ty\\z"}
    assert [each.true for each in found[:3]] == [False, True, False]
    assert found[0].left_out is None


async def test_it_is_there_at_once_and_gone_with_the_transaction(store: Store) -> None:
    def writes_and_fails(tx: Tx) -> None:
        tx.bulk(Leaf, COLUMNS, rows(store, "a", "b"))
        tx.bulk(Leaf, COLUMNS, [])
        assert len(tx.execute(select(Leaf.id)).all()) == 2
        raise LookupError

    with pytest.raises(LookupError):
        await store.write(writes_and_fails)
    assert await store.read(lambda tx: tx.execute(select(Leaf.id)).all()) == []


async def test_a_row_that_is_there_spoils_all_and_tells_no_values(store: Store) -> None:
    await store.write(lambda tx: tx.bulk(Leaf, COLUMNS, rows(store, "known")))
    with pytest.raises(IntegrityError) as refused:
        await store.write(lambda tx: tx.bulk(Leaf, COLUMNS, rows(store, "other", "known")))
    assert "known" not in str(refused.value)
    assert await store.read(lambda tx: tx.scalars(select(Leaf.id)).all()) == ["known"]


def test_an_instant_needs_a_time_zone() -> None:
    with pytest.raises(ValueError):
        instant(NOW.replace(tzinfo=None), "sqlite")
