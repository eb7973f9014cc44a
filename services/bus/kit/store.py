"""The two verbs of a service: `write` a command, `read` a query.

One writer thread takes every command that waits, runs them one after another in one transaction, commits once,
then answers all of them (group commit). A command that raises after it has touched anything spoils the batch:
it is rolled back and each command runs again alone, so a bad one hurts nobody else; one that refuses before it
has touched anything costs the others nothing. Nothing is answered before it is durable.

A command is any callable. If its class has a static `prepare(tx, commands)`, that is called once a batch with
all commands of the class, to look up in one select what each of them will need.
"""

from __future__ import annotations

import asyncio
import queue
import threading
from collections.abc import Callable, Collection, Iterable
from concurrent.futures import ThreadPoolExecutor
from contextvars import Context, copy_context
from dataclasses import dataclass, field
from functools import cache
from typing import Any, TypeVar, cast

from sqlalchemy import Connection, Engine, Executable, MetaData, Select, Table, event, select
from sqlalchemy.orm import DeclarativeBase, Session

from contracts.problems import BUSY, Problem
from services.bus.kit import metrics
from services.bus.kit.engines import BEGIN_WRITING, reader_engine, writer_engine
from services.bus.kit.plain import PlainRows
from services.bus.kit.statements import (
    MAX_IN,
    Lookup,
    Row,
    Runner,
    SqlalchemyRunner,
    SqliteRunner,
    runner_on,
)
from services.bus.kit.tables import KitBase
from services.bus.kit.touching import Touching, has_touched, touch, untouched

T = TypeVar("T")
M = TypeVar("M", bound=DeclarativeBase)

Command = Callable[["Tx"], T]

_UNKNOWN = object()


def new_base() -> type[DeclarativeBase]:
    """A declarative base with metadata of its own: one a service."""

    class Base(Touching, DeclarativeBase):
        metadata = MetaData()

    return Base


