"""The supervisor with real programs: good ones, ones that die, ones that do not listen."""

from __future__ import annotations

import asyncio
import os
import signal
import sys
import time
from collections.abc import AsyncIterator, Callable
from contextlib import asynccontextmanager
from dataclasses import replace

import httpx
import psutil
import pytest

from deploy.local.errors import RunnerError
from deploy.local.layout import Layout
from deploy.local.plan import SOURCE_ROOT
from deploy.local.supervisor import Launch, Supervisor, Timing
from tests.deploy.conftest import LaunchModule, wait_for_line

pytestmark = pytest.mark.anyio

QUICK = Timing(ready_deadline=20, stop_deadline=10, first_backoff=0.05)


def tiny(layout: Layout, port: int, name: str = "tiny", mode: str = "good") -> Launch:
    environment = {
        "PYTHONPATH": str(SOURCE_ROOT),
        "TRUC_TINY_PORT": str(port),
        "TRUC_TINY_MODE": mode,
        "TRUC_TINY_DATA_DIR": str(layout.service(name)),
    }
    return Launch(
        name=name,
        argv=(sys.executable, "-P", "-m", "tests.deploy.tiny"),
        env=os.environ | environment,
        port=port,
        url=f"http://127.0.0.1:{port}",
        ready_url=f"http://127.0.0.1:{port}/readyz",
        log=layout.log(name),
    )


class Watched:
    """A supervisor, what it said, and a way to wait until something about it is true."""

    def __init__(self, timing: Timing) -> None:
        self.lines: list[str] = []
        self._changed = asyncio.Event()
        self.supervisor = Supervisor(report=self.lines.append, on_change=self._changed.set, timing=timing)

    async def until(self, condition: Callable[[], bool]) -> None:
        async with asyncio.timeout(20):
            while not condition():
                self._changed.clear()
                await self._changed.wait()

    @property
    def said(self) -> str:
        return "\n".join(self.lines)


@asynccontextmanager
async def watched(timing: Timing = QUICK) -> AsyncIterator[Watched]:
    each = Watched(timing)
    try:
        yield each
    finally:
        await each.supervisor.stop()


async def test_starts_waits_until_ready_and_stops(layout: Layout, base_port: int) -> None:
    async with watched() as each:
        await each.supervisor.start([tiny(layout, base_port)])
        [child] = each.supervisor.children
        phases = [child.phase]
        assert "tiny is ready" in each.said
        async with httpx.AsyncClient() as http:
            assert (await http.get(child.launch.ready_url)).status_code == 200
    assert [*phases, child.phase] == ["running", "stopped"]
    assert child.process.returncode == 0
    assert (layout.service("tiny") / "stopped").exists()


async def test_a_program_that_dies_at_start_is_named_with_its_log_and_its_last_words(
    layout: Layout, base_port: int
) -> None:
    async with watched() as each:
        good = tiny(layout, base_port)
        bad = tiny(layout, base_port + 1, name="bad", mode="dies")
        with pytest.raises(RunnerError) as caught:
            await each.supervisor.start([good, bad])
    assert "bad ended with exit code 1 while it was starting" in caught.value.message
    assert str(layout.log("bad")) in caught.value.message
    assert caught.value.details == ("there is no bread in the house",)
    assert all(child.process.returncode is not None for child in each.supervisor.children)


async def test_a_program_that_never_gets_ready_fails_the_start(layout: Layout, base_port: int) -> None:
    async with watched(Timing(ready_deadline=1.0)) as each:
        with pytest.raises(RunnerError, match=r"tiny was not ready at .* within 1 s"):
            await each.supervisor.start([tiny(layout, base_port, mode="unready")])


