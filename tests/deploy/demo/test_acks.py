"""What is heard of the portal's acknowledgements: hops, percentiles, and who waits for one."""

from __future__ import annotations

import asyncio
from datetime import UTC, datetime, timedelta
from typing import Any

import pytest

from deploy.demo.acks import RECENT, Acks, percentiles

START = datetime(2023, 1, 2, 1, tzinfo=UTC)


def event(code: str, version: int, *ms: float) -> dict[str, Any]:
    """An acknowledgement of one step whose hops took so long; the first is the commit's own time."""
    names = ("committed_at", "published_at", "received_at", "sent_at", "acknowledged_at")
    at, times = START, {}
    for name, step in zip(names, ms, strict=True):
        at += timedelta(milliseconds=step)
        times[name] = at.isoformat()
    return {"code": code, "steps": [{"version": version, "status": 2, "attempts": 1, **times}]}


def test_every_hop_and_the_whole_are_measured() -> None:
    acks = Acks()
    acks.heard(event("A", 1, 0, 1, 2, 3, 4))
    acks.heard(event("B", 1, 1000, 10, 20, 30, 40))
    assert acks.statuses == 2
    assert {hop: list(values) for hop, values in acks.hops.items()} == {
        "relay": [1_000, 10_000],
        "axis": [2_000, 20_000],
        "queue": [3_000, 30_000],
        "portal": [4_000, 40_000],
        "total": [10_000, 100_000],
    }
    assert acks.first_commit == START
    assert acks.last_acknowledged == START + timedelta(milliseconds=1_100)


def test_a_step_whose_publication_is_unknown_counts_for_the_rest() -> None:
    acks = Acks()
    data = event("A", 1, 0, 1, 2, 3, 4)
    data["steps"][0]["published_at"] = None
    acks.heard(data)
    assert [len(acks.hops[hop]) for hop in ("relay", "axis", "queue", "portal", "total")] == [0, 0, 1, 1, 1]


def test_percentiles_are_nearest_rank_of_all() -> None:
    micros = list(range(1_000, 101_000, 1_000))
    assert percentiles(micros, (0.5, 0.95, 0.99, 1.0)) == [50.0, 95.0, 99.0, 100.0]
    assert percentiles([7_000], (0.5, 1.0)) == [7.0, 7.0]
    assert percentiles([], (0.5, 1.0)) == [0.0, 0.0]


def test_verifications_are_counted_by_outcome_and_channel() -> None:
    acks = Acks()
    acks.heard_verification({"verification": "matched", "channel": "online"})
    acks.heard_verification({"verification": "matched", "channel": "online"})
    assert acks.verified == {("matched", "online"): 2}


@pytest.mark.anyio
async def test_whoever_waits_goes_on_when_the_portal_has_it() -> None:
    acks = Acks()
    waiting = asyncio.create_task(acks.reached("A", 2, 60))
    await asyncio.sleep(0)
    acks.heard(event("A", 1, 0, 1, 1, 1, 1))
    acks.heard(event("B", 2, 0, 1, 1, 1, 1))
    await asyncio.sleep(0)
    assert not waiting.done()
    acks.heard(event("A", 2, 0, 1, 1, 1, 1))
    await asyncio.wait_for(waiting, 5)
    await asyncio.wait_for(acks.reached("A", 2, 60), 5)  # heard before it was asked for


@pytest.mark.anyio
async def test_nobody_waits_for_ever_and_little_is_remembered() -> None:
    acks = Acks()
    await asyncio.wait_for(acks.reached("A", 1, 0.01), 5)
    for number in range(RECENT + 10):
        acks.heard(event(f"D{number}", 1, 0, 1, 1, 1, 1))
    assert len(acks._newest) == RECENT
