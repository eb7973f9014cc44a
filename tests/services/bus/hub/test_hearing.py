"""The hub's ear on a real broker: every event once, whatever comes between; what cannot be used stops nobody."""

from __future__ import annotations

import asyncio
import shutil
from collections.abc import AsyncIterator, Callable
from datetime import timedelta
from pathlib import Path
from typing import Any

import nats
import orjson
import pytest
from fastapi import FastAPI
from nats.aio.client import Client
from sqlalchemy import func, select

from contracts.envelope import Event
from contracts.events.portal import StatusRefused
from contracts.status import DossierStatus
from services.bus.hub import ear
from services.bus.hub.app import build
from services.bus.hub.hearing import NAME, Hear, Part, Place, blame, places_in, prepared, spec
from services.bus.hub.indicators import facts
from services.bus.hub.indicators.models import CheckFacts, DossierFacts
from services.bus.hub.ledger.models import ReadUpTo, Record
from services.bus.hub.ledger.numbers import Numbers
from services.bus.hub.models import metadata
from services.bus.hub.settings import HubSettings
from services.bus.kit.bus import stream_config
from services.bus.kit.clock import FixedClock
from services.bus.kit.inbox import retry
from services.bus.kit.service import Service
from services.bus.kit.store import Store
from services.bus.kit.tables import Held
from services.bus.kit.testing import NatsServer, running
from services.bus.kit.tx import Tx
from tests.services.bus.hub.indicators.telling import DAY, MONDAY, acknowledgement, checked, step, verification

pytestmark = pytest.mark.anyio

CODES = [f"H08.31.21-230508-{number:04d}" for number in range(1, 8)]


def course() -> list[Event]:
    """Two steps of each dossier, both acknowledged, and a check of each."""
    told = []
    for code in CODES:
        told += [
            step(code, 1, 2, MONDAY, received_at=MONDAY, due_at=MONDAY + DAY),
            acknowledgement(code, 1, 2),
            step(code, 2, 4, MONDAY, received_at=MONDAY, due_at=MONDAY + DAY),
            acknowledgement(code, 2, 4),
            verification(code),
            checked(MONDAY, (code, "identity_check", "direct", "matched")),
        ]
    return told


def heard(tx: Tx) -> tuple[int, int, int, int]:
    """Dossiers that are at their second step, acknowledged and checked; checks; records; what lies dead."""
    whole = select(func.count()).where(
        DossierFacts.version == 2, DossierFacts.synced_at.is_not(None), DossierFacts.verification == "matched"
    )
    others = (select(func.count()).select_from(each) for each in (CheckFacts, Record, Held))
    dossiers, checks, records, letters = (tx.scalar(each) or 0 for each in (whole, *others))
    return dossiers, checks, records, letters


ALL = (len(CODES), len(CODES), 2 * len(CODES), 0)


class Axis:
    """A broker, a publisher, and a hub that may be started again and again on the same database."""

    def __init__(self, broker: NatsServer, client: Client, settings: HubSettings) -> None:
        self.broker = broker
        self.client = client
        self.settings = settings

    def hub(self) -> FastAPI:
        return build(self.settings, FixedClock(MONDAY + 30 * DAY))

    async def publish(self, *events: Event | bytes) -> None:
        for event in events:
            subject = event.axis_subject if isinstance(event, Event) else "axis.dossier.status-changed"
            payload = event.model_dump_json().encode() if isinstance(event, Event) else event
            await self.client.jetstream().publish(subject, payload)


@pytest.fixture
async def axis(broker: NatsServer, tmp_path: Path, database_url: str) -> AsyncIterator[Axis]:
    client = await nats.connect(broker.url, reconnect_time_wait=0.1, max_reconnect_attempts=-1)
    await client.jetstream().add_stream(stream_config())
    settings = HubSettings(data_dir=tmp_path, database_url=database_url, nats_url=broker.url)
    yield Axis(broker, client, settings)
    await client.close()


async def until(app: FastAPI, wanted: Any, look: Callable[[Tx], Any] = heard) -> None:
    service: Service = app.state.service
    async with asyncio.timeout(30):
        while (found := await service.store.read(look)) != wanted:
            await asyncio.sleep(0.1)
            assert found != wanted