async def test_what_dies_is_started_again_and_counted(layout: Layout, base_port: int) -> None:
    async with watched() as each:
        await each.supervisor.start([tiny(layout, base_port)])
        [child] = each.supervisor.children
        first_pid = child.process.pid
        async with httpx.AsyncClient() as http:
            with pytest.raises(httpx.HTTPError):
                await http.get(f"{child.launch.url}/die")
        await each.until(lambda: child.restarts == 1 and child.phase == "running")
        assert child.process.pid != first_pid
        assert "tiny ended with exit code 7" in each.said
        assert "last words of a dying program" in each.said
        assert str(layout.log("tiny")) in each.said
        assert "tiny is ready again" in each.said


async def test_what_is_killed_is_started_again(layout: Layout, base_port: int) -> None:
    async with watched() as each:
        await each.supervisor.start([tiny(layout, base_port)])
        [child] = each.supervisor.children
        os.kill(child.process.pid, signal.SIGKILL)
        await each.until(lambda: child.restarts == 1 and child.phase == "running")
        assert "tiny was killed by SIGKILL" in each.said


async def test_pauses_grow_while_it_keeps_dying(layout: Layout, base_port: int) -> None:
    """A program that is good once, and never again."""
    program = layout.root / "once.py"
    program.write_text(
        "import pathlib, sys, runpy\n"
        f"flag = pathlib.Path({str(layout.root / 'flag')!r})\n"
        "if flag.exists(): sys.exit('not again')\n"
        "flag.touch(); runpy.run_module('tests.deploy.tiny', run_name='__main__')\n"
    )
    launch = replace(tiny(layout, base_port), argv=(sys.executable, str(program)))
    async with watched(Timing(first_backoff=0.1, longest_backoff=0.4)) as each:
        await each.supervisor.start([launch])
        [child] = each.supervisor.children
        os.kill(child.process.pid, signal.SIGKILL)
        await each.until(lambda: child.restarts >= 5)
        pauses = [line.split("again in ")[1].split(" s")[0] for line in each.lines if "again in " in line]
        assert pauses[:5] == ["0.1", "0.2", "0.4", "0.4", "0.4"]
        assert "not again" in each.said


async def test_one_that_ignores_sigterm_is_killed_after_the_deadline(layout: Layout, base_port: int) -> None:
    async with watched(Timing(stop_deadline=0.3)) as each:
        await each.supervisor.start([tiny(layout, base_port, mode="stubborn")])
        [child] = each.supervisor.children
    assert child.process.returncode == -signal.SIGKILL
    assert "tiny did not stop by itself and was killed" in each.said


async def test_hurry_does_not_wait_for_the_deadline(layout: Layout, base_port: int) -> None:
    async with watched(Timing(stop_deadline=60)) as each:
        await each.supervisor.start([tiny(layout, base_port, mode="stubborn")])
        each.supervisor.hurry()
        began = time.monotonic()
        await each.supervisor.stop()
        assert time.monotonic() - began < 10


async def test_what_was_started_last_is_stopped_first(layout: Layout, base_port: int) -> None:
    async with watched() as each:
        await each.supervisor.start([tiny(layout, base_port, name="first")])
        await each.supervisor.start([tiny(layout, base_port + 1, name="second")])
    first, second = ((layout.service(name) / "stopped").read_text() for name in ("first", "second"))
    assert int(second) < int(first)


async def test_ctrl_c_does_not_reach_the_programs_directly(layout: Layout, base_port: int) -> None:
    async with watched() as each:
        await each.supervisor.start([tiny(layout, base_port)])
        [child] = each.supervisor.children
        assert os.getpgid(child.process.pid) == child.process.pid != os.getpgid(0)


@pytest.mark.skipif(sys.platform != "linux", reason="the kernel ends children with their parent on Linux only")
def test_no_program_outlives_a_killed_supervisor(
    layout: Layout, base_port: int, launch_module: LaunchModule
) -> None:
    process = launch_module("tests.deploy.tiny.axis", str(layout.root), str(base_port))
    wait_for_line(process, "up")
    children = psutil.Process(process.pid).children()
    assert len(children) == 2  # the broker and the tiny service
    process.kill()
    gone, alive = psutil.wait_procs(children, timeout=10)
    assert not alive and len(gone) == 2
