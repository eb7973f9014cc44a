"""Every procedure end to end, all of them at once: the happy way, and papers wanted while the systems are away."""

from __future__ import annotations

from typing import Any, NamedTuple

import pytest

from contracts.status import is_legal_history
from tests.scenarios.holding import DESKS
from tests.scenarios.procedures import PROCEDURES, Procedure
from tests.scenarios.province import Province, summary
from tests.scenarios.waves import Dossiers, taken_in

pytestmark = [pytest.mark.scenario, pytest.mark.timeout(600)]

EACH = pytest.mark.parametrize("procedure", PROCEDURES, ids=lambda each: each.name)


class Ended(NamedTuple):
    """What became of one dossier."""

    run: dict[str, Any]
    statuses: list[int]


def one_of_each(province: Province) -> Dossiers:
    return taken_in(province, {each.name: (each.code, *each.ask(province)) for each in PROCEDURES})


def ended(province: Province, dossiers: Dossiers) -> dict[str, Ended]:
    return {name: Ended(*province.outcome_of(code)) for name, code in dossiers.codes.items()}


def check(procedure: Procedure, became: Ended) -> None:
    """Every step was taken, and the portal has the dossier returned."""
    assert became.run["outcome"] == "completed", summary(became.run)
    states = {step: task["state"] for step, task in became.run["steps"].items()}
    assert {step for step, state in states.items() if state == "completed"} == set(procedure.steps)
    assert set(states.values()) <= {"completed", "skipped"}
    assert became.statuses[-1] == 10
    assert is_legal_history(became.statuses)


@pytest.fixture(scope="module")
def happy(province: Province) -> dict[str, Ended]:
    return ended(province, one_of_each(province))


@EACH
def test_the_happy_way(happy: dict[str, Ended], procedure: Procedure) -> None:
    check(procedure, happy[procedure.name])


def test_taxes_are_noted_and_paid_on_the_way(happy: dict[str, Ended]) -> None:
    became = happy["land-transfer"]
    assert 6 in became.statuses
    tax = became.run["steps"]["tax"]["results"]
    assert tax["amount_vnd"] == sum(each["amount_vnd"] for each in tax["receipts"]) > 0
    assert not tax["exempt"]


@pytest.mark.parametrize("name", ["land-gift-exempt", "land-inheritance-exempt"])
def test_between_close_relatives_no_tax_is_owed(happy: dict[str, Ended], name: str) -> None:
    assert 6 not in happy[name].statuses
    tax = happy[name].run["steps"]["tax"]["results"]
    assert (tax["amount_vnd"], tax["exempt"]) == (0, True) and tax["exempted_vnd"] > 0


@pytest.fixture(scope="module")
def office_at_work(province: Province) -> dict[str, Ended]:
    """No system stirs; the office uses the time to ask for papers; then everything goes on by itself."""
    asked = {each.name: (each.code, *each.ask(province)) for each in PROCEDURES}
    processes = [province.process(name) for name in dict.fromkeys(process for process, _ in DESKS.values())]
    for process in processes:
        process.suspend()
    try:
        dossiers = taken_in(province, asked)
        for procedure in PROCEDURES:
            code = dossiers.codes[procedure.name]
            province.act(code, "request_supplement", note="Đề nghị bổ sung bản chính để đối chiếu")
            assert province.run(code)["steps"][procedure.steps[0]]["state"] == "requested"
            province.act(code, "supplement", note="Đã nộp")
            assert province.dossier(code)["status"] == 2
    finally:
        for process in processes:
            process.resume()
    return ended(province, dossiers)


@EACH
def test_papers_wanted_by_the_office_while_no_system_stirs(
    office_at_work: dict[str, Ended], procedure: Procedure
) -> None:
    became = office_at_work[procedure.name]
    check(procedure, became)
    assert became.statuses[:3] == [2, 5, 2]
