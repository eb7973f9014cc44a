"""The breaker under a clock of the test's own, and under random walks: never two probes, never wedged."""

from __future__ import annotations

import asyncio

import pytest
from hypothesis import settings
from hypothesis import strategies as st
from hypothesis.stateful import Bundle, RuleBasedStateMachine, consumes, invariant, multiple, rule

from services.bus.kit.breaker import (
    Breaker,
    BreakerOpenError,
    BreakerPolicy,
    BreakerState,
    Permit,
    Transition,
)

POLICY = BreakerPolicy(
    window=10, buckets=10, minimum_calls=4, failure_ratio=0.5, open_for=1, open_growth=2, open_cap=8, jitter=0
)


class Hand:
    """A monotonic clock moved by hand."""

    def __init__(self) -> None:
        self.now = 1000.0

    def __call__(self) -> float:
        return self.now


def state_of(breaker: Breaker) -> str:
    return breaker.state.value


def breaker_with(clock: Hand, policy: BreakerPolicy = POLICY) -> tuple[Breaker, list[Transition]]:
    seen: list[Transition] = []
    return Breaker("portal", policy, clock=clock, on_transition=seen.append), seen


def opened(clock: Hand, policy: BreakerPolicy = POLICY) -> Breaker:
    breaker, _ = breaker_with(clock, policy)
    for _ in range(policy.minimum_calls):
        breaker.admit().failed()
    assert state_of(breaker) == "open"
    return breaker


def test_opens_at_the_ratio_but_not_below_the_minimum_of_calls() -> None:
    breaker, seen = breaker_with(Hand())
    for _ in range(3):
        breaker.admit().failed()
    assert state_of(breaker) == "closed"
    breaker.admit().failed()
    assert state_of(breaker) == "open"
    assert [(t.old, t.new, t.open_for) for t in seen] == [(BreakerState.CLOSED, BreakerState.OPEN, 1)]
    assert "4 of 4" in seen[0].reason
    with pytest.raises(BreakerOpenError) as refusal:
        breaker.admit()
    assert refusal.value.retry_after == pytest.approx(1)
    assert breaker.counters.refused == 1


def test_mostly_healthy_stays_closed() -> None:
    breaker, _ = breaker_with(Hand())
    for n in range(100):
        permit = breaker.admit()
        permit.failed() if n % 3 == 2 else permit.succeeded()
    assert state_of(breaker) == "closed"
    assert breaker.counters.admitted == 100


def test_old_failures_roll_out_of_the_window() -> None:
    clock = Hand()
    breaker, _ = breaker_with(clock)
    for _ in range(3):
        breaker.admit().failed()
    clock.now += 10
    breaker.admit().failed()  # the fourth failure, but the first within ten seconds
    assert state_of(breaker) == "closed"
    clock.now += 5
    for _ in range(3):
        breaker.admit().failed()
    assert state_of(breaker) == "open"


def test_one_probe_everyone_else_is_refused_then_it_closes() -> None:
    clock = Hand()
    breaker = opened(clock)
    clock.now += 1
    with breaker.admit():
        assert state_of(breaker) == "half_open"
        for _ in range(5):
            with pytest.raises(BreakerOpenError):
                breaker.admit()
    assert state_of(breaker) == "closed"
    assert (breaker.counters.probes, breaker.counters.refused) == (1, 5)
    breaker.admit().failed()  # the window starts empty: one failure does not open it again
    assert state_of(breaker) == "closed"


def test_open_periods_grow_to_the_cap_and_start_small_after_a_recovery() -> None:
    clock = Hand()
    breaker = opened(clock)
    periods = []
    for _ in range(6):
        periods.append(breaker.retry_after)
        clock.now += breaker.retry_after
        breaker.admit().failed()
    assert periods == pytest.approx([1, 2, 4, 8, 8, 8])
    clock.now += breaker.retry_after
    breaker.admit().succeeded()
    for _ in range(4):
        breaker.admit().failed()
    assert breaker.retry_after == pytest.approx(1)


