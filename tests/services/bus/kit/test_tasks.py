"""A task is ended for certain, also one that forgets that it was cancelled."""

from __future__ import annotations

import asyncio
import contextlib
from typing import Any

import nats
import pytest

from services.bus.kit import tasks
from services.bus.kit.bus import Bus
from services.bus.kit.tasks import end

pytestmark = pytest.mark.anyio


@pytest.fixture
def impatient(monkeypatch: pytest.MonkeyPatch) -> None:
    """Tasks are told again after a hundredth of a second."""
    monkeypatch.setattr(tasks, "AGAIN_AFTER_S", 0.01)


async def forgetful(times: int, heard: list[int]) -> None:
    """Goes on for ever, whatever it is told the first so many times."""
    while True:
        try:
            await asyncio.sleep(3600)
        except asyncio.CancelledError:
            heard.append(len(heard))
            if len(heard) > times:
                raise


async def begun(coroutine: Any) -> asyncio.Task[Any]:
    task = asyncio.get_running_loop().create_task(coroutine)
    await asyncio.sleep(0)
    return task


@pytest.mark.usefixtures("impatient")
@pytest.mark.parametrize("times", [0, 1, 3])
async def test_it_is_told_until_it_ends(times: int) -> None:
    heard: list[int] = []
    task = await begun(forgetful(times, heard))
    async with asyncio.timeout(5):
        await end(task)
    assert task.cancelled()
    assert len(heard) == times + 1


async def test_it_has_time_to_finish_what_it_must() -> None:
    finished: list[str] = []

    async def orderly() -> None:
        try:
            await asyncio.sleep(3600)
        finally:
            await asyncio.sleep(0.05)
            finished.append("tidy")

    await end(await begun(orderly()))
    assert finished == ["tidy"]


async def test_however_it_ends_is_fine() -> None:
    async def breaks() -> None:
        raise RuntimeError("broken")

    async def ends() -> int:
        return 1

    for coroutine in (breaks(), ends()):
        await end(await begun(coroutine))


@pytest.mark.usefixtures("impatient")
async def test_a_bus_closes_though_its_library_forgot_the_cancellation(monkeypatch: pytest.MonkeyPatch) -> None:
    """As nats-py does when a connection is refused in the very moment it is told to stop."""
    connecting = asyncio.Event()

    async def connect(**options: Any) -> None:
        connecting.set()
        with contextlib.suppress(asyncio.CancelledError):
            await asyncio.sleep(3600)
        await asyncio.sleep(3600)

    monkeypatch.setattr(nats, "connect", connect)
    async with asyncio.timeout(10):
        async with Bus("nats://127.0.0.1:1", name="t"):
            await connecting.wait()
