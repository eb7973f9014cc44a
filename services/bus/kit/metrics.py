"""The kit's own metrics: a metric is a function, its buckets beside it. Labels are bounded sets, never ids."""

from __future__ import annotations

import time
from collections.abc import Iterator
from contextlib import contextmanager
from functools import cache

from prometheus_client import Counter, Gauge, Histogram

from services.bus.kit.breaker import Transition
from services.bus.kit.http_errors import Attempt

FAST = (0.001, 0.0025, 0.005, 0.01, 0.025, 0.05, 0.1, 0.25, 0.5, 1.0, 2.5, 5.0, 10.0)

_METHODS = {"GET", "HEAD", "POST", "PUT", "PATCH", "DELETE", "OPTIONS"}

_commit_seconds = Histogram("truc_commit_seconds", "One group commit, start to durable", buckets=FAST)
_commit_size = Histogram(
    "truc_commit_commands", "Commands in one group commit", buckets=(1, 2, 5, 10, 20, 50, 100, 200, 500)
)
_spoiled = Counter("truc_commit_spoiled_total", "Batches rolled back and run again one by one")
_request_seconds = Histogram(
    "truc_http_request_seconds",
    "A request, first byte in to last byte out",
    ("route", "method", "status"),
    buckets=FAST,
)
_published = Counter("truc_axis_published_total", "Events the broker has acknowledged", ("subject",))
_outbox_waiting = Gauge("truc_axis_outbox_waiting", "Events committed here and not yet acknowledged by the broker")
_consumed = Counter("truc_axis_consumed_total", "Events taken from the axis", ("consumer", "outcome"))
_hop_seconds = Histogram(
    "truc_axis_hop_seconds", "From an event's time to its reaction committed", ("consumer",), buckets=FAST
)
_call_seconds = Histogram(
    "truc_call_seconds", "One attempt of a call to another process", ("destination", "outcome"), buckets=FAST
)
_breaker_changes = Counter(
    "truc_breaker_changes_total", "A circuit breaker changed its state", ("destination", "to")
)


@contextmanager
def commit_timer(commands: int) -> Iterator[None]:
    """Time one group commit of `commands` commands."""
    started = time.perf_counter()
    try:
        yield
    finally:
        _commit_seconds.observe(time.perf_counter() - started)
        _commit_size.observe(commands)


def batch_spoiled() -> None:
    _spoiled.inc()


def record_request(route: str, method: str, status: int, seconds: float) -> None:
    _requests_to(route, method if method in _METHODS else "other", status // 100).observe(seconds)


def record_published(subject: str) -> None:
    _published_on(subject).inc()


def set_outbox_waiting(events: int) -> None:
    _outbox_waiting.set(events)


def record_consumed(consumer: str, outcome: str, events: int = 1) -> None:
    """Outcomes: applied, duplicate, held, dead, unreadable."""
    _consumed_by(consumer, outcome).inc(events)


def record_hop(consumer: str, seconds: float) -> None:
    _hops_to(consumer).observe(max(seconds, 0.0))


def record_call(destination: str, method: str, attempt: Attempt) -> None:
    """Destinations come from configuration: a small set. Outcomes: a status, or the kind of failure."""
    _call_seconds.labels(destination, attempt.outcome).observe(attempt.seconds)


def record_breaker(transition: Transition) -> None:
    _breaker_changes.labels(transition.breaker, transition.new.value).inc()


# Looking labels up costs as much as counting. Each of these is a small set.


@cache
def _requests_to(route: str, method: str, hundreds: int) -> Histogram:
    return _request_seconds.labels(route, method, f"{hundreds}xx")


@cache
def _published_on(subject: str) -> Counter:
    return _published.labels(subject)


@cache
def _consumed_by(consumer: str, outcome: str) -> Counter:
    return _consumed.labels(consumer, outcome)


@cache
def _hops_to(consumer: str) -> Histogram:
    return _hop_seconds.labels(consumer)