@pytest.mark.parametrize(("chance", "period"), [(0.0, 8.0), (1.0, 6.0)])
def test_jitter_only_shortens_so_the_cap_holds(chance: float, period: float) -> None:
    policy = BreakerPolicy(minimum_calls=1, open_for=8, open_cap=8, jitter=0.25)
    breaker = Breaker("portal", policy, clock=Hand(), chance=lambda: chance)
    breaker.admit().failed()
    assert breaker.retry_after == pytest.approx(period)


def test_an_answer_from_an_earlier_era_changes_nothing() -> None:
    clock = Hand()
    breaker, _ = breaker_with(clock)
    slow_failure, slow_success = breaker.admit(), breaker.admit()
    for _ in range(4):
        breaker.admit().failed()
    clock.now += 1
    probe = breaker.admit()
    slow_success.succeeded()
    slow_failure.failed()
    assert state_of(breaker) == "half_open"
    assert breaker.counters.stale == 2
    probe.succeeded()
    assert state_of(breaker) == "closed"


def test_only_the_first_outcome_of_a_permit_counts() -> None:
    breaker, _ = breaker_with(Hand())
    with breaker.admit() as permit:
        permit.failed()
        permit.failed()
        permit.succeeded()
    assert (breaker.counters.failed, breaker.counters.succeeded) == (1, 0)


def test_an_exception_is_a_failure_a_cancellation_is_not() -> None:
    breaker, _ = breaker_with(Hand())
    with pytest.raises(OSError), breaker.admit():
        raise OSError
    with pytest.raises(asyncio.CancelledError), breaker.admit():
        raise asyncio.CancelledError
    assert (breaker.counters.failed, breaker.counters.abandoned) == (1, 1)


@pytest.mark.parametrize(
    "wrong", [{"window": 0}, {"failure_ratio": 0}, {"jitter": 1}, {"open_for": 9, "open_cap": 8}]
)
def test_a_policy_that_makes_no_sense_is_refused(wrong: dict[str, float]) -> None:
    with pytest.raises(ValueError, match="must be"):
        BreakerPolicy(**wrong)  # type: ignore[arg-type]


QUICK = BreakerPolicy(minimum_calls=1, open_for=0.03, open_cap=0.03, jitter=0)


@pytest.mark.anyio
async def test_of_many_who_wait_one_probes_and_its_success_lets_all_through() -> None:
    breaker = Breaker("portal", QUICK)
    breaker.admit().failed()
    inside = 0
    most_while_half_open = 0

    async def call() -> None:
        nonlocal inside, most_while_half_open
        with await breaker.wait_until_allowed():
            inside += 1
            if state_of(breaker) == "half_open":
                most_while_half_open = max(most_while_half_open, inside)
            await asyncio.sleep(0)
            inside -= 1

    async with asyncio.timeout(5):
        await asyncio.gather(*(call() for _ in range(50)))
    assert most_while_half_open == 1
    assert (breaker.counters.probes, breaker.counters.refused, breaker.counters.succeeded) == (1, 0, 50)


@pytest.mark.anyio
async def test_waiting_ends_only_after_the_open_period_and_a_failed_probe_waits_again() -> None:
    breaker = Breaker("portal", QUICK)
    breaker.admit().failed()
    loop = asyncio.get_running_loop()
    began = loop.time()
    async with asyncio.timeout(5):
        (await breaker.wait_until_allowed()).failed()
        (await breaker.wait_until_allowed()).succeeded()
    assert loop.time() - began >= 0.06
    assert breaker.counters.opened == 2


@pytest.mark.anyio
async def test_a_cancelled_probe_hands_the_slot_to_one_who_waits() -> None:
    breaker = Breaker("portal", QUICK)
    breaker.admit().failed()
    probing = asyncio.Event()

    async def hang() -> None:
        with await breaker.wait_until_allowed():
            probing.set()
            await asyncio.Event().wait()

    async with asyncio.timeout(5):
        probe = asyncio.create_task(hang())
        await probing.wait()
        waiter = asyncio.create_task(breaker.wait_until_allowed())
        while not waiter.done() and probe in asyncio.all_tasks():
            probe.cancel()
            await asyncio.sleep(0)
        with await waiter:
            assert state_of(breaker) == "half_open"
    assert state_of(breaker) == "closed"
    assert (breaker.counters.probes, breaker.counters.abandoned) == (2, 1)


