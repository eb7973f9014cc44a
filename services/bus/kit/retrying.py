"""When a failed call may be tried again, and after how long: the numbers and rules behind `HttpClient`.

Retries heal a hiccup and feed an outage, so three limits hold at once: attempts and time per call, and a
budget per destination that lets retries be only a share of the calls. Nothing here sends anything.
"""

from __future__ import annotations

import random
from collections.abc import Callable
from dataclasses import dataclass
from datetime import UTC, datetime
from email.utils import parsedate_to_datetime

from tenacity import RetryCallState, stop_after_attempt, stop_any, stop_before_delay
from tenacity.stop import stop_base
from tenacity.wait import wait_base, wait_random_exponential

from services.bus.kit.http_errors import UnavailableError

RETRYABLE_STATUS = frozenset({429, 502, 503, 504})
"""Statuses that a later attempt can turn into success (RFC 9110 15.6, RFC 6585 4)."""

IDEMPOTENT_METHODS = frozenset({"GET", "HEAD", "OPTIONS", "PUT", "DELETE"})
"""Methods that may be repeated without asking (RFC 9110 9.2.2)."""


@dataclass(frozen=True, slots=True)
class RetryPolicy:
    """Limits of one call. Seconds, except `attempts` (the first one included), `share` and `burst` (retries).

    `budget` bounds the whole call, sleeps included. Over time a destination sees at most `share` retries per
    call; `burst` of them may be spent at once.
    """

    attempts: int = 4
    budget: float = 15.0
    first_wait: float = 0.05
    longest_wait: float = 3.0
    share: float = 0.2
    burst: float = 10.0


class RetryBudget:
    """A token bucket filled by calls, not by time: a call earns `share` of a retry, a retry spends one."""

    def __init__(self, share: float, burst: float) -> None:
        self._share = share
        self._burst = burst
        self._left = burst

    def earn(self) -> None:
        self._left = min(self._burst, self._left + self._share)

    def spend(self) -> bool:
        """Whether there was a retry left; if so it is used up."""
        if self._left < 1:
            return False
        self._left -= 1
        return True


class BackoffOrAsTold(wait_base):
    """Exponential backoff with full jitter; a Retry-After is honoured and jittered upwards only."""

    def __init__(self, policy: RetryPolicy) -> None:
        self._first = policy.first_wait
        self._jittered = wait_random_exponential(multiplier=policy.first_wait, max=policy.longest_wait)

    def __call__(self, retry_state: RetryCallState) -> float:
        error = retry_state.outcome.exception() if retry_state.outcome else None
        if isinstance(error, UnavailableError) and error.retry_after is not None:
            return error.retry_after + random.uniform(0, self._first)
        return self._jittered(retry_state)


class _NoRetryLeft(stop_base):
    def __init__(self, retries: RetryBudget) -> None:
        self._retries = retries

    def __call__(self, retry_state: RetryCallState) -> bool:
        return not self._retries.spend()


def give_up(policy: RetryPolicy, budget: float, retries: RetryBudget) -> stop_base:
    """Stops before an attempt too many, before the time is over, or when the retries are used up.

    The order matters: a retry is taken from the budget only when nothing else forbids it.
    """

    return stop_any(stop_after_attempt(policy.attempts), stop_before_delay(budget), _NoRetryLeft(retries))


def retry_after(value: str | None, now: Callable[[], datetime] = lambda: datetime.now(UTC)) -> float | None:
    """Seconds a Retry-After header asks for, in either form (RFC 9110 10.2.3); None if it says nothing."""
    if value is None:
        return None
    text = value.strip()
    if text.isascii() and text.isdigit():
        return float(text[:9])
    try:
        at = parsedate_to_datetime(text)
    except (ValueError, OverflowError):
        return None
    if at.tzinfo is None:  # the obsolete forms carry no zone and mean GMT
        at = at.replace(tzinfo=UTC)
    return max(0.0, (at - now()).total_seconds())
