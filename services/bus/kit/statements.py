"""Statements past SQLAlchemy's execution: compiled once, run on the driver.

For the few statements every status goes through. SQLAlchemy works out each execution anew, which on SQLite
costs many times what the database itself takes for a row; here SQL, parameters and result types are worked out
once a statement. On PostgreSQL, where a round trip outweighs that, SQLAlchemy runs them as always: it knows how
to notice a lost connection. What a driver raises is always SQLAlchemy's DBAPIError.
"""

from __future__ import annotations

import sqlite3
from collections.abc import Callable, Collection, Mapping, Sequence
from functools import lru_cache
from typing import Any, Final, cast

from sqlalchemy import Connection, Dialect, Executable, Select, Table, bindparam, select
from sqlalchemy.exc import DBAPIError

Row = tuple[Any, ...]
Parameters = dict[str, Any]

MAX_IN: Final = 5_000
"""Values in one IN: SQLite takes 32,766 variables a statement, PostgreSQL 65,535."""


def fetch(connection: Connection, statement: Select[Any], parameters: Parameters) -> list[Row]:
    """The rows of a select. It has to be the same object every time; so have the names of its parameters."""
    if connection.dialect.name != "sqlite":
        return [tuple(row) for row in connection.execute(statement, parameters)]
    sql, values_of = _prepared(statement, connection.dialect, tuple(parameters))
    try:
        found = _driver(connection).execute(sql, values_of(parameters)).fetchall()
    except sqlite3.Error as error:
        raise _wrapped(connection, sql, error) from error
    return _typed(statement, connection.dialect)(found) if found else found


def execute_many(connection: Connection, statement: Executable, rows: Sequence[Parameters]) -> None:
    """Run a statement once for each of these (executemany). All of them have the same names."""
    if connection.dialect.name != "sqlite":
        connection.execute(statement, rows)
        return
    sql, values_of = _prepared(statement, connection.dialect, tuple(rows[0]))
    try:
        if len(rows) == 1:
            _driver(connection).execute(sql, values_of(rows[0]))
        else:
            _driver(connection).executemany(sql, [values_of(row) for row in rows])
    except sqlite3.Error as error:
        raise _wrapped(connection, sql, error) from error


def execute_plain(connection: Connection, sql: str) -> None:
    """Run SQL without parameters and without an answer on SQLite's driver."""
    try:
        _driver(connection).execute(sql)
    except sqlite3.Error as error:
        raise _wrapped(connection, sql, error) from error


class Lookup:
    """Whole rows of a table by many values of one column, others fixed."""

    def __init__(self, table: Any, column: str, *fixed: str, for_update: bool = False) -> None:
        table = cast("Table", table)
        key = table.c[column]
        same = [table.c[name] == bindparam(name) for name in fixed]
        self._column = column
        self._one = select(table).where(*same, key == bindparam(column))
        many = select(table).where(*same, key.in_(bindparam(column, expanding=True))).order_by(key)
        self._many = many.with_for_update() if for_update else many

    def rows(self, connection: Connection, keys: Collection[Any], **fixed: Any) -> list[Row]:
        """The rows found, in the order of the table's columns; those locked are locked in the order of the key.

        SQLite answers key by key faster than it parses a list; PostgreSQL is asked once for thousands.
        """
        found: list[Row] = []
        if connection.dialect.name == "sqlite":
            for key in keys:
                found += fetch(connection, self._one, {**fixed, self._column: key})
            return found
        ordered = sorted(keys)
        for start in range(0, len(ordered), MAX_IN):
            wanted = {**fixed, self._column: ordered[start : start + MAX_IN]}
            found += fetch(connection, self._many, wanted)
        return found


@lru_cache(maxsize=1024)
def _prepared(
    statement: Executable, dialect: Dialect, names: tuple[str, ...]
) -> tuple[str, Callable[[Mapping[str, Any]], Row]]:
    """The SQL of a statement, and what makes parameters its values in their order."""
    compiled = cast("Any", statement).compile(dialect=dialect, column_keys=list(names))
    fixed = dict(compiled.params)
    given = set(names)
    sources = [
        (name, compiled._bind_processors.get(name), name in given, fixed.get(name))
        for name in compiled.positiontup
    ]
    if all(is_given and process is None for _, process, is_given, _ in sources):
        ordered = [name for name, *_ in sources]
        return str(compiled), lambda row: tuple([row[name] for name in ordered])

    def values_of(row: Mapping[str, Any]) -> Row:
        values = []
        for name, process, is_given, constant in sources:
            value = row[name] if is_given else constant
            values.append(value if process is None else process(value))
        return tuple(values)

    return str(compiled), values_of


@lru_cache(maxsize=1024)
def _typed(statement: Select[Any], dialect: Dialect) -> Callable[[list[Row]], list[Row]]:
    """What turns the driver's values of a select into the columns' own types."""
    columns = enumerate(statement.selected_columns)
    processors = [
        (place, process)
        for place, column in columns
        if (process := column.type._cached_result_processor(dialect, None)) is not None
    ]
    if not processors:
        return lambda rows: rows

    def typed(rows: list[Row]) -> list[Row]:
        done = []
        for row in rows:
            values = list(row)
            for place, process in processors:
                values[place] = process(values[place])
            done.append(tuple(values))
        return done

    return typed


def _driver(connection: Connection) -> sqlite3.Connection:
    return cast("sqlite3.Connection", connection.connection.driver_connection)


def _wrapped(connection: Connection, sql: str, error: sqlite3.Error) -> Exception:
    """The error as SQLAlchemy would have raised it. Without parameters: they may be personal."""
    wrapped = DBAPIError.instance(
        sql, None, error, sqlite3.Error, hide_parameters=True, dialect=connection.dialect
    )
    return cast("Exception", wrapped)
