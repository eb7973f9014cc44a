"""Services forked from one process: each its own, and none outlives the nursery."""

from __future__ import annotations

import asyncio
import os
import signal
import sys
from collections.abc import AsyncIterator
from pathlib import Path

import psutil
import pytest

from deploy.local.plan import SOURCE_ROOT
from deploy.local.raising import Nursery

pytestmark = [
    pytest.mark.anyio,
    pytest.mark.skipif(sys.platform != "linux", reason="services are only forked on Linux"),
]

ENVIRONMENT = {"PATH": os.environ["PATH"], "PYTHONPATH": str(SOURCE_ROOT)}


@pytest.fixture
async def nursery(tmp_path: Path) -> AsyncIterator[Nursery]:
    made = Nursery(ENVIRONMENT | {"PYTHONPATH": f"{SOURCE_ROOT}{os.pathsep}{tmp_path}"}, tmp_path / "nursery.log")
    yield made
    await made.close()


def module(folder: Path, name: str, body: str) -> str:
    (folder / f"{name}.py").write_text(body)
    return name


async def test_a_module_runs_as_main_with_its_own_environment_and_log(nursery: Nursery, tmp_path: Path) -> None:
    name = module(
        tmp_path, "speaks", "import os, sys\nif __name__ == '__main__': print(os.environ['WORD'], sys.argv)"
    )
    born = await nursery.bear(name, ENVIRONMENT | {"WORD": "xin chào"}, tmp_path / "log")
    assert await born.wait() == 0
    assert (tmp_path / "log").read_text() == f"xin chào ['{tmp_path / 'speaks.py'}']\n"


@pytest.mark.parametrize(
    ("body", "code"),
    [
        ("import sys; sys.exit(3)", 3),
        ("import sys; sys.exit('no port')", 1),
        ("raise ValueError('broken')", 1),
        ("import os, signal; os.kill(os.getpid(), signal.SIGTERM)", -signal.SIGTERM),
    ],
)
async def test_how_it_ended_is_told(nursery: Nursery, tmp_path: Path, body: str, code: int) -> None:
    born = await nursery.bear(module(tmp_path, "ends", body), ENVIRONMENT, tmp_path / "log")
    assert await born.wait() == code
    assert born.returncode == code


async def test_no_two_draw_the_same_ids(nursery: Nursery, tmp_path: Path) -> None:
    name = module(
        tmp_path,
        "draws",
        "import random, secrets\nfrom services.bus.kit.ids import new_id\n"
        "print(new_id()[14:], random.random(), secrets.token_hex(8), sep='\\n')",
    )
    logs = [tmp_path / f"log-{number}" for number in range(4)]
    await asyncio.gather(*[(await nursery.bear(name, ENVIRONMENT, log)).wait() for log in logs])
    drawn = [line for log in logs for line in log.read_text().splitlines()]
    assert len(drawn) == len(set(drawn)) == 12


async def test_when_the_nursery_dies_its_children_do_and_it_begins_anew(nursery: Nursery, tmp_path: Path) -> None:
    sleeps = module(tmp_path, "sleeps", "import time; time.sleep(60)")
    born = await nursery.bear(sleeps, ENVIRONMENT, tmp_path / "log")
    psutil.Process(born.pid).parent().kill()  # type: ignore[union-attr]
    assert await born.wait() == -signal.SIGKILL
    async with asyncio.timeout(5):
        while psutil.pid_exists(born.pid):
            await asyncio.sleep(0.01)
    again = await nursery.bear(sleeps, ENVIRONMENT, tmp_path / "log")
    assert again.returncode is None
    os.killpg(again.pid, signal.SIGKILL)
    assert await again.wait() == -signal.SIGKILL
