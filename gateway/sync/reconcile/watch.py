"""The continuous comparison: all dossiers, range after range, for ever; what differs is named.

    all ranges, a slice at a time ──► extents of the three sides ──► the same: on to the next slice
                                               │ differ
                                               └──► the rows of that range ──► wait ──► again, of those only
                                                                                          └──► differs both times

A range holds some 256 dossiers, so a difference among a million is three questions away: extents, rows, and
rows again. Only what happened `still_s` ago or earlier is compared, and what is on its way is no difference.
"""

from __future__ import annotations

import asyncio
import contextlib
import hashlib
import time
from collections import Counter
from collections.abc import AsyncIterator, Collection, Sequence
from datetime import datetime, timedelta
from typing import Any, Final, cast

import structlog
from fastapi import Request
from sqlalchemy import func, select

from contracts.extents import ExtentsWanted, only
from gateway.sync.commands.differences import Found, note_comparison, note_found
from gateway.sync.engine import EXTRA as ENGINE
from gateway.sync.engine import Engine
from gateway.sync.models import LIVE, Known, Lane
from gateway.sync.reconcile import causes
from gateway.sync.reconcile.compare import Difference, compare
from gateway.sync.reconcile.sides import Held, Sides
from services.bus.kit.api import service_of
from services.bus.kit.http_errors import CallError
from services.bus.kit.service import Service
from services.bus.kit.tx import Tx

log = structlog.get_logger(__name__)

EXTRA: Final = "watch"
RANGE: Final = 256
"""Dossiers of a range."""
SLICE: Final = 16
"""Ranges of a slice: one question to each side."""
REST: Final = 4.0
"""A slice that took long, because much of it differs, is followed by a pause so many times as long,"""
LONGEST_REST_S: Final = 30.0
"""but no longer than this: it may have taken long only because it waited for what was under way."""
PASS_LEAST_S: Final = 60.0
"""Passes begin at least so long apart, however few dossiers there are."""
LOOK_EVERY_S: Final = 0.1
AGAIN_AFTER_S: Final = 10.0


class Watch:
    """For one event loop. `wake` begins a pass at once and makes it go through without pauses."""

    def __init__(self, service: Service, engine: Engine) -> None:
        self._service = service
        self.engine = engine
        self._settings = engine.settings
        self.sides = Sides(service, engine.settings)
        self._hurry = asyncio.Event()
        self._asked = 0
        self._turn = asyncio.Lock()
        self.comparing = False
        self.error: str | None = None

    def wake(self) -> None:
        self._asked += 1
        self._hurry.set()

    async def run(self) -> None:
        """For ever."""
        every = self._settings.compare_every_s
        await self._pause(every or None)
        while True:
            asked, began = self._asked, time.monotonic()
            try:
                async with self._turn:
                    await self.compare_all()
                self.error = None
            except Exception as error:
                said = f"{type(error).__name__}: {error}"
                if said != self.error:
                    log.warning("comparison.interrupted", error=said, exc_info=not isinstance(error, CallError))
                self.error = said
                await asyncio.sleep(min(AGAIN_AFTER_S, every or AGAIN_AFTER_S))
            else:
                if asked == self._asked:  # else somebody asked while this pass was under way: one more for him
                    self._hurry.clear()
                    await self._pause(max(every, began + PASS_LEAST_S - time.monotonic()) if every else None)

    async def _pause(self, seconds: float | None) -> None:
        """Until so long has gone by, or somebody is in a hurry. None: only the latter."""
        if self._hurry.is_set():
            return
        try:
            async with asyncio.timeout(seconds):
                await self._hurry.wait()
        except TimeoutError:
            pass

    async def compare_all(self) -> None:
        """One pass."""
        self.comparing = True
        try:
            started = self._service.clock.now()
            bounds: list[str] = await self._service.store.read(_bounds)
            total, began = _Total(), time.monotonic()
            for first in range(0, len(bounds), SLICE):
                if first:
                    took = time.monotonic() - began
                    rest = max(self._settings.compare_every_s, min(took * REST, LONGEST_REST_S))
                    await self._pause(rest if self._settings.compare_every_s else None)
                began = time.monotonic()
                part = bounds[first : first + SLICE + 1]
                until = self._service.clock.now() - timedelta(seconds=self._settings.still_s)
                wanted = ExtentsWanted(bounds=part, open_end=len(part) <= SLICE, until=until)
                held = await self.sides.held(wanted)
                total.add(held)
                ranges = wanted.ranges()
                for place in held.differing():
                    low, high = ranges[place]
                    total.looked_into += 1
                    total.found += await self.look_into(low, high, until)
                await self._close_others(ranges, held)
            total.until = started - timedelta(seconds=self._settings.still_s)
            now = self._service.clock.now()
            await self._service.store.write(lambda tx: note_comparison(tx, total.row(started, now)))
        finally:
            self.comparing = False

    async def look_again(self, code: str) -> None:
        """Look at one dossier, for instance after a repair."""
        low, high = only(code)
        async with self._turn:
            await self.look_into(low, high, None)

    async def look_into(self, low: str, high: str | None, until: datetime | None) -> int:
        """Find what differs in one range, and note it; how many differences there are."""
        suspects = await self._differences(low, high, None)
        confirmed: list[Difference] = []
        if suspects:
            codes = {each.code for each in suspects}
            await self._settle(codes)
            again = await self._differences(low, high, codes)
            confirmed = [each for each in again if each in suspects]
        now = self._service.clock.now()
        known = await self._facts(confirmed)
        found = [Found(each, causes.cause(each, known)) for each in confirmed]
        await self._service.store.write(lambda tx: note_found(tx, low, high, found, now=now))
        return len(found)

    async def _differences(self, low: str, high: str | None, of: Collection[str] | None) -> set[Difference]:
        found: list[Difference] = []
        committed: dict[tuple[str, int], datetime] = {}
        async for code, (of_province, of_axis, of_portal) in self.sides.rows(low, high):
            if of is not None and code not in of:
                continue
            if not self.sides.asks_portal and of_axis is not None:
                of_portal = of_axis.as_acknowledged()
            differences = compare(code, of_province, of_axis, of_portal)
            found += differences
            if differences and of_province is not None:
                for version, (second, _) in of_province.steps.items():
                    committed[code, version] = datetime.fromtimestamp(second, self._service.clock.now().tzinfo)
        if not found:
            return set()
        known = await self._facts(found)
        return set(causes.still(found, known, committed, self._service.clock.now()))

    async def _facts(self, found: Sequence[Difference]) -> causes.Facts:
        codes = {each.code for each in found}
        return await self._service.store.read(lambda tx: causes.facts(tx, codes))

    async def _settle(self, codes: Collection[str]) -> None:
        deadline = time.monotonic() + self._settings.settle_s
        while time.monotonic() < deadline:
            await asyncio.sleep(LOOK_EVERY_S)
            if self.engine.lanes.settled(codes):
                return

    async def _close_others(self, ranges: Sequence[tuple[str, str | None]], held: Held) -> None:
        """Ranges that are the same everywhere have no differences any more."""
        differing = set(held.differing())
        same = [each for place, each in enumerate(ranges) if place not in differing]
        if not same:
            return
        is_open: bool = await self._service.store.read(_any_open)
        if is_open:
            now = self._service.clock.now()

            def command(tx: Tx) -> None:
                for low, high in same:
                    note_found(tx, low, high, [], now=now)

            await self._service.store.write(command)


