"""Every procedure end to end, in a whole province: its happy way, refusals, papers, lateness."""

from __future__ import annotations

import pytest

from contracts.status import is_legal_history
from tests.scenarios.procedures import PROCEDURES, Procedure
from tests.scenarios.province import Province

pytestmark = [pytest.mark.scenario, pytest.mark.timeout(600)]

EACH = pytest.mark.parametrize("procedure", PROCEDURES, ids=lambda each: each.name)


@pytest.fixture(scope="module", autouse=True)
def everybody_answers_at_once(province: Province) -> None:
    for system in ("tax", "social-insurance", "welfare", "judicial-records", "business-register", "health"):
        province.play_fair(system)


@EACH
def test_the_happy_way(province: Province, procedure: Procedure) -> None:
    who, form = procedure.ask(province)
    code = province.take_in(procedure.code, who, form)
    if procedure.pays:
        province.until(code, lambda run: run["steps"]["tax"]["state"] == "awaits_payment", "the tax notice")
        province.pay(code)
    run = province.until_ended(code)
    done = {step for step, task in run["steps"].items() if task["state"] == "completed"}
    assert done == set(procedure.steps)
    if 10 not in province.statuses(code):
        province.pay(code)
    statuses = province.until_on_the_portal(code)
    assert statuses[-1] == 10
    assert is_legal_history(statuses)
