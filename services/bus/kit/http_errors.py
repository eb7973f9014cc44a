"""How a call to another process can fail, for the caller to branch on by class and never by text.

    CallError                   what was tried: `attempts`; `maybe_done`: the destination may have acted on it
    |-- RefusedError            it answered 3xx or 4xx: sending the same again brings the same   `response`
    +-- UnavailableError        may succeed later: `retry_after` seconds, where known
        |-- NotSentError        this attempt never left
        |   |-- CircuitOpenError    the breaker refused: the destination was failing a moment ago
        |   |-- PoolExhaustedError  every connection of ours is in use
        |   +-- NoTokenError        the hub gave no token
        |-- NoAnswerError       connection refused, reset, timed out, or the answer was unreadable
        +-- FaultyAnswerError   it answered 5xx or 429                                           `response`

Messages name method, destination and outcomes, never a path, query or body: those may name a citizen.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

import httpx


@dataclass(frozen=True, slots=True)
class Attempt:
    """One try: `started` is in seconds since the call began; `outcome` is a status or the kind of failure.

    `maybe_done`: the request left and no answer rules out that the destination acted on it.
    """

    started: float
    seconds: float
    outcome: str
    maybe_done: bool


class CallError(Exception):
    """A call that brought no usable answer."""

    def __init__(self, method: str, destination: str, attempts: Sequence[Attempt], reason: str) -> None:
        self.method = method
        self.destination = destination
        self.attempts = tuple(attempts)
        self.reason = reason
        super().__init__(method, destination, reason)

    @property
    def maybe_done(self) -> bool:
        """Whether any attempt may have taken effect, so that repeating needs an idempotent request."""
        return any(attempt.maybe_done for attempt in self.attempts)

    def __str__(self) -> str:
        tried = ", ".join(f"{attempt.outcome} in {attempt.seconds:.3f} s" for attempt in self.attempts)
        return f"{self.method} {self.destination}: {self.reason} (tried: {tried or 'nothing'})"


class RefusedError(CallError):
    """The destination understood and said no."""

    def __init__(
        self, method: str, destination: str, attempts: Sequence[Attempt], response: httpx.Response
    ) -> None:
        super().__init__(method, destination, attempts, f"refused with {response.status_code}")
        self.response = response

    @property
    def status(self) -> int:
        return self.response.status_code


class UnavailableError(CallError):
    """No answer that settles the matter; the same call may succeed later."""

    retry_after: float | None = None


class NotSentError(UnavailableError):
    """The last attempt was given up before a byte left this process."""


class CircuitOpenError(NotSentError):
    """The breaker of this destination is open, or its one probe is out."""


class PoolExhaustedError(NotSentError):
    """No connection became free in time: this process asks for more than its pool holds."""


class NoTokenError(NotSentError):
    """The call needs a token and the hub gave none; the cause says why."""


class NoAnswerError(UnavailableError):
    """Transport failed, or the time for the whole call ran out."""


class FaultyAnswerError(UnavailableError):
    """The destination answered that it is ill or overloaded."""

    def __init__(
        self, method: str, destination: str, attempts: Sequence[Attempt], response: httpx.Response
    ) -> None:
        super().__init__(method, destination, attempts, f"answered {response.status_code}")
        self.response = response

    @property
    def status(self) -> int:
        return self.response.status_code
