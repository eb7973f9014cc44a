"""The service on a real broker: a task comes, a birth is announced, its number comes back, the task is done."""

from __future__ import annotations

import asyncio
from pathlib import Path
from typing import Any

import nats
import pytest

from contracts.envelope import Event
from contracts.events.civil import BirthRegistered
from contracts.events.task import TaskAnswered
from contracts.tasks import AnswerKind
from services.bus.kit.clock import FixedClock
from services.bus.kit.testing import NatsServer, TestIssuer, running
from services.registry.civil.app import build
from services.registry.civil.settings import CivilSettings
from tests.services.registry.civil.acts import LOOKING, NOW, assigned, event, task
from tests.services.registry.civil.test_desk import BIRTH, CHILD

pytestmark = pytest.mark.anyio


async def test_a_birth_goes_round(
    database_url: str, tmp_path: Path, broker: NatsServer, issuer: TestIssuer
) -> None:
    settings = CivilSettings(
        database_url=database_url, data_dir=tmp_path, jwks_file=issuer.jwks_file, nats_url=broker.url
    )
    async with running(build(settings, FixedClock(NOW)), issuer.token()) as client, asyncio.timeout(60):
        while (await client.get("/readyz")).status_code != 200:
            await asyncio.sleep(0.05)
        connection = await nats.connect(broker.url)
        try:
            heard = await connection.jetstream().subscribe("axis.>", ordered_consumer=True)
            asked = task("civil.register-birth", BIRTH)
            await _publish(connection, event(asked, asked.task_id), asked.subject())
            registered = await _next(heard, BirthRegistered)
            told = registered.data_as(BirthRegistered)
            accepted = (await _next(heard, TaskAnswered)).data_as(TaskAnswered)
            assert accepted.answer.kind is AnswerKind.ACCEPTED
            number = assigned(told.record_id, CHILD)
            await _publish(connection, number, "axis.population.personal-id-assigned")
            completed = (await _next(heard, TaskAnswered)).data_as(TaskAnswered)
            assert completed.answer.results["personal_id"] == CHILD
            shown = await client.get(f"/v1/records/{told.record_id}", headers=LOOKING)
            assert shown.json()["personal_id"] == CHILD
        finally:
            await connection.close()


async def _publish(connection: Any, told: Event, subject: str) -> None:
    await connection.jetstream().publish(subject, told.model_dump_json().encode())


async def _next(heard: Any, model: Any) -> Event:
    """The next event of this type."""
    while True:
        told = Event.model_validate_json((await heard.next_msg(timeout=30)).data)
        if told.is_a(model):
            return told
