"""Papers wanted at each step of each procedure: by the rules of the system, by a ministry, or by an official."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

import pytest

from contracts.status import is_legal_history
from contracts.tasks import System
from deploy.local.topology import STOOD_IN_FOR
from tests.scenarios.procedures import BY_NAME, PROCEDURES, STEPS, Procedure
from tests.scenarios.province import Province, created, summary
from tests.scenarios.supplements import WANTING, Wanting
from tests.scenarios.waves import OpenStep, in_waves, taken_in

pytestmark = [pytest.mark.scenario, pytest.mark.timeout(600)]

AT_EACH_STEP = pytest.mark.parametrize(
    ("procedure", "step"), STEPS, ids=[f"{procedure.name}-{step}" for procedure, step in STEPS]
)
WANTED = {"kind": "needs_supplement", "supplement": {"content": "Bổ sung bản sao giấy tờ tùy thân"}}


@dataclass
class Asked:
    """How a dossier stood while a step waited for papers."""

    state: str
    status: int
    wanted: str


@dataclass
class Played:
    asked: dict[tuple[str, str], Asked]
    runs: dict[str, dict[str, Any]]
    statuses: dict[str, list[int]]


def papers_brought(province: Province, code: str, step: str, brought: str = "Đã nộp") -> Asked:
    """How it stands while papers are wanted; then they are brought."""
    run, dossier = province.run(code), province.dossier(code)
    stood = Asked(run["steps"][step]["state"], dossier["status"], run["steps"][step]["note"])
    province.act(code, "supplement", note=brought)
    return stood


@pytest.fixture(scope="module")
def played(province: Province) -> Played:
    """One dossier of each procedure, and papers wanted at each of its steps: a ministry's stand-in is told to ask;
    for the others an official does, while the task lies on the desk."""
    requests = {each.name: (each.code, *each.ask(province)) for each in PROCEDURES}
    asked: dict[tuple[str, str], Asked] = {}

    def before(process: str, waiting: list[OpenStep]) -> None:
        by_themselves = _first_of_each(waiting) if process == "ministries" else []
        for each in waiting:
            if each not in by_themselves:
                url = f"/v1/tasks/{each.task['id']}/answers"
                created(province.at("dossier").post(url, json=WANTED))
                asked[each.name, each.step] = papers_brought(province, each.code, each.step)
        if by_themselves:
            for system in STOOD_IN_FOR:
                province.persona(system, script=_script(system, by_themselves))

    def during(each: OpenStep) -> None:
        asked[each.name, each.step] = papers_brought(province, each.code, each.step)

    dossiers, runs = in_waves(province, lambda: taken_in(province, requests), before, during=during)
    statuses = {name: province.outcome_of(code)[1] for name, code in dossiers.codes.items()}
    return Played(asked, runs, statuses)


def _first_of_each(waiting: list[OpenStep]) -> list[OpenStep]:
    """One step of each dossier: two that ask at the same moment would be content with the same papers."""
    return list({each.code: each for each in reversed(waiting)}.values())


def _script(system: System, waiting: list[OpenStep]) -> list[dict[str, Any]]:
    return [
        {"dossier": each.code, "kind": each.task["kind"], "answer": WANTED}
        for each in waiting
        if each.system is system
    ]


@AT_EACH_STEP
def test_papers_are_wanted_and_brought(played: Played, procedure: Procedure, step: str) -> None:
    stood = played.asked[procedure.name, step]
    assert (stood.state, stood.status) == ("awaits_supplement", 5)
    assert stood.wanted == WANTED["supplement"]["content"]  # type: ignore[index]
    assert played.runs[procedure.name]["steps"][step]["state"] == "completed"


@pytest.mark.parametrize("procedure", PROCEDURES, ids=lambda each: each.name)
def test_the_procedure_ends_well_all_the_same(played: Played, procedure: Procedure) -> None:
    assert played.runs[procedure.name]["outcome"] == "completed", summary(played.runs[procedure.name])
    statuses = played.statuses[procedure.name]
    assert statuses.count(5) == len(procedure.steps)
    assert statuses[-1] == 10
    assert is_legal_history(statuses)


@pytest.fixture(scope="module")
def wanting(province: Province) -> dict[str, tuple[Asked, dict[str, Any], list[int]]]:
    """All that systems ask for by their own rules, at once."""
    requests = {case.id: (BY_NAME[case.procedure].code, *case.ask(province)) for case in WANTING}
    dossiers = taken_in(province, requests)
    stood = {}
    for case in WANTING:
        code = dossiers.codes[case.id]
        province.until_state(code, case.step, "awaits_supplement")
        stood[case.id] = papers_brought(province, code, case.step, case.brought)
    return {name: (stood[name], *province.outcome_of(code)) for name, code in dossiers.codes.items()}


@pytest.mark.parametrize("case", WANTING, ids=lambda case: case.id)
def test_a_system_wants_papers_by_its_rules(
    wanting: dict[str, tuple[Asked, dict[str, Any], list[int]]], case: Wanting
) -> None:
    stood, run, statuses = wanting[case.id]
    assert (stood.state, stood.status) == ("awaits_supplement", 5)
    assert case.wants in stood.wanted
    assert run["outcome"] == "completed", summary(run)
    assert 5 in statuses and statuses[-1] == 10
    assert is_legal_history(statuses)
