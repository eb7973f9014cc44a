"""The lanes in memory: which dossiers have something for the portal, whose turn it is, and that no dossier is
ever in two sends at once.

    idle ──arrived──► ready ──take──► sending ──release──► idle, or ready again if more has come
                        ▲                │
                        └─── pausing ◄───┘ pause: try again later
    parked: behind a dead letter, until an operator acts

A lane is only a cache of the database. One that is not in use may be forgotten: its code stays in line and it
is loaded again when its turn comes, which is also how everything starts. For one event loop, except
`committed_head`.
"""

from __future__ import annotations

import asyncio
import contextlib
from collections import OrderedDict
from collections.abc import AsyncIterator, Iterable
from typing import Final

from contracts.events.dossier import StatusChanged
from gateway.sync.lane import HotLane, HotStep, News, hot_lane
from gateway.sync.queries.backlog import Backlog, backlog, load_lanes
from services.bus.kit.store import Store

EVICT_TRIES: Final = 8


class Lanes:
    """All of them. `most` is how many stay in memory."""

    def __init__(self, store: Store, most: int) -> None:
        self._store = store
        self._most = most
        self._hot: OrderedDict[str, HotLane] = OrderedDict()
        self._ready: asyncio.Queue[str] = asyncio.Queue()
        self._queued: set[str] = set()
        self._loading: set[str] = set()
        self._stale: set[str] = set()
        self._held: set[str] = set()
        self._changed = asyncio.Event()
        self.backlog = 0
        self.parked = 0
        self.sending = 0
        self.pausing = 0

    @property
    def ready(self) -> int:
        """Lanes whose turn is to come, those being loaded included."""
        return len(self._queued) + len(self._loading)

    def committed_head(self, code: str) -> tuple[int, int] | None:
        """(version, wire second) of a lane's newest committed step, None if it is not in memory. May be
        called from the writer thread."""
        lane = self._hot.get(code)
        return None if lane is None else lane.committed

    def lane(self, code: str) -> HotLane | None:
        """The lane, if it is in memory."""
        return self._hot.get(code)

    async def start(self) -> None:
        """Put everything in line that the portal has not acknowledged, oldest first."""
        found: Backlog = await self._store.read(backlog)
        self.backlog, self.parked = found.steps, found.parked
        for code in found.codes:
            self._enqueue(code)

    def settled(self, codes: Iterable[str]) -> bool:
        """Whether nothing of these dossiers is on its way to the portal. A parked lane goes nowhere."""
        for code in codes:
            if code in self._queued or code in self._loading:
                return False
            lane = self._hot.get(code)
            if lane is not None and (lane.waits or lane.in_use):
                return False
        return True

    # -- in ------------------------------------------------------------------------------------------------

    def arrived(self, news: Iterable[News]) -> None:
        """Steps that were committed just now, in the order of their dossiers."""
        for each in news:
            lane = self._hot.get(each.told.code) or self._made(each)
            if lane is None:
                self.backlog += 1
                self._enqueue(each.told.code)
                continue
            place = (each.step.version, each.step.second)
            if place > lane.head:
                self.extend(lane, each.told, each.step, each.traceparent)
            elif place <= lane.committed:
                self.backlog += 1  # it was loaded from the database before we heard of it
                self._offer(lane)
            if place > lane.committed:
                lane.committed = place
                self._announce_change()
        self._evict()

    def extend(self, lane: HotLane, told: StatusChanged, step: HotStep, traceparent: str | None) -> None:
        """One step more in a lane, whether it is committed or not."""
        self.backlog += 1
        lane.steps.append(step)
        lane.head = (step.version, step.second)
        lane.told = told
        lane.traceparent = traceparent
        self._hot.move_to_end(lane.code)
        self._offer(lane)

    def _made(self, news: News) -> HotLane | None:
        """A lane for news of a dossier not in memory; None if only the database knows all that waits."""
        code, prior = news.told.code, news.prior
        if code in self._loading:
            self._stale.add(code)
            return None
        if code in self._held or not (news.first or (prior is not None and prior.idle)):
            return None
        lane = HotLane(code, (0, 0), (0, 0))
        if prior is not None:
            lane.announced, lane.knows = prior.announced, prior.portal_knows
        self._hot[code] = lane
        return lane

    # -- turns ---------------------------------------------------------------------------------------------

    async def take(self, most: int) -> list[HotLane]:
        """Up to `most` lanes whose turn it is, at least one; each is its taker's alone until released."""
        while True:
            codes = [await self._ready.get()]
            while len(codes) < most and not self._ready.empty():
                codes.append(self._ready.get_nowait())
            self._queued.difference_update(codes)
            taken, cold = [], []
            for code in codes:
                lane = self._hot.get(code)
                if lane is not None:
                    if lane.waits and not lane.sending and lane.pause is None:
                        taken.append(self._begin(lane))
                elif code not in self._held and code not in self._loading:
                    cold.append(code)
            if cold:
                try:
                    taken += await self._load(cold)
                except BaseException:
                    for lane in taken:
                        self.release(lane)
                    raise
            if taken:
                return taken

    def release(self, lane: HotLane) -> None:
        """The send is over; the lane goes back in line if there is more."""
        self._end(lane)
        if not lane.steps:
            lane.told = None
        self._offer(lane)

    def release_later(self, lane: HotLane, seconds: float) -> None:
        """The send failed for now: the lane comes back in line after so many seconds."""
        self._end(lane)
        self.pausing += 1
        lane.pause = asyncio.get_running_loop().call_later(seconds, self._resume, lane)

    def saved(self, lane: HotLane) -> None:
        """One record of this lane is in the database."""
        lane.unsaved -= 1
        self._announce_change()

    @contextlib.asynccontextmanager
    async def exclusively(self, code: str) -> AsyncIterator[None]:
        """For a change of the lane from outside (resync, retry, discard): waits until nobody uses it, then
        forgets it; afterwards it is loaded again as the database has it then."""
        while code in self._held or code in self._loading or self._is_in_use(code):
            await self._changed.wait()
        lane = self._hot.pop(code, None)
        if lane is not None:
            self._stop_pausing(lane)
        self._held.add(code)
        try:
            yield
        finally:
            self._held.discard(code)
            self._announce_change()
            self._enqueue(code)

    # -- inside --------------------------------------------------------------------------------------------

    def _is_in_use(self, code: str) -> bool:
        lane = self._hot.get(code)
        return lane is not None and (lane.sending or lane.is_unsaved)

    def _begin(self, lane: HotLane) -> HotLane:
        lane.sending = True
        self.sending += 1
        return lane

    def _end(self, lane: HotLane) -> None:
        lane.sending = False
        self.sending -= 1
        self._announce_change()

    def _offer(self, lane: HotLane) -> None:
        if lane.waits and not lane.sending and lane.pause is None:
            self._enqueue(lane.code)

    def _enqueue(self, code: str) -> None:
        if code not in self._queued:
            self._queued.add(code)
            self._ready.put_nowait(code)

    def _resume(self, lane: HotLane) -> None:
        self._stop_pausing(lane)
        self._offer(lane)

    def _stop_pausing(self, lane: HotLane) -> None:
        if lane.pause is not None:
            lane.pause.cancel()
            lane.pause = None
            self.pausing -= 1

    def _announce_change(self) -> None:
        self._changed.set()
        self._changed = asyncio.Event()

    async def _load(self, codes: list[str]) -> list[HotLane]:
        self._loading.update(codes)
        try:
            loaded = await self._store.read(lambda tx: load_lanes(tx, codes))
        except BaseException:
            for code in codes:
                self._enqueue(code)
            raise
        finally:
            self._loading.difference_update(codes)
            self._announce_change()
        stale = self._stale.intersection(codes)  # something was committed while they were read
        self._stale -= stale
        for code in stale:
            self._enqueue(code)
        taken = []
        for each in loaded:
            if each.code not in stale and not each.parked and each.steps:
                lane = hot_lane(each)
                self._hot[each.code] = lane
                taken.append(self._begin(lane))
        self._evict()
        return taken

    def _evict(self) -> None:
        tries = EVICT_TRIES
        while len(self._hot) > self._most and tries:
            code, lane = next(iter(self._hot.items()))
            if lane.in_use:
                self._hot.move_to_end(code)
                tries -= 1
            else:
                del self._hot[code]
