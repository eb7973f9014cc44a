"""Group commit: what `Store.write` stands on.

The writer thread takes every command that waits, runs them one after another in one transaction, commits once,
then answers all of them. A command that raises after it has touched anything spoils the batch: it is rolled
back and each command runs again alone, so a bad one hurts nobody else; one that refuses before it has touched
anything costs the others nothing. Nothing is answered before it is durable.

On SQLite a `brief` command need not change threads: if the writer is idle, what has come in this turn of the
event loop is committed right there. Waking a thread and being woken again takes longer than such a command
does, and much longer on a busy machine. If anybody else holds the database it goes to the thread after all.
"""

from __future__ import annotations

import asyncio
import queue
import threading
from collections.abc import Callable
from contextvars import Context
from dataclasses import dataclass
from typing import Any, Final

from sqlalchemy import Connection, Engine

from services.bus.kit import metrics
from services.bus.kit.checkpoints import Checkpoints
from services.bus.kit.engines import BEGIN_WRITING
from services.bus.kit.statements import SqliteRunner, runner_on
from services.bus.kit.touching import has_touched, untouched
from services.bus.kit.tx import Announced, Tx, prepare

PATIENCE_MS: Final = 10_000
"""How long the thread waits for another process that writes into the same SQLite file."""


@dataclass(slots=True)
class Job:
    """A command that waits, and whom to tell."""

    command: Callable[[Tx], Any]
    future: asyncio.Future[Any]
    context: Context
    result: Any = None
    error: BaseException | None = None


class _Spoiled(Exception):
    """A command failed after it had touched something: nothing of the batch may be committed."""


class Writer:
    """The one writer of a database. `submit` on the event loop it was started on."""

    def __init__(self, engine: Engine, *, source: str, max_batch: int) -> None:
        self.on_announced: Callable[[list[Announced]], None] | None = None
        self._engine = engine
        self._source = source
        self._max_batch = max_batch
        self._queue: queue.SimpleQueue[Job | None] = queue.SimpleQueue()
        self._turn = threading.Lock()
        self._count = threading.Lock()
        self._thread = threading.Thread(target=self._run, name="writer", daemon=True)
        self._loop: asyncio.AbstractEventLoop | None = None
        self._connection: Connection | None = None
        self._driver: SqliteRunner | None = None
        self._tx: Tx | None = None
        self._checkpoints: Checkpoints | None = None
        self._here: list[Job] = []
        self._unanswered = 0

    def start(self) -> None:
        """Begin to write; on SQLite through one connection, which is kept."""
        self._loop = asyncio.get_running_loop()
        if self._engine.dialect.name == "sqlite":
            self._connection = self._engine.connect()
            self._driver = runner_on(self._connection)
            self._driver.run("PRAGMA busy_timeout=0")
            self._checkpoints = Checkpoints(self._engine)
            self._checkpoints.start()
            self._tx = Tx(self._connection, source=self._source, driver=self._driver, expire_on_commit=False)
        self._thread.start()

    async def stop(self) -> None:
        """Write what has been submitted, then end."""
        jobs, self._here = self._here, []
        for job in (*jobs, None):
            self._queue.put(job)
        await asyncio.to_thread(self._thread.join)
        if self._checkpoints is not None:
            await asyncio.to_thread(self._checkpoints.stop)
        if self._connection is not None:
            self._connection.close()

    @property
    def waiting(self) -> int:
        return self._queue.qsize()

    def submit(self, job: Job) -> None:
        """Write this, with whatever else waits."""
        if self._driver is None or not getattr(job.command, "brief", False):
            self._queue.put(job)
            return
        if not self._here:
            assert self._loop is not None
            self._loop.call_soon(self._write_here)
        self._here.append(job)

    # -- on the event loop ---------------------------------------------------------------------------------

    def _write_here(self) -> None:
        jobs, self._here = self._here, []
        if not jobs or self._written_here(jobs):
            return
        for job in jobs:
            job.error = job.result = None
            self._queue.put(job)

    def _written_here(self, jobs: list[Job]) -> bool:
        """Commit these now, unless that would mean waiting, or telling them before earlier ones."""
        if not self._turn.acquire(blocking=False):
            return False
        try:
            if self._unanswered:
                return False
            with metrics.commit_timer(len(jobs)):
                announced = self._together(jobs)
        except Exception:
            return False  # the thread finds out who is to blame, and tells them
        finally:
            self._turn.release()
        self._resolve(jobs, announced)
        return True

    def _resolve(self, jobs: list[Job], announced: list[Announced]) -> None:
        if announced and self.on_announced is not None:
            self.on_announced(announced)
        for job in jobs:
            if job.future.cancelled():
                continue
            if job.error is not None:
                job.future.set_exception(job.error)
            else:
                job.future.set_result(job.result)

    # -- the writer thread ---------------------------------------------------------------------------------

    def _run(self) -> None:
        while (job := self._queue.get()) is not None:
            jobs = [job]
            last = False
            while len(jobs) < self._max_batch:
                try:
                    more = self._queue.get_nowait()
                except queue.Empty:
                    break
                if more is None:
                    last = True
                    break
                jobs.append(more)
            with self._turn:
                announced = self._commit(jobs)
                with self._count:
                    self._unanswered += 1
            self._answer(jobs, announced)  # the turn is free by then: a brief command that follows may take it
            if last:
                break

    def _commit(self, jobs: list[Job]) -> list[Announced]:
        """Write these, together or, if that fails, each alone; what they announced."""
        with metrics.commit_timer(len(jobs)):
            try:
                return self._patiently(jobs)
            except Exception as error:
                metrics.batch_spoiled()
                if len(jobs) == 1:
                    jobs[0].error = error.__cause__ if isinstance(error, _Spoiled) else error
                    return []
        for job in jobs:
            job.error = job.result = None
        return [announced for job in jobs for announced in self._commit([job])]

    def _patiently(self, jobs: list[Job]) -> list[Announced]:
        if self._driver is None:
            return self._together(jobs)
        self._driver.run(f"PRAGMA busy_timeout={PATIENCE_MS}")
        try:
            return self._together(jobs)
        finally:
            self._driver.run("PRAGMA busy_timeout=0")

    def _answer(self, jobs: list[Job], announced: list[Announced]) -> None:
        """Tell them on the event loop."""
        assert self._loop is not None
        try:
            self._loop.call_soon_threadsafe(self._answered, jobs, announced)
        except RuntimeError:
            return  # the loop has closed: the work is durable, and nobody is left to tell

    def _answered(self, jobs: list[Job], announced: list[Announced]) -> None:
        with self._count:
            self._unanswered -= 1
        self._resolve(jobs, announced)

    # -- on either -----------------------------------------------------------------------------------------

    def _together(self, jobs: list[Job]) -> list[Announced]:
        """All of them in one transaction, durable when this returns; what they announced."""
        if self._tx is not None and self._checkpoints is not None:
            with self._tx.transaction(BEGIN_WRITING):
                announced = _run(self._tx, jobs)
            self._checkpoints.commits += 1
            return announced
        with Tx(self._engine, source=self._source, expire_on_commit=False) as tx:
            return _run(tx, jobs)


def _run(tx: Tx, jobs: list[Job]) -> list[Announced]:
    untouched()
    prepare(tx, (job.command for job in jobs))
    for job in jobs:
        untouched()
        try:
            job.result = job.context.run(job.command, tx)
        except Exception as error:
            if has_touched():
                raise _Spoiled from error
            job.error = error
    if tx.in_transaction():
        tx.flush()
    tx.run_later(last=True)
    tx.commit()
    return tx.announced
