"""No step of any procedure is left out: the plans themselves say what there is to play."""

from __future__ import annotations

import pytest

from contracts.catalogue.plans import plans
from tests.scenarios.procedures import BY_NAME, PROCEDURES, STEPS, Procedure
from tests.scenarios.refusals import REFUSED
from tests.scenarios.supplements import NEVER_ASK, WANTING

ALL = {(plan.procedure, step.id) for plan in plans() for step in plan.steps}
"""Every step of every plan: (procedure, step)."""


def test_every_step_of_every_plan_is_played() -> None:
    """What is played is walked through whole by the happy way, the supplements, the late steps and the crashes;
    each of them has a test for each entry of STEPS."""
    assert {(procedure.code, step) for procedure, step in STEPS} == ALL
    assert len(BY_NAME) == len(PROCEDURES)


@pytest.mark.parametrize("procedure", PROCEDURES, ids=lambda each: each.name)
def test_the_steps_that_are_played_are_those_of_the_plan(procedure: Procedure) -> None:
    """A step is left out only if the plan makes it depend on the form."""
    left_out = [step for step in procedure.plan.steps if step.id not in procedure.steps]
    assert all(step.when is not None for step in left_out)
    assert [step.id for step in procedure.plan.steps if step.id in procedure.steps] == list(procedure.steps)


@pytest.mark.parametrize(
    ("procedure", "step"), STEPS, ids=[f"{procedure.name}-{step}" for procedure, step in STEPS]
)
def test_every_step_is_refused_somehow(procedure: Procedure, step: str) -> None:
    """There is no step that cannot be refused."""
    assert any((case.procedure, case.step) == (procedure.name, step) for case in REFUSED)


def test_refusals_are_of_steps_that_are_played() -> None:
    assert {(case.procedure, case.step) for case in REFUSED} <= {(each.name, step) for each, step in STEPS}
    assert len({case.id for case in REFUSED}) == len(REFUSED)


def test_every_kind_of_task_either_asks_for_papers_or_says_why_it_never_does() -> None:
    kinds = {procedure.step(step).kind for procedure, step in STEPS}
    by_rule = {BY_NAME[case.procedure].step(case.step).kind for case in WANTING}
    by_ministry = {procedure.step(step).kind for procedure, step in STEPS if procedure.is_stood_in_for(step)}
    assert by_rule | by_ministry | NEVER_ASK.keys() == kinds
    assert not (by_rule | by_ministry) & NEVER_ASK.keys()
    assert all(NEVER_ASK.values())
