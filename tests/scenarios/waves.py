"""Many dossiers at once, through their steps in waves: every system is held back, and one process at a time is let
go for as long as it takes to do what is on its desks. Before that somebody may do something to what is open there.

So each step of each dossier is seen while it is open, for certain, however fast the systems are.
"""

from __future__ import annotations

import time
from collections.abc import Callable, Collection, Mapping
from dataclasses import dataclass
from typing import Any, Final

from contracts.tasks import System
from tests.scenarios.holding import DESKS, hold, let_go
from tests.scenarios.province import LOOK_EVERY_S, PATIENCE_S, Person, Province, summary

OPEN: Final = ("requested", "in_progress", "awaits_supplement", "awaits_payment")
PROCESSES: Final = tuple(dict.fromkeys(process for process, _ in DESKS.values()))
ROUNDS: Final = 6
"""More than any plan has steps behind each other."""


@dataclass(frozen=True)
class OpenStep:
    """A step that waits for its system. `name` is the dossier's among those that are played."""

    name: str
    code: str
    step: str
    system: System
    task: dict[str, Any]


@dataclass
class Dossiers:
    """The dossiers that are played, by name."""

    codes: dict[str, str]
    owners: dict[str, Person]


def taken_in(province: Province, asked: Mapping[str, tuple[str, Person, dict[str, Any]]]) -> Dossiers:
    """Hand in one dossier of each: procedure, applicant and form by name."""
    codes = {name: province.take_in(procedure, who, form) for name, (procedure, who, form) in asked.items()}
    return Dossiers(codes, {name: who for name, (_, who, _) in asked.items()})


def in_waves(
    province: Province,
    take_in: Callable[[], Dossiers],
    before: Callable[[str, list[OpenStep]], None],
    *,
    during: Callable[[OpenStep], None] | None = None,
) -> tuple[Dossiers, dict[str, dict[str, Any]]]:
    """Take dossiers in while every system is held, and carry them through; their runs in the end, by name.

    `before` is told of a process and what is open on its desks, before it is let go. `during` is told of a step
    that waits for the citizen's papers; it has to see to them.
    """
    hold(province.mesh, DESKS)
    try:
        dossiers = take_in()
        for _ in range(ROUNDS):
            for process in PROCESSES:
                waiting = open_steps(province, dossiers, process)
                if waiting:
                    before(process, waiting)
                    systems = {each.system for each in waiting}
                    let_go(province.mesh, systems)
                    _until_done(province, waiting, during)
                    hold(province.mesh, systems)
    finally:
        let_go(province.mesh, DESKS)
    return dossiers, {name: province.until_over(code) for name, code in dossiers.codes.items()}


def open_steps(province: Province, dossiers: Dossiers, process: str) -> list[OpenStep]:
    """What is open on the desks of a process."""
    found = []
    for name, code in dossiers.codes.items():
        for task in province.run(code)["tasks"]:
            system = System(task["system"])
            if task["state"] in OPEN and DESKS[system][0] == process:
                found.append(OpenStep(name, code, task["step"], system, task))
    return found


def _until_done(
    province: Province, waiting: Collection[OpenStep], during: Callable[[OpenStep], None] | None
) -> None:
    """Return when these are closed; money is paid as it is asked for."""
    deadline = time.monotonic() + PATIENCE_S
    left = list(waiting)
    while left:
        still = []
        for each in left:
            run = province.run(each.code)
            state = run["steps"][each.step]["state"]
            if state not in OPEN:
                continue
            if state == "awaits_payment":
                province.pay(each.code)
            elif state == "awaits_supplement":
                assert during is not None, f"{each.name} wants papers: {summary(run)}"
                during(each)
            assert time.monotonic() < deadline, f"{each.name}: waited for {each.step}, stands at {summary(run)}"
            still.append(each)
        left = still
        time.sleep(LOOK_EVERY_S)
