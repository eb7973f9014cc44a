"""Ending a task for certain."""

from __future__ import annotations

import asyncio
from typing import Any, Final

AGAIN_AFTER_S: Final = 2.0
"""Between two cancellations: long enough to finish what must not be left half done."""


async def end(task: asyncio.Task[Any]) -> None:
    """Cancel a task and wait until it has ended, however it ends.

    Once is not always enough: `asyncio.wait_for` of Python 3.11 forgets a cancellation that comes in the same
    moment as the result it waits for, and libraries stand on it; such a task would go on for ever, and whoever
    waits for it too.
    """
    while not task.done():
        task.cancel()
        await asyncio.wait([task], timeout=AGAIN_AFTER_S)
    if not task.cancelled():
        task.exception()  # seen: its owner has had its say
