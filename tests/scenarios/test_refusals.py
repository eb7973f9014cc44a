"""Each step of each procedure refused: what came before stands, what waits for it is not done, and it is said."""

from __future__ import annotations

import contextlib
import re
from typing import Any, NamedTuple

import pytest

from contracts.status import is_legal_history
from contracts.tasks import System
from deploy.local.topology import STOOD_IN_FOR
from tests.scenarios.holding import hold, let_go
from tests.scenarios.procedures import BY_NAME, Procedure
from tests.scenarios.province import Person, Province, found, summary
from tests.scenarios.refusals import BY_THE_MINISTRY, REFUSED, Refused
from tests.scenarios.waves import taken_in

pytestmark = [pytest.mark.scenario, pytest.mark.timeout(600)]

EACH = pytest.mark.parametrize("case", REFUSED, ids=lambda case: case.id)
DOWNSTREAM = [case for case in REFUSED if BY_NAME[case.procedure].step(case.step).on_refusal == "partly"]
NOTE = r"Hoàn thành một phần\. Đã thực hiện: (.+)\. Bị từ chối: (.+?)\.(?: Không thực hiện: (.+)\.)?"


class Ended(NamedTuple):
    """What became of one dossier, as the office, its owner on the portal, and the civil registry see it."""

    run: dict[str, Any]
    statuses: list[int]
    portal: dict[str, Any]
    record: dict[str, Any] | None


@pytest.fixture(scope="module")
def refused(province: Province) -> dict[str, Ended]:
    """All of them at once. The ministries are held until they have been told whom to refuse, and the court has
    laid its hand on the parcels it is to."""
    asked = {case.id: (BY_NAME[case.procedure].code, *_ask(case, province)) for case in REFUSED}
    hold(province.mesh, STOOD_IN_FOR)
    try:
        dossiers = taken_in(province, asked)
        for case in REFUSED:
            if case.blocked:
                province.until_state(dossiers.codes[case.id], "tax", "requested")
                province.distrain(asked[case.id][2]["parcel_key"])
        for system in STOOD_IN_FOR:
            province.persona(system, script=_script(system, dossiers.codes))
    finally:
        let_go(province.mesh, STOOD_IN_FOR)
    return {
        name: _ended(province, code, dossiers.owners[name], BY_NAME[case.procedure])
        for case in REFUSED
        for name, code in [(case.id, dossiers.codes[case.id])]
    }


def _ask(case: Refused, province: Province) -> tuple[Person, dict[str, Any]]:
    return (case.ask or BY_NAME[case.procedure].ask)(province)


def _script(system: System, codes: dict[str, str]) -> list[dict[str, Any]]:
    return [
        {
            "dossier": codes[case.id],
            "kind": BY_NAME[case.procedure].step(case.step).kind,
            "answer": {"kind": "refused", "refusal": BY_THE_MINISTRY},
        }
        for case in REFUSED
        if case.ask is None and BY_NAME[case.procedure].system(case.step) is system
    ]


def _ended(province: Province, code: str, owner: Person, procedure: Procedure) -> Ended:
    run, statuses = province.outcome_of(code)
    record = None
    with contextlib.suppress(KeyError):
        record_id = run["steps"][procedure.steps[0]]["results"]["record_id"]
        why = {"X-Purpose": procedure.code, "X-Dossier": code}
        record = found(province.at("civil").get(f"/v1/records/{record_id}", headers=why))
    return Ended(run, statuses, province.followed(code, owner), record)


def _expected(case: Refused) -> dict[str, str]:
    """The state of each step that is to be taken: what waits for the refused one is not done."""
    procedure = BY_NAME[case.procedure]
    stops = procedure.step(case.step).on_refusal == "stop"
    states: dict[str, str] = {}
    for step in procedure.steps:
        before = [states[name] for name in procedure.step(step).after]
        if step == case.step:
            states[step] = "refused"
        elif (stops and case.step in states) or "refused" in before or "cancelled" in before:
            states[step] = "cancelled"
        else:
            states[step] = "completed"
    return states


@EACH
def test_a_step_is_refused_and_says_why(refused: dict[str, Ended], case: Refused) -> None:
    run = refused[case.id].run
    assert run["steps"][case.step]["state"] == "refused", summary(run)
    refusal = run["steps"][case.step]["refusal"]
    assert refusal["code"] == case.code
    assert case.says in refusal["en"] and refusal["vi"] not in ("", refusal["en"])


@EACH
def test_the_other_steps_and_parts_have_their_own_states(refused: dict[str, Ended], case: Refused) -> None:
    run, procedure, states = refused[case.id].run, BY_NAME[case.procedure], _expected(case)
    assert {step: run["steps"][step]["state"] for step in procedure.steps} == states
    stops = procedure.step(case.step).on_refusal == "stop"
    assert run["outcome"] == ("refused" if stops else "partly")
    by_part: dict[str, set[str]] = {}
    for step, state in states.items():
        by_part.setdefault(procedure.step(step).part, set()).add(state)
    for part, found_states in by_part.items():
        worst = next(state for state in ("refused", "cancelled", "completed") if state in found_states)
        assert run["parts"][part] == worst, part


@EACH
def test_the_portal_shows_how_it_ended_and_why(refused: dict[str, Ended], case: Refused) -> None:
    became, procedure = refused[case.id], BY_NAME[case.procedure]
    stops = procedure.step(case.step).on_refusal == "stop"
    assert is_legal_history(became.statuses)
    assert became.statuses[-1] == (8 if stops else 10)
    assert [step["status"] for step in became.portal["steps"]] == became.statuses
    said = " ".join(step["note"] or "" for step in became.portal["steps"])
    assert became.run["steps"][case.step]["refusal"]["vi"].rstrip(".") in said


@pytest.mark.parametrize("case", DOWNSTREAM, ids=lambda case: case.id)
def test_a_refusal_downstream_undoes_no_civil_act(refused: dict[str, Ended], case: Refused) -> None:
    """The record stands as it was entered, and the citizen reads of each part what became of it."""
    became, procedure = refused[case.id], BY_NAME[case.procedure]
    assert became.record is not None
    assert (became.record["version"], became.record["kind"]) == (1, procedure.steps[0])
    (note,) = (step["note"] for step in became.portal["steps"] if step["status"] == 9)
    done, no, not_done = re.fullmatch(NOTE, note).groups()  # type: ignore[union-attr]
    told = {"completed": done, "refused": no, "cancelled": not_done}
    for step, state in _expected(case).items():
        assert procedure.step(step).title.vi in told[state]
