"""One reconciliation from start to end.

Statuses are under way while it reads, so a difference counts only if it is still there when everything that
could explain it has arrived: the three sides are read, what differs is given time to settle, then they are
read again, and what was found both times is a finding. Memory is bounded by `MOST`, not by the dossiers.
"""

from __future__ import annotations

import asyncio
import time
from collections import Counter
from collections.abc import AsyncIterator
from dataclasses import dataclass, field
from typing import Any, Final

import structlog

from gateway.sync.commands.reconciliations import finish
from gateway.sync.engine import Engine
from gateway.sync.payloads import chunks
from gateway.sync.queries.reconciliations import newest_versions
from gateway.sync.reconcile import streams
from gateway.sync.reconcile.compare import Difference, Kind, Side, compare
from services.bus.kit.service import Service

log = structlog.get_logger(__name__)

MOST: Final = 50_000
"""Differences that are kept and looked at twice; more are only counted."""
LOOK_EVERY_S: Final = 0.1
CODES_AT_ONCE: Final = 500
SIDES: Final = ("province", "axis", "portal")


@dataclass(slots=True)
class Reading:
    """What one reading of the three sides came to."""

    dossiers: Counter[str] = field(default_factory=Counter)
    statuses: Counter[str] = field(default_factory=Counter)
    found: dict[Difference, Difference] = field(default_factory=dict)
    unlisted: Counter[tuple[Kind, Side]] = field(default_factory=Counter)

    def note(self, difference: Difference) -> None:
        """Keep a difference, or only count it when there are too many."""
        if len(self.found) < MOST:
            self.found[difference] = difference
        else:
            self.unlisted[difference.kind, difference.side] += 1


class Job:
    """Runs one reconciliation that has been recorded as running."""

    def __init__(self, service: Service, engine: Engine, id: str) -> None:
        self._service = service
        self._engine = engine
        self._id = id

    async def run(self) -> None:
        """Never raises: what goes wrong is the reconciliation's end."""
        started = self._service.clock.now()
        counts: dict[str, Any] = {}
        found: list[Difference] = []
        error = None
        try:
            reading = await self._read(None)
            if reading.found:
                await self._settle(reading)
                again = await self._read({each.code for each in reading.found})
                again.unlisted += reading.unlisted
                again.found = {each: each for each in again.found if each in reading.found}
                if not self._engine.settings.portal_export:  # only the differing ones were asked for again
                    again.dossiers["portal"] = reading.dossiers["portal"]
                reading = again
            found = sorted(reading.found, key=lambda each: (each.code, each.version or 0, each.at or ""))
            counts = _counted(reading)
        except streams.ReconciliationError as problem:
            error = str(problem)
        except Exception as surprise:
            log.error("reconciliation.surprise", id=self._id, exc_info=surprise)
            error = type(surprise).__name__
        now = self._service.clock.now()
        counts["seconds"] = round((now - started).total_seconds(), 3)
        await self._service.store.write(
            lambda tx: finish(tx, self._id, found, counts=counts, error=error, now=now)
        )
        log.info("reconciliation.done", id=self._id, findings=len(found), error=error, **_flat(counts))

    async def _read(self, only: set[str] | None) -> Reading:
        """Read everything; compare all dossiers, or `only` these."""
        reading = Reading()
        async for code, (of_province, of_axis, of_portal) in self._sides(only):
            if of_province is not None:
                reading.dossiers["province"] += 1
                reading.statuses["province"] += len(of_province.steps)
            if of_axis is not None:
                reading.dossiers["axis"] += 1
                reading.statuses["axis"] += len(of_axis.steps)
            if of_portal is not None:
                reading.dossiers["portal"] += 1
                reading.statuses["portal"] += len(of_portal.rows or ())
            if only is None or code in only:
                for difference in compare(code, of_province, of_axis, of_portal):
                    reading.note(difference)
        return reading

    async def _sides(self, only: set[str] | None) -> AsyncIterator[tuple[str, list[Any]]]:
        settings = self._engine.settings
        of_province = streams.province(self._service, f"{settings.dossier_url.rstrip('/')}/v1/export")
        of_axis = streams.axis(self._service.store)
        if settings.portal_export:
            url = f"{settings.portal_url.rstrip('/')}/v1/export"
            async for each in streams.joined(of_province, of_axis, streams.portal(self._service, url)):
                yield each
            return
        async for code, sides in streams.joined(of_province, of_axis):
            found = None
            if only is None or code in only:
                found = await streams.looked_up(self._engine.client, code, settings.lookups_per_s)
            yield code, [*sides, found]

    async def _settle(self, reading: Reading) -> None:
        """Wait until no difference can be explained by something under way, within `settle_s`."""
        codes = {each.code for each in reading.found}
        absent = {
            each.code: each.version or 0
            for each in reading.found
            if each.kind is Kind.MISSING and each.side is Side.AXIS
        }
        deadline = time.monotonic() + self._engine.settings.settle_s
        while time.monotonic() < deadline:
            if self._engine.lanes.settled(codes) and await self._heard_of(absent):
                return
            await asyncio.sleep(LOOK_EVERY_S)
        log.info("reconciliation.not-settled", id=self._id, dossiers=len(codes))

    async def _heard_of(self, versions: dict[str, int]) -> bool:
        """Whether the axis has brought these versions by now."""
        for codes in chunks(list(versions), CODES_AT_ONCE):
            newest = await self._service.store.read(lambda tx, codes=codes: newest_versions(tx, codes))  # type: ignore[misc]
            if any(newest.get(code, 0) < versions[code] for code in codes):
                return False
        return True


def _counted(reading: Reading) -> dict[str, Any]:
    found = Counter((each.kind, each.side) for each in reading.found) + reading.unlisted
    kinds = Counter[Kind]()
    for (kind, _), number in found.items():
        kinds[kind] += number
    return {
        "dossiers": {side: reading.dossiers[side] for side in SIDES},
        "statuses": {side: reading.statuses[side] for side in SIDES},
        "lost": found[Kind.MISSING, Side.PORTAL],
        "duplicated": kinds[Kind.DUPLICATED],
        "out_of_order": kinds[Kind.OUT_OF_ORDER],
        "findings": {kind.value: kinds[kind] for kind in Kind},
        "unlisted": sum(reading.unlisted.values()),
    }


def _flat(counts: dict[str, Any]) -> dict[str, Any]:
    return {name: counts[name] for name in ("lost", "duplicated", "out_of_order", "seconds") if name in counts}
