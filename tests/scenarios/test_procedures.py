"""Every procedure end to end, in a whole province: its happy way, refusals, papers, lateness."""

from __future__ import annotations

import time
from typing import Any

import pytest

from contracts.catalogue.plans import plan_of
from contracts.status import is_legal_history
from tests.scenarios.procedures import PROCEDURES, Procedure, interlinked_birth_to_nowhere
from tests.scenarios.province import Province

pytestmark = [pytest.mark.scenario, pytest.mark.timeout(600)]

EACH = pytest.mark.parametrize("procedure", PROCEDURES, ids=lambda each: each.name)
SPOILT = pytest.mark.parametrize("procedure", [p for p in PROCEDURES if p.spoilt], ids=lambda each: each.name)
STOOD_IN_FOR = [(each, step) for each in PROCEDURES for step in each.stand_ins]
AT_A_STAND_IN = pytest.mark.parametrize(
    ("procedure", "step"), STOOD_IN_FOR, ids=[f"{each.name}-{step}" for each, step in STOOD_IN_FOR]
)
STAND_INS = ("tax", "social-insurance", "welfare", "judicial-records", "business-register", "health")
PROCESS_OF = {"civil": "civil", "land": "land", "residence": "population"}
"""Who answers for a system; the stand-ins for all others."""

REFUSAL = {"code": "not-eligible", "vi": "Không đủ điều kiện.", "en": "The conditions are not met."}


@pytest.fixture(autouse=True)
def everybody_answers_at_once(province: Province) -> None:
    for system in STAND_INS:
        province.play_fair(system)


def system_of(procedure: Procedure, step: str) -> str:
    plan = plan_of(procedure.code)
    assert plan is not None
    return plan.step(step).system.value


def carried_through(province: Province, procedure: Procedure, code: str) -> dict[str, Any]:
    """The run once it is completed; what is to be paid on the way is paid."""
    if procedure.pays:
        province.until(code, lambda run: run["steps"]["tax"]["state"] == "awaits_payment", "the tax notice")
        province.pay(code)
    run = province.until_ended(code)
    if 10 not in province.statuses(code):
        province.pay(code)
    return run


@EACH
def test_the_happy_way(province: Province, procedure: Procedure) -> None:
    who, form = procedure.ask(province)
    code = province.take_in(procedure.code, who, form)
    run = carried_through(province, procedure, code)
    assert {step for step, task in run["steps"].items() if task["state"] == "completed"} == set(procedure.steps)
    statuses = province.until_on_the_portal(code)
    assert statuses[-1] == 10
    assert is_legal_history(statuses)


@SPOILT
def test_a_system_refuses_by_its_rules(province: Province, procedure: Procedure) -> None:
    assert procedure.spoilt is not None
    who, form = procedure.spoilt(province)
    code = province.take_in(procedure.code, who, form)
    run = province.until_ended(code, "refused")
    refused = run["steps"][procedure.steps[0]]
    assert refused["state"] == "refused"
    assert refused["refusal"]["vi"] and refused["refusal"]["en"]
    statuses = province.until_on_the_portal(code)
    assert statuses[-1] == 8
    assert is_legal_history(statuses)


@AT_A_STAND_IN
def test_a_stand_in_refuses(province: Province, procedure: Procedure, step: str) -> None:
    who, form = procedure.ask(province)
    answer = {"kind": "refused", "refusal": REFUSAL}
    province.persona(system_of(procedure, step), script=[{"answer": answer}])
    code = province.take_in(procedure.code, who, form)
    run = province.until(code, lambda run: run["outcome"] != "running", "its end")
    plan = plan_of(procedure.code)
    assert plan is not None
    stops = plan.step(step).on_refusal == "stop"
    assert run["outcome"] == ("refused" if stops else "partly")
    assert run["steps"][step]["refusal"]["code"] == "not-eligible"
    if not stops:  # what was done before stands
        assert run["steps"][procedure.steps[0]]["state"] == "completed"
        assert run["parts"][plan.steps[0].part] == "completed"
    assert province.until_on_the_portal(code)[-1] == (8 if stops else 10)


@AT_A_STAND_IN
def test_a_stand_in_wants_papers(province: Province, procedure: Procedure, step: str) -> None:
    who, form = procedure.ask(province)
    wanted = {"kind": "needs_supplement", "supplement": {"content": "Bổ sung bản sao giấy tờ"}}
    province.persona(system_of(procedure, step), script=[{"answer": wanted}])
    code = province.take_in(procedure.code, who, form)
    province.until_state(code, step, "awaits_supplement")
    assert province.dossier(code)["status"] == 5
    province.act(code, "supplement", note="Đã nộp")
    carried_through(province, procedure, code)
    statuses = province.until_on_the_portal(code)
    assert 5 in statuses and statuses[-1] == 10
    assert is_legal_history(statuses)


@EACH
def test_papers_are_asked_for_while_a_system_is_late(province: Province, procedure: Procedure) -> None:
    """The system that has the first step does not stir; the office uses the time; then it goes on by itself."""
    who, form = procedure.ask(province)
    name = PROCESS_OF.get(system_of(procedure, procedure.steps[0]), "ministries")
    process = province.mesh.processes()[name]
    process.suspend()
    try:
        code = province.take_in(procedure.code, who, form)
        province.act(code, "request_supplement", note="Đề nghị bổ sung bản chính để đối chiếu")
        assert province.run(code)["steps"][procedure.steps[0]]["state"] == "requested"
        province.act(code, "supplement", note="Đã nộp")
        assert province.dossier(code)["status"] == 2
    finally:
        process.resume()
    carried_through(province, procedure, code)
    assert province.until_on_the_portal(code)[-1] == 10


def test_a_child_whose_mother_lives_nowhere_is_born_all_the_same(province: Province) -> None:
    who, form = interlinked_birth_to_nowhere(province)
    code = province.take_in("2.002621", who, form)
    run = province.until_ended(code, "partly")
    assert run["steps"]["birth"]["state"] == run["steps"]["insurance"]["state"] == "completed"
    assert run["steps"]["residence"]["state"] == "refused"
    assert run["parts"]["1.001193"] == "completed"
    assert province.until_on_the_portal(code)[-1] == 10


@pytest.fixture(scope="module")
def crashed(province: Province) -> dict[str, tuple[str, dict[str, Any]]]:
    """One dossier of each procedure, while every process that carries them out is killed once; the run of each
    by the name of the procedure."""
    for system in STAND_INS:
        province.persona(system, latency={"distribution": "fixed", "seconds": 0.5})
    asked = [(procedure, *procedure.ask(province)) for procedure in PROCEDURES]
    codes = {procedure.name: province.take_in(procedure.code, who, form) for procedure, who, form in asked}
    processes = province.mesh.processes()
    for name in ("civil", "ministries", "land", "population", "dossier", "nats"):
        processes[name].kill()
        time.sleep(0.5)
    province.until_ready()
    ended = {}
    for procedure, _, _ in asked:
        code = codes[procedure.name]
        ended[procedure.name] = code, carried_through(province, procedure, code)
    return ended


@EACH
def test_nothing_is_lost_when_every_process_is_killed(
    province: Province, crashed: dict[str, tuple[str, dict[str, Any]]], procedure: Procedure
) -> None:
    code, run = crashed[procedure.name]
    assert {step for step, task in run["steps"].items() if task["state"] == "completed"} == set(procedure.steps)
    statuses = province.until_on_the_portal(code)
    assert statuses[-1] == 10
    assert is_legal_history(statuses)
