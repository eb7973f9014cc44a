"""The two verbs of a service: `write` a command, `read` a query.

A command is any callable that takes a transaction. If its class has a static `prepare(tx, commands)`, that is
called once a batch with all commands of the class, to look up together what each of them will need. If its
class says `brief = True`, it takes well under a millisecond and may run on the event loop (see `writer`).
"""

from __future__ import annotations

import asyncio
from collections.abc import Callable
from contextvars import copy_context
from typing import Any, TypeVar, cast

from sqlalchemy import Engine, MetaData

from contracts.problems import BUSY, Problem
from services.bus.kit.engines import reader_engine, writer_engine
from services.bus.kit.readers import Readers
from services.bus.kit.tables import KitBase
from services.bus.kit.tx import Announced, Tx
from services.bus.kit.writer import Job, Writer

T = TypeVar("T")


class Store:
    """A service's database behind two verbs. Open it with `async with`."""

    def __init__(
        self,
        url: str,
        *,
        source: str,
        max_batch: int = 256,
        max_waiting: int = 20_000,
        readers: int = 4,
    ) -> None:
        self.url = url
        self.source = source
        self.max_waiting = max_waiting
        self.writer: Engine = writer_engine(url)
        self.reader: Engine = reader_engine(url, readers)
        self._writer = Writer(self.writer, source=source, max_batch=max_batch)
        self._readers = Readers(self.reader, source=source, threads=readers)
        self._closed = False

    async def __aenter__(self) -> Store:
        self._writer.start()
        return self

    async def __aexit__(self, *exc_info: object) -> None:
        self._closed = True
        await self._writer.stop()
        self._readers.close()
        self.writer.dispose()
        self.reader.dispose()

    @property
    def waiting(self) -> int:
        """Commands that wait for the writer."""
        return self._writer.waiting

    def on_announced(self, told: Callable[[list[Announced]], None]) -> None:
        """Call this on the event loop with what each commit announced, in the order of the commits."""
        self._writer.on_announced = told

    async def write(self, command: Callable[[Tx], T]) -> T:
        """Run `command` in a transaction and return its result once that is durable.

        Raises what the command raised; Problem BUSY if too many commands wait, with nothing done.
        """
        if self._writer.waiting >= self.max_waiting or self._closed:
            raise Problem(BUSY, retry_after=1)
        future: asyncio.Future[Any] = asyncio.get_running_loop().create_future()
        self._writer.submit(Job(command, future, copy_context()))
        return cast("T", await future)

    async def read(self, query: Callable[[Tx], T]) -> T:
        """Run `query` in a read-only transaction of its own and return its result."""
        return await self._readers.read(query)

    def create_tables(self, metadata: MetaData) -> None:
        """Create what is missing of these tables and the kit's own: for tests and scratch databases."""
        for each in (KitBase.metadata, metadata):
            each.create_all(self.writer)
