"""With a real broker: an act of the civil registry and a task reach the running service, and it answers both."""

from __future__ import annotations

import asyncio
import time
from collections.abc import AsyncIterator
from pathlib import Path
from typing import Any

import httpx
import orjson
import pytest

from contracts.envelope import Event
from services.bus.kit.bus import Bus
from services.bus.kit.clock import FixedClock
from services.bus.kit.testing import NatsServer, TestIssuer, running
from services.population.app import build
from services.population.settings import PopulationSettings
from tests.services.population.acts import FATHER, MOTHER, birth, event_of, task
from tests.services.population.people import NEW_COMMUNE, NOW, PURPOSE, binh, home

pytestmark = pytest.mark.anyio


class Axis:
    """Another member: it publishes, and hears everything."""

    def __init__(self, bus: Bus) -> None:
        self.bus = bus
        self.heard: list[Event] = []

    async def say(self, event: Event, subject: str) -> None:
        headers = {"Nats-Msg-Id": event.id}
        await self.bus.js.publish(subject, orjson.dumps(event.model_dump(mode="json")), headers=headers)

    async def listen(self) -> None:
        subscription = await self.bus.js.subscribe("axis.>", ordered_consumer=True)
        async for message in subscription.messages:
            self.heard.append(Event.model_validate_json(message.data))

    async def hear(self, name: str) -> Event:
        """The first event of this type; waits for it."""
        deadline = time.monotonic() + 20
        while True:
            for event in self.heard:
                if event.type == f"vn.truc.{name}.v1":
                    return event
            assert time.monotonic() < deadline, [event.type for event in self.heard]
            await asyncio.sleep(0.02)


@pytest.fixture
async def service(
    broker: NatsServer, tmp_path: Path, issuer: TestIssuer
) -> AsyncIterator[tuple[httpx.AsyncClient, Axis]]:
    settings = PopulationSettings(
        database_url=f"sqlite:///{tmp_path / 'population.db'}",
        data_dir=tmp_path,
        jwks_file=issuer.jwks_file,
        nats_url=broker.url,
    )
    async with (
        Bus(broker.url, name="other") as bus,
        running(build(settings, FixedClock(NOW)), issuer.token()) as client,
    ):
        await bus.ready()
        axis = Axis(bus)
        listening = asyncio.create_task(axis.listen())
        yield client, axis
        listening.cancel()
        await asyncio.gather(listening, return_exceptions=True)


async def test_a_birth_and_the_childs_residence(service: tuple[httpx.AsyncClient, Axis]) -> None:
    client, axis = service
    made = await client.post("/v1/citizens", json=binh(residences=[home()]))
    assert made.status_code == 201
    born = event_of(birth())
    await axis.say(born, "axis.civil.birth-registered")
    number = (await axis.hear("population.personal-id-assigned")).data["personal_id"]
    form: dict[str, Any] = {"mother": MOTHER, "father": FATHER, "residence": {"with": "mother"}}
    asked = task("register-permanent", form, task_id="T1", earlier={"birth": {"personal_id": number}})
    event = Event.of(asked, id="task-1", source="/truc/dossier", key="T1", version=1, time=NOW)
    await axis.say(event, "axis.task.residence.requested")
    answer = await axis.hear("answer.given")
    assert (answer.key, answer.data["system"], answer.data["answer"]["kind"]) == (
        "T1/answer",
        "residence",
        "completed",
    )
    shown = (await client.get(f"/v1/citizens/{number}", headers=PURPOSE)).json()
    assert [stay["unit_code"] for stay in shown["residences"]] == [NEW_COMMUNE]
