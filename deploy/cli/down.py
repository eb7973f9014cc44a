"""`truc down`: stops what runs on a data folder, also what a killed `truc up` may have left behind."""

from __future__ import annotations

import os
import signal
import time

from deploy.cli import output
from deploy.cli.options import DataDir
from deploy.local.errors import RunnerError
from deploy.local.layout import Layout
from deploy.local.state import exclusive, running_pid, stop_survivors

PATIENCE_S = 30.0
LOOK_EVERY_S = 0.05


def down(data_dir: DataDir = None) -> None:
    """Stop everything that runs on the data folder. The data stays."""
    layout = Layout.at(data_dir)
    pid = running_pid(layout)
    if pid is None:
        _tidy(layout)
        return
    with output.err().status("Stopping the axis"):
        stopped = _ask(layout, pid)
    if not stopped:
        os.kill(pid, signal.SIGKILL)  # the kernel takes its children with it
        _wait_gone(layout, pid)
        with exclusive(layout):
            stop_survivors(layout)
        output.note(f"The supervisor (pid {pid}) did not answer and was killed.", style="yellow")
    output.say(f"Stopped. The data is in {layout.root}.")


def _ask(layout: Layout, pid: int) -> bool:
    try:
        os.kill(pid, signal.SIGTERM)
    except ProcessLookupError:
        return True
    except PermissionError as error:
        raise RunnerError(
            f"The axis on {layout.root} (pid {pid}) belongs to another user. Ask them to stop it."
        ) from error
    return _wait_gone(layout, pid)


def _wait_gone(layout: Layout, pid: int) -> bool:
    deadline = time.monotonic() + PATIENCE_S
    while running_pid(layout) == pid:
        if time.monotonic() > deadline:
            return False
        time.sleep(LOOK_EVERY_S)
    return True


def _tidy(layout: Layout) -> None:
    left: list[str] = []
    if layout.run_state.exists():
        with exclusive(layout):
            left = stop_survivors(layout)
    if left:
        output.say(f"Stopped what an earlier run had left behind: {', '.join(left)}.")
    else:
        output.say(f"Nothing is running on {layout.root}.")
