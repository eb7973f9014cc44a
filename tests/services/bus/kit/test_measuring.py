"""Counters and histograms of our own: the numbers prometheus-client shows, bounded, for a fraction of the cost."""

from __future__ import annotations

import random
import time
from collections.abc import Callable

import pytest
from prometheus_client import CollectorRegistry, generate_latest
from prometheus_client import Counter as TheirCounter
from prometheus_client import Histogram as TheirHistogram
from prometheus_client.openmetrics.exposition import generate_latest as openmetrics

from services.bus.kit.measuring import MOST_SETS, OTHER, Counter, Histogram

BOUNDS = (0.001, 0.01, 0.1, 1.0)
TRACEPARENT = "00-0af7651916cd43dd8448eb211c80319c-b7ad6b7169203331-01"


def shown(registry: CollectorRegistry) -> list[str]:
    lines = generate_latest(registry).decode().splitlines()
    return sorted(line for line in lines if "_created" not in line)


def test_they_show_what_prometheus_client_shows() -> None:
    ours, theirs = CollectorRegistry(), CollectorRegistry()
    histogram = Histogram("t_seconds", "Times", ("kind",), buckets=BOUNDS, registry=ours)
    their_histogram = TheirHistogram("t_seconds", "Times", ("kind",), buckets=BOUNDS, registry=theirs)
    counter = Counter("t_total", "Things", ("kind",), registry=ours)
    their_counter = TheirCounter("t", "Things", ("kind",), registry=theirs)
    chance = random.Random(1)
    for _ in range(1_000):
        kind, value = chance.choice("ab"), chance.choice([*BOUNDS, chance.expovariate(10)])
        histogram.labels(kind).observe(value)
        their_histogram.labels(kind).observe(value)
        counter.labels(kind).inc(2)
        their_counter.labels(kind).inc(2)
    assert shown(ours) == shown(theirs)


def test_without_labels_they_are_there_from_the_beginning() -> None:
    registry = CollectorRegistry()
    Counter("t_total", "Things", registry=registry).inc()
    Histogram("t_seconds", "Times", buckets=BOUNDS, registry=registry).observe(0.5)
    Counter("never_total", "Things", registry=registry)
    assert {"t_total 1.0", "t_seconds_count 1.0", "never_total 0.0"} <= set(shown(registry))


def test_an_exemplar_names_the_trace_of_the_last_value_in_its_bucket() -> None:
    registry = CollectorRegistry()
    histogram = Histogram("t_seconds", "Times", buckets=BOUNDS, registry=registry)
    histogram.observe(0.05, TRACEPARENT.replace("0af7", "1111"))
    histogram.observe(0.06, TRACEPARENT)
    histogram.observe(5.0, "Nguyễn Văn An, 052090000123, which is no traceparent at all!")
    lines = openmetrics(registry).decode().splitlines()
    [with_exemplar] = [line for line in lines if "#" in line[1:]]
    assert with_exemplar.startswith(
        't_seconds_bucket{le="0.1"} 2.0 # {trace_id="0af7651916cd43dd8448eb211c80319c"} 0.06'
    )


def test_label_sets_are_bounded_by_force() -> None:
    registry = CollectorRegistry()
    counter = Counter("t_total", "Things", ("a", "b"), registry=registry)
    for number in range(MOST_SETS + 100):
        counter.labels(f"x{number}", "y").inc()
    lines = [line for line in shown(registry) if line.startswith("t_total{")]
    assert len(lines) == MOST_SETS + 1
    assert f't_total{{a="{OTHER}",b="{OTHER}"}} 100.0' in lines


def test_a_wrong_number_of_labels_is_a_fault() -> None:
    counter = Counter("t_total", "Things", ("a", "b"), registry=CollectorRegistry())
    with pytest.raises(ValueError, match="labels"):
        counter.labels("a")


def best(action: Callable[[], None], times: int = 20_000) -> float:
    """Seconds of one, in the best of five rounds."""
    found = []
    for _ in range(5):
        began = time.perf_counter()
        for _ in range(times):
            action()
        found.append((time.perf_counter() - began) / times)
    return min(found)


def test_they_cost_less_than_half() -> None:
    ours = Histogram("t_seconds", "Times", ("k",), buckets=BOUNDS, registry=CollectorRegistry()).labels("a")
    theirs = TheirHistogram("t_seconds", "Times", ("k",), buckets=BOUNDS, registry=CollectorRegistry()).labels("a")
    seen = {"trace_id": TRACEPARENT[3:35]}
    mine, other = best(lambda: ours.observe(0.5, TRACEPARENT)), best(lambda: theirs.observe(0.5, seen))
    assert mine < other / 2, f"{mine * 1e6:.2f} against {other * 1e6:.2f} microseconds"
