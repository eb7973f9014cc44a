"""The process dies at any moment: the next one goes on, and the portal sees nothing twice."""

from __future__ import annotations

import asyncio
from pathlib import Path

import pytest

from gateway.sync.only_one import AnotherWorkerError
from services.bus.kit.testing import PostgresServer
from tests.gateway.sync.province import code_of, crash_image, history, settings_for, status_event, syncing
from tests.gateway.sync.wire import WirePortal

pytestmark = pytest.mark.anyio

A = code_of(1)


async def test_what_was_not_sent_is_sent_by_the_next_process(portal: WirePortal, database_url: str) -> None:
    portal.away = True
    settings = settings_for(portal.url, database_url)
    async with syncing(settings) as sync:
        await sync.hear(*history(A, 2, 4), status_event(code_of(2), 1, 2))
    portal.away = False
    async with syncing(settings) as sync:
        assert sync.engine.lanes.backlog == 3
        await sync.drained()
        assert portal.dossiers[A].statuses == [2, 4]
        assert portal.dossiers[code_of(2)].statuses == [2]
        assert [event[1:3] for event in sorted(await sync.announced())] == [(A, 1), (code_of(2), 1)]


async def test_an_acknowledgement_that_was_not_saved_costs_a_repetition_without_effect(
    portal: WirePortal, tmp_path: Path
) -> None:
    settings = settings_for(portal.url, f"sqlite:///{tmp_path / 'sync.db'}")
    async with syncing(settings) as sync:
        portal.hanging = asyncio.Event()
        await sync.hear(*history(A, 2, 4))
        after = crash_image(tmp_path)
        portal.hanging.set()
        await sync.drained()
        assert portal.dossiers[A].statuses == [2, 4]
    calls = len(portal.calls)
    async with syncing(settings.model_copy(update={"database_url": after})) as sync:
        await sync.drained()
        assert len(portal.calls) > calls
        await sync.hear(status_event(A, 3, 9))
        await sync.drained()
        assert portal.dossiers[A].statuses == [2, 4, 9]
        told = {step["version"] for _, _, _, data in await sync.announced() for step in data["steps"]}
        assert told == {1, 2, 3}
        assert [version for _, _, version, _ in await sync.announced()] == [1, 2]


async def test_a_parked_lane_stays_parked(portal: WirePortal, tmp_path: Path) -> None:
    settings = settings_for(portal.url, f"sqlite:///{tmp_path / 'sync.db'}")
    portal.refuses = lambda call: "data" in call
    async with syncing(settings) as sync:
        await sync.hear(status_event(A, 1, 2))
        await sync.drained()
    portal.refuses = lambda call: False
    async with syncing(settings) as sync:
        await sync.hear(status_event(A, 2, 4))
        await sync.drained()
        assert sync.engine.lanes.parked == 1
        assert A not in portal.dossiers


async def test_lanes_beyond_memory_are_served_from_the_database(portal: WirePortal, database_url: str) -> None:
    """Two lanes fit into memory; thirty wait, and each gets more while it waits."""
    portal.hanging = asyncio.Event()
    async with syncing(settings_for(portal.url, database_url, hot_lanes=2, concurrency=2)) as sync:
        for version, status in ((1, 2), (2, 4), (3, 5), (4, 4), (5, 9)):
            await sync.hear(*(status_event(code_of(number), version, status) for number in range(30)))
        portal.hanging.set()
        await sync.drained()
        assert [held.statuses for held in portal.dossiers.values()] == [[2, 4, 5, 4, 9]] * 30
        assert sync.engine.lanes.backlog == 0
        for number in range(30):
            await sync.hear(status_event(code_of(number), 6, 10))
        await sync.drained()
        assert [held.statuses for held in portal.dossiers.values()] == [[2, 4, 5, 4, 9, 10]] * 30
        assert portal.overlaps == 0


async def test_a_second_worker_on_one_database_does_not_start(
    portal: WirePortal, postgres: PostgresServer
) -> None:
    settings = settings_for(portal.url, postgres.new_database(), takeover_s=0.0)
    async with syncing(settings):
        with pytest.raises(AnotherWorkerError):
            async with syncing(settings):
                pass
    async with syncing(settings) as sync:  # the first one has gone
        await sync.hear(status_event(A, 1, 2))
        await sync.drained()
        assert portal.dossiers[A].statuses == [2]
