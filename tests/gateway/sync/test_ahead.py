"""Ahead of the commit: a step under way is at the portal at once, and counts only once it is committed."""

from __future__ import annotations

import asyncio
from datetime import timedelta
from pathlib import Path

import pytest
from sqlalchemy import func, select

from contracts.envelope import Event
from gateway.sync.ahead import MOST_UNCOMMITTED
from gateway.sync.models import DeadLetter, Lane, Step
from services.bus.kit.tx import Tx
from tests.gateway.sync.province import (
    NOON,
    Sync,
    arrivals,
    code_of,
    eventually,
    history,
    settings_for,
    status_event,
    syncing,
)
from tests.gateway.sync.wire import WirePortal

pytestmark = pytest.mark.anyio

A, B = code_of(1), code_of(2)


@pytest.fixture
def url(tmp_path: Path) -> str:
    return f"sqlite:///{tmp_path / 'sync.db'}"


async def under_way(sync: Sync, *events: Event) -> None:
    """These have gone to the portal the ordinary way."""
    await sync.hear(*events)
    await sync.drained()


async def save_what_may_be_saved(sync: Sync) -> None:
    """The recorder's chance to make a mistake."""
    await sync.engine.recorder.flush(5)


async def acknowledged(sync: Sync, code: str) -> tuple[int, list[int]]:
    """As the database has it: how far the portal is, and the steps with an acknowledgement."""

    def query(tx: Tx) -> tuple[int, list[int]]:
        through = tx.scalar(select(Lane.acknowledged_version).where(Lane.code == code)) or 0
        steps = select(Step.version).where(Step.code == code, Step.acknowledged_at.is_not(None))
        return through, list(tx.scalars(steps.order_by(Step.version)))

    return await sync.service.store.read(query)


def rows_sent(portal: WirePortal, code: str) -> list[tuple[str, int]]:
    """(ThoiDiemXuLy, TrangThai) of every row in every call, repeats included."""
    return [
        (row["ThoiDiemXuLy"], int(row["TrangThai"]))
        for call in portal.calls
        if call["service"] == "CapNhatTienDoHoSoMC"
        for row in call["data"]
        if row["MaHoSo"] == code
    ]


# -- what goes ahead ---------------------------------------------------------------------------------------


async def test_a_step_is_at_the_portal_before_its_commit_and_saved_only_after_it(
    portal: WirePortal, database_url: str
) -> None:
    first, second = history(A, 2, 4)
    async with syncing(settings_for(portal.url, database_url)) as sync:
        await under_way(sync, first)
        assert sync.engine.ahead(arrivals(second))
        await eventually(lambda: sync.engine.recorder.owed == 1)
        assert portal.dossiers[A].statuses == [2, 4]
        await save_what_may_be_saved(sync)
        assert sync.engine.recorder.owed == 1
        assert await acknowledged(sync, A) == (1, [1])
        assert [event[1:3] for event in await sync.announced()] == [(A, 1)]
        await sync.commit(second)
        await sync.drained()
        assert await acknowledged(sync, A) == (2, [1, 2])
        assert [event[1:3] for event in await sync.announced()] == [(A, 1), (A, 2)]
        assert rows_sent(portal, A) == portal.dossiers[A].rows


async def test_a_step_sent_ahead_keeps_the_times_of_its_way(portal: WirePortal, url: str) -> None:
    first, second = history(A, 2, 4)
    async with syncing(settings_for(portal.url, url)) as sync:
        await under_way(sync, first)
        await sync.hear(second)
        await sync.drained()
        (step,) = (await sync.announced())[-1][3]["steps"]
        assert (step["version"], step["attempts"]) == (2, 1)
        assert step["published_at"] <= step["received_at"] <= step["sent_at"] <= step["acknowledged_at"]


async def test_several_steps_go_ahead_one_after_another(portal: WirePortal, url: str) -> None:
    first, *later = history(A, 2, 4, 5, 4, 9)
    async with syncing(settings_for(portal.url, url)) as sync:
        await under_way(sync, first)
        assert sync.engine.ahead(arrivals(*later[:2]))
        assert sync.engine.ahead(arrivals(*later[2:]))
        await eventually(lambda: portal.dossiers[A].statuses == [2, 4, 5, 4, 9])
        await sync.commit(*later[:3])
        await eventually(lambda: sync.engine.lanes.backlog == 0)
        await sync.commit(later[3])
        await sync.drained()
        assert await acknowledged(sync, A) == (5, [1, 2, 3, 4, 5])
        told = [step["version"] for _, _, _, data in await sync.announced() for step in data["steps"]]
        assert told == [1, 2, 3, 4, 5]
        assert rows_sent(portal, A) == portal.dossiers[A].rows


