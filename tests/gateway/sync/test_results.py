"""Results of sends in the database: what is acknowledged, and what still waits behind it."""

from __future__ import annotations

from collections.abc import AsyncIterator
from datetime import UTC, datetime

import pytest
from sqlalchemy import select, update

from contracts.events.portal import SyncedStep
from contracts.status import DossierStatus
from gateway.sync.commands.results import Acknowledged, Refusal, SaveResults
from gateway.sync.lanes import Lanes
from gateway.sync.models import DeadLetter, Lane, Step, metadata
from gateway.sync.reactions import StatusReaction
from services.bus.kit.clock import SystemClock
from services.bus.kit.store import Store
from services.bus.kit.tx import Tx
from tests.gateway.sync.province import code_of, history

pytestmark = pytest.mark.anyio

A = code_of(1)
NOW = datetime(2023, 3, 2, tzinfo=UTC)


@pytest.fixture
async def store(database_url: str) -> AsyncIterator[Store]:
    """Three steps of one dossier wait."""
    store = Store(database_url, source="/truc/sync")
    store.create_tables(metadata)
    async with store:
        reaction = StatusReaction(Lanes(store, 10), SystemClock(), lambda news: None)
        for event in history(A, 2, 4, 9):
            await store.write(lambda tx, event=event: reaction(tx, event))  # type: ignore[misc]
        yield store


def acknowledged(*versions: int) -> Acknowledged:
    steps = tuple(
        SyncedStep(
            version=version,
            status=DossierStatus.RECEIVED,
            committed_at=NOW,
            received_at=NOW,
            sent_at=NOW,
            acknowledged_at=NOW,
            attempts=3,
        )
        for version in versions
    )
    return Acknowledged(A, max(versions), True, max(versions), None, "1.001570", "H08", "strict", steps, NOW)


async def test_a_lane_waits_for_the_oldest_step_left(store: Store) -> None:
    times = [event.time for event in history(A, 2, 4, 9)]

    def waiting(tx: Tx) -> datetime | None:
        return tx.scalar(select(Lane.waiting_since))

    assert await store.read(waiting) == times[0]
    await store.write(SaveResults([acknowledged(1)]))
    assert await store.read(waiting) == times[1]
    await store.write(
        lambda tx: tx.execute(update(Step).where(Step.version == 2).values(discarded_at=NOW)) and None
    )
    await store.write(SaveResults([acknowledged(1)]))
    assert await store.read(waiting) == times[2]
    await store.write(SaveResults([acknowledged(3)]))
    assert await store.read(waiting) is None


async def test_an_acknowledged_step_keeps_its_times_and_leaves_an_event(store: Store) -> None:
    await store.write(SaveResults([acknowledged(1, 2)]))

    def steps(tx: Tx) -> list[tuple[int, int]]:
        done = select(Step).where(Step.acknowledged_at == NOW).order_by(Step.version)
        return [(step.version, step.attempts) for step in tx.scalars(done)]

    def lane(tx: Tx) -> tuple[int, int, bool]:
        row = tx.scalars(select(Lane)).one()
        return row.acknowledged_version, row.announced, row.portal_knows

    assert await store.read(steps) == [(1, 3), (2, 3)]
    assert await store.read(lane) == (2, 2, True)


async def test_a_refusal_parks_the_lane_with_its_letter(store: Store) -> None:
    refusal = Refusal(A, 2, 4, "CapNhatTienDoHoSoMC", "-1" * 99, "vì lý do", [{"MaHoSo": A}], 7, 1, None, NOW)
    await store.write(SaveResults([acknowledged(1), refusal]))

    def letter(tx: Tx) -> tuple[str, int, int, str]:
        row = tx.scalars(select(DeadLetter)).one()
        return row.key, row.number, row.attempts, row.state

    def lane(tx: Tx) -> tuple[str, str | None, int]:
        row = tx.scalars(select(Lane)).one()
        return row.state, row.reason, row.acknowledged_version

    assert await store.read(letter) == (A, 2, 7, "open")
    assert await store.read(lane) == ("parked", "vì lý do", 1)
