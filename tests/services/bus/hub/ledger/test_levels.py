"""Error budgets and how fast they burn."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from contracts.catalogue.service_levels import service_levels
from services.bus.hub.ledger.levels import FEWEST, RULES, WINDOWS_S, Counted, alarms, budget

TOLERATED = 0.01


def windows(**bad: int) -> dict[int, Counted]:
    """A steady 10 a second in every window, and so many of them bad."""
    names = {"m5": 300, "m30": 1800, "h1": 3600, "h6": 21_600, "d3": 259_200}
    assert set(names.values()) == set(WINDOWS_S)
    return {seconds: Counted(seconds * 10, bad.get(name, 0)) for name, seconds in names.items()}


def firing(counted: dict[int, Counted]) -> list[float]:
    return [alarm.rule.factor for alarm in alarms(counted, TOLERATED) if alarm.firing]


def test_a_quiet_month_has_its_whole_budget() -> None:
    found = budget(Counted(100_000, 0), TOLERATED)
    assert (found.allowed, found.spent, found.left) == (1000, 0, 1.0)
    assert firing(windows()) == []


def test_a_budget_may_be_overspent() -> None:
    assert budget(Counted(1000, 25), TOLERATED).left == pytest.approx(-1.5)
    assert budget(Counted(0, 0), TOLERATED).left is None


def test_the_fast_rule_fires_at_its_speed_and_not_below() -> None:
    edge = round(36_000 * TOLERATED * 14.4)
    short = round(3_000 * TOLERATED * 14.4)
    assert 14.4 in firing(windows(h1=edge, m5=short, h6=edge, m30=edge, d3=edge))
    assert 14.4 not in firing(windows(h1=edge - 1, m5=short, h6=edge, m30=edge, d3=edge))


def test_what_is_over_does_not_fire_any_more() -> None:
    assert firing(windows(h1=36_000, h6=36_000, d3=36_000)) == [1.0]
    assert firing(windows(d3=36_000)) == []


def test_a_slow_burn_is_seen_by_the_slow_rule_alone() -> None:
    each = {name: round(seconds * 10 * TOLERATED * 1.2) for name, seconds in
            (("m5", 300), ("m30", 1800), ("h1", 3600), ("h6", 21_600), ("d3", 259_200))}  # fmt: skip
    assert firing(windows(**each)) == [1.0]


def test_where_traffic_is_low_it_goes_by_count() -> None:
    def night(bad: int) -> dict[int, Counted]:
        return {seconds: Counted(max(bad, 4), bad) for seconds in WINDOWS_S}

    assert firing(night(1)) == [] and firing(night(FEWEST - 1)) == []
    assert firing(night(FEWEST)) == [rule.factor for rule in RULES]
    assert {alarm.by for alarm in alarms(night(1), TOLERATED)} == {"count"}


def test_nothing_at_all_burns_nothing() -> None:
    found = alarms({seconds: Counted(0, 0) for seconds in WINDOWS_S}, TOLERATED)
    assert not any(alarm.firing for alarm in found)
    assert {alarm.long_burn for alarm in found} == {None}


@given(st.integers(1, 10**7), st.integers(0, 10**6), st.integers(0, 10**6))
def test_more_late_ones_never_silence_an_alarm(events: int, bad: int, more: int) -> None:
    bad = min(bad, events)
    less = {seconds: Counted(events, bad) for seconds in WINDOWS_S}
    worse = {seconds: Counted(events, min(bad + more, events)) for seconds in WINDOWS_S}
    assert set(firing(less)) <= set(firing(worse))


def test_the_catalogue_holds_the_portal_to_a_minute() -> None:
    [portal] = [level for level in service_levels() if level.link.consumer == "portal"]
    assert (portal.share, portal.within_s, portal.over_days) == (0.99, 60, 30)
    assert len({level.id for level in service_levels()}) == len(service_levels())