@pytest.mark.anyio
async def test_a_cancelled_waiter_takes_no_slot_with_it() -> None:
    breaker = Breaker("portal", QUICK)
    breaker.admit().failed()
    waiters = [asyncio.create_task(breaker.wait_until_allowed()) for _ in range(10)]
    await asyncio.sleep(0)
    for waiter in waiters:
        waiter.cancel()
    await asyncio.gather(*waiters, return_exceptions=True)
    async with asyncio.timeout(5):
        with await breaker.wait_until_allowed():
            pass
    assert state_of(breaker) == "closed"


class BreakerWalk(RuleBasedStateMachine):
    """Random calls, outcomes, cancellations and pauses against the rules every breaker must keep."""

    permits = Bundle("permits")

    def __init__(self) -> None:
        super().__init__()
        self.clock = Hand()
        self.seen: list[Transition] = []
        self.breaker = Breaker(
            "walk", POLICY, clock=self.clock, chance=lambda: 0.5, on_transition=self.seen.append
        )
        self.probe: Permit | None = None

    @rule(target=permits)
    def ask(self) -> object:
        expected_probe = self.breaker.state is not BreakerState.CLOSED
        may = self.breaker.retry_after == 0 and self.probe is None
        try:
            permit = self.breaker.admit()
        except BreakerOpenError:
            assert not may, "refused although nothing stands in the way: wedged"
            return multiple()
        assert may, "let through although open, or beside another probe"
        if expected_probe:
            self.probe = permit
        return permit

    @rule(permit=consumes(permits))
    def succeed(self, permit: Permit) -> None:
        permit.succeeded()
        self._ended(permit, BreakerState.CLOSED)

    @rule(permit=consumes(permits))
    def fail(self, permit: Permit) -> None:
        permit.failed()
        self._ended(permit, BreakerState.OPEN)

    @rule(permit=consumes(permits))
    def cancel(self, permit: Permit) -> None:
        with pytest.raises(asyncio.CancelledError), permit:
            raise asyncio.CancelledError
        self._ended(permit, BreakerState.HALF_OPEN)

    @rule(seconds=st.floats(min_value=0.01, max_value=12))
    def pause(self, seconds: float) -> None:
        self.clock.now += seconds

    def _ended(self, permit: Permit, then: BreakerState) -> None:
        if permit is self.probe:
            self.probe = None
            assert self.breaker.state is then
        elif self.probe is not None:
            assert state_of(self.breaker) == "half_open", "a stale answer ended the probe's era"

    @invariant()
    def a_probe_is_out_only_while_half_open(self) -> None:
        if self.probe is not None:
            assert state_of(self.breaker) == "half_open"

    @invariant()
    def transitions_follow_the_drawing(self) -> None:
        legal = {("closed", "open"), ("open", "half_open"), ("half_open", "closed"), ("half_open", "open")}
        assert {(t.old.value, t.new.value) for t in self.seen} <= legal
        for before, after in zip(self.seen, self.seen[1:], strict=False):
            assert before.new is after.old

    @invariant()
    def every_permit_is_accounted_for(self) -> None:
        counters = self.breaker.counters
        assert counters.succeeded + counters.failed + counters.abandoned <= counters.admitted
        assert counters.opened == sum(t.new is BreakerState.OPEN for t in self.seen)
        assert all(0 < t.open_for <= POLICY.open_cap for t in self.seen if t.new is BreakerState.OPEN)


TestBreakerWalk = BreakerWalk.TestCase
TestBreakerWalk.settings = settings(max_examples=150, stateful_step_count=40, deadline=None)
