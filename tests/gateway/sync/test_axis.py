"""With a real broker: events come in, acknowledgements go out, and a held event's retry reaches the portal."""

from __future__ import annotations

import asyncio
from pathlib import Path

import orjson
import pytest

from services.bus.kit.bus import connected
from services.bus.kit.testing import NatsServer
from tests.gateway.sync.province import code_of, eventually, history, settings_for, status_event, syncing
from tests.gateway.sync.wire import WirePortal

pytestmark = pytest.mark.anyio

A = code_of(1)


async def test_from_the_axis_to_the_portal_and_back(
    portal: WirePortal, broker: NatsServer, tmp_path: Path
) -> None:
    settings = settings_for(portal.url, f"sqlite:///{tmp_path / 'sync.db'}", nats_url=broker.url)
    async with connected(broker.url, "province") as bus:
        heard = await bus.js.subscribe("axis.portal.>", ordered_consumer=True)
        async with syncing(settings):
            for event in history(A, 2, 4, 9):
                await bus.js.publish(event.axis_subject, event.model_dump_json().encode())
            steps: list[dict[str, object]] = []
            async with asyncio.timeout(20):
                while len(steps) < 3:
                    message = await heard.next_msg(timeout=20)
                    steps += orjson.loads(message.data)["data"]["steps"]
        assert [step["version"] for step in steps] == [1, 2, 3]
        for step in steps:
            hops = ["published_at", "received_at", "sent_at", "acknowledged_at"]
            times = [str(step[hop]) for hop in hops]
            assert times == sorted(times)
            assert None not in [step[hop] for hop in hops]
        assert portal.dossiers[A].statuses == [2, 4, 9]


async def test_what_is_applied_without_the_consumer_is_sent_too(portal: WirePortal, tmp_path: Path) -> None:
    """An operator's retry of a held event runs the reaction outside the consumer."""
    settings = settings_for(portal.url, f"sqlite:///{tmp_path / 'sync.db'}")
    async with syncing(settings) as sync:
        event = status_event(A, 1, 2)
        await sync.service.store.write(lambda tx: sync.engine.on_status_changed(tx, event))
        await eventually(lambda: A in portal.dossiers and portal.dossiers[A].statuses == [2])
