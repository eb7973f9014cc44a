"""The whole axis for the length of a benchmark: `truc up` on free ports, in a folder of its own.

Its life is tied to ours by the kernel, so that nothing stays behind however a benchmark ends. Settings of the
caller's environment never reach it: two runs of one benchmark must measure the same thing.
"""

from __future__ import annotations

import contextlib
import os
import random
import signal
import subprocess
import sys
import tempfile
import time
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from pathlib import Path

import httpx
import psutil

from deploy.local.client import Axis, find_member, read_token, token_request
from deploy.local.errors import RunnerError
from deploy.local.layout import Layout
from deploy.local.plan import SOURCE_ROOT
from deploy.local.ports import taken_ports
from deploy.local.raising import CHILD_PROGRAM
from deploy.local.state import read_state
from deploy.local.topology import BROKER_MONITOR_OFFSET, BROKER_OFFSET, HUB, PROCESSES

MEMBER = "one-stop"
READY_WITHIN_S = 120.0
STOPPED_WITHIN_S = 30.0
LOOK_EVERY_S = 0.02
SERVED = (("dossier", "/v1/agencies"), ("sync", "/v1/status"), ("portal", "/v1/faults"))
LOWEST_PORT, HIGHEST_PORT = 10_000, 30_000  # below those the system hands out by itself


@dataclass(frozen=True)
class Mesh:
    """A running axis; `token` may do everything a one-stop shop may. `ready_s`: from the start until ready."""

    axis: Axis
    token: str
    ready_s: float

    @property
    def layout(self) -> Layout:
        return self.axis.layout

    def url(self, name: str) -> str:
        return self.axis.url(name)

    def port(self, name: str) -> int:
        return int(self.url(name).rpartition(":")[2])

    def client(self, name: str) -> httpx.Client:
        """A plain client of one process, with the token."""
        return httpx.Client(
            base_url=self.url(name),
            headers={"Authorization": f"Bearer {self.token}"},
            timeout=60,
            trust_env=False,
        )

    def processes(self) -> dict[str, psutil.Process]:
        """Every process of the run by name, the supervisor as "truc", and what services are forked from as
        "nursery"."""
        state = self.axis.state
        found = {each.name: psutil.Process(each.pid) for each in state.processes if each.pid is not None}
        supervisor = psutil.Process(state.pid)
        named = {each.pid for each in found.values()}
        for child in supervisor.children():
            if child.pid not in named:
                found["nursery"] = child
        return {"truc": supervisor, **found}

    def cpu_seconds(self) -> dict[str, float]:
        """What each process has used so far, user and system together."""
        times = {name: process.cpu_times() for name, process in self.processes().items()}
        return {name: each.user + each.system for name, each in times.items()}


def cpu_note(before: dict[str, float], after: dict[str, float], statuses: int) -> str:
    """What a status cost each process between two looks at `cpu_seconds`, as a sentence."""
    costs = {name: (after[name] - before[name]) / statuses * 1e6 for name in after}
    parts = ", ".join(f"{name} {cost:,.0f}" for name, cost in costs.items() if cost >= 1)
    return f"CPU of a status in microseconds: {parts}; all {sum(costs.values()):,.0f}."


@contextlib.contextmanager
def folder() -> Iterator[Path]:
    """A temporary folder, gone at the end of the block, also when we are told to stop (SIGTERM)."""
    before = signal.signal(signal.SIGTERM, lambda *_: signal.raise_signal(signal.SIGINT))
    try:
        with tempfile.TemporaryDirectory(prefix="truc-bench-") as name:
            yield Path(name)
    finally:
        signal.signal(signal.SIGTERM, before)


@contextlib.contextmanager
def mesh(data: Path, settings: Sequence[str] = ()) -> Iterator[Mesh]:
    """The axis on the data folder `data`, ready; `settings` are `KEY=VALUE` as `--set` takes them.

    Raises RunnerError with what `truc up` said when it does not become ready.
    """
    layout = Layout.at(data)
    layout.create()
    said = layout.log("bench-up")
    began = time.perf_counter()
    with said.open("ab") as log:
        supervisor = subprocess.Popen(
            _command(layout, settings), env=_environment(), stdin=subprocess.DEVNULL, stdout=log, stderr=log
        )
    try:
        _wait_ready(layout, supervisor, said)
        ready_s = time.perf_counter() - began
        axis = Axis.at(layout)
        running = Mesh(axis, _token(axis), ready_s)
        _wait_served(running)
        yield running
    finally:
        _stop(supervisor)


def free_base_port() -> int:
    """A base port all of whose ports are free."""
    offsets = [*(process.offset for process in PROCESSES), BROKER_OFFSET, BROKER_MONITOR_OFFSET]
    while True:
        base = random.randrange(LOWEST_PORT, HIGHEST_PORT)
        if not taken_ports(base + offset for offset in offsets):
            return base


def _command(layout: Layout, settings: Sequence[str]) -> list[str]:
    tied = [sys.executable, "-I", "-S", str(CHILD_PROGRAM), str(os.getpid())]
    up = [sys.executable, "-P", "-m", "deploy.cli", "up", "--base-port", str(free_base_port())]
    chosen = [part for setting in settings for part in ("--set", setting)]
    return [*tied, *up, "--data-dir", str(layout.root), *chosen]


def _environment() -> dict[str, str]:
    inherited = {key: value for key, value in os.environ.items() if not key.startswith("TRUC_")}
    return inherited | {"PYTHONPATH": str(SOURCE_ROOT)}


def _wait_ready(layout: Layout, supervisor: subprocess.Popen[bytes], said: Path) -> None:
    deadline = time.monotonic() + READY_WITHIN_S
    while supervisor.poll() is None and time.monotonic() < deadline:
        state = read_state(layout)
        if state is not None and state.pid == supervisor.pid and state.phase == "ready":
            return
        time.sleep(LOOK_EVERY_S)
    raise RunnerError("The axis did not become ready. It said:", details=said.read_text().splitlines()[-20:])


def _token(axis: Axis) -> str:
    member = find_member(axis.layout, MEMBER)
    with httpx.Client(timeout=10, trust_env=False) as http:
        return read_token(http.send(token_request(axis.url(HUB), member)), MEMBER)[0]


def _wait_served(running: Mesh) -> None:
    """Return when the token opens every service that is measured: one that started before the hub may not have
    its keys yet, and says 503."""
    deadline = time.monotonic() + READY_WITHIN_S
    for name, path in SERVED:
        with running.client(name) as http:
            while (status := http.get(path).status_code) != httpx.codes.OK:
                if status != httpx.codes.SERVICE_UNAVAILABLE or time.monotonic() > deadline:
                    raise RunnerError(f"{name} answers {path} with {status}")
                time.sleep(LOOK_EVERY_S)


def _stop(supervisor: subprocess.Popen[bytes]) -> None:
    if supervisor.poll() is None:
        supervisor.send_signal(signal.SIGTERM)
        try:
            supervisor.wait(STOPPED_WITHIN_S)
        except subprocess.TimeoutExpired:
            supervisor.kill()  # the kernel takes its children with it
            supervisor.wait()
