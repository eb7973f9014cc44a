"""Gives what falls due: the background task behind every delayed answer.

It looks at the table, so it needs to remember nothing: after a restart it goes on where it was.
"""

from __future__ import annotations

import asyncio
import contextlib
from datetime import datetime
from functools import partial
from typing import Final

import structlog
from sqlalchemy.exc import DBAPIError

from contracts.problems import BUSY, Problem
from gateway.ministries.commands.turns import give, give_up
from gateway.ministries.ministries import Ministries, ministries_of
from gateway.ministries.queries.due import due_turns
from services.bus.kit.service import Service

log = structlog.get_logger(__name__)

AT_ONCE: Final = 256


async def due_answers(service: Service) -> None:
    """Give what is due, for ever."""
    ministries = ministries_of(service)
    while True:
        ministries.wake.clear()
        pause = ministries.tick_seconds
        try:
            more, next_at = await give_due(service, ministries)
            if more:
                continue
            if next_at is not None:
                pause = min(pause, max(0.005, (next_at - service.clock.now()).total_seconds()))
        except Exception as error:  # the database is away: everything is still there when it comes back
            log.warning("ministries.interrupted", error=type(error).__name__)
        with contextlib.suppress(TimeoutError):
            async with asyncio.timeout(pause):
                await ministries.wake.wait()


async def give_due(service: Service, ministries: Ministries) -> tuple[bool, datetime | None]:
    """Give one batch, oldest first: whether anything came of it, and when to look again."""
    now = service.clock.now()
    due, next_at = await service.store.read(lambda tx: due_turns(tx, ministries.systems, now, most=AT_ONCE))
    given = await asyncio.gather(
        *(service.store.write(partial(give, desks=ministries.desks, turn_id=each, now=now)) for each in due),
        return_exceptions=True,
    )
    for turn_id, result in zip(due, given, strict=True):
        if not isinstance(result, Exception):
            continue
        if isinstance(result, DBAPIError) or (isinstance(result, Problem) and result.type is BUSY):
            raise result
        log.error("ministries.turn-dropped", turn=turn_id, error=type(result).__name__)
        await service.store.write(partial(give_up, turn_id=turn_id, now=now))
    return any(result is not False for result in given), next_at
