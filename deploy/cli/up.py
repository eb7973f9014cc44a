"""`truc up`: the whole axis, ready, with its addresses; in the foreground until Ctrl-C, or detached."""

from __future__ import annotations

import asyncio
import os
import shlex
import subprocess
import sys
import time
from collections.abc import Sequence
from typing import Annotated

import typer

from deploy.cli import output
from deploy.cli.options import DEFAULT_BASE_PORT, BasePort, DataDir, Settings
from deploy.local.errors import RunnerError
from deploy.local.layout import Layout
from deploy.local.logs import open_log
from deploy.local.plan import SOURCE_ROOT
from deploy.local.runner import Options, running, until_stopped
from deploy.local.secrets import read_administrator
from deploy.local.settings import given_values
from deploy.local.state import RunState, read_state
from deploy.local.topology import HUB

LOOK_EVERY_S = 0.1


def up(
    base_port: BasePort = DEFAULT_BASE_PORT,
    data_dir: DataDir = None,
    settings: Settings = None,
    detach: Annotated[bool, typer.Option("--detach", "-d", help="Return when all is ready.")] = False,
) -> None:
    """Start the broker and every service, and wait until all are ready."""
    layout = Layout.at(data_dir)
    given, remarks = given_values(settings or (), os.environ)
    for remark in remarks:
        output.note(remark, style="yellow")
    if detach:
        _detached(layout, base_port, settings or ())
    else:
        until_stopped(_foreground(Options(layout=layout, base_port=base_port, given=given)))
        output.note(f"Stopped. The data is in {layout.root}.")


async def _foreground(options: Options) -> None:
    with output.err().status("Starting the axis") as progress:
        async with running(options, output.note) as run:
            progress.stop()
            show(run.state(), options.layout)
            output.say("Ctrl-C stops everything; the data stays.")
            try:
                await asyncio.Event().wait()
            finally:
                output.note("Stopping.")


def show(state: RunState, layout: Layout) -> None:
    """The table of addresses, and what to do next."""
    seconds = time.time() - state.started_at.timestamp()
    output.say(f"Trục is ready ({seconds:.1f} s).", style="bold")
    rows = [(process.name, process.url, process.role) for process in state.processes]
    output.table(("process", "address", "what it is for"), rows, fold=(2,))
    output.say(f"Data and logs: {layout.root}")
    where = "" if layout == Layout.at(None) else f" --data-dir {shlex.quote(str(layout.root))}"
    output.say(f"How it is: truc status{where}")
    output.say(f"A token:   truc token one-stop{where}")
    hub = state.process(HUB)
    if hub is not None:
        output.say(f"Console:   {hub.url}/console/  {_how_to_log_in(layout, where)}")


def _how_to_log_in(layout: Layout, where: str) -> str:
    """The first password, as long as nobody has changed it; on a terminal only, for what is printed elsewhere is
    kept."""
    account = read_administrator(layout)
    if account is None:
        return f"(a forgotten password: truc operators password NAME{where})"
    if not output.out().is_terminal:
        return f"(as {account.username}; the password is in {layout.administrator})"
    return f"as {account.username}, password {account.password}"


def _detached(layout: Layout, base_port: int, settings: Sequence[str]) -> None:
    layout.create()
    log_path = layout.log("truc")
    command = [sys.executable, "-P", "-m", "deploy.cli", "up", "--base-port", str(base_port)]
    command += ["--data-dir", str(layout.root)]
    for setting in settings:
        command += ["--set", setting]
    python_path = os.pathsep.join(filter(None, [str(SOURCE_ROOT), os.environ.get("PYTHONPATH")]))
    log, offset = open_log(log_path, "truc up")
    with log:
        supervisor = subprocess.Popen(  # noqa: S603 -- ourselves, with the arguments we were given
            command,
            env=os.environ | {"PYTHONPATH": python_path},
            stdin=subprocess.DEVNULL,
            stdout=log,
            stderr=log,
            start_new_session=True,
        )
    try:
        state = _wait_ready(layout, supervisor)
    except KeyboardInterrupt:
        supervisor.terminate()
        raise
    if state is None:
        _explain_failure(layout, supervisor, offset)
        raise typer.Exit(supervisor.returncode or 1)
    show(state, layout)
    output.say("It runs in the background; truc down stops it.")


def _wait_ready(layout: Layout, supervisor: subprocess.Popen[bytes]) -> RunState | None:
    """The state once it is ready; None when the supervisor ended first."""
    with output.err().status("Starting the axis"):
        while supervisor.poll() is None:
            state = read_state(layout)
            if state is not None and state.pid == supervisor.pid and state.phase == "ready":
                return state
            time.sleep(LOOK_EVERY_S)
    return None


def _explain_failure(layout: Layout, supervisor: subprocess.Popen[bytes], offset: int) -> None:
    with layout.log("truc").open("rb") as stream:
        stream.seek(offset)
        said = stream.read().decode("utf-8", errors="replace").strip()
    if said:
        output.err().print(said, markup=False, soft_wrap=True)
    else:
        raise RunnerError(f"The axis did not start (exit code {supervisor.returncode}). See {layout.log('truc')}.")
