"""The desk of the residence system (cư trú): the tasks a dossier gives it, one file a subject.

A handler reads the e-form, looks at everything that could stand in the way, and only then changes anything: what
it refuses becomes the answer.
"""

from __future__ import annotations

from contracts.events.task import TaskRequested, TaskResumed
from contracts.tasks import Answer, System
from services.bus.kit.clock import Clock
from services.bus.kit.desk import Desk, Handler
from services.bus.kit.tx import Tx
from services.population.models import Task
from services.population.tasks import absences, endings, households, permanent, temporary
from services.population.tasks.forms import Work

_WORK: dict[str, Work] = {
    "residence.register-permanent": permanent.register,
    "residence.register-temporary": temporary.register,
    "residence.renew-temporary": temporary.renew,
    "residence.deregister": endings.deregister,
    "residence.split-household": households.split,
    "residence.declare-absence": absences.declare,
}


def desk(clock: Clock) -> Desk:
    """The desk, over the service's table of tasks."""
    return Desk(System.RESIDENCE, Task, {kind: _timed(work, clock) for kind, work in _WORK.items()}, clock)


def _timed(work: Work, clock: Clock) -> Handler:
    """The handler of some work."""

    def handle(tx: Tx, task: TaskRequested, resumed: TaskResumed | None) -> Answer | None:
        return work(tx, task, resumed, now=clock.now())

    return handle
