"""The oldest thing not acknowledged: from the broker, from outboxes, from what is held, from sync."""

from __future__ import annotations

import contextlib
from collections.abc import AsyncIterator
from datetime import timedelta
from typing import Any

import anyio
import orjson
import pytest
from nats.js import api

from contracts.envelope import TYPE_PREFIX
from services.bus.hub.ledger.names import LinkName, portal_link
from services.bus.hub.ledger.standing import ConsumerState, PortalState, Standings
from services.bus.hub.ledger.watching import consumers
from services.bus.kit.bus import STREAM, Bus
from services.bus.kit.ids import new_id
from services.bus.kit.standing import HeldBack, Owed, Standing
from services.bus.kit.testing import NatsServer
from tests.services.bus.hub.ledger.conftest import NOW, STATUS, seconds

pytestmark = pytest.mark.anyio

TO_SYNC = LinkName("dossier", "dossier.status-changed", "sync-dossiers")
IDLE = ConsumerState("sync-dossiers", ("axis.dossier.status-changed",), 0, 0, {})


def owed(age: float, events: int = 1, type_: str = STATUS) -> Standing:
    subject = "axis." + type_.removeprefix(TYPE_PREFIX).removesuffix(".v1")
    each = Owed(subject=subject, type=type_, source="/truc/dossier", events=events, oldest_at=NOW - seconds(age))
    return Standing(owed=[each], held=[])


def standings(**given: Any) -> Standings:
    made = Standings(consumers={"sync-dossiers": IDLE}, broker_asked_at=NOW, portal_asked_at=NOW)
    made.processes["dossier"] = (Standing(owed=[], held=[]), NOW)
    for name, value in given.items():
        setattr(made, name, value)
    return made


def test_an_idle_link_has_no_oldest() -> None:
    assert standings().of(TO_SYNC).oldest_at is None
    assert standings(portal=PortalState(0, 0, None, "closed")).of(portal_link()).oldest_at is None
    assert standings().links() == set()


def test_what_is_still_in_the_outbox_counts_from_its_commit() -> None:
    found = standings()
    found.processes["dossier"] = (owed(90, 7), NOW)
    waiting = found.of(TO_SYNC)
    assert (waiting.oldest_at, waiting.backlog) == (NOW - seconds(90), 7)
    assert found.links() == {TO_SYNC}


def test_an_outbox_counts_only_for_who_hears_it() -> None:
    found = standings()
    found.processes["dossier"] = (owed(90, type_="vn.truc.dossier.run-ended.v1"), NOW)
    assert found.of(TO_SYNC).oldest_at is None
    assert found.links() == set()


def test_the_portal_waits_for_what_waits_before_it() -> None:
    found = standings(portal=PortalState(3, 1, NOW - seconds(5), "closed"))
    found.processes["dossier"] = (owed(60, 2), NOW)
    waiting = found.of(portal_link())
    assert (waiting.oldest_at, waiting.backlog, waiting.dead) == (NOW - seconds(60), 5, 1)
    assert portal_link() in found.links()


def test_what_is_held_waits_and_what_is_dead_is_counted() -> None:
    held = [
        HeldBack(consumer="sync-dossiers", state=state, events=events, type=STATUS, source="/truc/dossier",
                 oldest_at=NOW - seconds(30))
        for state, events in (("waiting", 2), ("dead", 1))
    ]  # fmt: skip
    found = standings()
    found.processes["sync"] = (Standing(owed=[], held=held), NOW - seconds(3))
    waiting = found.of(TO_SYNC)
    assert (waiting.oldest_at, waiting.held, waiting.dead) == (NOW - seconds(30), 2, 1)
    assert waiting.as_of == NOW - seconds(3), "as of the slowest witness"


def test_before_everybody_was_asked_nobody_claims_to_know() -> None:
    assert standings(broker_asked_at=None).of(TO_SYNC).as_of is None


@contextlib.asynccontextmanager
async def on_axis(broker: NatsServer) -> AsyncIterator[Bus]:
    async with Bus(broker.url, name="hub") as bus:
        with anyio.fail_after(10):
            await bus.ready()
        yield bus


async def announce(bus: Bus, subject: str, type_: str, age: float) -> None:
    event = {
        "specversion": "1.0", "id": new_id(), "source": "/truc/dossier", "type": type_, "key": "k", "version": 1,
        "time": (NOW - timedelta(seconds=age)).isoformat(), "data": {},
    }  # fmt: skip
    await bus.js.publish(subject, orjson.dumps(event))


async def test_the_broker_tells_the_oldest_of_each_type_until_it_is_acknowledged(broker: NatsServer) -> None:
    status, ended = "axis.dossier.status-changed", "axis.dossier.run-ended"
    all_links = [LinkName("dossier", name, "sync-all") for name in ("dossier.status-changed", "dossier.run-ended")]
    async with on_axis(broker) as bus:
        config = api.ConsumerConfig(durable_name="sync-all", filter_subject="axis.dossier.>", ack_wait=60)
        await bus.js.add_consumer(STREAM, config)
        idle = (await consumers(bus, all_links))["sync-all"]
        assert (idle.backlog, idle.oldest) == (0, {})

        await announce(bus, status, STATUS, 50)
        await announce(bus, ended, "vn.truc.dossier.run-ended.v1", 40)
        await announce(bus, status, STATUS, 30)
        behind = (await consumers(bus, all_links))["sync-all"]
        assert behind.backlog == 3
        assert behind.oldest == {all_links[0]: NOW - seconds(50), all_links[1]: NOW - seconds(40)}

        pull = await bus.js.pull_subscribe_bind("sync-all", STREAM)
        first, second, third = await pull.fetch(3)
        in_hand = (await consumers(bus, all_links))["sync-all"]
        assert (in_hand.backlog, in_hand.oldest) == (3, behind.oldest), "delivered is not acknowledged"

        await first.ack_sync()
        after_one = (await consumers(bus, all_links))["sync-all"]
        assert after_one.oldest == {all_links[0]: NOW - seconds(30), all_links[1]: NOW - seconds(40)}
        await second.ack_sync()
        await third.ack_sync()
        caught_up = (await consumers(bus, all_links))["sync-all"]
        assert (caught_up.backlog, caught_up.oldest) == (0, {})


async def test_what_is_no_event_stops_nobody(broker: NatsServer) -> None:
    async with on_axis(broker) as bus:
        config = api.ConsumerConfig(durable_name="sync-all", filter_subject="axis.dossier.>")
        await bus.js.add_consumer(STREAM, config)
        await bus.js.publish("axis.dossier.status-changed", b"rubbish")
        found = (await consumers(bus, []))["sync-all"]
        assert (found.backlog, found.oldest) == (1, {})
