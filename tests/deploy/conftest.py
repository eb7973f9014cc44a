"""Free ports, data folders, and processes that are gone when a test ends."""

from __future__ import annotations

import os
import random
import signal
import subprocess
import sys
from collections.abc import Callable, Iterator
from pathlib import Path

import pytest

from deploy.local.layout import Layout
from deploy.local.plan import SOURCE_ROOT
from deploy.local.ports import taken_ports
from deploy.local.topology import BROKER_MONITOR_OFFSET, BROKER_OFFSET

LaunchModule = Callable[..., subprocess.Popen[str]]
OFFSETS = (0, 1, 2, 10, 11, 20, 30, 40, 50, BROKER_OFFSET, BROKER_MONITOR_OFFSET)


@pytest.fixture
def layout(tmp_path: Path) -> Layout:
    made = Layout(tmp_path / "data")
    made.create()
    return made


def free_base_port() -> int:
    """A base port all of whose ports are free, below those the system hands out by itself."""
    while True:
        base = random.randrange(10_000, 30_000)
        if not taken_ports(base + offset for offset in OFFSETS):
            return base


@pytest.fixture
def base_port() -> int:
    return free_base_port()


@pytest.fixture
def launch_module() -> Iterator[LaunchModule]:
    """Starts a Python module in a process group of its own, and kills it when the test ends."""
    started: list[subprocess.Popen[str]] = []

    def start(*arguments: str) -> subprocess.Popen[str]:
        process = subprocess.Popen(
            [sys.executable, "-P", "-m", *arguments],
            env=os.environ | {"PYTHONPATH": str(SOURCE_ROOT)},
            stdout=subprocess.PIPE,
            stderr=subprocess.STDOUT,
            text=True,
            start_new_session=True,
        )
        started.append(process)
        return process

    yield start
    for process in started:
        if process.poll() is None:
            os.kill(process.pid, signal.SIGKILL)
        process.wait()
        if process.stdout is not None:
            process.stdout.close()


def wait_for_line(process: subprocess.Popen[str], wanted: str) -> list[str]:
    """Read what the process prints until the line `wanted`.

    Fails with all of it if the process ends first.
    """
    assert process.stdout is not None
    seen: list[str] = []
    for line in process.stdout:
        seen.append(line.rstrip())
        if seen[-1] == wanted:
            return seen
    raise AssertionError(f"it ended without saying {wanted!r}: {seen}")
