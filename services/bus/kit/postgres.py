"""Statements past SQLAlchemy's execution, on PostgreSQL's driver.

Compiled once each, like those on SQLite. What a commit writes goes in one round trip, and the new rows of a table
as one JSON document: written here by a few microseconds of C, taken apart by the server, which has a processor
of its own.
"""

from __future__ import annotations

from collections.abc import Callable, Collection, Iterator, Sequence
from contextlib import contextmanager
from functools import lru_cache
from typing import Any, Final, cast

import orjson
import psycopg
from psycopg.pq import TransactionStatus
from sqlalchemy import (
    JSON,
    Boolean,
    Connection,
    Date,
    DateTime,
    Dialect,
    Executable,
    Insert,
    Integer,
    LargeBinary,
    Select,
    String,
    Table,
)
from sqlalchemy.exc import DBAPIError
from sqlalchemy.types import TypeDecorator, TypeEngine

from services.bus.kit.statements import (
    MAX_IN,
    Lookup,
    Parameters,
    Row,
    compiled,
    constants_of,
    typed,
    written_names,
)

DOCUMENT_FROM: Final = 2
"""Rows. One alone is an ordinary insert."""

_IN_DOCUMENT: Final[tuple[tuple[type[TypeEngine[Any]], str, str], ...]] = (
    (JSON, "jsonb", "coalesce({}, 'null'::jsonb)"),  # None is JSON's null, as SQLAlchemy has it
    (LargeBinary, "text", "decode({}, 'hex')"),
    (DateTime, "timestamptz", "{}"),
    (Date, "date", "{}"),
    (String, "text", "{}"),
    (Boolean, "boolean", "{}"),
    (Integer, "bigint", "{}"),
)
"""Column types a document can carry, what each is in it, and how it is taken out."""


class PostgresRunner:
    """On a connection of SQLAlchemy, which is asked for when it is needed; every statement goes to the driver
    below it."""

    def __init__(self, connection: Callable[[], Connection]) -> None:
        self._connection = connection

    def fetch(self, statement: Select[Any], parameters: Parameters) -> list[Row]:
        connection = self._connection()
        text, values_of = _prepared(statement, connection.dialect, tuple(parameters))
        driver = _driver(connection)
        with self._wrapping(text):
            if not driver.autocommit and driver.info.transaction_status is TransactionStatus.IDLE:
                with driver.pipeline():  # in one round trip with the BEGIN
                    cursor = driver.execute(text, values_of(parameters))
            else:
                cursor = driver.execute(text, values_of(parameters))
            found = cursor.fetchall()
        return typed(statement, connection.dialect)(found) if found else found

    def fetch_together(self, asked: Sequence[tuple[Select[Any], Parameters]]) -> list[list[Row]]:
        connection = self._connection()
        driver, dialect = _driver(connection), connection.dialect
        cursors: list[psycopg.Cursor[Row]] = []
        with self._wrapping("several selects"):
            with driver.pipeline():
                for statement, parameters in asked:
                    text, values_of = _prepared(statement, dialect, tuple(parameters))
                    cursors.append(driver.execute(text, values_of(parameters)))
            found = [cursor.fetchall() for cursor in cursors]
        return [typed(asked[place][0], dialect)(rows) if rows else rows for place, rows in enumerate(found)]

    def execute_many(self, statement: Executable, rows: Sequence[Parameters]) -> None:
        connection = self._connection()
        names = tuple(rows[0])
        document = _document(statement, connection.dialect, names) if len(rows) >= DOCUMENT_FROM else None
        if document is not None:
            text, document_of = document
            self._execute(text, (document_of(rows),))
            return
        text, values_of = _prepared(statement, connection.dialect, names)
        if len(rows) == 1:
            self._execute(text, values_of(rows[0]))
            return
        with self._wrapping(text):
            _driver(connection).cursor().executemany(text, [values_of(row) for row in rows])

    def bulk(self, table: Table, columns: Sequence[str], rows: Sequence[Any]) -> None:
        """By COPY, in which a row is a line."""
        connection = self._connection()
        name, names = written_names(table, columns, connection.dialect)
        text = f"COPY {name} ({names}) FROM STDIN"
        with self._wrapping(text), _driver(connection).cursor() as cursor, cursor.copy(text.encode()) as copy:
            copy.write(b"".join(rows))

    def look_up(self, lookup: Lookup, keys: Collection[Any], fixed: Parameters) -> list[Row]:
        """Thousands at once: a round trip costs more than a list. Locked in the order of the keys, so that two
        transactions never wait for each other."""
        found: list[Row] = []
        ordered = sorted(keys)
        for start in range(0, len(ordered), MAX_IN):
            found += self.fetch(lookup.many, {**fixed, lookup.column: ordered[start : start + MAX_IN]})
        return found

    @contextmanager
    def together(self, *, commit: bool) -> Iterator[None]:
        """One round trip for all that is executed in the block, the commit included."""
        driver = _driver(self._connection())
        with self._wrapping("a batch of statements"), driver.pipeline():
            yield
            if commit:
                driver.commit()

    def _execute(self, text: str, values: Any) -> psycopg.Cursor[Row]:
        with self._wrapping(text):
            return _driver(self._connection()).execute(text, values)

    @contextmanager
    def _wrapping(self, text: str) -> Iterator[None]:
        try:
            yield
        except psycopg.Error as error:
            raise self._wrapped(text, error) from _bare(error)

    def _wrapped(self, text: str, error: psycopg.Error) -> Exception:
        """The error as SQLAlchemy would have raised it. A connection that broke is never used again."""
        connection = self._connection()
        lost = connection.dialect.is_disconnect(cast("Any", error), cast("Any", _driver(connection)), None)
        if lost:
            connection.invalidate(error)
        wrapped = DBAPIError.instance(
            text,
            None,
            _bare(error),
            psycopg.Error,
            hide_parameters=True,
            connection_invalidated=lost,
            dialect=connection.dialect,
        )
        return cast("Exception", wrapped)


