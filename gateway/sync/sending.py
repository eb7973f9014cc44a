"""What every send has in common: the payloads of a lane, and what to do with a lane when a call has ended.

Delivered ── record it, the lane goes on
Retry ────── the lane pauses, a little longer each time (full jitter)
Refused ──── a dead letter; the lane is parked, everything behind the step waits, other lanes go on
"""

from __future__ import annotations

import random
from collections.abc import Callable, Sequence
from typing import Any, Final

from contracts.portal import Verb
from gateway.sync.client import PortalClient, Settled
from gateway.sync.lane import HotLane, HotStep
from gateway.sync.lanes import Lanes
from gateway.sync.outcomes import Refused, Retry
from gateway.sync.payloads import dossier_item, progress_row
from gateway.sync.profiles import SendingProfile
from gateway.sync.recorder import Recorder
from gateway.sync.sharing import SharedCalls
from services.bus.kit.clock import Clock

FIRST_PAUSE_S: Final = 0.05


class Sending:
    """What the two ways of sending, alone and together, are built from."""

    def __init__(
        self,
        client: PortalClient,
        lanes: Lanes,
        recorder: Recorder,
        clock: Clock,
        profile: SendingProfile,
        *,
        longest_pause_s: float,
        fault_limit: int,
        chance: Callable[[], float] = random.random,
    ) -> None:
        self.client = client
        self.lanes = lanes
        self.recorder = recorder
        self.clock = clock
        self.profile = profile
        self._longest_pause_s = longest_pause_s
        self._fault_limit = fault_limit
        self._chance = chance
        self._shared = SharedCalls(self._push_rows, profile.rows)

    def begin(self, lane: HotLane) -> list[HotStep]:
        """The steps this send is about: what has come so far. Later ones have the next send."""
        now = self.clock.now()
        for step in lane.steps:
            step.sent_at = now
            step.first_sent_at = step.first_sent_at or now
            step.attempts += 1
        return list(lane.steps)

    def delivered(self, lane: HotLane, steps: list[HotStep]) -> None:
        """The portal holds these, the lane's oldest."""
        lane.failures = lane.faults = 0
        self.recorder.acknowledged(lane, steps)

    def failed(self, lane: HotLane, step: HotStep, verb: Verb, retry: Retry, payload: Any) -> None:
        """Not now: the lane pauses. A call that keeps breaking a portal that serves others is given up."""
        lane.failures += 1
        lane.faults += retry.blames
        for each in lane.steps:
            if each.attempts:
                each.trouble = retry.trouble.value
        if lane.faults >= self._fault_limit:
            self.refused(lane, step, verb, Refused(frozenset(), retry.trouble.value, retry.reason), payload)
            return
        ceiling = min(self._longest_pause_s, FIRST_PAUSE_S * 2 ** min(lane.failures, 16))
        self.lanes.release_later(lane, ceiling * self._chance())

    def refused(self, lane: HotLane, step: HotStep, verb: Verb, refusal: Refused, payload: Any) -> None:
        """Never like this."""
        lane.failures = lane.faults = 0
        self.recorder.refused(lane, step, verb.value, refusal, payload)
        self.lanes.release(lane)

    async def push_dossiers(
        self, items: list[dict[str, Any]], steps: Sequence[HotStep], *, updating: bool, traceparent: str | None
    ) -> Settled:
        """DongBoHoSoMC, on the way to sending these steps."""
        fields = {"isUpdating": "True" if updating else "False"}
        return await self.client.call(
            Verb.SYNC_DOSSIERS, fields, data=items, traceparent=traceparent, on_leave=self._leaving(steps)
        )

    async def push_progress(
        self,
        rows: list[dict[str, Any]],
        steps: Sequence[HotStep],
        *,
        traceparent: str | None,
        shared: bool = False,
    ) -> Settled:
        """CapNhatTienDoHoSoMC of these steps. `shared`: they are one dossier's and may go with others'."""
        if shared and self.profile.shares_rows:
            return await self._shared.push(rows, traceparent, self._leaving(steps))
        return await self._push_rows(rows, traceparent, self._leaving(steps))

    async def _push_rows(
        self, rows: list[dict[str, Any]], traceparent: str | None, on_leave: Callable[[], None] | None
    ) -> Settled:
        return await self.client.call(Verb.UPDATE_PROGRESS, data=rows, traceparent=traceparent, on_leave=on_leave)

    def _leaving(self, steps: Sequence[HotStep]) -> Callable[[], None]:
        """What waited while the portal was away is sent when it has leave, not when it began to wait."""

        def left() -> None:
            now = self.clock.now()
            for step in steps:
                step.sent_at = now

        return left


def item_of(lane: HotLane) -> dict[str, Any]:
    """The HoSo of a lane that waits: its newest state."""
    assert lane.told is not None
    return dossier_item(lane.told)


def row_of(lane: HotLane, step: HotStep) -> dict[str, Any]:
    """The TienDo of one step."""
    return progress_row(
        lane.code,
        step.status,
        step.second,
        officer=step.officer,
        department=step.department,
        note=step.note,
        due_at=step.due_at,
    )
