"""A circuit breaker: stops calls to a destination that keeps failing, and lets exactly one probe find out
when it is back. It only decides and does no I/O: whoever makes the call reports how it ended.

              calls >= minimum, failed share >= ratio (rolling window)
    CLOSED ----------------------------------------------------------> OPEN <----------+
      ^                                                                 |              |
      |                            its period is over, and someone asks |              | probe failed:
      |                                                                 v              | longer period
      +--------------------- probe succeeded ---------------------- HALF_OPEN ---------+
                                                                    |       ^
                                                                    +-------+
                                                 probe abandoned (cancelled): the slot is free again

Every answer counts only in the era it was asked in: a call let through before the last transition is history
when it ends, and changes nothing. For one event loop; never share one between threads.
"""

from __future__ import annotations

import asyncio
import contextlib
import random
import time
from collections.abc import Callable
from dataclasses import dataclass
from enum import StrEnum
from types import TracebackType


class BreakerState(StrEnum):
    CLOSED = "closed"
    OPEN = "open"
    HALF_OPEN = "half_open"


@dataclass(frozen=True, slots=True)
class BreakerPolicy:
    """When to open and for how long. Times are seconds; `failure_ratio` and `jitter` are shares of one.

    The n-th opening in a row lasts `open_for * open_growth ** (n - 1)`, at most `open_cap`, shortened by up
    to `jitter` of it, so that many callers of one destination do not all probe at the same instant.
    """

    window: float = 10.0
    buckets: int = 10
    minimum_calls: int = 10
    failure_ratio: float = 0.5
    open_for: float = 1.0
    open_growth: float = 2.0
    open_cap: float = 30.0
    jitter: float = 0.3

    def __post_init__(self) -> None:
        if not (self.window > 0 and self.buckets >= 1 and self.minimum_calls >= 1):
            raise ValueError("window, buckets and minimum_calls must be positive")
        if not (0 < self.failure_ratio <= 1 and 0 <= self.jitter < 1):
            raise ValueError("failure_ratio must be in (0, 1] and jitter in [0, 1)")
        if not (0 < self.open_for <= self.open_cap and self.open_growth >= 1):
            raise ValueError("open_for must be in (0, open_cap] and open_growth at least 1")


@dataclass(frozen=True, slots=True)
class Transition:
    """One change of state, for logs and metrics. `open_for` is the length of the period that begins, or 0."""

    breaker: str
    old: BreakerState
    new: BreakerState
    reason: str
    open_for: float


@dataclass(slots=True)
class BreakerCounters:
    """What happened since the start. `stale` counts answers that came after the era they were asked in."""

    admitted: int = 0
    refused: int = 0
    succeeded: int = 0
    failed: int = 0
    abandoned: int = 0
    stale: int = 0
    probes: int = 0
    opened: int = 0
    closed: int = 0


class BreakerOpenError(Exception):
    """The call was refused and nothing was sent. `retry_after`: seconds until asking again can make sense."""

    def __init__(self, breaker: str, retry_after: float) -> None:
        super().__init__(f"{breaker}: circuit open, next try in {retry_after:.3f} s")
        self.breaker = breaker
        self.retry_after = retry_after


class Permit:
    """Leave for one call. Use it as a context manager, so that no end of the call can be forgotten.

    State the outcome with `succeeded`, `failed` or `abandoned`; the first one counts. Left without one, a
    clean exit is a success, an `Exception` a failure, and a cancellation says nothing about the destination.
    """

    __slots__ = ("_breaker", "_era", "_settled")

    def __init__(self, breaker: Breaker, era: int) -> None:
        self._breaker = breaker
        self._era = era
        self._settled = False

    def succeeded(self) -> None:
        """The destination answered as a healthy one does."""
        if self._settle():
            self._breaker._succeeded(self._era)

    def failed(self) -> None:
        """The destination did not answer, or answered that it is ill."""
        if self._settle():
            self._breaker._failed(self._era)

    def abandoned(self) -> None:
        """The call ended without saying anything about the destination."""
        if self._settle():
            self._breaker._abandoned(self._era)

    def _settle(self) -> bool:
        first = not self._settled
        self._settled = True
        return first

    def __enter__(self) -> Permit:
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        if error is None:
            self.succeeded()
        elif isinstance(error, Exception):
            self.failed()
        else:
            self.abandoned()


