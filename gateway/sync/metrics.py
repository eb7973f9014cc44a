"""The sync worker's metrics: a metric is a function, its buckets beside it. Labels are bounded sets."""

from __future__ import annotations

from functools import cache

from prometheus_client import Counter, Gauge, Histogram

from services.bus.kit.breaker import BreakerState

_CALLS = (0.001, 0.0025, 0.005, 0.01, 0.025, 0.05, 0.1, 0.25, 0.5, 1.0, 2.5, 5.0, 10.0, 30.0, 60.0)
_HOPS = (*_CALLS, 300.0, 900.0, 86_400.0)
"""The last ones are the limits one may set on the lag: 5 and 15 minutes, a day (domain 1.9)."""

_STATES = {BreakerState.CLOSED: 0, BreakerState.HALF_OPEN: 1, BreakerState.OPEN: 2}

_hop_seconds = Histogram("truc_sync_hop_seconds", "One hop of a status on its way", ("hop",), buckets=_HOPS)
_hops = {hop: _hop_seconds.labels(hop) for hop in ("relay", "axis", "queue", "portal", "total")}
_calls = Counter("truc_sync_calls_total", "Calls to the portal by how they ended", ("verb", "outcome"))
_call_seconds = Histogram("truc_sync_call_seconds", "One call to the portal", ("verb",), buckets=_CALLS)
_acknowledged = Counter("truc_sync_statuses_acknowledged_total", "Statuses the portal has acknowledged")
_letters = Counter("truc_sync_dead_letters_total", "Calls the portal refused for their content", ("verb",))
_lanes = Gauge("truc_sync_lanes", "Dossiers by what their lane is doing", ("state",))
_backlog = Gauge("truc_sync_backlog_statuses", "Statuses the portal has not acknowledged yet")
_breaker = Gauge("truc_sync_breaker_state", "0 closed, 1 half open, 2 open")
_requests = Counter("truc_sync_citizen_requests_total", "Requests of citizens taken from the portal", ("kind",))


def record_hop(hop: str, seconds: float) -> None:
    """Hops: relay (commit to broker), axis (broker to sync), queue (sync to sent), portal (sent to
    acknowledged), total (commit to acknowledged)."""
    _hops[hop].observe(max(seconds, 0.0))


def record_call(verb: str, outcome: str, seconds: float) -> None:
    """Outcomes: delivered, exists, unknown, session, refused, and the kinds of trouble."""
    counter, histogram = _of_call(verb, outcome)
    counter.inc()
    histogram.observe(seconds)


@cache
def _of_call(verb: str, outcome: str) -> tuple[Counter, Histogram]:
    """Looking labels up costs as much as counting."""
    return _calls.labels(verb, outcome), _call_seconds.labels(verb)


def record_acknowledged(statuses: int) -> None:
    _acknowledged.inc(statuses)


def record_letter(verb: str) -> None:
    _letters.labels(verb).inc()


def record_request(kind: str) -> None:
    _requests.labels(kind).inc()


def set_lanes(ready: int, sending: int, pausing: int, parked: int, backlog: int) -> None:
    """Ready: its turn is to come. Pausing: waits before another try. Parked: behind a dead letter."""
    for state, number in (("ready", ready), ("sending", sending), ("pausing", pausing), ("parked", parked)):
        _lanes.labels(state).set(number)
    _backlog.set(backlog)


def set_breaker(state: BreakerState) -> None:
    _breaker.set(_STATES[state])
