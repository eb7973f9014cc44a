"""The desks of the stand-ins: one a system, over one table of tasks.

task.requested, task.resumed ──► held (outage, manual): a turn waits for its system
                             ──► else: what the persona makes of it, now or as turns that fall due
"""

from __future__ import annotations

from typing import Any

from contracts.events.task import TaskRequested, TaskResumed
from contracts.tasks import Answer, System
from gateway.ministries.commands.turns import begin
from gateway.ministries.kinds import kinds_of
from gateway.ministries.models import Task
from services.bus.kit.clock import Clock
from services.bus.kit.desk import Desk
from services.bus.kit.tx import Tx


class StandIn(Desk):
    """One system's desk. It answers through its turns, so a handler itself never does."""

    def __init__(self, system: System, clock: Clock, seed: int) -> None:
        super().__init__(system, Task, dict.fromkeys(kinds_of(system), self._handle), clock)
        self.seed = seed

    def say(self, tx: Tx, row: Any, answer: Answer) -> int:
        """Say something about a task, also of one that is closed; the version of the answer."""
        self._say(tx, row, answer)
        version: int = row.answers
        return version

    def _handle(self, tx: Tx, task: TaskRequested, resumed: TaskResumed | None) -> None:
        begin(tx, self, task, resumed, self.clock.now())
