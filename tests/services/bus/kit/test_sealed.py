"""Events sealed elsewhere: announced by the thousand as one alone is, and gone with the transaction."""

from __future__ import annotations

import asyncio
from collections.abc import AsyncIterator
from datetime import UTC, datetime
from typing import Any

import orjson
import pytest
from sqlalchemy import select

from contracts.envelope import Event
from contracts.events.population import CitizenChanged
from services.bus.kit import relay as relay_module
from services.bus.kit.bus import Bus
from services.bus.kit.outbox import emit, emit_sealed
from services.bus.kit.relay import Relay
from services.bus.kit.sealed import sealed
from services.bus.kit.store import Store
from services.bus.kit.tables import Outbox
from services.bus.kit.testing import NatsServer
from services.bus.kit.trace import new_traceparent, tracing
from services.bus.kit.tx import Announced, Tx, new_base

pytestmark = pytest.mark.anyio

Base = new_base()
NOW = datetime(2023, 3, 1, 1, 2, 3, 456789, tzinfo=UTC)
DATA = CitizenChanged(personal_id='052\\"\tễ', changed=("full_name",), at=NOW)


@pytest.fixture
async def store(database_url: str) -> AsyncIterator[Store]:
    async with Store(database_url, source="/truc/test") as store:
        store.create_tables(Base.metadata)
        yield store


def outbox(tx: Tx) -> list[Announced]:
    """What the relay would read."""
    columns = (Outbox.id, Outbox.subject, Outbox.traceparent, Outbox.payload)
    return [Announced(*row) for row in tx.execute(select(*columns).order_by(Outbox.id))]


def document(announced: Announced) -> dict[str, Any]:
    """The event, without its id."""
    found: dict[str, Any] = orjson.loads(announced.payload)
    assert found.pop("id") == announced.id
    return found


@pytest.mark.parametrize("traced", [False, True])
async def test_a_sealed_event_is_the_event_that_emit_makes(store: Store, traced: bool) -> None:
    told: list[Announced] = []
    store.on_announced(told.extend)

    def both(tx: Tx) -> None:
        emit(tx, DATA, key="k", version=7, at=NOW)
        emit_sealed(tx, [sealed(DATA, key="k", version=7, at=NOW)] * 2)
        emit_sealed(tx, [])

    if traced:
        with tracing(new_traceparent()) as traceparent:
            await store.write(both)
    else:
        traceparent = None
        await store.write(both)
    one, first, second = await store.read(outbox)
    assert document(one) == document(first) == document(second)
    assert (one.subject, one.traceparent) == (first.subject, first.traceparent) == (DATA.subject(), traceparent)
    assert [each.id for each in told] == [one.id, first.id, second.id] == sorted(each.id for each in told)
    assert told == [one, first, second]
    event = Event.model_validate_json(first.payload)
    assert (event.key, event.version, event.time, event.source) == ("k", 7, NOW, "/truc/test")
    assert event.traceparent == traceparent
    assert event.data_as(CitizenChanged) == DATA


async def test_nothing_is_told_of_what_is_rolled_back(store: Store) -> None:
    told: list[Announced] = []
    store.on_announced(told.extend)

    def fails(tx: Tx) -> None:
        emit_sealed(tx, [sealed(DATA, key="k", version=1, at=NOW)])
        raise LookupError

    with pytest.raises(LookupError):
        await store.write(fails)
    assert (await store.read(outbox), told) == ([], [])


async def test_more_than_memory_takes_arrives_in_order_and_the_table_is_read_seldom(
    store: Store, broker: NatsServer, monkeypatch: pytest.MonkeyPatch
) -> None:
    """A bulk import commits faster than the broker takes: memory stays small, and nothing is read row by row."""
    for name, value in (("MAX_IN_MEMORY", 60), ("MAX_IN_FLIGHT", 20), ("PAGE", 15)):
        monkeypatch.setattr(relay_module, name, value)
    pages = []
    page_after = relay_module._page_after

    def counted(after: str) -> Any:
        pages.append(after)
        return page_after(after)

    monkeypatch.setattr(relay_module, "_page_after", counted)
    async with Bus(broker.url, name="test") as bus:
        relay = Relay(store, bus)
        running = asyncio.create_task(relay.run())
        await bus.ready()
        subscription = await bus.js.subscribe("axis.>", ordered_consumer=True)
        most = 0
        for number in range(40):
            events = [sealed(DATA, key=f"k{number}-{each}", version=1, at=NOW) for each in range(25)]
            await store.write(lambda tx, events=events: emit_sealed(tx, events))  # type: ignore[misc]
            most = max(most, relay.waiting)
        heard = [Event.model_validate_json((await subscription.next_msg(20)).data) for _ in range(1_000)]
        async with asyncio.timeout(20):
            while await store.read(outbox):
                await asyncio.sleep(0.02)
        running.cancel()
        await asyncio.gather(running, return_exceptions=True)
    assert [each.key for each in heard] == [f"k{number}-{each}" for number in range(40) for each in range(25)]
    assert most <= 60 + 15 + 20
    assert len(pages) < 400
