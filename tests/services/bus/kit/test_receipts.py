"""Receipts: one a batch, in its commit; every outcome is told, and none is read before an earlier one."""

from __future__ import annotations

from collections.abc import AsyncIterator
from datetime import UTC, datetime, timedelta
from typing import Any

import orjson
import pytest
from sqlalchemy import insert, select

from contracts.envelope import Event
from contracts.events.population import CitizenChanged
from services.bus.kit.clock import FixedClock
from services.bus.kit.columns import to_micros
from services.bus.kit.inbox import Apply, Arrival, bury, discard, retry
from services.bus.kit.outbox import emit
from services.bus.kit.receipts import (
    APPLIED,
    DEAD,
    DISCARDED,
    DUPLICATE,
    HELD,
    MOST,
    Noted,
    forget_old_receipts,
    receipts_after,
    receipts_page,
)
from services.bus.kit.store import Store
from services.bus.kit.tables import KitBase, Outbox, Receipt
from services.bus.kit.tx import Tx

pytestmark = pytest.mark.anyio

NOW = datetime(2026, 11, 22, 8, 0, tzinfo=UTC)
PUBLISHED, RECEIVED = NOW - timedelta(milliseconds=5), NOW - timedelta(milliseconds=2)


@pytest.fixture
async def store(database_url: str) -> AsyncIterator[Store]:
    store = Store(database_url, source="/test")
    store.create_tables(KitBase.metadata)
    async with store:
        yield store


def arrival(key: str, version: int, *, at: datetime = NOW - timedelta(milliseconds=9)) -> Arrival:
    event = Event(
        id=f"{key}-{version}", source="/truc/dossier", type="vn.truc.dossier.status-changed.v1", time=at, key=key,
        version=version, data={"code": key, "dossier": {"procedure_code": "1.001570", "receiving_agency": "H08"}},
    )  # fmt: skip
    return Arrival(event, event.model_dump_json().encode(), PUBLISHED, RECEIVED)


def nothing(tx: Tx, event: Event) -> None:
    """A reaction that has nothing to do."""


def apply(*arrivals: Arrival, reaction: Any = nothing) -> Apply:
    return Apply("test", reaction, list(arrivals), FixedClock(NOW))


def told(tx: Tx) -> list[tuple[int, int]]:
    """Version and outcome of every event of every receipt."""
    bodies = tx.scalars(select(Receipt.body).order_by(Receipt.id))
    return [(event[1], event[2]) for body in bodies for event in orjson.loads(body)["events"]]


async def test_a_batch_leaves_one_row_with_the_times_of_each_event(store: Store) -> None:
    await store.write(apply(arrival("a", 1), arrival("b", 1)))
    [row] = await store.read(lambda tx: list(tx.scalars(select(Receipt))))
    assert (row.consumer, row.at, row.events) == ("test", NOW, 2)
    body = orjson.loads(row.body)
    assert body["kinds"] == [["/truc/dossier", "vn.truc.dossier.status-changed.v1", "1.001570", "H08"]]
    times = [to_micros(each) for each in (NOW - timedelta(milliseconds=9), PUBLISHED, RECEIVED)]
    assert body["events"] == [[0, 1, APPLIED, *times, code] for code in "ab"]


async def test_every_outcome_is_told(store: Store) -> None:
    await store.write(apply(arrival("a", 1)))
    await store.write(apply(arrival("a", 1), arrival("a", 3)))
    await store.write(apply(arrival("a", 2)))
    assert sorted(await store.read(told)) == sorted(
        [(1, APPLIED), (1, DUPLICATE), (3, HELD), (2, APPLIED), (3, APPLIED)]
    )


async def test_dead_letters_retried_and_discarded(store: Store) -> None:
    for key in "ab":
        letter = arrival(key, 1)
        await store.write(lambda tx, letter=letter: bury(tx, "test", letter, "why", 5, NOW))
    assert await store.write(lambda tx: retry(tx, "test", nothing, "a", now=NOW)) == 1
    assert await store.write(lambda tx: discard(tx, "test", "b", 1, now=NOW)) is not None
    assert [outcome for _, outcome in await store.read(told)] == [DEAD, DEAD, APPLIED, DISCARDED]


