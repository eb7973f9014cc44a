"""A crash between taking a task up and answering it, a broken turn, and the axis itself."""

from __future__ import annotations

import asyncio
import contextlib
import sqlite3
import time
from collections import Counter
from datetime import timedelta
from pathlib import Path
from typing import Any

import httpx
import orjson
import pytest
from nats.errors import TimeoutError as NoMessageError

from bench.processes import process
from contracts.envelope import Event
from gateway.ministries.models import Turn
from services.bus.kit.bus import connected
from services.bus.kit.clock import FixedClock
from services.bus.kit.testing import NatsServer, TestIssuer, free_port
from services.bus.kit.tx import Tx
from tests.gateway.ministries.office import NOW, Office, open_office, requested, settings_for

pytestmark = pytest.mark.anyio

CARD = "insurance.issue-card"


def crash_image(folder: Path) -> str:
    """The database as kill -9 at this moment would leave it."""
    with contextlib.closing(sqlite3.connect(folder / "m.db")) as connection:
        connection.execute("VACUUM INTO ?", (str(folder / "after.db"),))
    return f"sqlite:///{folder / 'after.db'}"


async def test_what_was_to_be_said_is_said_once_after_a_crash(
    tmp_path: Path, issuer: TestIssuer, clock: FixedClock
) -> None:
    first = settings_for(f"sqlite:///{tmp_path / 'm.db'}", issuer, tmp_path)
    async with open_office(first, issuer, clock) as office:
        await office.persona("social-insurance", latency={"seconds": 60}, twice_rate=1, twice_after_seconds=60)
        await office.hear(*(requested(f"t-{n}", CARD) for n in range(20)))
        second = settings_for(crash_image(tmp_path), issuer, tmp_path)
    for seconds, completed in ((61, 20), (60, 40), (600, 40)):
        async with open_office(second, issuer, clock) as office:
            await office.hear(*(requested(f"t-{n}", CARD) for n in range(20)))  # the axis gives them again
            await office.pass_time(seconds=seconds)
            kinds = Counter(await office.kinds_said())
            assert kinds == {"accepted": 20, "completed": completed}


async def test_what_waited_for_the_end_of_an_outage_survives_too(
    database_url: str, tmp_path: Path, issuer: TestIssuer, clock: FixedClock
) -> None:
    settings = settings_for(database_url, issuer, tmp_path)
    async with open_office(settings, issuer, clock) as office:
        await office.persona("tax", outage={"for_seconds": 3600}, accepts_first=False)
        await office.hear(requested("t-1", "tax.assess"))
    async with open_office(settings, issuer, clock) as office:
        await office.pass_time(seconds=1800)
        assert await office.said() == []
        await office.pass_time(seconds=1801)
        assert await office.kinds_said() == ["completed"]


async def test_a_turn_that_cannot_be_given_stops_nobody(office: Office) -> None:
    await office.persona("social-insurance", latency={"seconds": 60}, accepts_first=False)
    await office.hear(requested("t-1", CARD), requested("t-2", CARD))
    broken = [each["answer"] for each in (await office.task("t-1"))["turns"]]
    assert len(broken) == 1

    def spoil(tx: Tx) -> None:
        tx.query(Turn).filter(Turn.task_id == "t-1").update({"answer": {"kind": "no such thing"}})

    await office.service.store.write(spoil)
    await office.pass_time(seconds=61)
    await office.until("t-2", "completed")
    assert [t["state"] for t in (await office.task("t-1"))["turns"]] == ["dropped"]


async def test_many_tasks_at_once_keep_each_their_order(office: Office) -> None:
    await office.persona(
        "social-insurance",
        latency={"distribution": "uniform", "seconds": 50, "min_seconds": 1},
        progress=["một", "hai", "ba"],
    )
    await office.hear(*(requested(f"t-{n}", CARD) for n in range(300)))
    for _ in range(6):
        await office.pass_time(seconds=10)
    by_task: dict[str, list[str]] = {}
    for each in await office.said():
        by_task.setdefault(each["task"], []).append(each["note"] or each["kind"])
    assert len(by_task) == 300
    assert {tuple(said) for said in by_task.values()} == {("accepted", "một", "hai", "ba", "completed")}


