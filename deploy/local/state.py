"""What runs on a data folder: the lock that makes it at most one, the file that says what and where.

The lock (flock on `truc.lock`) is the truth about *whether*: the kernel drops it when its holder dies,
however that happens. `run.json` is the truth about *what*: it is replaced whole at each change, and after a
crash it names the processes to look for.
"""

from __future__ import annotations

import fcntl
import os
import time
from collections.abc import Iterable, Iterator
from contextlib import contextmanager, suppress
from datetime import datetime
from typing import Literal

import psutil
from pydantic import BaseModel, ValidationError

from deploy.local.errors import RunnerError
from deploy.local.layout import Layout, write_whole

LOCK_PATIENCE_S = 1.0
SAME_START_S = 2.0

ProcessPhase = Literal["starting", "running", "restarting", "stopped"]
RunPhase = Literal["starting", "ready", "stopping"]


class ProcessState(BaseModel):
    """One supervised process.

    `created` is the kernel's start time of `pid` (a pid alone may be used again).
    """

    name: str
    role: str
    phase: ProcessPhase
    pid: int | None
    created: float | None
    started_at: datetime
    restarts: int
    port: int
    url: str
    ready_url: str
    log: str


class RunState(BaseModel):
    """One `truc up`: the supervisor and its processes, in the order in which they were started."""

    pid: int
    phase: RunPhase
    started_at: datetime
    base_port: int
    processes: list[ProcessState]

    def process(self, name: str) -> ProcessState | None:
        return next((process for process in self.processes if process.name == name), None)


def write_state(layout: Layout, state: RunState) -> None:
    write_whole(layout.run_state, state.model_dump_json(indent=2) + "\n", mode=0o600)


def read_state(layout: Layout) -> RunState | None:
    """The last state written; None when there is none, or none that can be understood."""
    try:
        return RunState.model_validate_json(layout.run_state.read_bytes())
    except (OSError, ValidationError):
        return None


def running_pid(layout: Layout) -> int | None:
    """Pid of the supervisor that holds this data folder, or None."""
    try:
        with layout.lock.open("r+") as stream:
            try:
                fcntl.flock(stream, fcntl.LOCK_SH | fcntl.LOCK_NB)
            except BlockingIOError:
                return _pid_in(stream.read())
            return None
    except OSError:
        return None


@contextmanager
def exclusive(layout: Layout) -> Iterator[None]:
    """Hold this data folder. Raises RunnerError naming what runs there already."""
    with layout.lock.open("a+") as stream:
        _lock(stream.fileno(), layout)
        stream.truncate(0)
        stream.write(f"{os.getpid()}\n")
        stream.flush()
        yield


def _lock(descriptor: int, layout: Layout) -> None:
    deadline = time.monotonic() + LOCK_PATIENCE_S  # `truc status` holds it for an instant to look
    while True:
        try:
            fcntl.flock(descriptor, fcntl.LOCK_EX | fcntl.LOCK_NB)
            return
        except BlockingIOError:
            if time.monotonic() > deadline:
                raise RunnerError(_already_running(layout)) from None
            time.sleep(0.05)


def _already_running(layout: Layout) -> str:
    state, pid = read_state(layout), running_pid(layout)
    hub = state.processes[1].url if state is not None and len(state.processes) > 1 else None
    where = f", its hub at {hub}" if hub else ""
    since = f" since {state.started_at.astimezone():%H:%M:%S}" if state is not None else ""
    return (
        f"The axis is already running on {layout.root}{since} (pid {pid}{where}). "
        "Stop it with `truc down`, or give this one its own --data-dir and --base-port."
    )


def _pid_in(text: str) -> int | None:
    return int(text) if text.strip().isdigit() else None


def created_at(pid: int) -> float | None:
    """The kernel's start time of a process, or None when it is gone."""
    with suppress(psutil.Error):
        return float(psutil.Process(pid).create_time())
    return None


def survivors(state: RunState) -> list[psutil.Process]:
    """Processes of an earlier run that are still alive: same pid and same start time."""
    alive = []
    for process in state.processes:
        if process.pid is None or process.created is None:
            continue
        created = created_at(process.pid)
        if created is not None and abs(created - process.created) < SAME_START_S:
            with suppress(psutil.Error):
                alive.append(psutil.Process(process.pid))
    return [process for process in alive if process.status() != psutil.STATUS_ZOMBIE]


def stop_survivors(layout: Layout, *, patience_s: float = 5.0) -> list[str]:
    """Stop what a killed supervisor left behind on this data folder; returns the names of what was found.

    Call it only while holding the lock.
    """
    state = read_state(layout)
    if state is None:
        return []
    found = survivors(state)
    names = {process.pid: process.name for process in state.processes}
    _signal(found, "terminate")
    _, stubborn = psutil.wait_procs(found, timeout=patience_s)
    _signal(stubborn, "kill")
    psutil.wait_procs(stubborn, timeout=patience_s)
    layout.run_state.unlink(missing_ok=True)
    return [names[process.pid] for process in found]


def _signal(processes: Iterable[psutil.Process], how: Literal["terminate", "kill"]) -> None:
    for process in processes:
        with suppress(psutil.Error):
            getattr(process, how)()
