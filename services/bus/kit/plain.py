"""Plain rows: for the tables every status goes through, a row without the unit of work.

A model marked `Plain` is looked up by its primary key and changed through `Tx.find`, `Tx.preload`, `Tx.rows` and
`Tx.insert`, which give `PlainRow`s: attributes are the columns, and what was set is written at the commit, or
before a query could miss it. Every command of a batch sees the same one. It must never be changed through the
ORM as well. Queries may select such a model as any other.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from functools import cache
from typing import Any, ClassVar, cast

from sqlalchemy import Executable, Table, bindparam, update

from services.bus.kit.statements import Lookup, Parameters, Row, Runner
from services.bus.kit.touching import touch


class Plain:
    """Marks a model whose rows `Tx` handles as plain ones."""

    __plain__: ClassVar[bool] = True


class PlainRow:
    """A row as one transaction knows it. `_changed` holds the columns set since it was last written, or is
    None while the row has not been inserted."""

    __slots__ = ("__dict__", "_changed")
    _changed: set[str] | None

    def __init__(self, values: Parameters, changed: set[str] | None) -> None:
        object.__setattr__(self, "__dict__", values)
        object.__setattr__(self, "_changed", changed)

    def __setattr__(self, name: str, value: object) -> None:
        touch()
        if name not in self.__dict__:
            raise AttributeError(f"there is no column {name}")
        self.__dict__[name] = value
        if self._changed is not None:
            self._changed.add(name)


class RowExistsError(Exception):
    """A row with this primary key is known to this transaction."""


class PlainRows:
    """The plain rows of one transaction."""

    def __init__(self, runner: Runner) -> None:
        self._runner = runner
        self._known: dict[type, dict[Any, PlainRow | None]] = {}

    def find(self, model: type, key: Any) -> PlainRow | None:
        """The row with this primary key, with what earlier commands of the batch did to it."""
        known = self._known.setdefault(model, {})
        if key not in known:
            self.preload(model, (key,))
        return known[key]

    def preload(self, model: type, keys: Iterable[Any], *, for_update: bool = False) -> None:
        """Look these up, so that `find` costs nothing afterwards."""
        known = self._known.setdefault(model, {})
        wanted = {key for key in keys if key not in known}
        if not wanted:
            return
        names, key_name, lookup = _shape(model, for_update)
        known.update(dict.fromkeys(wanted))
        for row in self._runner.look_up(lookup, wanted, {}):
            values = dict(zip(names, row, strict=True))
            known[values[key_name]] = PlainRow(values, set())

    def insert(self, model: type, values: Parameters) -> PlainRow:
        """A row to insert: its values are taken at the commit. Raises RowExistsError."""
        touch()
        _, key_name, _ = _shape(model, False)
        known = self._known.setdefault(model, {})
        key = values[key_name]
        if known.get(key) is not None:
            raise RowExistsError(f"{model.__name__} has a row with this key already")
        row = known[key] = PlainRow(values, None)
        return row

    def as_known(self, model: type, rows: Iterable[Row]) -> list[PlainRow]:
        """Whole rows a select found, as this transaction knows them."""
        names, key_name, _ = _shape(model, False)
        place, known = names.index(key_name), self._known.setdefault(model, {})
        found = []
        for row in rows:
            one = known.get(row[place])
            if one is None:
                one = known[row[place]] = PlainRow(dict(zip(names, row, strict=True)), set())
            found.append(one)
        return found

    @property
    def to_write(self) -> bool:
        """There is something new or changed."""
        return any(
            row is not None and row._changed != set() for known in self._known.values() for row in known.values()
        )

    def write(self) -> None:
        """Insert what is new, update what was changed."""
        for model, known in self._known.items():
            for statement, rows in _grouped(model, known.values()):
                self._runner.execute_many(statement, rows)


def _grouped(model: type, known: Iterable[PlainRow | None]) -> Iterator[tuple[Executable, list[Parameters]]]:
    table = _table(model)
    _, key_name, _ = _shape(model, False)
    new: list[Parameters] = []
    changed: dict[tuple[str, ...], list[Parameters]] = {}
    for row in known:
        if row is None or row._changed == set():
            continue
        values = row.__dict__
        if row._changed is None:
            new.append(dict(values))
        else:
            names = tuple(sorted(row._changed))
            parameters = {name: values[name] for name in names}
            parameters[_KEY] = values[key_name]
            changed.setdefault(names, []).append(parameters)
        object.__setattr__(row, "_changed", set())
    if new:
        yield _insert(table), new
    for names, rows in changed.items():
        yield _update(table, key_name, names), rows


_KEY = "of_key"


def _table(model: type) -> Table:
    return cast("Table", model.__table__)  # type: ignore[attr-defined]


@cache
def _shape(model: type, for_update: bool) -> tuple[tuple[str, ...], str, Lookup]:
    table = _table(model)
    (key,) = table.primary_key.columns
    return tuple(column.name for column in table.columns), key.name, Lookup(table, key.name, for_update=for_update)


@cache
def _insert(table: Table) -> Executable:
    return table.insert()


@cache
def _update(table: Table, key_name: str, names: tuple[str, ...]) -> Executable:
    return (
        update(table).where(table.c[key_name] == bindparam(_KEY)).values({name: bindparam(name) for name in names})
    )
