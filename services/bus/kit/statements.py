"""Statements past SQLAlchemy's execution: compiled once, run on the driver.

For the few statements every status goes through. SQLAlchemy works out each execution anew, which costs many
times what the database itself takes for a row; here SQL, parameters and result types are worked out once a
statement. This module runs them on SQLite, `kit.postgres` on PostgreSQL. What a driver raises is always
SQLAlchemy's DBAPIError.
"""

from __future__ import annotations

import sqlite3
from collections.abc import Callable, Collection, Mapping, Sequence
from contextlib import AbstractContextManager, nullcontext
from functools import lru_cache
from operator import itemgetter
from typing import Any, Final, Protocol, cast

import orjson
from sqlalchemy import (
    ARRAY,
    Connection,
    Dialect,
    Executable,
    Select,
    String,
    Table,
    Text,
    any_,
    bindparam,
    func,
    select,
)
from sqlalchemy.exc import DBAPIError

Row = tuple[Any, ...]
Parameters = dict[str, Any]

MAX_IN: Final = 5_000
"""Keys looked up by one select."""
LISTED_FROM: Final = 16
"""Keys from which on SQLite looks texts up as a list."""


class Runner(Protocol):
    """Where statements of one transaction run."""

    def fetch(self, statement: Select[Any], parameters: Parameters) -> list[Row]:
        """The rows of a select. It has to be the same object every time; so have the names of its
        parameters."""
        ...

    def fetch_together(self, asked: Sequence[tuple[Select[Any], Parameters]]) -> list[list[Row]]:
        """The rows of several selects, in one round trip if there is a way to go."""
        ...

    def execute_many(self, statement: Executable, rows: Sequence[Parameters]) -> None:
        """Run a statement once for each of these (executemany). All of them have the same names."""
        ...

    def bulk(self, table: Table, columns: Sequence[str], rows: Sequence[Any]) -> None:
        """Insert rows that `kit.bulk` has built."""
        ...

    def look_up(self, lookup: Lookup, keys: Collection[Any], fixed: Parameters) -> list[Row]:
        """The rows of a `Lookup`."""
        ...

    def together(self, *, commit: bool) -> AbstractContextManager[None]:
        """For statements nobody waits for one by one: errors may come at the end of the block. `commit`: these
        are the last of the transaction, and it may end with the block."""
        ...


class SqliteRunner:
    """On a connection of SQLite's driver."""

    def __init__(self, driver: sqlite3.Connection, dialect: Dialect) -> None:
        self._driver = driver
        self._dialect = dialect

    def fetch(self, statement: Select[Any], parameters: Parameters) -> list[Row]:
        sql, values_of = _prepared(statement, self._dialect, tuple(parameters))
        found = self._run(sql, values_of(parameters)).fetchall()
        return typed(statement, self._dialect)(found) if found else found

    def fetch_together(self, asked: Sequence[tuple[Select[Any], Parameters]]) -> list[list[Row]]:
        return [self.fetch(statement, parameters) for statement, parameters in asked]

    def execute_many(self, statement: Executable, rows: Sequence[Parameters]) -> None:
        sql, values_of = _prepared(statement, self._dialect, tuple(rows[0]))
        if len(rows) == 1:
            self._run(sql, values_of(rows[0]))
            return
        try:
            self._driver.executemany(sql, [values_of(row) for row in rows])
        except sqlite3.Error as error:
            raise self._wrapped(sql, error) from error

    def bulk(self, table: Table, columns: Sequence[str], rows: Sequence[Any]) -> None:
        name, names = written_names(table, columns, self._dialect)
        sql = f"INSERT INTO {name} ({names}) VALUES ({', '.join('?' * len(columns))})"  # noqa: S608
        try:
            self._driver.executemany(sql, rows)
        except sqlite3.Error as error:
            raise self._wrapped(sql, error) from error

    def look_up(self, lookup: Lookup, keys: Collection[Any], fixed: Parameters) -> list[Row]:
        """A few key by key: SQLite answers that faster than it parses a list."""
        if lookup.listed is not None and len(keys) >= LISTED_FROM:
            return self.fetch(lookup.listed, {**fixed, lookup.column: orjson.dumps(list(keys)).decode()})
        found: list[Row] = []
        for key in keys:
            found += self.fetch(lookup.one, {**fixed, lookup.column: key})
        return found

    def together(self, *, commit: bool) -> AbstractContextManager[None]:
        """Nothing to gain: there is no way to go."""
        return nullcontext()

    @property
    def in_transaction(self) -> bool:
        return self._driver.in_transaction

    def run(self, sql: str) -> None:
        """SQL without parameters and without an answer."""
        self._run(sql, ())

    def _run(self, sql: str, values: Row) -> sqlite3.Cursor:
        try:
            return self._driver.execute(sql, values)
        except sqlite3.Error as error:
            raise self._wrapped(sql, error) from error

    def _wrapped(self, sql: str, error: sqlite3.Error) -> Exception:
        """The error as SQLAlchemy would have raised it. Without parameters: they may be personal."""
        wrapped = DBAPIError.instance(sql, None, error, sqlite3.Error, hide_parameters=True, dialect=self._dialect)
        return cast("Exception", wrapped)


