"""The steps that systems carry out, as `truc trace` shows them: asked, received, answered, heard."""

from __future__ import annotations

from datetime import datetime
from typing import Any, Final

from pydantic import BaseModel

from contracts.tasks import System
from contracts.times import to_vn
from deploy.cli import output
from deploy.cli.hops import moment, ms_between, shown

ROOMY: Final = 96
"""Columns it takes for all; a narrower terminal gets steps by id, and neither systems nor times of day."""

SAID: Final = {
    "accepted": "accepted",
    "progress": "progress",
    "needs_supplement": "wants papers",
    "needs_payment": "wants money",
    "completed": "completed",
    "refused": "refused",
}
NOT_SAID: Final = {
    "waiting": "not asked yet",
    "skipped": "not needed",
    "cancelled": "cancelled",
}


class TracedAnswer(BaseModel):
    """One answer and its hops. `received_ms` is from the request to the system, of the first answer only;
    `answered_ms` from there, or from the answer before; `heard_ms` from the system to the one-stop shop;
    `total_ms` from the request until it was heard. A hop that nobody noted is null."""

    said: str
    effect: str
    at: datetime
    received_ms: float | None
    answered_ms: float | None
    heard_ms: float | None
    total_ms: float | None


class TracedTask(BaseModel):
    """One step of a system. `asked_at` is null while it was not asked for."""

    step: str
    title: str
    system: System
    state: str
    asked_at: datetime | None
    due_at: datetime | None
    overdue_at: datetime | None
    note: str
    refusal: str | None
    answers: list[TracedAnswer]


def traced(tasks: list[dict[str, Any]]) -> list[TracedTask]:
    """The steps with their answers, in the order of the plan."""
    return [
        TracedTask(
            step=task["step"],
            title=task["title"],
            system=System(task["system"]),
            state=task["state"],
            asked_at=moment(task["requested_at"]),
            due_at=moment(task["due_at"]),
            overdue_at=moment(task["overdue_at"]),
            note=task["note"],
            refusal=task["refusal"]["en"] if task["refusal"] is not None else None,
            answers=_answers(task),
        )
        for task in tasks
    ]


def _answers(task: dict[str, Any]) -> list[TracedAnswer]:
    asked, found = moment(task["requested_at"]), []
    before = asked
    for number, answer in enumerate(task["answers"]):
        received = moment(answer["received_at"]) if number == 0 else None
        at, heard = moment(answer["at"]), moment(answer["heard_at"])
        assert at is not None
        found.append(
            TracedAnswer(
                said=answer["kind"],
                effect=answer["effect"],
                at=at,
                received_ms=ms_between(asked, received),
                answered_ms=ms_between(received or before, at),
                heard_ms=ms_between(at, heard),
                total_ms=ms_between(asked, heard),
            )
        )
        before = at
    return found


def show(tasks: list[TracedTask]) -> None:
    """The table, and what an operator has to know of each step; nothing where no system is asked."""
    if not tasks:
        return
    console = output.out()
    roomy = not console.is_terminal or console.width >= ROOMY
    output.say()
    output.say("Steps of the systems", style="bold")
    header = ["step", "system", "asked", "answer", "recv.", "answ.", "heard", "total"]
    rows = [row for task in tasks for row in _rows(task)]
    right = {4, 5, 6, 7}
    if not roomy:
        header = [header[0], *header[3:]]
        rows = [[task_id, *row[3:]] for task_id, row in _by_id(tasks, rows)]
        right = {2, 3, 4, 5}
    output.table(header, rows, right=right)
    output.say(
        "Milliseconds from one hop to the next: asked by the dossier service, received by the system, answered by "
        "it (after the answer before, if there was one), heard by the dossier service; and in total since asked."
    )
    for task in tasks:
        _remark(task)


def _rows(task: TracedTask) -> list[list[str]]:
    asked = f"{to_vn(task.asked_at):%H:%M:%S.%f}"[:-3] if task.asked_at is not None else "-"
    head = [task.title, task.system.text.en, asked]
    rows = []
    for answer in task.answers:
        hops = (answer.received_ms, answer.answered_ms, answer.heard_ms, answer.total_ms)
        rows.append([*head, _words(answer), *map(shown, hops)])
        head = ["", "", ""]
    if task.state in NOT_SAID:
        rows.append([*head, NOT_SAID[task.state], *("-",) * 4])
    elif not rows:
        rows.append([*head, "none yet", *("-",) * 4])
    return rows


def _by_id(tasks: list[TracedTask], rows: list[list[str]]) -> list[tuple[str, list[str]]]:
    """The rows with the step's id in place of its title."""
    ids = iter(task.step for task in tasks)
    return [(next(ids) if row[0] else "", row) for row in rows]


def _words(answer: TracedAnswer) -> str:
    said = SAID.get(answer.said, answer.said)
    return said if answer.effect == "applied" else f"{said} ({answer.effect})"


def _remark(task: TracedTask) -> None:
    if task.overdue_at is not None:
        due = f", due {to_vn(task.due_at):%d/%m/%Y %H:%M}" if task.due_at is not None else ""
        output.say(f"{task.title}: overdue since {to_vn(task.overdue_at):%d/%m/%Y %H:%M}{due}.", style="yellow")
    if task.refusal is not None:
        output.say(f"{task.title} was refused: {task.refusal}", style="red")
    elif task.state == "awaits_supplement":
        output.say(f"{task.title} waits for papers: {task.note}", style="yellow")
    elif task.state == "awaits_payment":
        output.say(f"{task.title} waits for payment: {task.note}", style="yellow")
