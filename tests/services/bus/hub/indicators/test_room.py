"""The indicators while the hub runs: heard on a real broker, concluded anew when a rule has changed, migrated."""

from __future__ import annotations

import asyncio
import json
from pathlib import Path
from typing import Any

import nats
import pytest
from sqlalchemy import select

from contracts.catalogue import indicators as catalogue
from contracts.catalogue.indicators import OnTimeRule
from services.bus.hub.app import VERSIONS, build
from services.bus.hub.indicators import facts, room
from services.bus.hub.indicators.models import DossierFacts
from services.bus.hub.indicators.sets import LATE
from services.bus.hub.models import metadata
from services.bus.hub.settings import HubSettings
from services.bus.kit.bus import stream_config
from services.bus.kit.clock import FixedClock
from services.bus.kit.engines import writer_engine
from services.bus.kit.migrations import differences
from services.bus.kit.testing import NatsServer, running
from tests.services.bus.hub.conftest import token_of
from tests.services.bus.hub.indicators.conftest import MEMBERS, OBSERVER, Hub
from tests.services.bus.hub.indicators.telling import DAY, MONDAY, asked, checked, step, tell, verification
from tests.services.bus.hub.indicators.test_facts import counts_in

pytestmark = pytest.mark.anyio

CODE = "H08.31.21-230508-0001"


def test_the_newest_migration_is_what_the_models_say(database_url: str) -> None:
    engine = writer_engine(database_url)
    try:
        assert differences(engine, VERSIONS, metadata) == []
    finally:
        engine.dispose()


async def test_what_is_said_on_the_axis_is_counted(tmp_path: Path, broker: NatsServer, clock: FixedClock) -> None:
    file = tmp_path / "members.json"
    file.write_text(json.dumps(MEMBERS))
    settings = HubSettings(data_dir=tmp_path, members_file=file, nats_url=broker.url)
    said = [
        step(CODE, 1, 2, MONDAY, received_at=MONDAY, due_at=MONDAY + DAY),
        verification(CODE),
        checked(MONDAY, (CODE, "identity_check", "direct", "matched")),
    ]
    async with running(build(settings, clock)) as client:
        connection = await nats.connect(broker.url)
        async with asyncio.timeout(30):
            stream = connection.jetstream()
            await stream.add_stream(stream_config())
            for event in said:
                await stream.publish(event.axis_subject, event.model_dump_json().encode())
            client.headers["Authorization"] = f"Bearer {await token_of(client, OBSERVER)}"
            period = {"from": "2023-05-01", "to": "2023-06-01"}
            while True:
                found = (await client.get("/v1/identity-checks", params=period)).json()
                if (found["events"], found["recorded_verified"]) == (1, 1):
                    break
                await asyncio.sleep(0.05)
        await connection.close()


async def test_a_changed_rule_is_applied_to_facts_there_are(hub: Hub, monkeypatch: pytest.MonkeyPatch) -> None:
    twice = (asked(MONDAY, MONDAY), asked(MONDAY, MONDAY))
    told: dict[str, Any] = {"received_at": MONDAY, "due_at": MONDAY + DAY, "completed_at": MONDAY}
    await tell(hub.store, [step(CODE, 1, 9, MONDAY, **told, supplements=twice)])

    async def is_late() -> bool:
        flags = await hub.store.read(lambda tx: tx.scalar(select(DossierFacts.flags)))
        return bool((flags or 0) & LATE)

    assert await is_late()
    service = hub.service
    await room.restate(service)  # the one of the start may be on its way still
    assert await room.restate(service) == 0, "nothing has changed"
    rule = catalogue.on_time_rule()
    milder: OnTimeRule = rule.model_copy(update={"supplements": 2})
    monkeypatch.setattr(room, "on_time_rule", lambda: milder)
    monkeypatch.setattr(facts, "on_time_rule", lambda: milder)
    assert await room.restate(service) == 1
    assert not await is_late()
    values = await hub.get("/v1/indicators/values", group="progress", from_="2023-05-01", to="2023-06-01")
    assert values["groups"][0]["indicators"][0]["numerator"]["value"] == 1
    assert all(rows >= 0 for *_, rows in await hub.store.read(counts_in))
    assert await room.restate(service) == 0
