"""The sync worker's metrics: a metric is a function, its buckets beside it. Labels are bounded sets."""

from __future__ import annotations

from collections.abc import Mapping
from functools import cache

from prometheus_client import Gauge

from contracts.portal import Verb
from gateway.sync.reconcile.compare import Kind
from services.bus.kit.measuring import Count, Counter, Distribution, Histogram
from services.bus.kit.metrics import LevelCount, levels_of

_CALLS = (0.001, 0.0025, 0.005, 0.01, 0.025, 0.05, 0.1, 0.25, 0.5, 1.0, 2.5, 5.0, 10.0, 30.0, 60.0)
_HOPS = (*_CALLS, 300.0, 900.0, 86_400.0)
"""The last ones are the limits one may set on the lag: 5 and 15 minutes, a day (domain 1.9)."""
_OF_STATUSES = {Verb.SYNC_DOSSIERS.value, Verb.UPDATE_PROGRESS.value}

_hop_seconds = Histogram("truc_sync_hop_seconds", "One hop of a status on its way", ("hop",), buckets=_HOPS)
_hops = {hop: _hop_seconds.labels(hop) for hop in ("relay", "axis", "queue", "portal", "total")}
_calls = Counter("truc_sync_calls_total", "Calls to the portal by how they ended", ("verb", "outcome"))
_call_seconds = Histogram("truc_sync_call_seconds", "One call to the portal", ("verb",), buckets=_CALLS)
_acknowledged = Counter("truc_sync_statuses_acknowledged_total", "Statuses the portal has acknowledged")
_letters = Counter("truc_sync_dead_letters_total", "Calls the portal refused for their content", ("verb",))
_lanes = Gauge("truc_sync_lanes", "Dossiers by what their lane is doing", ("state",))
_backlog = Gauge("truc_sync_backlog_statuses", "Statuses the portal has not acknowledged yet")
_oldest = Gauge("truc_sync_oldest_seconds", "Age of the oldest status the portal lacks, parked ones aside")
_open = Gauge("truc_sync_open_letters", "Dead letters nobody has dealt with, among the newest twenty thousand")
_differences = Gauge(
    "truc_reconciliation_differences",
    "Differences between province, axis and portal known now, by kind",
    ("kind",),
)
_reconciled_at = Gauge(
    "truc_reconciliation_finished_seconds", "When all dossiers had last been compared, since 1970"
)
_levels = levels_of("portal")
_requests = Counter("truc_sync_citizen_requests_total", "Requests of citizens taken from the portal", ("kind",))


def record_hop(hop: str, seconds: float, traceparent: str | None = None) -> None:
    """Hops: relay (commit to broker), axis (broker to sync), queue (sync to sent), portal (sent to
    acknowledged), total (commit to acknowledged)."""
    _hops[hop].observe(max(seconds, 0.0), traceparent)


def record_call(verb: str, outcome: str, seconds: float, traceparent: str | None = None) -> None:
    """Outcomes: delivered, exists, unknown, session, refused, and the kinds of trouble."""
    counter, histogram = _of_call(verb, outcome)
    counter.inc()
    histogram.observe(seconds, traceparent)


@cache
def _of_call(verb: str, outcome: str) -> tuple[Count, Distribution]:
    """Looking labels up costs as much as counting."""
    return _calls.labels(verb, outcome), _call_seconds.labels(verb)


def record_acknowledged(seconds: float) -> None:
    """One status, so long after its commit."""
    _acknowledged.inc()
    level = _level_of_statuses()
    if level is not None:
        level.done(seconds)


def record_letter(verb: str) -> None:
    """A call the portal refused for its content: what it was about will not be seen there by itself."""
    _letters.labels(verb).inc()
    level = _level_of_statuses()
    if level is not None and verb in _OF_STATUSES:
        level.never()


def record_request(kind: str) -> None:
    _requests.labels(kind).inc()


def set_lanes(ready: int, sending: int, pausing: int, parked: int, backlog: int) -> None:
    """Ready: its turn is to come. Pausing: waits before another try. Parked: behind a dead letter."""
    for state, number in (("ready", ready), ("sending", sending), ("pausing", pausing), ("parked", parked)):
        _lanes.labels(state).set(number)
    _backlog.set(backlog)


def set_standing(oldest_s: float, open_letters: int) -> None:
    _oldest.set(oldest_s)
    _open.set(open_letters)


def set_compared(finished_at: float | None, differences: Mapping[str, int]) -> None:
    """What the continuous comparison knows, and when it had last been through all dossiers."""
    if finished_at is not None:
        _reconciled_at.set(finished_at)
    for kind in Kind:
        _differences.labels(kind.value).set(differences.get(kind.value, 0))


def forget_standing() -> None:
    """Nothing is known at the moment."""
    for gauge in (_oldest, _open, _reconciled_at):
        gauge.set(float("nan"))
    _differences.clear()


@cache
def _level_of_statuses() -> LevelCount | None:
    return next(iter(_levels.values()), None)