async def test_commits_between_steps_sent_ahead_and_steps_that_were_not(portal: WirePortal, url: str) -> None:
    """A commit brings what was sent ahead together with what was not: the seconds follow one another."""
    statuses = (2, 4, 5, 4, 5)
    events = [status_event(A, version, status, NOON) for version, status in enumerate(statuses, start=1)]
    async with syncing(settings_for(portal.url, url)) as sync:
        await under_way(sync, events[0])
        assert sync.engine.ahead(arrivals(*events[1:3]))
        await sync.commit(*events[1:])
        await sync.drained()
        expected = [(f"2023030112000{second}", status) for second, status in enumerate(statuses)]
        assert portal.dossiers[A].rows == rows_sent(portal, A) == expected
        assert await acknowledged(sync, A) == (5, [1, 2, 3, 4, 5])


async def test_what_the_portal_refuses_ahead_becomes_a_dead_letter_with_the_commit(
    portal: WirePortal, url: str
) -> None:
    first, second = history(A, 2, 4)

    def letters(tx: Tx) -> int:
        return tx.scalar(select(func.count()).select_from(DeadLetter)) or 0

    async with syncing(settings_for(portal.url, url)) as sync:
        await under_way(sync, first)
        portal.refuses = lambda call: "data" in call
        assert sync.engine.ahead(arrivals(second))
        await eventually(lambda: sync.engine.lanes.parked == 1)
        await save_what_may_be_saved(sync)
        assert await sync.service.store.read(letters) == 0
        await sync.commit(second)
        await sync.drained()
        assert await sync.service.store.read(letters) == 1
        assert sync.engine.lanes.backlog == 1


# -- what is left to the ordinary way ----------------------------------------------------------------------


async def test_a_repeat_has_nothing_to_send(portal: WirePortal, url: str) -> None:
    first, second = history(A, 2, 4)
    async with syncing(settings_for(portal.url, url)) as sync:
        await under_way(sync, first)
        assert sync.engine.ahead(arrivals(first))
        assert sync.engine.ahead(arrivals(second))
        assert sync.engine.ahead(arrivals(second))
        assert sync.engine.lanes.backlog == 1
        await sync.commit(second)
        await sync.drained()
        assert sync.engine.ahead(arrivals(first, second))
        await sync.drained()
        assert len(rows_sent(portal, A)) == 2
        assert sync.engine.lanes.backlog == 0


async def test_a_step_behind_a_gap_is_not_sent_ahead(portal: WirePortal, url: str) -> None:
    first, second, third = history(A, 2, 4, 9)
    async with syncing(settings_for(portal.url, url)) as sync:
        await under_way(sync, first)
        assert not sync.engine.ahead(arrivals(third))
        assert sync.engine.lanes.backlog == 0
        await sync.commit(third)
        assert sync.engine.ahead(arrivals(second))
        await eventually(lambda: portal.dossiers[A].statuses == [2, 4])
        await sync.commit(second)
        await eventually(lambda: portal.dossiers[A].statuses == [2, 4, 9])
        await sync.drained()
        assert await acknowledged(sync, A) == (3, [1, 2, 3])


async def test_a_dossier_memory_does_not_know_is_not_sent_ahead(portal: WirePortal, url: str) -> None:
    async with syncing(settings_for(portal.url, url)) as sync:
        assert not sync.engine.ahead(arrivals(status_event(B, 1, 2)))
        assert sync.engine.lanes.backlog == 0
        assert sync.engine.lanes.lane(B) is None
        await sync.commit(status_event(B, 1, 2))
        await sync.drained()
        assert portal.dossiers[B].statuses == [2]


async def test_a_forgotten_dossier_is_not_sent_ahead(portal: WirePortal, url: str) -> None:
    async with syncing(settings_for(portal.url, url, hot_lanes=1)) as sync:
        await under_way(sync, status_event(A, 1, 2))
        await under_way(sync, status_event(B, 1, 2))
        assert not sync.engine.ahead(arrivals(status_event(A, 2, 4)))
        await sync.commit(status_event(A, 2, 4))
        await sync.drained()
        assert portal.dossiers[A].statuses == [2, 4]