class Breaker:
    """The state machine above, for one destination.

    `clock` is monotonic, in seconds. `on_transition` is called when a change is complete; it must not raise.
    """

    def __init__(
        self,
        name: str,
        policy: BreakerPolicy | None = None,
        *,
        clock: Callable[[], float] = time.monotonic,
        chance: Callable[[], float] = random.random,
        on_transition: Callable[[Transition], None] | None = None,
    ) -> None:
        self.name = name
        self.policy = policy or BreakerPolicy()
        self.counters = BreakerCounters()
        self._clock = clock
        self._chance = chance
        self._on_transition = on_transition
        self._state = BreakerState.CLOSED
        self._window = _Window(self.policy.window, self.policy.buckets)
        self._era = 0
        self._probing = False
        self._openings_in_a_row = 0
        self._open_until = 0.0
        self._changed = asyncio.Event()

    @property
    def state(self) -> BreakerState:
        return self._state

    @property
    def retry_after(self) -> float:
        """Seconds until a call may be let through; 0 when one may be now, or when a probe is out."""
        if self._state is BreakerState.OPEN:
            return max(0.0, self._open_until - self._clock())
        return 0.0

    def admit(self) -> Permit:
        """Leave for one call now, or `BreakerOpenError` at once. HALF_OPEN has one permit, the probe's."""
        permit = self._permit()
        if permit is None:
            self.counters.refused += 1
            raise BreakerOpenError(self.name, self.retry_after)
        return permit

    async def wait_until_allowed(self) -> Permit:
        """Like `admit`, but waits for leave instead of being refused. Bound it with `asyncio.timeout`.

        The permit comes with the return, so of many who wait exactly one becomes the probe and nobody is
        woken only to be refused.
        """
        while (permit := self._permit()) is None:
            # with a probe out only its end matters, otherwise the end of the open period does too
            longest = None if self._probing else self.retry_after
            changed = self._changed
            with contextlib.suppress(TimeoutError):
                async with asyncio.timeout(longest):
                    await changed.wait()
        return permit

    def _permit(self) -> Permit | None:
        if self._state is BreakerState.OPEN and self._clock() >= self._open_until:
            self._enter(BreakerState.HALF_OPEN, "open period is over")
        if self._state is BreakerState.OPEN or self._probing:
            return None
        if self._state is BreakerState.HALF_OPEN:
            self._probing = True
            self.counters.probes += 1
        self.counters.admitted += 1
        return Permit(self, self._era)

    def _succeeded(self, era: int) -> None:
        self.counters.succeeded += 1
        if not self._is_current(era):
            return
        if self._state is BreakerState.HALF_OPEN:
            self._enter(BreakerState.CLOSED, "probe succeeded")
        else:
            self._window.add(self._clock(), failed=False)
            self._open_if_too_many_failed()

    def _failed(self, era: int) -> None:
        self.counters.failed += 1
        if not self._is_current(era):
            return
        if self._state is BreakerState.HALF_OPEN:
            self._enter(BreakerState.OPEN, "probe failed")
        else:
            self._window.add(self._clock(), failed=True)
            self._open_if_too_many_failed()

    def _abandoned(self, era: int) -> None:
        self.counters.abandoned += 1
        if self._is_current(era) and self._state is BreakerState.HALF_OPEN:
            self._probing = False
            self._wake()

    def _is_current(self, era: int) -> bool:
        if era != self._era:
            self.counters.stale += 1
        return era == self._era

    def _open_if_too_many_failed(self) -> None:
        total, failed = self._window.counts(self._clock())
        if total >= self.policy.minimum_calls and failed >= self.policy.failure_ratio * total:
            self._enter(BreakerState.OPEN, f"{failed} of {total} calls failed")

    def _enter(self, new: BreakerState, reason: str) -> None:
        old, self._state = self._state, new
        self._era += 1
        self._probing = False
        open_for = 0.0
        if new is BreakerState.OPEN:
            open_for = self._next_open_period()
            self._open_until = self._clock() + open_for
            self.counters.opened += 1
        elif new is BreakerState.CLOSED:
            self._openings_in_a_row = 0
            self._window.clear()
            self.counters.closed += 1
        self._wake()
        if self._on_transition is not None:
            self._on_transition(Transition(self.name, old, new, reason, open_for))

    def _next_open_period(self) -> float:
        policy = self.policy
        period = policy.open_for
        for _ in range(self._openings_in_a_row):  # not a power: that would overflow after days of outage
            period = min(policy.open_cap, period * policy.open_growth)
            if period == policy.open_cap:
                break
        self._openings_in_a_row += 1
        return period * (1 - policy.jitter * self._chance())

    def _wake(self) -> None:
        """Lets everyone who waits look again; later waiters get an event of their own."""
        self._changed.set()
        self._changed = asyncio.Event()


class _Window:
    """Counts of the last `seconds` in buckets dropped whole; a bucket is [number, calls, failed calls]."""

    def __init__(self, seconds: float, buckets: int) -> None:
        self._width = seconds / buckets
        self._length = buckets
        self._buckets: list[list[int]] = []

    def add(self, now: float, *, failed: bool) -> None:
        number = int(now / self._width)
        if not self._buckets or self._buckets[-1][0] != number:
            self._buckets.append([number, 0, 0])
        self._buckets[-1][1] += 1
        self._buckets[-1][2] += failed

    def counts(self, now: float) -> tuple[int, int]:
        """(calls, failed calls) in the window that ends now."""
        oldest = int(now / self._width) - self._length + 1
        self._buckets = [bucket for bucket in self._buckets if bucket[0] >= oldest]
        return sum(b[1] for b in self._buckets), sum(b[2] for b in self._buckets)

    def clear(self) -> None:
        self._buckets.clear()