class _Total:
    """What one pass came to."""

    def __init__(self) -> None:
        self.ranges = self.looked_into = self.found = 0
        self.until: datetime | None = None
        self._dossiers: Counter[str] = Counter()
        self._rows: Counter[str] = Counter()
        self._digests = {name: hashlib.sha256() for name in ("province", "axis", "axis_wire", "portal")}
        self._has_portal = True

    def add(self, held: Held) -> None:
        self.ranges += len(held.axis)
        self._has_portal = held.portal is not None
        sides = {"province": held.province, "axis": held.axis, "axis_wire": held.axis_wire, "portal": held.portal}
        for name, found in sides.items():
            for each in found or ():
                self._dossiers[name] += each.dossiers
                self._rows[name] += each.rows
                self._digests[name].update(bytes.fromhex(each.digest))

    def row(self, started: datetime, now: datetime) -> dict[str, Any]:
        names = ("province", "axis", *(("portal",) if self._has_portal else ()))
        digests = {name: each.hexdigest() for name, each in self._digests.items()}
        if not self._has_portal:
            del digests["portal"]
        return {
            "started_at": started,
            "finished_at": now,
            "until": self.until,
            "ranges": self.ranges,
            "looked_into": self.looked_into,
            "equal": not self.found,
            "counts": {name: {"dossiers": self._dossiers[name], "rows": self._rows[name]} for name in names},
            "digests": digests,
        }


def _bounds(tx: Tx) -> list[str]:
    """Where ranges begin: the first one before everything, the others at every so-manyth dossier of ours."""
    numbered = select(Lane.code, func.row_number().over(order_by=Lane.code).label("place")).subquery()
    rows = select(numbered.c.code).where(numbered.c.place % RANGE == 0).order_by(numbered.c.code)
    return ["", *tx.scalars(rows)]


def _any_open(tx: Tx) -> bool:
    return tx.scalar(select(Known.id).where(LIVE).limit(1)) is not None


@contextlib.asynccontextmanager
async def watching(service: Service) -> AsyncIterator[None]:
    """The comparison, made for the length of the block."""
    service.extra[EXTRA] = Watch(service, cast("Engine", service.extra[ENGINE]))
    yield


async def keep_comparing(service: Service) -> None:
    """Compare, for ever."""
    await cast("Watch", service.extra[EXTRA]).run()


def watch_of(request: Request) -> Watch:
    """The comparison behind this request."""
    return cast("Watch", service_of(request).extra[EXTRA])
