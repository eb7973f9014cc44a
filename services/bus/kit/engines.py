"""Database engines: SQLite (WAL, synchronous=FULL) by default, PostgreSQL by URL.

A store writes through one connection and reads through a small pool that cannot write.
"""

from __future__ import annotations

import time
from pathlib import Path
from typing import Any

import orjson
from sqlalchemy import Engine, create_engine, event, make_url
from sqlalchemy.exc import DisconnectionError
from sqlalchemy.pool import ConnectionPoolEntry

from services.bus.kit.statements import runner_on


def _dumps(value: Any) -> str:
    return orjson.dumps(value).decode()


CHECKPOINT_AT_PAGES = 4_000
"""When the log has grown to this (16 MB) a commit moves it into the database itself; see `kit.checkpoints`."""

BEGIN_WRITING = "BEGIN IMMEDIATE"
"""Takes the write lock at once: a transaction that reads first could not be sure to get it later."""
BEGIN_READING = "BEGIN"


def normalised(url: str) -> str:
    """The URL with our driver: plain `postgresql://` means psycopg 3."""
    parsed = make_url(url)
    if parsed.drivername in ("postgresql", "postgres"):
        parsed = parsed.set(drivername="postgresql+psycopg")
    return parsed.render_as_string(hide_password=False)


def writer_engine(url: str) -> Engine:
    """The engine of the one connection that writes."""
    engine = create_engine(
        normalised(url),
        pool_size=1,
        max_overflow=4,
        json_serializer=_dumps,
        json_deserializer=orjson.loads,
        insertmanyvalues_page_size=500,
        hide_parameters=True,  # they are people's data, and errors end up in logs
    )
    if engine.dialect.name == "sqlite":
        _prepare_folder(engine)
        _configure_sqlite(engine, begin=BEGIN_WRITING, read_only=False)
    else:
        _ask_after_a_rest(engine)
    return engine


def reader_engine(url: str, size: int) -> Engine:
    """The engine of the pool that only reads.

    PostgreSQL shows each statement what is committed by then, in a transaction or outside. So a read goes without:
    beginning and ending one costs more than a look by a key.
    """
    parsed = make_url(normalised(url))
    sqlite = parsed.get_backend_name() == "sqlite"
    engine = create_engine(
        parsed,
        pool_size=size,
        max_overflow=0,
        json_serializer=_dumps,
        json_deserializer=orjson.loads,
        hide_parameters=True,
        **({} if sqlite else {"isolation_level": "AUTOCOMMIT"}),
    )
    if sqlite:
        _configure_sqlite(engine, begin=BEGIN_READING, read_only=True)
    else:
        _ask_after_a_rest(engine)
        _only_read(engine)
    return engine


REST_S = 1.0
"""A connection used less long ago than this is taken to be alive; asking costs a round trip."""


def _ask_after_a_rest(engine: Engine) -> None:
    """Whoever takes a connection that has rested gets one that answers: a new one, if the server was away."""

    @event.listens_for(engine, "checkin")
    def on_checkin(connection: Any, record: ConnectionPoolEntry) -> None:
        record.info[_RESTING_SINCE] = time.monotonic()

    @event.listens_for(engine, "checkout")
    def on_checkout(connection: Any, record: ConnectionPoolEntry, proxy: Any) -> None:
        since = record.info.get(_RESTING_SINCE)
        if since is None or time.monotonic() - since < REST_S:
            return
        try:
            alive = engine.dialect.do_ping(connection)
        except engine.dialect.loaded_dbapi.Error:
            alive = False
        if not alive:
            raise DisconnectionError


_RESTING_SINCE = "resting_since"


_READING = (
    "SET SESSION CHARACTERISTICS AS TRANSACTION READ ONLY",
    "SET random_page_cost = 1.1",
    "SET max_parallel_workers_per_gather = 0",
    "SET jit = off",
)
"""A page looks at a few thousand rows by their index, from memory or flash: the planner takes that for dearer than
to read the whole table with workers of their own, which is twice as slow."""


def _only_read(engine: Engine) -> None:
    @event.listens_for(engine, "connect")
    def on_connect(connection: Any, _record: ConnectionPoolEntry) -> None:
        connection.execute("; ".join(_READING))
        if not connection.autocommit:
            connection.commit()


def _prepare_folder(engine: Engine) -> None:
    database = engine.url.database
    if database and database != ":memory:":
        Path(database).parent.mkdir(parents=True, exist_ok=True)


def _configure_sqlite(engine: Engine, *, begin: str, read_only: bool) -> None:
    @event.listens_for(engine, "connect")
    def on_connect(connection: Any, _record: ConnectionPoolEntry) -> None:
        connection.isolation_level = None  # we say BEGIN ourselves: the driver's own guess comes too late
        cursor = connection.cursor()
        cursor.execute("PRAGMA busy_timeout=10000")
        cursor.execute("PRAGMA journal_mode=WAL")
        cursor.execute("PRAGMA synchronous=FULL")
        cursor.execute(f"PRAGMA wal_autocheckpoint={CHECKPOINT_AT_PAGES}")
        cursor.execute("PRAGMA foreign_keys=ON")
        cursor.execute("PRAGMA cache_size=-32768")
        cursor.execute("PRAGMA temp_store=MEMORY")
        if read_only:
            cursor.execute("PRAGMA query_only=ON")
        cursor.close()

    @event.listens_for(engine, "begin")
    def on_begin(connection: Any) -> None:
        runner = runner_on(connection)
        if not runner.in_transaction:  # a transaction of ours may have begun on the driver already
            runner.run(begin)
