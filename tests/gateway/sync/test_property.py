"""Whatever the schedule of steps and whatever the portal does, it finally holds what the province holds: the
same statuses, in the same order, once each."""

from __future__ import annotations

import asyncio
import tempfile
from pathlib import Path
from typing import Any

import anyio
from hypothesis import given, settings
from hypothesis import strategies as st

from contracts.status import DossierStatus, next_statuses
from tests.gateway.sync.province import NOON, code_of, crash_image, settings_for, status_event, syncing
from tests.gateway.sync.wire import Fault, wire_portal

Story = list[list[int]]


@st.composite
def stories(draw: st.DrawFn) -> Story:
    """Legal histories of a few dossiers."""
    story = []
    for _ in range(draw(st.integers(1, 4))):
        statuses: list[int] = []
        for _ in range(draw(st.integers(1, 14))):
            possible = sorted(next_statuses(DossierStatus(statuses[-1]) if statuses else None))
            if not possible:
                break
            statuses.append(int(draw(st.sampled_from(possible))))
        story.append(statuses)
    return story


@given(
    story=stories(),
    order=st.randoms(use_true_random=False),
    faults=st.lists(st.sampled_from([None, *Fault]), max_size=12),
    cuts=st.lists(st.integers(1, 8), max_size=10),
    crash=st.booleans(),
    profile=st.sampled_from(["strict", "batch"]),
    hot_lanes=st.sampled_from([1, 100]),
)
@settings(max_examples=25)
def test_the_portal_ends_up_with_what_the_province_has(
    story: Story,
    order: Any,
    faults: list[Fault | None],
    cuts: list[int],
    crash: bool,
    profile: str,
    hot_lanes: int,
) -> None:
    """`crash`: between two lives, what the first one did after its last commit is known to the portal only."""

    async def play(folder: str) -> None:
        events = [
            status_event(code_of(number), version, status, NOON)  # all within one second
            for number, statuses in enumerate(story)
            for version, status in enumerate(statuses, start=1)
        ]
        events += order.sample(events, k=min(len(events), 3))
        order.shuffle(events)
        async with wire_portal() as portal:
            portal.max_dossiers, portal.max_rows = (1, 10) if profile == "strict" else (3, 7)
            portal.script.extend(faults)
            chosen = settings_for(
                portal.url,
                f"sqlite:///{folder}/sync.db",
                profile=profile,
                batch_dossiers=3,
                batch_rows=7,
                hot_lanes=hot_lanes,
                retry_longest_s=0.01,
                probe_longest_s=0.02,
                read_timeout_s=1.0,
            )
            async with syncing(chosen) as sync:
                for size in cuts:
                    batch, events = events[:size], events[size:]
                    await sync.hear(*batch)
                    await asyncio.sleep(0)
                after = crash_image(Path(folder)) if crash else chosen.database_url
            async with syncing(chosen.model_copy(update={"database_url": after})) as sync:
                await sync.hear(*events)
                await sync.drained()
                assert sync.engine.lanes.backlog == 0
                told = await sync.announced()
            assert [portal.dossiers[code_of(number)].statuses for number in range(len(story))] == story
            assert portal.overlaps == 0
            for number, statuses in enumerate(story):
                own = [(version, data) for _, key, version, data in told if key == code_of(number)]
                assert [version for version, _ in own] == list(range(1, len(own) + 1))
                steps = {step["version"] for _, data in own for step in data["steps"]}
                assert steps == set(range(1, len(statuses) + 1))
                assert portal.dossiers[code_of(number)].item["TrangThaiHoSo"] == str(statuses[-1])

    with tempfile.TemporaryDirectory() as folder:
        anyio.run(play, folder)
