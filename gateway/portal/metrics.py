"""The portal's metrics: a metric is a function, its buckets beside it. Labels are bounded sets, never ids."""

from __future__ import annotations

from functools import cache

from contracts.portal import Verb
from services.bus.kit.measuring import Count, Counter, Distribution, Histogram

_BUCKETS = (0.001, 0.0025, 0.005, 0.01, 0.025, 0.05, 0.1, 0.25, 0.5, 1.0, 2.5, 5.0, 10.0)
_VERBS = {each.value for each in Verb} | {"login"}

_call_seconds = Histogram(
    "truc_portal_call_seconds",
    "A call of the wire, first byte in to answer ready",
    ("verb",),
    buckets=_BUCKETS,
)
_replies = Counter("truc_portal_replies_total", "Replies on the wire", ("verb", "error_code"))
_faults = Counter("truc_portal_faults_total", "Faults injected on purpose", ("fault",))


def record_call(verb: object, error_code: str | int, seconds: float, traceparent: str | None) -> str:
    """One answered call; returns what its verb counts as: one that does not exist as `unknown`."""
    name = verb if isinstance(verb, str) and verb in _VERBS else "unknown"
    histogram, counter = _of_call(name, str(error_code))
    histogram.observe(seconds, traceparent)
    counter.inc()
    return name


@cache
def _of_call(verb: str, error_code: str) -> tuple[Distribution, Count]:
    """Looking labels up costs as much as counting."""
    return _call_seconds.labels(verb), _replies.labels(verb, error_code)


def record_fault(fault: str) -> None:
    """One injected fault."""
    _faults.labels(fault).inc()
