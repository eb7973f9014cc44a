"""`truc status`: how each process is right now, asked of the process itself.

Exit code 0 only when all are ready.
"""

from __future__ import annotations

import asyncio
import json
from datetime import UTC, datetime
from typing import Annotated, Any

import httpx
import psutil
import typer
from pydantic import BaseModel

from deploy.cli import output
from deploy.cli.options import DataDir
from deploy.local.layout import Layout
from deploy.local.state import ProcessState, RunState, read_state, running_pid

PROBE_TIMEOUT_S = 5.0
NOT_READY = 1
MIB = 1024 * 1024


class Health(BaseModel):
    """One process as it is now. `why` says what is missing when it is not ready."""

    name: str
    pid: int | None
    up_since: datetime
    port: int
    url: str
    ready: bool
    why: str | None
    memory_bytes: int | None
    restarts: int
    log: str


def status(
    data_dir: DataDir = None,
    as_json: Annotated[bool, typer.Option("--json", help="Print JSON.")] = False,
) -> None:
    """Say how each process is: ready or not, and why."""
    layout = Layout.at(data_dir)
    state = read_state(layout) if running_pid(layout) is not None else None
    health = asyncio.run(_ask_all(state)) if state is not None else []
    ready = state is not None and state.phase == "ready" and all(each.ready for each in health)
    if as_json:
        typer.echo(json.dumps(_document(layout, state, health, ready), indent=2))
    elif state is None:
        output.say(f"Nothing is running on {layout.root}. Start it with truc up.")
    else:
        _show(state, health, ready)
    raise typer.Exit(0 if ready else NOT_READY)


async def _ask_all(state: RunState) -> list[Health]:
    async with httpx.AsyncClient(timeout=PROBE_TIMEOUT_S, trust_env=False) as http:
        return list(await asyncio.gather(*(_ask(http, process) for process in state.processes)))


async def _ask(http: httpx.AsyncClient, process: ProcessState) -> Health:
    why = await _why_not_ready(http, process)
    return Health(
        name=process.name,
        pid=process.pid,
        up_since=process.started_at,
        port=process.port,
        url=process.url,
        ready=why is None,
        why=why,
        memory_bytes=_memory_bytes(process.pid),
        restarts=process.restarts,
        log=process.log,
    )


async def _why_not_ready(http: httpx.AsyncClient, process: ProcessState) -> str | None:
    """None when it is ready, else what it says is missing."""
    if process.phase == "restarting":
        return f"it died and is being started again; its log: {process.log}"
    try:
        answer = await http.get(process.ready_url)
    except httpx.TimeoutException:
        return f"it does not answer within {PROBE_TIMEOUT_S:.0f} s; its log: {process.log}"
    except httpx.HTTPError as error:
        return f"it cannot be reached ({type(error).__name__}); its log: {process.log}"
    return None if answer.status_code == httpx.codes.OK else _missing(answer)


def _missing(answer: httpx.Response) -> str:
    """From the body of `/readyz`: the checks that are not "ok"."""
    try:
        body = answer.json()
    except ValueError:
        body = None
    checks = body if isinstance(body, dict) else {}
    missing = [
        f"{name}: {value}" for name, value in checks.items() if name != "status" and value not in ("ok", None)
    ]
    return "; ".join(missing) or f"it answers HTTP {answer.status_code}"


def _memory_bytes(pid: int | None) -> int | None:
    """What it holds, pages it shares with others counted in part (PSS); resident memory where the system cannot
    tell."""
    if pid is None:
        return None
    try:
        full = psutil.Process(pid).memory_full_info()
    except psutil.Error:
        return None
    return int(getattr(full, "pss", full.rss))


def _document(layout: Layout, state: RunState | None, health: list[Health], ready: bool) -> dict[str, Any]:
    return {
        "ready": ready,
        "phase": state.phase if state is not None else "down",
        "data_dir": str(layout.root),
        "pid": state.pid if state is not None else None,
        "started_at": state.started_at.isoformat() if state is not None else None,
        "base_port": state.base_port if state is not None else None,
        "processes": [each.model_dump(mode="json") for each in health],
    }


def _show(state: RunState, health: list[Health], ready: bool) -> None:
    now = datetime.now(UTC)
    rows = [
        (
            each.name,
            "ready" if each.ready else "NOT READY",
            str(each.port),
            str(each.pid) if each.pid is not None else "-",
            duration((now - each.up_since).total_seconds()),
            f"{each.memory_bytes / MIB:.0f} MB" if each.memory_bytes is not None else "-",
            str(each.restarts),
        )
        for each in health
    ]
    output.table(("process", "state", "port", "pid", "up", "memory", "restarts"), rows, right=(2, 3, 4, 5, 6))
    for each in health:
        if each.why is not None:
            output.say(f"{each.name} is not ready: {each.why}")
    total = sum(each.memory_bytes or 0 for each in health)
    word = "All are ready" if ready else f"The axis is {state.phase}; not all are ready"
    output.say(f"{word}. Together they hold {total / MIB:.0f} MB.")


def duration(seconds: float) -> str:
    """Short and whole: 42s, 7m, 3h 05m, 2d 4h."""
    whole = int(max(seconds, 0))
    if whole < 60:
        return f"{whole}s"
    if whole < 3600:
        return f"{whole // 60}m {whole % 60:02d}s"
    if whole < 86_400:
        return f"{whole // 3600}h {whole % 3600 // 60:02d}m"
    return f"{whole // 86_400}d {whole % 86_400 // 3600}h"
