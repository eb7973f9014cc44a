"""What several routes need."""

from __future__ import annotations

import asyncio
import contextlib
from collections.abc import AsyncIterator
from typing import Annotated, Final

from fastapi import Path, Query

from contracts.problems import UNAVAILABLE, Problem
from gateway.sync.engine import Engine

PATIENCE_S: Final = 5.0

Code = Annotated[str, Path(min_length=1, max_length=60, pattern=r"^[0-9A-Z.\-]+$")]
Id = Annotated[str, Path(min_length=1, max_length=36, pattern=r"^[0-9a-f\-]+$")]
Limit = Annotated[int, Query(ge=1, le=500)]
CursorText = Annotated[str | None, Query(max_length=500)]


@contextlib.asynccontextmanager
async def alone_with(engine: Engine, code: str) -> AsyncIterator[None]:
    """The lane, used by nobody else meanwhile. Problem UNAVAILABLE if a send of it does not end: the portal
    is away, and what is under way must be known before anything is changed."""
    waiting = engine.lanes.exclusively(code)
    try:
        async with asyncio.timeout(PATIENCE_S):
            await waiting.__aenter__()
    except TimeoutError:
        raise Problem(
            UNAVAILABLE,
            what=f"lane {code} (a send of it is under way)",
            retry_after=int(PATIENCE_S),
        ) from None
    async with contextlib.AsyncExitStack() as stack:
        stack.push_async_exit(waiting)
        yield
