"""`truc fault`: what can be written, and what is said of what cannot."""

from __future__ import annotations

from typing import Any

import pytest

from deploy.cli.fault import checked, described, parse_latency, parse_rule
from deploy.local.errors import RunnerError
from deploy.local.layout import Layout
from gateway.portal.faults import FaultPlan
from tests.deploy.cli.test_commands import truc


@pytest.mark.parametrize(
    ("text", "fields"),
    [
        ("50", {"distribution": "constant", "ms": 50.0}),
        ("constant:50", {"distribution": "constant", "ms": 50.0}),
        ("uniform:20:80", {"distribution": "uniform", "min_ms": 20.0, "ms": 80.0}),
        ("lognormal:50:0.5", {"distribution": "lognormal", "ms": 50.0, "sigma": 0.5}),
        ("pareto:20:2", {"distribution": "pareto", "ms": 20.0, "alpha": 2.0}),
    ],
)
def test_latencies_are_what_the_portal_takes(text: str, fields: dict[str, Any]) -> None:
    assert parse_latency(text) == fields
    plan = FaultPlan.model_validate(checked({"latency": parse_latency(text)}))
    assert plan.latency is not None and plan.latency.seconds(0.5) > 0


@pytest.mark.parametrize("text", ["", "soon", "lognormal:50", "uniform:1:2:3", "constant:x", "gauss:1:2"])
def test_a_latency_that_cannot_be_read_is_told_with_an_example(text: str) -> None:
    with pytest.raises(RunnerError, match=r"lognormal:50:0\.5"):
        parse_latency(text)


def test_rules_name_a_field_and_a_value() -> None:
    assert parse_rule("MaTTHC=1.001570") == {"field": "MaTTHC", "equals": "1.001570"}
    with pytest.raises(RunnerError, match="FIELD=VALUE"):
        parse_rule("MaTTHC")


def test_what_does_not_fit_is_named_by_its_option() -> None:
    with pytest.raises(RunnerError, match="--outage-manner does not fit"):
        checked({"outage": {"for_seconds": 1, "manner": "politely"}})


def test_the_plan_in_force_is_told_in_words() -> None:
    assert described({"plan": None}) == ["Nothing goes wrong at the portal."]
    plan = checked({"latency": parse_latency("lognormal:50:0.5"), "error_rate": 0.1, "seed": 7})
    full = FaultPlan.model_validate(plan).model_dump(mode="json")
    said = described(
        {
            "plan": full,
            "since": "2023-01-02T01:00:00Z",
            "outage_until": None,
            "calls": 12,
            "injected": {"error": 1},
        }
    )
    assert said[0] == "Faults since 08:00:00 (seed 7):"
    assert "  latency lognormal:50:0.5 ms" in said and "  error: 10 % of calls" in said


def test_nothing_named_is_no_plan_and_nothing_running_is_said(layout: Layout) -> None:
    nothing = truc("fault", "set", "--data-dir", str(layout.root))
    assert nothing.returncode == 1 and "Name a fault, such as --outage 60" in nothing.stderr
    down = truc("fault", "show", "--data-dir", str(layout.root))
    assert down.returncode == 1 and "Nothing is running on" in down.stderr
    assert "Traceback" not in nothing.stderr + down.stderr