async def test_what_is_rolled_back_leaves_no_receipt(store: Store) -> None:
    def fails(tx: Tx, event: Event) -> None:
        raise RuntimeError("away")

    with pytest.raises(RuntimeError):
        await store.write(apply(arrival("a", 1), reaction=fails))
    assert await store.read(told) == []


def test_a_time_without_a_zone_and_odd_data_say_nothing() -> None:
    class Left:
        row: dict[str, Any]

        def append(self, table: object, row: dict[str, Any]) -> None:
            self.row = row

    event = arrival("a", 1, at=datetime(2026, 11, 22)).event  # noqa: DTZ001 - as a foreign member may send it
    odd = event.model_copy(update={"data": {"procedure_code": 7, "receiving_agency": "x" * 61, "code": ["a"]}})
    noted, left = Noted(), Left()
    noted.add(odd, APPLIED, None, RECEIVED)
    noted.leave(left, "test", NOW)  # type: ignore[arg-type]
    body = orjson.loads(left.row["body"])
    assert body["kinds"][0][2:] == [None, None]
    assert body["events"] == [[0, 1, APPLIED, None, None, to_micros(RECEIVED), None]]


def rows(*ids: int, at: datetime = NOW) -> Any:
    def command(tx: Tx) -> None:
        for id in ids:
            tx.execute(insert(Receipt).values(id=id, consumer="test", at=at, events=0, body=b"{}"))

    return command


async def ids_after(store: Store, after: int, now: datetime) -> list[int]:
    return await store.read(lambda tx: [id for id, *_ in receipts_after(tx, after, 10, now)])


async def test_a_young_gap_may_still_be_filled_so_nothing_behind_it_is_read(store: Store) -> None:
    await store.write(rows(1, 2, 4))
    assert await ids_after(store, 0, NOW) == [1, 2]
    assert await ids_after(store, 2, NOW + timedelta(seconds=11)) == [4]
    await store.write(rows(3))
    assert await ids_after(store, 2, NOW) == [3, 4]


async def test_old_receipts_go_and_so_do_too_many(store: Store) -> None:
    await store.write(rows(1, 2, at=NOW - timedelta(days=8)))
    await store.write(rows(3, MOST + 3, MOST + 4))
    assert await store.write(forget_old_receipts(NOW)) == 3
    assert await store.write(forget_old_receipts(NOW)) == 0
    assert await ids_after(store, MOST + 2, NOW) == [MOST + 3, MOST + 4]


async def test_numbers_are_never_used_again(store: Store) -> None:
    await store.write(apply(arrival("a", 1)))
    [first] = await ids_after(store, 0, NOW)
    await store.write(forget_old_receipts(NOW + timedelta(days=8)))
    await store.write(apply(arrival("a", 2)))
    [second] = await store.read(lambda tx: list(tx.scalars(select(Receipt.id))))
    assert second > first


async def test_the_page_tells_what_is_owed_and_held(store: Store) -> None:
    def announces(tx: Tx) -> None:
        for version in (1, 2):
            data = CitizenChanged(personal_id="052090000001", changed=(), at=NOW)
            emit(tx, data, key="k", version=version, at=NOW + timedelta(seconds=version))

    await store.write(announces)
    await store.write(apply(arrival("a", 2)))
    page = orjson.loads(await store.read(receipts_page(0, 10, NOW, ())))
    [owed] = page["standing"]["owed"]
    assert (owed["events"], owed["subject"]) == (2, "axis.population.citizen-changed")
    assert datetime.fromisoformat(owed["oldest_at"]) == NOW + timedelta(seconds=1)
    [held] = page["standing"]["held"]
    assert (held["consumer"], held["state"], held["events"]) == ("test", "waiting", 1)
    acknowledged = await store.read(lambda tx: list(tx.scalars(select(Outbox.id))))
    page = orjson.loads(await store.read(receipts_page(0, 10, NOW, acknowledged)))
    assert page["standing"]["owed"] == []
