"""What `/metrics` looks up: how things stand now, nothing old after a failure, one look for many who ask."""

from __future__ import annotations

import asyncio
from datetime import UTC, datetime, timedelta

import httpx
import pytest
from fastapi import FastAPI
from prometheus_client import REGISTRY

from services.bus.kit import scraping
from services.bus.kit.breaker import BreakerState
from services.bus.kit.inbox import UNREADABLE
from services.bus.kit.metrics import LevelCount, levels_of
from services.bus.kit.service import Service
from services.bus.kit.tables import Held
from services.bus.kit.tx import Tx

pytestmark = pytest.mark.anyio

NOW = datetime(2023, 3, 1, tzinfo=UTC)


async def metrics(app: FastAPI, accept: str = "") -> dict[str, float]:
    """Every sample of ours by its series."""
    app.state.service.scraping._looked_at = 0.0
    transport = httpx.ASGITransport(app=app)
    async with httpx.AsyncClient(transport=transport, base_url="http://here") as client:
        answer = await client.get("/metrics", headers={"Accept": accept})
    assert answer.status_code == 200
    lines = [line for line in answer.text.splitlines() if line.startswith("truc_")]
    return {line.rpartition(" ")[0]: float(line.rpartition(" ")[2]) for line in lines}


def held(key: str, version: int, state: str) -> Held:
    return Held(
        consumer="tiny-test", key=key, version=version, state=state, reason=None, attempts=1, held_at=NOW,
        published_at=None, payload=b"{}",
    )  # fmt: skip


async def test_held_events_and_parked_keys_are_as_they_stand(app: FastAPI) -> None:
    service: Service = app.state.service
    dead = 'truc_axis_held_events{consumer="tiny-test",state="dead"}'
    waiting = 'truc_axis_held_events{consumer="tiny-test",state="waiting"}'
    parked = 'truc_axis_parked_keys{consumer="tiny-test"}'
    before = await metrics(app)
    assert (before[dead], before[waiting], before[parked]) == (0, 0, 0)
    rows = [held("a", 1, "dead"), held("a", 2, "waiting"), held("b", 1, "dead"), held("b", 2, "dead")]

    def store(tx: Tx) -> None:
        tx.add_all([*rows, held(f"{UNREADABLE}7", 1, "dead")])

    await service.store.write(store)
    shown = await metrics(app)
    assert (shown[dead], shown[waiting], shown[parked]) == (4, 1, 2)
    await service.store.write(lambda tx: tx.query(Held).delete() and None)
    after = await metrics(app)
    assert (after[dead], after[waiting], after[parked]) == (0, 0, 0)


async def test_the_broker_s_absence_disk_and_keys_are_shown(app: FastAPI) -> None:
    shown = await metrics(app)
    assert shown["truc_axis_connected"] == 0
    assert shown['truc_axis_consumer_subscribed{consumer="tiny-test"}'] == 0
    assert shown["truc_axis_outbox_waiting"] == 0 == shown["truc_axis_outbox_oldest_seconds"]
    assert 0 < shown["truc_disk_free_bytes"] <= shown["truc_disk_size_bytes"]
    assert shown["truc_keys_known"] == 1
    scraping.set_breaker("portal", BreakerState.OPEN)
    assert (await metrics(app))['truc_breaker_state{destination="portal"}'] == 2


async def test_the_age_of_what_the_broker_has_not_acknowledged(app: FastAPI) -> None:
    from contracts.events.population import CitizenChanged
    from services.bus.kit.outbox import emit

    service: Service = app.state.service
    data = CitizenChanged(personal_id="052090000123", changed=(), at=NOW)
    await service.store.write(lambda tx: emit(tx, data, key="k", version=1, at=NOW))
    await asyncio.sleep(0.3)
    shown = await metrics(app)
    assert shown["truc_axis_outbox_waiting"] == 1
    assert 0.2 < shown["truc_axis_outbox_oldest_seconds"] < 60


async def test_a_look_that_fails_shows_nothing_and_is_counted(app: FastAPI) -> None:
    service: Service = app.state.service
    fails, series = asyncio.Event(), 'truc_axis_held_events{consumer="tiny-test",state="dead"}'

    async def of_inbox(of: Service) -> None:
        await scraping._of_inbox(of)
        if fails.is_set():
            scraping._held.clear()
            raise OSError("the database is away")

    service.scraping.looks = [of_inbox]
    assert series in await metrics(app)
    fails.set()
    assert series not in await metrics(app)
    assert (await metrics(app))['truc_scrape_failures_total{what="of_inbox"}'] >= 1


async def test_many_who_ask_share_one_look(app: FastAPI) -> None:
    service: Service = app.state.service
    looks = 0

    async def count(of: Service) -> None:
        nonlocal looks
        looks += 1
        await asyncio.sleep(0.05)

    service.scraping.looks = [count]
    service.scraping._looked_at = 0.0
    await asyncio.gather(*(service.scraping.answer("") for _ in range(20)))
    assert looks == 1


@pytest.mark.parametrize(
    ("accept", "begins"),
    [
        (
            "application/openmetrics-text;version=1.0.0,application/openmetrics-text;version=0.0.1;q=0.75",
            "application/op",
        ),
        ("application/openmetrics-text; version=nonsense", "application/openmetrics-text"),
        ("text/plain;version=0.0.4", "text/plain"),
        ("text/html, */*", "text/plain"),
        ("", "text/plain"),
    ],
)
async def test_it_answers_in_the_format_that_is_asked_for(app: FastAPI, accept: str, begins: str) -> None:
    body, content_type = await app.state.service.scraping.answer(accept)
    assert content_type.startswith(begins)
    assert body.endswith(b"# EOF\n") == begins.startswith("application/op")


def value(name: str, **labels: str) -> float:
    return REGISTRY.get_sample_value(name, labels) or 0.0


def test_a_service_level_counts_what_is_late_and_what_never_comes() -> None:
    [level] = levels_of("dossier-portal").keys() & {"vn.truc.portal.status-acknowledged.v1"}
    count: LevelCount = levels_of("dossier-portal")[level]
    names = ("truc_service_level_events_total", "truc_service_level_late_total")
    before = [value(name, level="sync-known") for name in names]
    for seconds in (0.1, 60.0, 60.1, timedelta(hours=1).total_seconds()):
        count.done(seconds)
    count.never()
    after = [value(name, level="sync-known") for name in names]
    assert [b - a for a, b in zip(before, after, strict=True)] == [5, 3]
    assert levels_of("nobody") == {}
