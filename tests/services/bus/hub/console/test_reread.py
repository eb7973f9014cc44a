"""What is read beside those who look at it."""

from __future__ import annotations

import asyncio
import time

import pytest

from services.bus.hub.console.reread import PATIENCE_S, Reread

pytestmark = pytest.mark.anyio


class Source:
    """Tells how often it was read; `slow_s` is how long that takes."""

    def __init__(self) -> None:
        self.readings = 0
        self.slow_s = 0.0
        self.broken = False

    async def __call__(self) -> int:
        await asyncio.sleep(self.slow_s)
        if self.broken:
            raise ValueError("broken")
        self.readings += 1
        return self.readings


async def test_it_is_read_when_it_is_due_and_not_before() -> None:
    source = Source()
    seldom = Reread(source, lambda took: 0.3, keeps_s=10)
    assert [await seldom.now() for _ in range(5)] == [1, 1, 1, 1, 1]
    await asyncio.sleep(0.35)
    assert await seldom.now() == 2


async def test_who_looks_does_not_wait_for_what_is_slow() -> None:
    source = Source()
    always = Reread(source, lambda took: 0, keeps_s=10)
    assert await always.now() == 1
    source.slow_s = 4 * PATIENCE_S
    began = time.monotonic()
    assert await always.now() == 1
    assert time.monotonic() - began < 3 * PATIENCE_S
    await asyncio.sleep(4 * PATIENCE_S)
    source.slow_s = 0
    assert await always.now() >= 2
    await always.aclose()


async def test_what_is_too_old_is_waited_for() -> None:
    source = Source()
    briefly = Reread(source, lambda took: 0, keeps_s=0.01)
    source.slow_s = 2 * PATIENCE_S
    assert await briefly.now() == 1
    await asyncio.sleep(0.05)
    assert await briefly.now() == 2


async def test_outdated_while_it_is_read_it_is_read_again() -> None:
    source = Source()
    source.slow_s = 0.05
    seldom = Reread(source, lambda took: 60, keeps_s=60)
    looking = asyncio.create_task(seldom.now())
    await asyncio.sleep(0.01)
    seldom.outdate()
    assert await looking == 1
    assert await seldom.now() == 2
    assert await seldom.now() == 2


async def test_the_first_failure_is_raised_and_a_later_one_keeps_what_was_read() -> None:
    source = Source()
    source.broken = True
    always = Reread(source, lambda took: 0, keeps_s=10)
    with pytest.raises(ValueError, match="broken"):
        await always.now()
    source.broken = False
    assert await always.now() == 1
    source.broken = True
    assert await always.now() == 1


async def test_closed_it_leaves_nothing_behind() -> None:
    source = Source()
    always = Reread(source, lambda took: 0, keeps_s=10)
    await always.now()
    source.slow_s = 60
    await always.now()
    await always.aclose()
    assert [task for task in asyncio.all_tasks() if task.get_name() == "reread"] == []