# -- with a real broker ------------------------------------------------------------------------------------


async def heard(subscription: Any, count: int) -> list[dict[str, Any]]:
    """So many answers off the axis."""
    found: list[dict[str, Any]] = []
    async with asyncio.timeout(40):
        while len(found) < count:
            message = await subscription.next_msg(timeout=40)
            found.append(orjson.loads(message.data))
    return found


async def silent(subscription: Any, seconds: float) -> bool:
    try:
        await subscription.next_msg(timeout=seconds)
    except NoMessageError:
        return True
    return False


async def publish(bus: Any, event: Event) -> None:
    subject = f"axis.task.{event.data['system']}.requested"
    await bus.js.publish(subject, event.model_dump_json().encode())


async def test_from_the_axis_and_back_for_the_systems_that_are_on(
    broker: NatsServer, tmp_path: Path, issuer: TestIssuer
) -> None:
    clock = FixedClock(NOW)
    settings = settings_for(
        f"sqlite:///{tmp_path / 'm.db'}", issuer, tmp_path, nats_url=broker.url, on="tax,social-insurance"
    )
    async with connected(broker.url, "province") as bus:
        answers = await bus.js.subscribe("axis.answer.>", ordered_consumer=True)
        async with open_office(settings, issuer, clock) as office:
            for n in range(10):
                await publish(bus, requested(f"t-{n}", CARD))
            await publish(bus, requested("w-1", "welfare.funeral-allowance"))
            found = await heard(answers, 20)
            by_key = {each["key"]: each["version"] for each in found}
            assert by_key == {f"t-{n}/answer": 2 for n in range(10)}
            assert {each["type"] for each in found} == {"vn.truc.answer.given.v1"}
            clock.advance(timedelta(hours=1))
            assert await silent(answers, 0.3)  # the welfare task is for somebody else
            assert (await office.client.get("/v1/tasks?system=welfare")).json()["items"] == []


@pytest.mark.chaos
async def test_kill_9_between_taking_up_and_answering(
    broker: NatsServer, tmp_path: Path, issuer: TestIssuer
) -> None:
    port = free_port()
    url = f"http://127.0.0.1:{port}"
    environment = {
        "TRUC_MINISTRIES_PORT": str(port),
        "TRUC_MINISTRIES_DATA_DIR": str(tmp_path),
        "TRUC_NATS_URL": broker.url,
        "TRUC_HUB_URL": "http://127.0.0.1:8000",
        "TRUC_JWKS_FILE": str(issuer.jwks_file),
    }
    module = "gateway.ministries"
    async with connected(broker.url, "province") as bus:
        answers = await bus.js.subscribe("axis.answer.>", ordered_consumer=True)
        with process(module, environment, f"{url}/readyz", tmp_path) as running:
            async with httpx.AsyncClient(
                base_url=url, headers={"Authorization": f"Bearer {issuer.token()}"}
            ) as client:
                body = {"latency": {"seconds": 3}}
                assert (await client.put("/v1/personas/social-insurance", json=body)).status_code == 200
            for n in range(5):
                await publish(bus, requested(f"t-{n}", CARD))
            accepted = await heard(answers, 5)
            assert {each["data"]["answer"]["kind"] for each in accepted} == {"accepted"}
            taken_up = time.monotonic()
            running.kill()
            running.wait()
        with process(module, environment, f"{url}/healthz", tmp_path):
            completed = await heard(answers, 5)
            assert time.monotonic() - taken_up > 2.5
            assert {each["key"]: each["version"] for each in completed} == {f"t-{n}/answer": 2 for n in range(5)}
            assert {each["data"]["answer"]["kind"] for each in completed} == {"completed"}
            assert await silent(answers, 0.5)
