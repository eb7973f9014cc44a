"""One worker a database. Two would send one dossier twice at once, and each would undo the other's order.

On PostgreSQL, where a second replica is easily started, an advisory lock sees to it: the second one waits for
the first to go, and gives up after a while so that whoever supervises it tries again. SQLite belongs to one
machine, where the runner sees to it.
"""

from __future__ import annotations

import asyncio
import contextlib
import time
from collections.abc import AsyncIterator
from typing import Final

import structlog
from sqlalchemy import Connection, func, select

from gateway.sync.settings import SyncSettings
from services.bus.kit.service import Service

log = structlog.get_logger(__name__)

LOCK: Final = 0x7472_7379  # "trsy"
ASK_EVERY_S: Final = 0.5


class AnotherWorkerError(RuntimeError):
    """This database has a worker already."""


@contextlib.asynccontextmanager
async def only_worker(service: Service) -> AsyncIterator[None]:
    """Be the only worker for the length of the block. Raises AnotherWorkerError if it takes too long."""
    if service.store.writer.dialect.name != "postgresql":
        yield
        return
    assert isinstance(service.settings, SyncSettings)
    deadline = time.monotonic() + service.settings.takeover_s
    connection = await asyncio.to_thread(service.store.writer.connect)
    try:
        while not await asyncio.to_thread(_try, connection):
            if time.monotonic() > deadline:
                raise AnotherWorkerError("another sync worker runs on this database")
            log.warning("sync.standby")
            await asyncio.sleep(ASK_EVERY_S)
        service.extra[_CONNECTION] = connection
        yield
    finally:
        connection.invalidate()  # back in the pool it would keep the lock
        await asyncio.to_thread(connection.close)


async def stay_the_only_worker(service: Service) -> None:
    """Ends the process when the lock's connection is lost: another worker may have it by now."""
    connection = service.extra.get(_CONNECTION)
    while True:
        await asyncio.sleep(ASK_EVERY_S)
        if connection is not None:
            await asyncio.to_thread(_look, connection)


_CONNECTION: Final = "sync.lock"


def _try(connection: Connection) -> bool:
    got = bool(connection.scalar(select(func.pg_try_advisory_lock(LOCK))))
    connection.commit()
    return got


def _look(connection: Connection) -> None:
    connection.scalar(select(1))
    connection.commit()
