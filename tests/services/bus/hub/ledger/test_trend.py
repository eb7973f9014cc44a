"""Trends: reached when something happens, left when it is over, and no flicker between."""

from __future__ import annotations

from itertools import pairwise

import pytest

from services.bus.hub.ledger.trend import Sample, Trend, next_trend


def verdicts(samples: list[Sample]) -> list[str]:
    trend, seen, found = Trend(), [], []
    for sample in samples:
        seen.append(sample)
        trend = next_trend(trend, seen[-20:])
        found.append(trend.verdict)
    return found


def ages(*stretches: tuple[int, float, float], done: int = 5) -> list[Sample]:
    """Stretches of (seconds, from age, to age)."""
    found = []
    for seconds, begin, end in stretches:
        found += [Sample(begin + (end - begin) * number / seconds, done) for number in range(seconds)]
    return found


def test_an_idle_link_is_steady() -> None:
    assert set(verdicts(ages((60, 0, 0), done=0))) == {"steady"}


def test_a_link_that_is_busy_and_keeps_up_is_steady() -> None:
    samples = [Sample(0.02 + 0.01 * (number % 3), 50) for number in range(60)]
    assert set(verdicts(samples)) == {"steady"}


def test_nothing_done_for_ten_seconds_is_stalled() -> None:
    found = verdicts([*ages((20, 0, 0), done=3), *ages((20, 0, 20), done=0)])
    assert found[31] == "stalled" and found[-1] == "stalled"
    assert found[25] != "stalled"


def test_what_waits_in_a_stalled_link_and_moves_again_gets_better() -> None:
    samples = [*ages((20, 0, 0)), *ages((60, 0, 60), done=0), *ages((20, 60, 0)), *ages((40, 0, 0))]
    found = verdicts(samples)
    assert found[79] == "stalled"
    assert "improving" in found[80:100]
    assert found[-1] == "steady"


def test_growing_slower_than_it_comes_in_is_worsening() -> None:
    found = verdicts([*ages((20, 1, 1)), *ages((40, 1, 30))])
    assert found[-1] == "worsening"
    assert "stalled" not in found


def test_it_does_not_flicker() -> None:
    """Age going up and down around a constant by a tenth."""
    samples = [Sample(10 + (1 if number % 7 < 3 else -1), 5) for number in range(200)]
    found = verdicts(samples)
    assert sum(before != after for before, after in pairwise(found)) <= 1


@pytest.mark.parametrize("verdict", ["worsening", "improving"])
def test_one_odd_sample_changes_nothing(verdict: str) -> None:
    samples = ages((40, 5, 5))
    samples[30] = Sample(9.0, 5)
    assert verdict not in verdicts(samples)
