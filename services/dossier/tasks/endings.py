"""How a run has ended, told from its tasks: for the axis by parts, for the citizen in words."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from typing import Final

from contracts.catalogue.plans import Plan, PlanStep
from services.dossier.tasks import models
from services.dossier.tasks.models import Task

_BECAME: Final = {
    models.COMPLETED: "Đã thực hiện",
    models.REFUSED: "Bị từ chối",
    models.CANCELLED: "Không thực hiện",
}


def parts_of(tasks: Iterable[Task]) -> dict[str, str]:
    """The state of each procedure the steps belong to: `completed`, `refused`, `cancelled` or `running`."""
    states: dict[str, set[str]] = {}
    for task in tasks:
        if task.state != models.SKIPPED:
            states.setdefault(task.part, set()).add(task.state)
    return {part: _state_of(each) for part, each in states.items()}


def _state_of(states: set[str]) -> str:
    for state in (models.REFUSED, models.CANCELLED):
        if state in states:
            return state
    return models.COMPLETED if states == {models.COMPLETED} else models.RUNNING


def ending_of(plan: Plan, tasks: Mapping[str, Task]) -> str:
    """What the citizen reads: that it is done or, where a step was refused, what became of each."""
    if all(task.state != models.REFUSED for task in tasks.values()):
        return "Hoàn thành"
    told = ["Hoàn thành một phần."]
    for state, became in _BECAME.items():
        steps = [_named(step, tasks[step.id]) for step in plan.steps if tasks[step.id].state == state]
        if steps:
            told.append(f"{became}: {'; '.join(steps)}.")
    return " ".join(told)[:2_000]


def _named(step: PlanStep, task: Task) -> str:
    return f"{step.title.vi} ({task.refusal['vi'].rstrip('.')})" if task.refusal is not None else step.title.vi
