"""Figures, their ratios, and what becomes of a bound that is not met."""

from __future__ import annotations

import json
from typing import NamedTuple

import pytest
import typer

from bench.report import Figure, conclude, kept_back, number


class Times(NamedTuple):
    """What psutil reads of the processors, as far as it matters here."""

    user: float
    idle: float
    steal: float


@pytest.fixture(autouse=True)
def a_quiet_host(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("bench.report._host", list)


def test_what_the_host_kept_back_is_said() -> None:
    before = Times(10, 10, 1)
    assert kept_back(before, Times(15, 12, 4)) == [
        "The host gave 30% of our processors' time to others meanwhile."
    ]
    assert kept_back(before, Times(15, 15, 1)) == []
    assert kept_back(before, Times(10, 10, 1)) == []


def test_ratio_and_verdict() -> None:
    slow = Figure("p50", 12.0, "ms", beside=2.0, bound=10)
    assert (slow.ratio, slow.met) == (6.0, False)
    assert slow.row() == ["p50", "12", "ms", "2", "6.00", "at most 10", "NOT MET"]
    assert Figure("rate", 1_000, "/s", bound=1_000, sense="at least").met
    assert Figure("for information", 3.14159, "ms").row() == ["for information", "3.14", "ms", "", "", "", ""]


@pytest.mark.parametrize(("value", "shown"), [(1234.5, "1,234"), (0.456, "0.46"), (23.45, "23.4"), (0, "0")])
def test_numbers_are_short(value: float, shown: str) -> None:
    assert number(value) == shown


def test_a_bound_not_met_is_an_exit_code(capsys: pytest.CaptureFixture[str]) -> None:
    with pytest.raises(typer.Exit) as left:
        conclude("x", [Figure("lost", 1, "statuses", bound=0)], as_json=True)
    assert left.value.exit_code == 1
    document = json.loads(capsys.readouterr().out)
    assert document["figures"][0]["met"] is False and document["figures"][0]["ratio"] is None


def test_bounds_met_leave_quietly(capsys: pytest.CaptureFixture[str]) -> None:
    conclude("up", [Figure("ready", 4, "s", bound=10)], as_json=False, notes=["a note"])
    assert capsys.readouterr().out.splitlines()[-1] == "a note"
