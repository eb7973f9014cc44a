"""The transaction a command or query is given, and what it may leave for the commit."""

from __future__ import annotations

from collections.abc import Callable, Collection, Iterable, Iterator, Sequence
from contextlib import contextmanager
from dataclasses import dataclass
from datetime import datetime
from functools import cache
from typing import Any, TypeVar, cast

import structlog
from sqlalchemy import Connection, Engine, Executable, MetaData, Select, Table, event, select
from sqlalchemy.orm import DeclarativeBase, Session

from services.bus.kit.plain import PlainRows
from services.bus.kit.statements import MAX_IN, Lookup, Row, Runner, SessionRunner, SqliteRunner
from services.bus.kit.touching import Touching, touch

M = TypeVar("M", bound=DeclarativeBase)

log = structlog.get_logger(__name__)

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
        """`driver`: SQLite's own below the connection `bind`. Transactions then begin there (see `transaction`),
        and SQLAlchemy joins one only if a command works with the ORM, which costs several times the rest."""
        super().__init__(bind, **kwargs)
        self.dialect = bind.dialect.name
        self.source = source
        self._driver = driver
        self._runner: Runner = driver or self._runner_here(bind)
        self._begin_anew()

    def _runner_here(self, bind: Engine | Connection) -> Runner:
        """One on the connection this session works with."""
        if self.dialect == "sqlite":
            return SessionRunner(self.connection, bind.dialect)
        from services.bus.kit.postgres import PostgresRunner  # most run on SQLite and need no driver of 10 MB

        return PostgresRunner(self.connection)

    def _begin_anew(self) -> None:
        self.announced: list[Announced] = []
        # what this transaction knows of rows: strong references, so that the identity map keeps them
        self._known: dict[tuple[type, tuple[Any, ...]], object | None] = {}
        self._after_commit: list[Callable[[], None]] = []
        self._plain = PlainRows(self._runner)
        self._later: dict[Executable, list[dict[str, Any]]] = {}
        self._uses_orm = False
        self.published_at: datetime | None = None
        """When the broker took the event whose reaction runs."""
        self.info.clear()

    @contextmanager
    def transaction(self, begin: str) -> Iterator[None]:
        """One transaction on the driver; at the end of the block this object is as good as new."""
        assert self._driver is not None
        self._driver.run(begin)
        try:
            yield
        finally:
            if self._uses_orm or self.in_transaction():
                super().close()
            if self._driver.in_transaction:
                self._driver.run("ROLLBACK")
            self._begin_anew()

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

    def rows(self, model: type[M], statement: Select[Any], **parameters: Any) -> list[M]:
        """The rows of a `Plain` model that a select of its whole table finds, as earlier commands of the batch
        left them. The select has to be the same object every time."""
        self.run_later()
        return cast("list[M]", self._plain.as_known(model, self.fetch(statement, **parameters)))

    def fetch(self, statement: Select[Any], **parameters: Any) -> list[Row]:
        """The rows of a select that is run again and again: always the same object."""
        return self._runner.fetch(statement, parameters)

    def fetch_together(self, *asked: tuple[Select[Any], dict[str, Any]]) -> list[list[Row]]:
        """The rows of several such selects, each with its parameters: on PostgreSQL in one round trip."""
        return self._runner.fetch_together(asked)

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

    def bulk(self, table: type[DeclarativeBase], columns: Sequence[str], rows: Sequence[Any]) -> None:
        """Insert rows now, by the thousand: as `kit.bulk` has built them, with these columns in this order."""
        touch()
        if rows:
            self._runner.bulk(cast("Table", table.__table__), columns, rows)

    def run_later(self, *, last: bool = False) -> None:
        """Run what was left for the commit, in the order it was first mentioned, and write the plain rows.
        `last`: nothing but the commit follows."""
        later, self._later = self._later, {}
        if not later and not self._plain.to_write:
            return
        with self._runner.together(commit=last):
            self._plain.write()
            for statement, rows in later.items():
                self._runner.execute_many(statement, rows)

    def after_commit(self, told: Callable[[], None]) -> None:
        """Call this, in the thread that commits, once everything is durable; never if it is rolled back."""
        self._after_commit.append(told)

    def commit(self) -> None:
        if self._driver is None or self.in_transaction():
            self._uses_orm = True
            super().commit()
        if self._driver is not None and self._driver.in_transaction:
            self._driver.run("COMMIT")
        for told in self._after_commit:
            try:
                told()
            except Exception as error:  # it is durable: nothing may make it look undone, and so be done again
                log.error("after-commit.failed", exc_info=error)


def prepare(tx: Tx, commands: Iterable[Any]) -> None:
    """Let each class of these commands that has a `prepare` look up what all of its own will need."""
    kinds: dict[type, list[Any]] = {}
    for command in commands:
        if hasattr(command, "prepare"):
            kinds.setdefault(type(command), []).append(command)
    for kind, its_own in kinds.items():
        kind.prepare(tx, its_own)  # type: ignore[attr-defined]


@cache
def _insert_into(table: type[DeclarativeBase]) -> Executable:
    return cast("Table", table.__table__).insert()


@event.listens_for(Tx, "do_orm_execute")
def _note_statement(state: Any) -> None:
    """A query sees what commands have left for the commit, as it sees what the unit of work holds."""
    if not state.is_select:
        touch()
    elif state.session.autoflush:
        state.session.run_later()


@dataclass(frozen=True, slots=True)
class Announced:
    """An event that left with a commit and waits for the relay."""

    id: str
    subject: str
    traceparent: str | None
    payload: bytes
