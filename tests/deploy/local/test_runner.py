"""The runner with a real broker and tiny services: up, known to others, down, up again on the same data."""

from __future__ import annotations

import asyncio
import os
import signal
import socket

import httpx
import pytest

from deploy.local.errors import RunnerError
from deploy.local.layout import Layout
from deploy.local.plan import LOCAL
from deploy.local.ports import taken_ports
from deploy.local.runner import Options, running
from deploy.local.state import read_state, running_pid
from deploy.local.supervisor import Timing
from deploy.local.topology import BROKER_OFFSET
from tests.deploy.conftest import LaunchModule, wait_for_line
from tests.deploy.tiny.axis import TINY

pytestmark = pytest.mark.anyio


@pytest.fixture
def options(layout: Layout, base_port: int) -> Options:
    return Options(layout, base_port, processes=TINY, timing=Timing(stop_deadline=5))


async def test_up_is_known_to_others_and_down_leaves_only_data(options: Options, base_port: int) -> None:
    said: list[str] = []
    async with running(options, said.append) as run:
        state = read_state(options.layout)
        assert state is not None and state == run.state()
        assert state.phase == "ready" and state.pid == os.getpid() == running_pid(options.layout)
        assert [(process.name, process.url) for process in state.processes] == [
            ("nats", f"nats://{LOCAL}:{base_port + BROKER_OFFSET}"),
            ("tiny", f"http://{LOCAL}:{base_port + 10}"),
        ]
        async with httpx.AsyncClient() as http:
            told = (await http.get(f"{state.processes[1].url}/environment")).json()
        assert told["TRUC_TINY_PORT"] == str(base_port + 10)
        assert told["TRUC_TINY_NATS_NKEY_SEED_FILE"] == str(options.layout.seed("tiny"))
    assert read_state(options.layout) is None and running_pid(options.layout) is None
    assert taken_ports([base_port + 10, base_port + BROKER_OFFSET]) == []
    assert (options.layout.broker / "jetstream").is_dir()


async def test_a_second_start_on_the_same_data_keeps_the_secrets(options: Options) -> None:
    async with running(options, lambda line: None):
        before = {path: path.read_bytes() for path in options.layout.secrets.rglob("*") if path.is_file()}
    async with running(options, lambda line: None):
        after = {path: path.read_bytes() for path in options.layout.secrets.rglob("*") if path.is_file()}
    assert before == after and len(before) >= 4


async def test_a_second_run_on_the_same_data_is_refused(options: Options) -> None:
    async with running(options, lambda line: None):
        with pytest.raises(RunnerError, match="already running on"):
            async with running(options, lambda line: None):
                pass
        assert running_pid(options.layout) == os.getpid()


async def test_a_taken_port_stops_the_start_before_anything_runs(options: Options, base_port: int) -> None:
    with (
        socket.create_server((LOCAL, base_port + 10)),
        pytest.raises(RunnerError, match="One port is in use"),
    ):
        async with running(options, lambda line: None):
            pass
    assert running_pid(options.layout) is None


async def test_a_start_that_fails_stops_what_had_started(layout: Layout, base_port: int) -> None:
    options = Options(layout, base_port, given={"TRUC_TINY_MODE": "dies"}, processes=TINY)
    with pytest.raises(RunnerError, match="tiny ended with exit code 1 while it was starting"):
        async with running(options, lambda line: None):
            pass
    assert taken_ports([base_port + BROKER_OFFSET]) == []
    assert running_pid(layout) is None


async def test_being_asked_twice_to_stop_means_at_once(layout: Layout, base_port: int) -> None:
    options = Options(
        layout,
        base_port,
        given={"TRUC_TINY_MODE": "stubborn"},
        processes=TINY,
        timing=Timing(stop_deadline=60),
    )
    up, stopping = asyncio.Event(), asyncio.Event()

    def listen(line: str) -> None:
        if "killed" in line:
            stopping.set()

    async def run() -> None:
        async with running(options, listen):
            up.set()
            await asyncio.Event().wait()

    task = asyncio.create_task(run())
    await up.wait()
    task.cancel()
    await asyncio.sleep(0)  # the first request is delivered: it now waits for a program that does not stop
    task.cancel()
    async with asyncio.timeout(10):
        with pytest.raises(asyncio.CancelledError):
            await task
    assert stopping.is_set()
    assert taken_ports([base_port + 10]) == []


@pytest.mark.parametrize("number", [signal.SIGINT, signal.SIGTERM, signal.SIGHUP])
def test_a_signal_stops_everything_cleanly(
    layout: Layout, base_port: int, launch_module: LaunchModule, number: signal.Signals
) -> None:
    process = launch_module("tests.deploy.tiny.axis", str(layout.root), str(base_port))
    wait_for_line(process, "up")
    process.send_signal(number)
    assert process.wait(timeout=15) == 0
    assert (layout.service("tiny") / "stopped").exists()
    assert taken_ports([base_port + 10, base_port + BROKER_OFFSET]) == []


def test_after_kill_9_the_next_start_works(layout: Layout, base_port: int, launch_module: LaunchModule) -> None:
    first = launch_module("tests.deploy.tiny.axis", str(layout.root), str(base_port))
    wait_for_line(first, "up")
    first.kill()
    first.wait()
    assert read_state(layout) is not None and running_pid(layout) is None
    second = launch_module("tests.deploy.tiny.axis", str(layout.root), str(base_port))
    wait_for_line(second, "up")