async def test_a_parked_lane_has_nothing_to_send(portal: WirePortal, url: str) -> None:
    first, second, third = history(A, 2, 4, 9)
    async with syncing(settings_for(portal.url, url)) as sync:
        await under_way(sync, first)
        portal.refuses = lambda call: "data" in call
        await under_way(sync, second)
        portal.refuses = lambda call: False
        calls = len(portal.calls)
        assert sync.engine.ahead(arrivals(third))
        assert sync.engine.lanes.backlog == 1
        await sync.commit(third)
        await sync.drained()
        assert sync.engine.lanes.backlog == 2
        assert len(portal.calls) == calls
        assert portal.dossiers[A].statuses == [2]


async def test_an_event_that_cannot_be_read_is_not_sent_ahead(portal: WirePortal, url: str) -> None:
    first, second = history(A, 2, 4)
    async with syncing(settings_for(portal.url, url)) as sync:
        await under_way(sync, first)
        assert not sync.engine.ahead(arrivals(second.model_copy(update={"data": {"code": A}})))
        assert sync.engine.ahead(arrivals(second))


async def test_one_that_has_to_wait_does_not_keep_the_others_from_going_ahead(
    portal: WirePortal, url: str
) -> None:
    first, second = history(A, 2, 4)
    async with syncing(settings_for(portal.url, url)) as sync:
        await under_way(sync, first)
        assert not sync.engine.ahead(arrivals(status_event(B, 1, 2), second))
        await eventually(lambda: portal.dossiers[A].statuses == [2, 4])
        assert B not in portal.dossiers


@pytest.mark.parametrize("profile", ["strict", "batch"])
async def test_only_so_many_steps_run_ahead_of_their_commit(portal: WirePortal, url: str, profile: str) -> None:
    portal.max_dossiers, portal.max_rows = 50, 200
    statuses = [2, *[4, 5] * 8]
    first, *later = history(A, *statuses)
    async with syncing(settings_for(portal.url, url, profile=profile)) as sync:
        await under_way(sync, first)
        went = [sync.engine.ahead(arrivals(event)) for event in later]
        assert went == [True] * MOST_UNCOMMITTED + [False] * (len(later) - MOST_UNCOMMITTED)
        assert sync.engine.lanes.backlog == MOST_UNCOMMITTED
        await eventually(lambda: sync.engine.lanes.backlog == 0)
        assert portal.dossiers[A].statuses == statuses[: MOST_UNCOMMITTED + 1]
        await sync.commit(later[0])
        assert sync.engine.ahead(arrivals(later[MOST_UNCOMMITTED]))
        assert not sync.engine.ahead(arrivals(later[MOST_UNCOMMITTED + 1]))
        await sync.commit(*later[1:])
        await sync.drained()
        assert portal.dossiers[A].statuses == statuses
        assert len(rows_sent(portal, A)) == len(statuses)
        assert await acknowledged(sync, A) == (len(statuses), list(range(1, len(statuses) + 1)))


# -- when the process ends in between ----------------------------------------------------------------------


async def test_a_process_that_ends_between_sending_and_commit_costs_a_repetition_of_the_very_same_row(
    portal: WirePortal, database_url: str
) -> None:
    """Both steps of one second: the second's wire time follows from the first's, in either process."""
    first, second = status_event(A, 1, 2, NOON), status_event(A, 2, 4, NOON + timedelta(microseconds=9))
    settings = settings_for(portal.url, database_url)
    async with syncing(settings) as sync:
        await under_way(sync, first)
        assert sync.engine.ahead(arrivals(second))
        await eventually(lambda: portal.dossiers[A].statuses == [2, 4])
    async with syncing(settings) as sync:
        assert sync.engine.lanes.backlog == 0
        assert await acknowledged(sync, A) == (1, [1])
        await sync.hear(second)
        await sync.drained()
        assert await acknowledged(sync, A) == (2, [1, 2])
        assert [event[1:3] for event in await sync.announced()] == [(A, 1), (A, 2)]
    assert rows_sent(portal, A) == [("20230301120000", 2), ("20230301120001", 4), ("20230301120001", 4)]
    assert portal.dossiers[A].rows == [("20230301120000", 2), ("20230301120001", 4)]


