"""One run a data folder; what a killed run left behind is found and stopped, and nothing else is."""

from __future__ import annotations

import os
import subprocess
import sys
from collections.abc import Callable, Iterator
from datetime import UTC, datetime

import psutil
import pytest

from deploy.local.errors import RunnerError
from deploy.local.layout import Layout
from deploy.local.state import (
    ProcessState,
    RunState,
    created_at,
    exclusive,
    read_state,
    running_pid,
    stop_survivors,
    write_state,
)

NOW = datetime(2026, 11, 22, tzinfo=UTC)
Sleeper = Callable[[], subprocess.Popen[bytes]]


@pytest.fixture
def sleeper() -> Iterator[Sleeper]:
    """Starts a process that waits for ever, not even minding SIGTERM."""
    started: list[subprocess.Popen[bytes]] = []

    def start() -> subprocess.Popen[bytes]:
        program = (
            "import signal; signal.signal(signal.SIGTERM, signal.SIG_IGN); print('up', flush=True); signal.pause()"
        )
        process = subprocess.Popen([sys.executable, "-c", program], stdout=subprocess.PIPE)
        assert process.stdout is not None and process.stdout.readline() == b"up\n"
        started.append(process)
        return process

    yield start
    for process in started:
        process.kill()
        process.communicate()


def state_of(pid: int | None, created: float | None) -> RunState:
    process = ProcessState(
        name="left",
        role="",
        phase="running",
        pid=pid,
        created=created,
        started_at=NOW,
        restarts=0,
        port=1,
        url="http://127.0.0.1:1",
        ready_url="http://127.0.0.1:1/readyz",
        log="left.log",
    )
    return RunState(pid=1, phase="ready", started_at=NOW, base_port=8000, processes=[process])


def test_the_lock_names_its_holder_and_ends_with_it(layout: Layout) -> None:
    assert running_pid(layout) is None
    with exclusive(layout):
        assert running_pid(layout) == os.getpid()
        with (
            pytest.raises(RunnerError, match=rf"already running on {layout.root} \(pid {os.getpid()}\)"),
            exclusive(layout),
        ):
            pass
    assert running_pid(layout) is None
    with exclusive(layout):
        pass


def test_the_lock_of_a_killed_process_is_free(layout: Layout) -> None:
    program = (
        "from pathlib import Path; import signal\n"
        "from deploy.local.layout import Layout; from deploy.local.state import exclusive\n"
        f"with exclusive(Layout(Path({str(layout.root)!r}))): print('held', flush=True); signal.pause()"
    )
    process = subprocess.Popen([sys.executable, "-c", program], stdout=subprocess.PIPE)
    assert process.stdout is not None and process.stdout.readline() == b"held\n"
    assert running_pid(layout) == process.pid
    process.kill()
    process.communicate()
    assert running_pid(layout) is None


def test_state_is_read_as_it_was_written_and_rubbish_is_no_state(layout: Layout) -> None:
    assert read_state(layout) is None
    write_state(layout, state_of(5, 1.0))
    assert read_state(layout) == state_of(5, 1.0)
    layout.run_state.write_text('{"pid": ')
    assert read_state(layout) is None


def test_a_survivor_is_stopped_even_if_it_ignores_sigterm(layout: Layout, sleeper: Sleeper) -> None:
    left = sleeper()
    write_state(layout, state_of(left.pid, created_at(left.pid)))
    assert stop_survivors(layout, patience_s=0.2) == ["left"]
    assert created_at(left.pid) is None
    assert not layout.run_state.exists()


def test_a_process_that_only_has_the_same_pid_is_left_alone(layout: Layout, sleeper: Sleeper) -> None:
    other = sleeper()
    created = created_at(other.pid)
    assert created is not None
    write_state(layout, state_of(other.pid, created - 60))
    assert stop_survivors(layout, patience_s=0.2) == []
    assert psutil.Process(other.pid).status() != psutil.STATUS_ZOMBIE


def test_nothing_left_is_nothing_done(layout: Layout) -> None:
    assert stop_survivors(layout) == []
    write_state(layout, state_of(None, None))
    assert stop_survivors(layout) == []
