"""`truc trace CODE`: the way of one dossier, hop by hop: to the portal, and through the systems.

Read from three witnesses: the dossier's timeline (what the province knows), the lane in sync (what happened on the
way to the portal), and its run with the answers of each task. Nothing is computed but the differences.
"""

from __future__ import annotations

import asyncio
import json
from datetime import datetime
from itertools import pairwise
from typing import Annotated, Any, Final, NamedTuple

import httpx
import typer
from pydantic import BaseModel

from contracts.status import DossierStatus
from contracts.times import to_vn
from deploy.cli import output
from deploy.cli import trace_systems as systems
from deploy.cli.calls import call
from deploy.cli.hops import moment, ms_between, shown
from deploy.cli.options import DataDir
from deploy.local.client import Axis
from deploy.local.errors import RunnerError
from deploy.local.layout import Layout
from services.bus.kit.trace import trace_id_of

ROOMY: Final = 90
"""Columns it takes for all; a narrower terminal gets statuses by number, and no times of day."""


class TracedStep(BaseModel):
    """One status and its hops. `*_ms` are from the hop before; `total_ms` from commit to acknowledgement.

    `in_dossier`: the acknowledgement came back, and the province knows it.
    """

    version: int
    status: int
    status_name: str
    committed_at: datetime
    published_at: datetime | None
    received_at: datetime | None
    sent_at: datetime | None
    acknowledged_at: datetime | None
    published_ms: float | None
    received_ms: float | None
    sent_ms: float | None
    acknowledged_ms: float | None
    total_ms: float | None
    attempts: int
    in_dossier: bool
    reason: str | None


def trace(
    code: Annotated[str, typer.Argument(metavar="CODE", help="The dossier's code.")],
    data_dir: DataDir = None,
    as_json: Annotated[bool, typer.Option("--json", help="Print JSON.")] = False,
) -> None:
    """Show the way of one dossier to the national portal, and through the systems that carry it out."""
    axis = Axis.at(Layout.at(data_dir))
    seen = asyncio.run(_look(axis, code.strip()))
    steps = traced(seen.timeline, seen.lane)
    if as_json:
        document = {
            "code": seen.timeline["code"],
            "trace_id": trace_id_of(seen.timeline["code"]),
            "lane": seen.lane["state"] if seen.lane is not None else None,
            "steps": [step.model_dump(mode="json") for step in steps],
            "systems": [task.model_dump(mode="json") for task in systems.traced(seen.tasks)],
        }
        typer.echo(json.dumps(document, indent=2, ensure_ascii=False))
        return
    _show(seen.timeline["code"], seen.lane, steps)
    systems.show(systems.traced(seen.tasks))
    output.say(f"In logs and in a tracing system this dossier is the trace {trace_id_of(seen.timeline['code'])}.")


class _Seen(NamedTuple):
    """What the witnesses say. `lane` is None if sync has not heard of the dossier yet; `tasks` is empty where an
    officer carries the dossier out."""

    timeline: dict[str, Any]
    lane: dict[str, Any] | None
    tasks: list[dict[str, Any]]


async def _look(axis: Axis, code: str) -> _Seen:
    async with axis.client("dossier") as http:
        answer = await call(http, "GET", f"/v1/dossiers/{_path(code)}/timeline", may_be=(404, 422))
        if answer.status_code != httpx.codes.OK:
            raise RunnerError(f"There is no dossier {code}. Codes look like H08.31.22-230115-0001.")
        timeline: dict[str, Any] = answer.json()
        tasks = await _tasks(http, timeline["code"])
    async with axis.client("sync") as http:
        found = await call(http, "GET", f"/v1/lanes/{timeline['code']}", may_be=(404,))
    return _Seen(timeline, found.json() if found.status_code == httpx.codes.OK else None, tasks)


async def _tasks(http: httpx.AsyncClient, code: str) -> list[dict[str, Any]]:
    """The steps of the systems, those that were asked for with every answer."""
    run = await call(http, "GET", f"/v1/dossiers/{code}/run", may_be=(404,))
    found = []
    for task in run.json()["tasks"] if run.status_code == httpx.codes.OK else ():
        answers = []
        if task["requested_at"] is not None:
            answers = (await call(http, "GET", f"/v1/tasks/{task['id']}")).json()["answers"]
        found.append({**task, "answers": answers})
    return found


def _path(code: str) -> str:
    if not code or "/" in code or not code.isascii() or not code.isprintable():
        raise RunnerError(f"{code!r} is not a dossier code. Codes look like H08.31.22-230115-0001.")
    return code


def traced(timeline: dict[str, Any], lane: dict[str, Any] | None) -> list[TracedStep]:
    """Both views of the same steps, laid together by version."""
    of_lane = {step["version"]: step for step in lane["steps"]} if lane is not None else {}
    return [_step(step, of_lane.get(step["version"], {})) for step in timeline["steps"]]


def _step(step: dict[str, Any], on_its_way: dict[str, Any]) -> TracedStep:
    texts = [step["at"], *(on_its_way.get(name) for name in ("published_at", "received_at", "sent_at"))]
    times = [moment(text) for text in (*texts, on_its_way.get("acknowledged_at"))]
    hops = [ms_between(earlier, later) for earlier, later in pairwise(times)]
    committed = times[0]
    assert committed is not None
    return TracedStep(
        version=step["version"],
        status=step["status"],
        status_name=DossierStatus(step["status"]).text.en,
        committed_at=committed,
        published_at=times[1],
        received_at=times[2],
        sent_at=times[3],
        acknowledged_at=times[4],
        published_ms=hops[0],
        received_ms=hops[1],
        sent_ms=hops[2],
        acknowledged_ms=hops[3],
        total_ms=ms_between(committed, times[4]),
        attempts=on_its_way.get("attempts", 0),
        in_dossier=step["sync"]["state"] == "acknowledged",
        reason=step["sync"].get("reason"),
    )


def _show(code: str, lane: dict[str, Any] | None, steps: list[TracedStep]) -> None:
    began = to_vn(steps[0].committed_at)
    console = output.out()
    roomy = not console.is_terminal or console.width >= ROOMY
    output.say(f"{code}, since {began:%d/%m/%Y %H:%M:%S} (Vietnam)", style="bold")
    header = ["", "status", "pub.", "recv.", "sent", "ack.", "total", "back"]
    rows = [
        [
            str(step.version),
            f"{step.status} {step.status_name}" if roomy else str(step.status),
            *(shown(ms) for ms in (step.published_ms, step.received_ms, step.sent_ms)),
            shown(step.acknowledged_ms),
            shown(step.total_ms),
            "yes" if step.in_dossier else "no",
        ]
        for step in steps
    ]
    right = {0, 2, 3, 4, 5, 6}
    if roomy:
        header.insert(2, "committed")
        for row, step in zip(rows, steps, strict=True):
            row.insert(2, f"{to_vn(step.committed_at):%H:%M:%S.%f}"[:-3])
        right = {0, 3, 4, 5, 6, 7}
    output.table(header, rows, right=right)
    output.say(
        "Milliseconds from one hop to the next: committed in the dossier service, published on the axis, received "
        "by sync, sent to the portal, acknowledged by it; in total; and whether the dossier service knows it."
    )
    for step in steps:
        if step.reason is not None:
            output.say(f"Step {step.version} was refused by the portal: {step.reason}", style="red")
        elif step.attempts > 1:
            output.say(f"Step {step.version} took {step.attempts} attempts.")
    if lane is None:
        output.say("Sync has not heard of this dossier yet.", style="yellow")
    elif lane["state"] == "parked":
        output.say(f"The lane is parked: {lane['reason']}", style="red")
