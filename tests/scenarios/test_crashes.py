"""Processes killed (-9) while they owe an answer: each step of each procedure, and the whole province in turn."""

from __future__ import annotations

import time
from typing import Any, NamedTuple

import pytest

from contracts.status import is_legal_history
from deploy.local.topology import STOOD_IN_FOR
from tests.scenarios.holding import DESKS, let_go, process_of
from tests.scenarios.procedures import PROCEDURES, STEPS, Procedure
from tests.scenarios.province import Province, summary
from tests.scenarios.waves import OPEN, OpenStep, in_waves, taken_in

pytestmark = [pytest.mark.scenario, pytest.mark.timeout(600)]

EACH = pytest.mark.parametrize("procedure", PROCEDURES, ids=lambda each: each.name)
BETWEEN_KILLS_S = 0.5
ANSWER_WITHIN_S = 0.5


class Killed(NamedTuple):
    """Who was killed, and how the step stood when it was dead."""

    process: str
    state: str


class Played(NamedTuple):
    killed: dict[tuple[str, str], Killed]
    ended: dict[str, tuple[dict[str, Any], list[int]]]


def _slow_down(province: Province, seconds: float) -> None:
    for system in STOOD_IN_FOR:
        province.persona(system, latency={"distribution": "fixed", "seconds": seconds})


def check(procedure: Procedure, ended: tuple[dict[str, Any], list[int]]) -> None:
    """Everything was done, once, and the portal has all of it."""
    run, statuses = ended
    assert run["outcome"] == "completed", summary(run)
    done = {step for step, task in run["steps"].items() if task["state"] == "completed"}
    assert done == set(procedure.steps)
    assert statuses[-1] == 10
    assert is_legal_history(statuses)


@pytest.fixture(scope="module")
def played(province: Province) -> Played:
    """One dossier of each procedure. Who has to answer is killed twice: before it has heard what it is asked, and
    once more with all of it in its hands."""
    requests = {each.name: (each.code, *each.ask(province)) for each in PROCEDURES}
    killed: dict[tuple[str, str], Killed] = {}
    _slow_down(province, ANSWER_WITHIN_S)

    def before(process: str, waiting: list[OpenStep]) -> None:
        province.kill(process)
        for each in waiting:
            state = province.run(each.code)["steps"][each.step]["state"]
            killed[each.name, each.step] = Killed(process, state)
        province.until_ready()
        let_go(province.mesh, {each.system for each in waiting})
        province.kill(process)
        province.until_ready()

    try:
        dossiers, _ = in_waves(province, lambda: taken_in(province, requests), before)
    finally:
        _slow_down(province, 0)
    return Played(killed, {name: province.outcome_of(code) for name, code in dossiers.codes.items()})


@pytest.mark.parametrize(
    ("procedure", "step"), STEPS, ids=[f"{procedure.name}-{step}" for procedure, step in STEPS]
)
def test_who_owes_an_answer_is_killed(played: Played, procedure: Procedure, step: str) -> None:
    killed = played.killed[procedure.name, step]
    assert killed.process == process_of(procedure.system(step))
    assert killed.state in OPEN
    assert played.ended[procedure.name][0]["steps"][step]["state"] == "completed"


@EACH
def test_nothing_is_lost_or_done_twice(played: Played, procedure: Procedure) -> None:
    check(procedure, played.ended[procedure.name])


@pytest.fixture(scope="module")
def in_turn(province: Province) -> dict[str, tuple[dict[str, Any], list[int]]]:
    """One dossier of each procedure on its way, all at once, while everything that carries them is killed in turn:
    the systems, the one-stop shop, and the broker."""
    requests = {each.name: (each.code, *each.ask(province)) for each in PROCEDURES}
    _slow_down(province, ANSWER_WITHIN_S)
    try:
        dossiers = taken_in(province, requests)
        for process in (*dict.fromkeys(process for process, _ in DESKS.values()), "dossier", "nats"):
            province.kill(process)
            time.sleep(BETWEEN_KILLS_S)
        province.until_ready()
    finally:
        _slow_down(province, 0)
    return {name: province.outcome_of(code) for name, code in dossiers.codes.items()}


@EACH
def test_nothing_is_lost_when_everything_is_killed_in_turn(
    in_turn: dict[str, tuple[dict[str, Any], list[int]]], procedure: Procedure
) -> None:
    check(procedure, in_turn[procedure.name])
