"""Between the worker and the store: results of sends are saved in the order they came, many at a time.

Nothing waits for this. The portal has already acted; should the process die first, the same is sent again and
has no second effect. Event versions are counted here, per lane, and a batch that could not be saved is tried
again as it is, so none is ever skipped.
"""

from __future__ import annotations

import asyncio
import contextlib
import time
from datetime import datetime
from typing import Any, Final

import structlog

from contracts.events.portal import SyncedStep
from contracts.status import DossierStatus
from gateway.sync import metrics
from gateway.sync.commands.results import Acknowledged, Refusal, Result, SaveResults
from gateway.sync.lane import HotLane, HotStep
from gateway.sync.lanes import Lanes
from gateway.sync.latency import Latencies
from gateway.sync.outcomes import REASON_LENGTH, Refused
from services.bus.kit import spans
from services.bus.kit.clock import Clock
from services.bus.kit.store import Store
from services.bus.kit.trace import child_of, parse

log = structlog.get_logger(__name__)

AT_ONCE: Final = 500
AGAIN_AFTER_S: Final = 0.2
PACE_S: Final = 0.05
"""Between two saves: under load several statuses share a commit, and one that comes alone is saved at once."""


class Recorder:
    """For one event loop. `profile` is the name the events carry."""

    def __init__(self, store: Store, lanes: Lanes, clock: Clock, latencies: Latencies, profile: str) -> None:
        self._store = store
        self._lanes = lanes
        self._clock = clock
        self._latencies = latencies
        self._profile = profile
        self._pending: list[tuple[HotLane, Result]] = []
        self._wake = asyncio.Event()

    def acknowledged(self, lane: HotLane, steps: list[HotStep]) -> None:
        """The portal has just acknowledged the oldest `steps` of this lane."""
        assert lane.told is not None
        now = self._clock.now()
        del lane.steps[: len(steps)]
        new = [step for step in steps if not step.seen_before]
        if new:
            lane.announced += 1
        self._lanes.backlog -= len(new)
        traceparent = child_of(lane.traceparent)
        for step in new:
            self._measure(step, now, traceparent)
        if new:
            _tell_span(lane, new, traceparent)
        dossier = lane.told.dossier
        self._add(
            lane,
            Acknowledged(
                code=lane.code,
                through=steps[-1].version,
                portal_knows=lane.knows,
                announced=lane.announced,
                traceparent=traceparent,
                procedure_code=dossier.procedure_code,
                receiving_agency=dossier.receiving_agency,
                profile=self._profile,
                steps=tuple(_synced(step, now) for step in new),
                at=now,
            ),
        )

    def refused(self, lane: HotLane, step: HotStep, verb: str, refusal: Refused, payload: Any) -> None:
        """The portal has just refused a call about `step` for its content: the lane is parked."""
        lane.parked = True
        lane.announced += 1
        self._lanes.parked += 1
        metrics.record_letter(verb)
        log.error(
            "lane.parked",
            dossier=lane.code,
            trace=parse(lane.traceparent),
            version=step.version,
            verb=verb,
            error_code=refusal.error_code,
        )
        self._add(
            lane,
            Refusal(
                code=lane.code,
                version=step.version,
                status=step.status,
                verb=verb,
                error_code=refusal.error_code,
                reason=refusal.reason[:REASON_LENGTH],
                payload=payload,
                attempts=step.attempts,
                announced=lane.announced,
                traceparent=child_of(lane.traceparent),
                at=self._clock.now(),
            ),
        )

    async def run(self) -> None:
        """Save for ever; cancelled on shutdown."""
        while True:
            await self._wake.wait()
            self._wake.clear()
            while self._pending:
                began = time.monotonic()
                saved = await self._save_some()
                if not saved or len(self._pending) < AT_ONCE:
                    await asyncio.sleep(began + PACE_S - time.monotonic())

    @property
    def owed(self) -> int:
        """Results not saved yet."""
        return len(self._pending)

    async def flush(self, seconds: float) -> None:
        """Save what is left, once `run` has ended; what takes longer, or has no committed step yet, is sent
        again by the next process."""
        with contextlib.suppress(TimeoutError):
            async with asyncio.timeout(seconds):
                while await self._save_some():
                    pass

    def _add(self, lane: HotLane, result: Result) -> None:
        lane.unsaved += 1
        self._pending.append((lane, result))
        self._wake.set()

    async def _save_some(self) -> bool:
        """Save the oldest whose steps are committed; whether there were any. They stay pending until that is
        certain; should one be saved twice after all, its event has the same version again and nobody takes it
        in twice."""
        batch = [each for each in self._pending if each[1].through <= each[0].committed[0]][:AT_ONCE]
        if not batch:
            return False
        command = SaveResults([result for _, result in batch])
        write = asyncio.get_running_loop().create_task(self._store.write(command))
        try:
            await asyncio.shield(write)
        except asyncio.CancelledError:
            await asyncio.wait([write])  # on shutdown: it may be in the writer's hands already
            if write.exception() is None:
                self._saved(batch)
            raise
        except Exception as error:
            log.warning("results.not-saved", results=len(batch), error=type(error).__name__)
            await asyncio.sleep(AGAIN_AFTER_S)
        else:
            self._saved(batch)
        return True

    def _saved(self, batch: list[tuple[HotLane, Result]]) -> None:
        saved = {id(result) for _, result in batch}
        self._pending = [each for each in self._pending if id(each[1]) not in saved]
        for lane, _ in batch:
            self._lanes.saved(lane)

    def _measure(self, step: HotStep, now: datetime, traceparent: str) -> None:
        total = (now - step.committed_at).total_seconds()
        self._latencies.add(total)
        metrics.record_acknowledged(total)
        metrics.record_hop("total", total, traceparent)
        if step.published_at is not None:
            metrics.record_hop("relay", (step.published_at - step.committed_at).total_seconds())
            metrics.record_hop("axis", (step.received_at - step.published_at).total_seconds())
        if step.sent_at is not None:
            metrics.record_hop("queue", (step.sent_at - step.received_at).total_seconds())
            metrics.record_hop("portal", (now - step.sent_at).total_seconds())


def _tell_span(lane: HotLane, steps: list[HotStep], traceparent: str) -> None:
    """From the moment sync had the oldest of these statuses until the portal had all of them."""
    if spans.recorder is not None and parse(lane.traceparent) is not None:
        spans.recorder.tell(
            "statuses to the portal",
            "internal",
            traceparent,
            lane.traceparent,
            round(steps[0].received_at.timestamp() * 1e9),
            {
                spans.DOSSIER: lane.code,
                "truc.version": steps[-1].version,
                "truc.statuses": len(steps),
                "truc.attempts": steps[0].attempts,
            },
        )


def _synced(step: HotStep, now: datetime) -> SyncedStep:
    return SyncedStep(
        version=step.version,
        status=DossierStatus(step.status),
        committed_at=step.committed_at,
        published_at=step.published_at,
        received_at=step.received_at,
        sent_at=step.sent_at or now,
        acknowledged_at=now,
        attempts=step.attempts,
        first_sent_at=step.first_sent_at,
        trouble=step.trouble,
    )
