"""Each step of each procedure late: its system hears of it after the limit has passed, and then does it."""

from __future__ import annotations

import time
from typing import Any, NamedTuple

import pytest

from tests.scenarios.holding import time_goes_by
from tests.scenarios.procedures import PROCEDURES, STEPS, Procedure
from tests.scenarios.province import LOOK_EVERY_S, PATIENCE_S, Province, found, summary
from tests.scenarios.waves import OpenStep, in_waves, taken_in

pytestmark = [pytest.mark.scenario, pytest.mark.timeout(600)]


class Played(NamedTuple):
    """The steps that became overdue, as the office saw them, and the task ids each system's list of the overdue
    showed; the runs and the statuses in the end."""

    late: dict[tuple[str, str], dict[str, Any]]
    listed: set[str]
    runs: dict[str, dict[str, Any]]
    statuses: dict[str, list[int]]


@pytest.fixture(scope="module")
def played(province: Province) -> Played:
    """One dossier of each procedure, every step of it late."""
    requests = {each.name: (each.code, *each.ask(province)) for each in PROCEDURES}
    late: dict[tuple[str, str], dict[str, Any]] = {}
    listed: set[str] = set()

    def before(process: str, waiting: list[OpenStep]) -> None:
        time_goes_by(province.mesh, {each.code for each in waiting})
        deadline = time.monotonic() + PATIENCE_S
        for each in waiting:
            while (task := province.run(each.code)["steps"][each.step])["overdue_at"] is None:
                assert time.monotonic() < deadline, f"{each.name}: {each.step} is not overdue"
                time.sleep(LOOK_EVERY_S)
            late[each.name, each.step] = task
        for system in {each.system for each in waiting}:
            url = f"/v1/tasks?system={system.value}&overdue=true&limit=500"
            listed.update(line["id"] for line in found(province.at("dossier").get(url))["items"])

    dossiers, runs = in_waves(province, lambda: taken_in(province, requests), before)
    statuses = {name: province.outcome_of(code)[1] for name, code in dossiers.codes.items()}
    return Played(late, listed, runs, statuses)


@pytest.mark.parametrize(
    ("procedure", "step"), STEPS, ids=[f"{procedure.name}-{step}" for procedure, step in STEPS]
)
def test_a_late_step_is_overdue_for_all_to_see_and_then_done(
    played: Played, procedure: Procedure, step: str
) -> None:
    late = played.late[procedure.name, step]
    assert late["state"] == "requested"
    assert late["requested_at"] < late["overdue_at"] and late["due_at"] < late["overdue_at"]
    assert late["id"] in played.listed
    done = played.runs[procedure.name]["steps"][step]
    assert done["state"] == "completed"
    assert done["overdue_at"] == late["overdue_at"] < done["closed_at"]  # it stays known that it was late


@pytest.mark.parametrize("procedure", PROCEDURES, ids=lambda each: each.name)
def test_lateness_stops_nothing(played: Played, procedure: Procedure) -> None:
    assert played.runs[procedure.name]["outcome"] == "completed", summary(played.runs[procedure.name])
    assert played.statuses[procedure.name][-1] == 10
