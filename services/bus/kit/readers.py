"""What `Store.read` stands on: a few threads that look, each in a transaction of its own.

On SQLite a thread keeps its connection and its `Tx`, as the writer does: opening a session, taking a connection
and giving both back costs several times what a look by a key takes.
"""

from __future__ import annotations

import asyncio
import threading
from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor
from contextvars import copy_context
from typing import TypeVar

from sqlalchemy import Connection, Engine

from services.bus.kit.engines import BEGIN_READING
from services.bus.kit.statements import runner_on
from services.bus.kit.tx import Tx

T = TypeVar("T")


class Readers:
    """Threads that read through the pool of `engine`."""

    def __init__(self, engine: Engine, *, source: str, threads: int) -> None:
        self._engine = engine
        self._source = source
        self._threads = ThreadPoolExecutor(threads, thread_name_prefix="reader")
        self._kept = threading.local()
        self._connections: list[Connection] = []

    async def read(self, query: Callable[[Tx], T]) -> T:
        """Run `query` in a read-only transaction of its own and return its result."""
        context = copy_context()
        loop = asyncio.get_running_loop()
        return await loop.run_in_executor(self._threads, context.run, self._read, query)

    def close(self) -> None:
        """End what still reads, then let the connections go."""
        self._threads.shutdown(wait=True)
        for connection in self._connections:
            connection.close()

    def _read(self, query: Callable[[Tx], T]) -> T:
        if self._engine.dialect.name != "sqlite":
            with Tx(self._engine, source=self._source, expire_on_commit=False) as tx:
                return query(tx)
        tx = getattr(self._kept, "tx", None) or self._keep()
        with tx.transaction(BEGIN_READING):
            return query(tx)

    def _keep(self) -> Tx:
        """This thread's transaction object, on a connection it keeps."""
        connection = self._engine.connect()
        self._connections.append(connection)
        tx = Tx(connection, source=self._source, driver=runner_on(connection), expire_on_commit=False)
        self._kept.tx = tx
        return tx
