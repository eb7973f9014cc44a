"""Extents: the same on both databases and on whatever side, and different as soon as anything is."""

from __future__ import annotations

import hashlib
from collections.abc import AsyncIterator
from datetime import UTC, datetime, timedelta
from typing import Any

import pytest
from sqlalchemy import String, delete
from sqlalchemy.orm import Mapped, mapped_column

from contracts.extents import Extent, ExtentsWanted, only
from services.bus.kit.columns import UtcDateTime
from services.bus.kit.extents import Listing, extents, line
from services.bus.kit.store import Store
from services.bus.kit.tx import Tx, new_base

pytestmark = pytest.mark.anyio

Base: Any = new_base()
NOW = datetime(2026, 11, 22, 8, 0, tzinfo=UTC)


class Row(Base):
    __tablename__ = "rows"

    code: Mapped[str] = mapped_column(String(60), primary_key=True)
    version: Mapped[int] = mapped_column(primary_key=True)
    status: Mapped[int]
    at: Mapped[datetime] = mapped_column(UtcDateTime)


LISTING = Listing(Row.code, line(Row.code, Row.version, Row.status), (Row.code, Row.version), Row.at)
CODES = [f"H08.31-23050{day}-{number:04d}" for day in (7, 8) for number in range(1, 6)]


@pytest.fixture
async def store(database_url: str) -> AsyncIterator[Store]:
    async with Store(database_url, source="/test") as store:
        store.create_tables(Base.metadata)

        def fill(tx: Tx) -> None:
            for code in reversed(CODES):
                for version in (3, 1, 2):
                    at = NOW + timedelta(hours=version)
                    tx.append(Row, {"code": code, "version": version, "status": version * 2, "at": at})

        await store.write(fill)
        yield store


async def told(store: Store, **wanted: Any) -> list[Extent]:
    return await store.read(lambda tx: extents(tx, ExtentsWanted(**wanted), LISTING))


def digest(*codes: str, versions: tuple[int, ...] = (1, 2, 3)) -> str:
    lines = "\n".join(f"{code} {version} {version * 2}" for code in codes for version in versions)
    return hashlib.sha256(lines.encode() + b"\n\n").hexdigest()


async def test_a_digest_is_that_of_the_lines_in_order(store: Store) -> None:
    [everything] = await told(store, bounds=[""])
    assert everything == Extent(dossiers=10, rows=30, digest=digest(*CODES))
    [nothing] = await told(store, bounds=["Z"])
    assert nothing == Extent(dossiers=0, rows=0, digest=digest())


async def test_ranges_begin_with_their_bound_and_end_before_the_next(store: Store) -> None:
    found = await told(store, bounds=["", CODES[3], CODES[7]])
    parts = (CODES[:3], CODES[3:7], CODES[7:])
    assert [each.digest for each in found] == [digest(*part) for part in parts]
    assert [each.rows for each in found] == [9, 12, 9]
    closed = await told(store, bounds=["", CODES[3], CODES[7]], open_end=False)
    assert closed == found[:2]


async def test_one_dossier_one_day_and_up_to_a_moment(store: Store) -> None:
    [one] = await told(store, bounds=only(CODES[4]), open_end=False)
    assert one == Extent(dossiers=1, rows=3, digest=digest(CODES[4]))
    [day] = await told(store, day="230508")
    assert day == Extent(dossiers=5, rows=15, digest=digest(*CODES[5:]))
    [early] = await told(store, bounds=[""], until=NOW + timedelta(hours=2))
    assert early == Extent(dossiers=10, rows=20, digest=digest(*CODES, versions=(1, 2)))


async def test_a_row_that_is_gone_or_changed_shows(store: Store) -> None:
    before = await told(store, bounds=["", CODES[5]])
    await store.write(lambda tx: tx.execute(delete(Row).where(Row.code == CODES[7], Row.version == 2)) and None)
    after = await told(store, bounds=["", CODES[5]])
    assert after[0] == before[0] and after[1].digest != before[1].digest and after[1].rows == 14


@pytest.mark.parametrize(
    "wanted", [{"day": "2305"}, {"bounds": ["x" * 62]}, {"bounds": [""] * 1002}, {"bounds": [""], "more": 1}]
)
def test_what_cannot_be_asked(wanted: dict[str, Any]) -> None:
    with pytest.raises(ValueError):
        ExtentsWanted(**wanted)