class SessionRunner(SqliteRunner):
    """On SQLite's driver below the connection of a session, which is asked for when it is needed."""

    def __init__(self, connection: Callable[[], Connection], dialect: Dialect) -> None:
        self._connection = connection
        self._dialect = dialect

    @property
    def _driver(self) -> sqlite3.Connection:  # type: ignore[override]
        return _sqlite_below(self._connection())


def runner_on(connection: Connection) -> SqliteRunner:
    """SQLite's driver below a connection of SQLAlchemy."""
    return SqliteRunner(_sqlite_below(connection), connection.dialect)


def _sqlite_below(connection: Connection) -> sqlite3.Connection:
    return cast("sqlite3.Connection", connection.connection.driver_connection)


class Lookup:
    """Rows of a table by many values of one column, others fixed: what `Runner.look_up` takes. Whole rows, unless
    it names the columns."""

    def __init__(
        self, table: Any, column: str, *fixed: str, columns: Sequence[str] = (), for_update: bool = False
    ) -> None:
        table = cast("Table", table)
        key = table.c[column]
        same = [table.c[name] == bindparam(name) for name in fixed]
        among = key == any_(bindparam(column, type_=ARRAY(key.type)))
        wanted = select(*(table.c[name] for name in columns)) if columns else select(table)
        many = wanted.where(*same, among).order_by(key)
        self.column = column
        self.one = wanted.where(*same, key == bindparam(column))
        self.many = many.with_for_update() if for_update else many
        self.listed: Select[Any] | None = None
        if isinstance(key.type, String):
            listed = func.json_each(bindparam(column, type_=Text())).table_valued("value")
            self.listed = wanted.where(*same, key.in_(select(listed.c.value)))


@lru_cache(maxsize=1024)
def _prepared(
    statement: Executable, dialect: Dialect, names: tuple[str, ...]
) -> tuple[str, Callable[[Mapping[str, Any]], Row]]:
    """The SQL of a statement, and what makes parameters its values in their order."""
    done = compiled(statement, dialect, names)
    ordered: list[str] = list(done.positiontup)
    constants = constants_of(done, names)
    processors = [
        (place, process)
        for place, name in enumerate(ordered)
        if (process := done._bind_processors.get(name)) is not None
    ]
    pick = itemgetter(*ordered) if len(ordered) > 1 else lambda row: tuple(row[name] for name in ordered)

    def values_of(row: Mapping[str, Any]) -> Row:
        if constants:
            row = {**constants, **row}
        if not processors:
            return cast("Row", pick(row))
        values = list(pick(row))
        for place, process in processors:
            values[place] = process(values[place])
        return tuple(values)

    return str(done), values_of


def compiled(statement: Executable, dialect: Dialect, names: tuple[str, ...]) -> Any:
    """The statement as SQLAlchemy compiles it for parameters of these names."""
    return cast("Any", statement).compile(dialect=dialect, column_keys=list(names))


def written_names(table: Table, columns: Sequence[str], dialect: Dialect) -> tuple[str, str]:
    """A table and its columns as they are written in SQL."""
    preparer = dialect.identifier_preparer
    return preparer.format_table(table), ", ".join(preparer.quote(table.c[name].name) for name in columns)


def constants_of(done: Any, names: tuple[str, ...]) -> Parameters:
    """The values a compiled statement brings itself: what it was built with, and defaults of columns."""
    constants = {name: value for name, value in done.params.items() if name not in names}
    for column in getattr(done, "insert_prefetch", ()):
        if not column.default.is_scalar:
            raise TypeError(f"{column} has a default that is worked out: give its value")
        constants[column.key] = column.default.arg
    return constants


@lru_cache(maxsize=1024)
def typed(statement: Select[Any], dialect: Dialect) -> Callable[[list[Row]], list[Row]]:
    """What turns the driver's values of a select into the columns' own types."""
    columns = enumerate(statement.selected_columns)
    processors = [
        (place, process)
        for place, column in columns
        if (process := column.type._cached_result_processor(dialect, None)) is not None
    ]
    if not processors:
        return lambda rows: rows

    def converted(rows: list[Row]) -> list[Row]:
        done = []
        for row in rows:
            values = list(row)
            for place, process in processors:
                values[place] = process(values[place])
            done.append(tuple(values))
        return done

    return converted
