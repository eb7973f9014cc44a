"""Statements past SQLAlchemy's execution, on PostgreSQL's driver.

Compiled once each, like those on SQLite; many new rows of one table are copied in (COPY), which takes the
server a fraction of so many inserts.
"""

from __future__ import annotations

from collections.abc import Callable, Collection, Sequence
from functools import lru_cache
from typing import Any, Final, cast

import psycopg
from psycopg import sql
from sqlalchemy import Connection, Dialect, Executable, Insert, Select, Table
from sqlalchemy.exc import DBAPIError

from services.bus.kit.statements import MAX_IN, Lookup, Parameters, Row, compiled, constants_of, typed

COPIED_FROM: Final = 3
"""Rows. Fewer are inserted: to begin and end a copy takes two round trips."""


class PostgresRunner:
    """On a connection of SQLAlchemy, which is asked for when it is needed; every statement goes to the driver
    below it."""

    def __init__(self, connection: Callable[[], Connection]) -> None:
        self._connection = connection

    def fetch(self, statement: Select[Any], parameters: Parameters) -> list[Row]:
        connection = self._connection()
        text, values_of = _prepared(statement, connection.dialect, tuple(parameters))
        try:
            found = _driver(connection).execute(text, values_of(parameters)).fetchall()
        except psycopg.Error as error:
            raise self._wrapped(text, error) from _bare(error)
        return typed(statement, connection.dialect)(found) if found else found

    def execute_many(self, statement: Executable, rows: Sequence[Parameters]) -> None:
        connection = self._connection()
        names = tuple(rows[0])
        if len(rows) >= COPIED_FROM and _is_plain_insert(statement):
            self._copy(connection, cast("Insert", statement), names, rows)
            return
        text, values_of = _prepared(statement, connection.dialect, names)
        try:
            if len(rows) == 1:
                _driver(connection).execute(text, values_of(rows[0]))
            else:
                _driver(connection).cursor().executemany(text, [values_of(row) for row in rows])
        except psycopg.Error as error:
            raise self._wrapped(text, error) from _bare(error)

    def look_up(self, lookup: Lookup, keys: Collection[Any], fixed: Parameters) -> list[Row]:
        """Thousands at once: a round trip costs more than a list. Locked in the order of the keys, so that two
        transactions never wait for each other."""
        found: list[Row] = []
        ordered = sorted(keys)
        for start in range(0, len(ordered), MAX_IN):
            found += self.fetch(lookup.many, {**fixed, lookup.column: ordered[start : start + MAX_IN]})
        return found

    def _copy(
        self, connection: Connection, statement: Insert, names: tuple[str, ...], rows: Sequence[Parameters]
    ) -> None:
        text, row_of = _copying(cast("Table", statement.table), connection.dialect, names)
        try:
            with _driver(connection).cursor().copy(text) as copy:
                for row in rows:
                    copy.write_row(row_of(row))
        except psycopg.Error as error:
            raise self._wrapped(text.as_string(), error) from _bare(error)

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


def _is_plain_insert(statement: Executable) -> bool:
    return isinstance(statement, Insert) and statement._post_values_clause is None and not statement._returning


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


@lru_cache(maxsize=256)
def _copying(
    table: Table, dialect: Dialect, names: tuple[str, ...]
) -> tuple[sql.Composed, Callable[[Parameters], list[Any]]]:
    """The COPY of these columns of a table, and what makes a row its values in their order."""
    constants = constants_of(compiled(table.insert(), dialect, names), names)
    columns = [table.c[name] for name in (*names, *constants)]
    text = sql.SQL("COPY {} ({}) FROM STDIN").format(
        sql.Identifier(table.name), sql.SQL(", ").join(sql.Identifier(column.name) for column in columns)
    )
    steps = [(column.key, column.type._cached_bind_processor(dialect)) for column in columns]

    def row_of(row: Parameters) -> list[Any]:
        values = {**constants, **row} if constants else row
        return [values[name] if process is None else process(values[name]) for name, process in steps]

    return text, row_of