class Tx(Session):
    """The transaction a command or query is given. Never commit or roll it back yourself."""

    def __init__(
        self, bind: Engine | Connection, *, source: str = "", driver: SqliteRunner | None = None, **kwargs: Any
    ) -> None:
        """`driver`: SQLite's own below the connection `bind`. The transaction then begins there, and SQLAlchemy
        joins it only if a command works with the ORM, which costs several times the rest."""
        super().__init__(bind, **kwargs)
        self.dialect = bind.dialect.name
        self._driver = driver
        if driver is not None:
            driver.run(BEGIN_WRITING)
        self._runner: Runner = driver or SqlalchemyRunner(self.connection)
        self.source = source
        self.announced: list[Announced] = []
        # what this transaction knows of rows: strong references, so that the identity map keeps them
        self._known: dict[tuple[type, tuple[Any, ...]], object | None] = {}
        self._after_commit: list[Callable[[], None]] = []
        self._plain = PlainRows(self._runner)
        self._later: dict[Executable, list[dict[str, Any]]] = {}

    def find(self, model: type[M], key: Any) -> M | None:
        """The row with this primary key, also if an earlier command of the batch added it unflushed."""
        if hasattr(model, "__plain__"):
            return cast("M | None", self._plain.find(model, key))
        primary_key = key if isinstance(key, tuple) else (key,)
        known = self._known.get((model, primary_key), _UNKNOWN)
        if known is not _UNKNOWN:
            return cast("M | None", known)
        with self.no_autoflush:
            found = self.get(model, key)
        self._known[model, primary_key] = found
        return found

    def preload(self, model: type[M], keys: Iterable[Any], *, for_update: bool = False) -> None:
        """Look up many primary keys (one column) in one select, so that `find` costs nothing afterwards.
        `for_update` locks the rows against other writers (PostgreSQL with several replicas)."""
        if hasattr(model, "__plain__"):
            self._plain.preload(model, keys, for_update=for_update)
            return
        wanted = {key for key in keys if (model, (key,)) not in self._known}
        if not wanted:
            return
        (column,) = model.__mapper__.primary_key
        ordered = sorted(wanted)
        for start in range(0, len(ordered), MAX_IN):
            statement = select(model).where(column.in_(ordered[start : start + MAX_IN])).order_by(column)
            if for_update:
                statement = statement.with_for_update()
            with self.no_autoflush:
                for row in self.scalars(statement):
                    key = row.__mapper__.primary_key_from_instance(row)[0]
                    self._known[model, (key,)] = row
                    wanted.discard(key)
        for key in wanted:
            self._known[model, (key,)] = None

    def insert(self, model: type[M], **values: Any) -> M:
        """A row of a `Plain` model to insert at the commit, as it is by then. Every column has to be given."""
        return cast("M", self._plain.insert(model, values))

    def fetch(self, statement: Select[Any], **parameters: Any) -> list[Row]:
        """The rows of a select that is run again and again: always the same object."""
        return self._runner.fetch(statement, parameters)

    def look_up(self, lookup: Lookup, keys: Collection[Any], **fixed: Any) -> list[Row]:
        """The rows of a lookup by these keys."""
        return self._runner.look_up(lookup, keys, fixed)

    def add(self, instance: object, _warn: bool = True) -> None:
        touch()
        super().add(instance, _warn=_warn)
        mapper = type(instance).__mapper__  # type: ignore[attr-defined]
        self._known[type(instance), tuple(mapper.primary_key_from_instance(instance))] = instance

    def delete(self, instance: object) -> None:
        touch()
        mapper = type(instance).__mapper__  # type: ignore[attr-defined]
        self._known[type(instance), tuple(mapper.primary_key_from_instance(instance))] = None
        super().delete(instance)

    def append(self, table: type[DeclarativeBase], row: dict[str, Any]) -> None:
        """Insert a row at commit, in bulk, past the unit of work: for rows nobody reads in this batch."""
        self.later(_insert_into(table), row)

    def later(self, statement: Executable, parameters: dict[str, Any]) -> None:
        """Run `statement` at commit, once for all parameters it was given in this batch (executemany).
        It has to be the same object every time, and nobody may need its effect before the commit."""
        touch()
        self._later.setdefault(statement, []).append(parameters)

    def run_later(self) -> None:
        """Run what was left for the commit, in the order it was first mentioned, and write the plain rows."""
        later = self._later
        self._later = {}
        self._plain.write()
        for statement, rows in later.items():
            self._runner.execute_many(statement, rows)

    def after_commit(self, told: Callable[[], None]) -> None:
        """Call this in the writer thread once everything is durable; never if it is rolled back."""
        self._after_commit.append(told)

    def commit(self) -> None:
        if self._driver is None or self.in_transaction():
            super().commit()
        else:
            self._driver.run("COMMIT")
        for told in self._after_commit:
            told()

    def close(self) -> None:
        super().close()
        if self._driver is not None and self._driver.in_transaction:
            self._driver.run("ROLLBACK")


@cache
def _insert_into(table: type[DeclarativeBase]) -> Executable:
    return cast("Table", table.__table__).insert()


@event.listens_for(Tx, "do_orm_execute")
def _note_statement(state: Any) -> None:
    if not state.is_select:
        touch()


@dataclass(frozen=True, slots=True)
class Announced:
    """An event that left with a commit and waits for the relay."""

    id: str
    subject: str
    traceparent: str | None
    payload: bytes


@dataclass(slots=True)
class _Job:
    command: Callable[[Tx], Any]
    future: asyncio.Future[Any]
    context: Context
    result: Any = None
    error: BaseException | None = None


@dataclass(slots=True)
class _Batch:
    jobs: list[_Job]
    announced: list[Announced] = field(default_factory=list)