@pytest.fixture(autouse=True)
def often(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("services.bus.hub.rounds.ROUND_S", 0.2)


async def test_a_hub_that_was_down_hears_the_rest_in_pages(axis: Axis, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(ear, "PAGE", 4)
    told = course()
    await axis.publish(*told[:10])
    app = axis.hub()
    async with running(app):
        await until(app, 4, lambda tx: tx.scalar(select(func.count()).select_from(Record)))
    await axis.publish(*told[10:])
    app = axis.hub()
    async with running(app):
        await until(app, ALL)


async def test_what_is_said_again_changes_nothing(axis: Axis) -> None:
    """Relays say again what was not acknowledged: with no message id here, so that the broker lets it through."""
    told = course()
    app = axis.hub()
    async with running(app):
        await axis.publish(*told, *told)
        await until(app, ALL)
        await axis.publish(*told[::-1])
        await axis.publish(step("H08.31.21-230508-0099", 1, 2, MONDAY))
        await until(app, 8, lambda tx: tx.scalar(select(func.count()).select_from(DossierFacts)))
        await until(app, ALL)


async def test_a_broker_that_lost_its_disk_has_another_stream(axis: Axis) -> None:
    told = course()
    app = axis.hub()
    async with running(app):
        await axis.publish(*told[:20])
        await until(app, 20, furthest)
        axis.broker.stop()
        shutil.rmtree(axis.broker.folder / "store")
        axis.broker.start()
        await axis.client.close()
        axis.client = await nats.connect(axis.broker.url)
        await axis.client.jetstream().add_stream(stream_config())
        await axis.publish(*told[18:])
        await until(app, ALL)


def furthest(tx: Tx) -> int:
    return tx.scalar(select(func.max(ReadUpTo.receipt)).where(ReadUpTo.process.startswith("axis."))) or 0


async def test_what_cannot_be_used_is_a_dead_letter_and_stops_nobody(axis: Axis) -> None:
    told = course()
    undated = told[0].model_dump(mode="json")
    undated["data"]["dossier"]["received_at"] = "2023-05-08T02:00:00"
    unreadable = [b"rubbish", b"{}", b"[1]", b'{"type":1,"data":2,"version":3,"specversion":"1.0"}']
    wrong = [orjson.dumps({**told[0].model_dump(mode="json"), "key": "k", "version": 7, "data": {"code": "x"}})]
    app = axis.hub()
    async with running(app):
        await axis.publish(*told[:9], *unreadable, *wrong, orjson.dumps(undated | {"key": "u"}), *told[9:])
        await until(app, (*ALL[:3], 6))
        letters = await app.state.service.store.read(lambda tx: list(tx.scalars(select(Held).order_by(Held.key))))
        assert {each.consumer for each in letters} == {NAME} and {each.state for each in letters} == {"dead"}
        assert sum(each.key.startswith("unreadable/") for each in letters) == 4
        assert all(each.reason for each in letters)


@pytest.fixture
async def store(database_url: str) -> AsyncIterator[Store]:
    async with Store(database_url, source="/truc/hub") as store:
        store.create_tables(metadata)
        yield store


async def test_a_page_that_fails_is_halved_down_to_what_is_to_blame(
    store: Store, monkeypatch: pytest.MonkeyPatch
) -> None:
    conclude = facts.conclude

    def fails(row: Any) -> None:
        if row.code == CODES[3]:
            raise RuntimeError("a bug")
        conclude(row)

    monkeypatch.setattr(facts, "conclude", fails)
    numbers, clock = Numbers(), FixedClock(MONDAY)
    events = [each for each in course() if each.axis_subject.startswith("axis.dossier.")]
    messages = [
        prepared(each.model_dump_json().encode(), Place(10 * number, MONDAY))
        for number, each in enumerate(events, start=1)
    ]
    part = Part("axis.dossier.>", 0, 10 * len(events), messages)

    def command(parts: Any) -> Hear:
        return Hear(parts, "s", MONDAY - DAY, numbers, clock)

    await blame(part, store, command)
    places, _ = await store.read(lambda tx: places_in(tx, "s"))
    assert places == {"axis.dossier.>": 10 * len(events)}
    dead = await store.read(lambda tx: list(tx.scalars(select(Held).order_by(Held.key, Held.version))))
    assert [(each.key, each.version) for each in dead] == [
        (CODES[3], 1), (CODES[3], 2), (f"{CODES[3]}/verification", 1),
    ]  # fmt: skip
    await store.write(command([part]))  # the same page again: the hub is past it
    rows = await store.read(lambda tx: list(tx.scalars(select(DossierFacts).where(DossierFacts.version == 2))))
    assert {each.code for each in rows} == {*CODES} - {CODES[3]}

    monkeypatch.setattr(facts, "conclude", conclude)
    reaction = spec(numbers, clock).reaction
    for key in (CODES[3], f"{CODES[3]}/verification"):
        assert await store.write(lambda tx, key=key: retry(tx, NAME, reaction, key, now=MONDAY, in_order=False))
    row = await store.read(lambda tx: tx.get(DossierFacts, CODES[3]))
    assert (row.version, row.verification) == (2, "matched")


async def test_refusals_are_recorded_once(axis: Axis) -> None:
    refused = StatusRefused(
        code=CODES[0], step_version=1, status=DossierStatus.RECEIVED, verb="DongBoHoSoMC", error_code="-1",
        reason="x", attempts=1, at=MONDAY + timedelta(hours=1),
    )  # fmt: skip
    event = Event.of(refused, id="1", source="/truc/sync", key=CODES[0], version=1, time=MONDAY)
    app = axis.hub()
    async with running(app):
        await axis.publish(event, event, *course())
        await until(app, (*ALL[:2], ALL[2] + 1, 0))
