"""The kit's own metrics: a metric is a function, its buckets beside it. Labels are bounded sets, never ids.

What is a state and not an event (a depth, an age, a breaker) is looked up when somebody asks: see `scraping`.
"""

from __future__ import annotations

import time
from collections.abc import Iterator
from contextlib import contextmanager
from functools import cache

from contracts.catalogue.service_levels import ServiceLevel, service_levels
from contracts.envelope import TYPE_PREFIX
from services.bus.kit.breaker import Transition
from services.bus.kit.http_errors import Attempt
from services.bus.kit.measuring import Count, Counter, Distribution, Histogram
from services.bus.kit.trace import current_traceparent

FAST = (0.001, 0.0025, 0.005, 0.01, 0.025, 0.05, 0.1, 0.25, 0.5, 1.0, 2.5, 5.0, 10.0)
SLOW = (*FAST, 30.0, 60.0, 300.0, 900.0, 86_400.0)
"""For what may wait: the last ones are the limits one may set on the lag, up to a day (domain 1.9)."""

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
_consumed = Counter("truc_axis_consumed_total", "Events taken from the axis", ("consumer", "outcome"))
_batch_size = Histogram(
    "truc_axis_batch_events",
    "Events a consumer committed together",
    ("consumer",),
    buckets=(1, 2, 5, 10, 20, 50, 100, 256),
)
_hop_seconds = Histogram(
    "truc_axis_hop_seconds", "From an event's time to its reaction committed", ("consumer",), buckets=SLOW
)
_call_seconds = Histogram(
    "truc_call_seconds", "One attempt of a call to another process", ("destination", "outcome"), buckets=FAST
)
_breaker_changes = Counter(
    "truc_breaker_changes_total", "A circuit breaker changed its state", ("destination", "to")
)
_level_events = Counter("truc_service_level_events_total", "Events a service level is about", ("level",))
_level_late = Counter(
    "truc_service_level_late_total", "Those that were done later than it promises, or never", ("level",)
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


def record_request(route: str, method: str, status: int, seconds: float, traceparent: str) -> None:
    """Routes are templates."""
    _requests_to(route, method if method in _METHODS else "other", status // 100).observe(seconds, traceparent)


def record_published(subject: str) -> None:
    _published_on(subject).inc()


def record_consumed(consumer: str, outcome: str, events: int = 1) -> None:
    """Outcomes: applied, duplicate, held, dead, unreadable."""
    _consumed_by(consumer, outcome).inc(events)


def record_batch(consumer: str, events: int) -> None:
    _batches_of(consumer).observe(events)


def record_hop(consumer: str, seconds: float, traceparent: str | None) -> None:
    _hops_to(consumer).observe(max(seconds, 0.0), traceparent)


def record_call(destination: str, method: str, attempt: Attempt) -> None:
    """Destinations come from configuration: a small set. Outcomes: a status, or the kind of failure."""
    _calls_to(destination, attempt.outcome).observe(attempt.seconds, current_traceparent())


def record_breaker(transition: Transition) -> None:
    _breaker_changes.labels(transition.breaker, transition.new.value).inc()


class LevelCount:
    """Counts the events of one service level where they are done, and those that were done too late."""

    __slots__ = ("_events", "_late", "_within_s")

    def __init__(self, level: ServiceLevel) -> None:
        self._within_s = level.within_s
        self._events, self._late = _level_events.labels(level.id), _level_late.labels(level.id)

    def done(self, seconds: float) -> None:
        """One was done, so long after it was due to begin."""
        self._events.inc()
        if seconds > self._within_s:
            self._late.inc()

    def never(self) -> None:
        """One will not be done by itself."""
        self._events.inc()
        self._late.inc()


def levels_of(consumer: str) -> dict[str, LevelCount]:
    """The service levels that are kept or broken at this consumer, by CloudEvents type. They count from zero as
    soon as they are asked for, so that the first event is an increase."""
    levels = [each for each in service_levels() if each.link.consumer == consumer]
    return {f"{TYPE_PREFIX}{each.link.type}.v1": LevelCount(each) for each in levels}


# Looking labels up costs as much as counting. Each of these is a small set.


@cache
def _requests_to(route: str, method: str, hundreds: int) -> Distribution:
    return _request_seconds.labels(route, method, f"{hundreds}xx")


@cache
def _published_on(subject: str) -> Count:
    return _published.labels(subject)


@cache
def _consumed_by(consumer: str, outcome: str) -> Count:
    return _consumed.labels(consumer, outcome)


@cache
def _hops_to(consumer: str) -> Distribution:
    return _hop_seconds.labels(consumer)


@cache
def _batches_of(consumer: str) -> Distribution:
    return _batch_size.labels(consumer)


@cache
def _calls_to(destination: str, outcome: str) -> Distribution:
    return _call_seconds.labels(destination, outcome)