async def test_several_steps_ahead_are_the_same_rows_for_the_next_process(portal: WirePortal, url: str) -> None:
    statuses = (2, 4, 5, 4)
    events = [status_event(A, version, status, NOON) for version, status in enumerate(statuses, start=1)]
    settings = settings_for(portal.url, url)
    async with syncing(settings) as sync:
        await under_way(sync, events[0])
        assert sync.engine.ahead(arrivals(*events[1:]))
        await eventually(lambda: portal.dossiers[A].statuses == [2, 4, 5, 4])
        await sync.commit(events[1])
    async with syncing(settings) as sync:
        await sync.hear(*events[1:])
        await sync.drained()
        assert await acknowledged(sync, A) == (4, [1, 2, 3, 4])
    assert portal.dossiers[A].rows == [(f"2023030112000{n}", status) for n, status in enumerate(statuses)]
    assert set(rows_sent(portal, A)) == set(portal.dossiers[A].rows)


# -- what the lanes know meanwhile -------------------------------------------------------------------------


async def test_a_change_from_outside_waits_for_the_commit_of_a_step_sent_ahead(
    portal: WirePortal, url: str
) -> None:
    first, second, third = history(A, 2, 4, 9)
    entered = asyncio.Event()
    leave = asyncio.Event()
    async with syncing(settings_for(portal.url, url)) as sync:
        await under_way(sync, first)
        assert sync.engine.ahead(arrivals(second))
        await eventually(lambda: sync.engine.recorder.owed == 1)

        async def change() -> None:
            async with sync.engine.lanes.exclusively(A):
                entered.set()
                await leave.wait()

        changing = asyncio.create_task(change())
        await save_what_may_be_saved(sync)
        assert not entered.is_set()
        await sync.commit(second)
        async with asyncio.timeout(5):
            await entered.wait()
        assert await acknowledged(sync, A) == (2, [1, 2])
        assert not sync.engine.ahead(arrivals(third))
        await sync.commit(third)
        assert portal.dossiers[A].statuses == [2, 4]
        leave.set()
        await changing
        await eventually(lambda: portal.dossiers[A].statuses == [2, 4, 9])


async def test_a_lane_with_a_step_sent_ahead_is_not_forgotten(portal: WirePortal, url: str) -> None:
    first, second = history(A, 2, 4)
    async with syncing(settings_for(portal.url, url, hot_lanes=1)) as sync:
        await under_way(sync, first)
        assert sync.engine.ahead(arrivals(second))
        await eventually(lambda: sync.engine.recorder.owed == 1)
        for number in range(2, 12):
            await sync.commit(status_event(code_of(number), 1, 2))
        assert sync.engine.lanes.lane(A) is not None
        await sync.commit(second)
        await sync.drained()
        assert await acknowledged(sync, A) == (2, [1, 2])


@pytest.mark.parametrize("commits_first", [True, False])
async def test_a_step_counts_once_from_its_arrival_to_its_acknowledgement(
    portal: WirePortal, url: str, commits_first: bool
) -> None:
    first, second = history(A, 2, 4)
    async with syncing(settings_for(portal.url, url)) as sync:
        lanes = sync.engine.lanes
        await under_way(sync, first)
        assert lanes.backlog == 0
        portal.hanging = asyncio.Event()
        assert sync.engine.ahead(arrivals(second))
        await eventually(lambda: bool(portal.sending))
        assert lanes.backlog == 1
        if commits_first:
            await sync.commit(second)
            assert lanes.backlog == 1
        portal.hanging.set()
        await eventually(lambda: portal.dossiers[A].statuses == [2, 4])
        await eventually(lambda: lanes.backlog == 0)
        await sync.commit(second)
        await sync.drained()
        assert lanes.backlog == 0


async def test_a_step_sent_ahead_into_an_outage_counts_until_it_arrives(portal: WirePortal, url: str) -> None:
    first, second = history(A, 2, 4)
    settings = settings_for(portal.url, url)
    async with syncing(settings) as sync:
        await under_way(sync, first)
        portal.away = True
        assert sync.engine.ahead(arrivals(second))
        await sync.commit(second)
        assert sync.engine.lanes.backlog == 1
    portal.away = False
    async with syncing(settings) as sync:
        assert sync.engine.lanes.backlog == 1
        await sync.drained()
        assert sync.engine.lanes.backlog == 0
        assert portal.dossiers[A].statuses == [2, 4]


async def test_when_the_broker_took_a_step_is_kept_with_it(portal: WirePortal, url: str) -> None:
    portal.away = True
    async with syncing(settings_for(portal.url, url)) as sync:
        (first,) = history(A, 2)
        await sync.commit(first)
        published = await sync.service.store.read(lambda tx: tx.scalar(select(Step.published_at)))
        assert published is not None