def _bare(error: psycopg.Error) -> psycopg.Error:
    """The error with its first line only: detail and context tell the values of the row, which may be personal."""
    return type(error)(error.diag.message_primary or str(error))


def _driver(connection: Connection) -> psycopg.Connection[Row]:
    return cast("psycopg.Connection[Row]", connection.connection.driver_connection)


@lru_cache(maxsize=1024)
def _prepared(
    statement: Executable, dialect: Dialect, names: tuple[str, ...]
) -> tuple[str, Callable[[Parameters], Parameters]]:
    """The SQL of a statement with named places, and what makes parameters its values."""
    done = compiled(statement, dialect, names)
    processors = [(name, process) for name, process in done._bind_processors.items() if process is not None]
    constants = constants_of(done, names)

    def values_of(row: Parameters) -> Parameters:
        values = {**constants, **row}
        for name, process in processors:
            values[name] = process(values[name])
        return values

    return str(done), values_of


@lru_cache(maxsize=1024)
def _document(
    statement: Executable, dialect: Dialect, names: tuple[str, ...]
) -> tuple[str, Callable[[Sequence[Parameters]], str]] | None:
    """The SQL that inserts what a JSON document holds, and what makes rows that document; None for a statement
    that is no plain insert, or has a column no document can carry."""
    if not isinstance(statement, Insert) or statement._post_values_clause is not None or statement._returning:
        return None
    table = cast("Table", statement.table)
    constants = constants_of(compiled(statement, dialect, names), names)
    columns = [table.c[name] for name in (*names, *constants)]
    there = [_in_document(column.type.dialect_impl(dialect)) for column in columns]
    if None in there:
        return None
    format_table, quote = dialect.identifier_preparer.format_table, dialect.identifier_preparer.quote
    named = [(quote(column.name), *kind) for column, kind in zip(columns, there, strict=True) if kind is not None]
    text = (
        f"INSERT INTO {format_table(table)} ({', '.join(name for name, _, _ in named)})"  # noqa: S608
        f" SELECT {', '.join(out.format(f'r.{name}') for name, _, out in named)}"
        f" FROM json_to_recordset(%s::json) AS r({', '.join(f'{name} {kind}' for name, kind, _ in named)})"
    )
    processors = ((column.key, _written(column.type, dialect)) for column in columns)
    changes = [(name, change) for name, change in processors if change is not None]

    def document_of(rows: Sequence[Parameters]) -> str:
        written = []
        for row in rows:
            values = {**constants, **row}
            for name, change in changes:
                values[name] = change(values[name])
            written.append(values)
        return orjson.dumps(written).decode()

    return text, document_of


def _written(kind: TypeEngine[Any], dialect: Dialect) -> Callable[[Any], Any] | None:
    """What makes a column's value one that a JSON document takes; None if it is one already."""
    if isinstance(kind, LargeBinary):
        return lambda value: None if value is None else value.hex()
    if isinstance(kind.dialect_impl(dialect), JSON):
        return None
    return kind._cached_bind_processor(dialect)


def _in_document(kind: TypeEngine[Any]) -> tuple[str, str] | None:
    impl = kind.impl_instance if isinstance(kind, TypeDecorator) else kind
    for known, there, out in _IN_DOCUMENT:
        if isinstance(impl, known):
            return there, out
    return None