class _Spoiled(Exception):
    """A command failed after it had touched something: nothing of the batch may be committed."""


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
        self.max_batch = max_batch
        self.max_waiting = max_waiting
        self.on_announced: Callable[[list[Announced]], None] | None = None
        self.writer: Engine = writer_engine(url)
        self.reader: Engine = reader_engine(url, readers)
        self._queue: queue.SimpleQueue[_Job | None] = queue.SimpleQueue()
        self._readers = ThreadPoolExecutor(readers, thread_name_prefix="reader")
        self._thread = threading.Thread(target=self._run, name="writer", daemon=True)
        self._connection: Engine | Connection = self.writer
        self._driver: SqliteRunner | None = None
        self._loop: asyncio.AbstractEventLoop | None = None
        self._closed = False

    async def __aenter__(self) -> Store:
        self._loop = asyncio.get_running_loop()
        self._thread.start()
        return self

    async def __aexit__(self, *exc_info: object) -> None:
        self._closed = True
        self._queue.put(None)
        await asyncio.to_thread(self._thread.join)
        self._readers.shutdown(wait=True)
        self.writer.dispose()
        self.reader.dispose()

    async def write(self, command: Callable[[Tx], T]) -> T:
        """Run `command` in a transaction and return its result once that is durable.

        Raises what the command raised; Problem BUSY if too many commands wait, with nothing done.
        """
        if self._queue.qsize() >= self.max_waiting or self._closed:
            raise Problem(BUSY, retry_after=1, headers={"Retry-After": "1"})
        future: asyncio.Future[Any] = asyncio.get_running_loop().create_future()
        self._queue.put(_Job(command, future, copy_context()))
        return cast("T", await future)

    async def read(self, query: Callable[[Tx], T]) -> T:
        """Run `query` in a read-only transaction of its own and return its result."""
        context = copy_context()
        loop = asyncio.get_running_loop()
        return await loop.run_in_executor(self._readers, context.run, self._read, query)

    def _read(self, query: Callable[[Tx], T]) -> T:
        with Tx(self.reader, source=self.source, expire_on_commit=False) as tx:
            return query(tx)

    def create_tables(self, metadata: MetaData) -> None:
        """Create what is missing of these tables and the kit's own: for tests and scratch databases."""
        for each in (KitBase.metadata, metadata):
            each.create_all(self.writer)

    # -- the writer thread ---------------------------------------------------------------------------------

    def _run(self) -> None:
        if self.writer.dialect.name != "sqlite":
            self._write_what_comes()
            return
        with self.writer.connect() as connection:
            self._connection, self._driver = connection, runner_on(connection)
            self._write_what_comes()

    def _write_what_comes(self) -> None:
        while (job := self._queue.get()) is not None:
            jobs = [job]
            last = False
            while len(jobs) < self.max_batch:
                try:
                    more = self._queue.get_nowait()
                except queue.Empty:
                    break
                if more is None:
                    last = True
                    break
                jobs.append(more)
            self._commit(jobs)
            if last:
                break

    def _commit(self, jobs: list[_Job]) -> None:
        with metrics.commit_timer(len(jobs)):
            try:
                self._together(jobs)
            except Exception as error:
                metrics.batch_spoiled()
                if len(jobs) == 1:
                    jobs[0].error = error.__cause__ if isinstance(error, _Spoiled) else error
                    self._answer(_Batch(jobs))
                    return
                for job in jobs:
                    job.error = job.result = None
                    self._commit([job])

    def _together(self, jobs: list[_Job]) -> None:
        with Tx(self._connection, source=self.source, driver=self._driver, expire_on_commit=False) as tx:
            untouched()
            self._prepare(tx, jobs)
            for job in jobs:
                untouched()
                try:
                    job.result = job.context.copy().run(job.command, tx)
                except Exception as error:
                    if has_touched():
                        raise _Spoiled from error
                    job.error = error
            tx.flush()
            tx.run_later()
            tx.commit()
            announced = tx.announced
        self._answer(_Batch(jobs, announced))

    @staticmethod
    def _prepare(tx: Tx, jobs: Iterable[_Job]) -> None:
        kinds: dict[type, list[Any]] = {}
        for job in jobs:
            if hasattr(job.command, "prepare"):
                kinds.setdefault(type(job.command), []).append(job.command)
        for kind, commands in kinds.items():
            kind.prepare(tx, commands)  # type: ignore[attr-defined]

    def _answer(self, batch: _Batch) -> None:
        assert self._loop is not None
        try:
            self._loop.call_soon_threadsafe(self._resolve, batch)
        except RuntimeError:
            return  # the loop has closed: the work is durable, and nobody is left to tell

    def _resolve(self, batch: _Batch) -> None:
        if batch.announced and self.on_announced is not None:
            self.on_announced(batch.announced)
        for job in batch.jobs:
            if job.future.cancelled():
                continue
            if job.error is not None:
                job.future.set_exception(job.error)
            else:
                job.future.set_result(job.result)
