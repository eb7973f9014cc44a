"""What the tests of the writer make sure of batches with."""

from __future__ import annotations

import asyncio
import threading
from collections.abc import Callable
from typing import Any

from services.bus.kit.store import Store
from services.bus.kit.tx import Tx


async def together(store: Store, *commands: Callable[[Tx], Any]) -> list[Any]:
    """Run these in one batch: the writer thread is kept busy until all of them wait. Results, or what was
    raised."""
    begun, go_on = threading.Event(), threading.Event()

    def keeps_busy(tx: Tx) -> None:
        begun.set()
        assert go_on.wait(10)

    busy = asyncio.create_task(store.write(keeps_busy))
    assert await asyncio.to_thread(begun.wait, 10)
    waiting = [asyncio.create_task(store.write(command)) for command in commands]
    await asyncio.sleep(0)
    go_on.set()
    await busy
    return await asyncio.gather(*waiting, return_exceptions=True)
