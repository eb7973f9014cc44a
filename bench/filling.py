"""Fills the databases of a mesh that is down with as many dossiers as one likes, by multiplying one real one.

Every row the dossier left behind on its way is copied under a new code, in every table of every service that
knows it, so that nothing here has to know a schema, and none can be forgotten. What makes rows differ in real
life, and so decides how the indexes grow, is varied. Rows go in by chunks: memory stays flat.
"""

from __future__ import annotations

import hashlib
from collections.abc import Callable, Iterator, Mapping, Sequence
from datetime import date, timedelta
from functools import cache, partial
from itertools import islice
from pathlib import Path
from typing import Any
from uuid import NAMESPACE_OID, uuid5

from sqlalchemy import Connection, MetaData, Table, create_engine, event

from contracts.catalogue.search import fold
from contracts.identifiers import format_dossier_code

SERVICES = ("dossier", "sync", "portal")
CHUNK = 5_000
FIRST_DAY = date(2020, 1, 1)
A_DAY = 600
"""Dossiers of one day: a million is four and a half years of a province."""
DAY_MICROS = 86_400 * 1_000_000

_FAMILY = ("Nguyễn", "Trần", "Lê", "Phạm", "Huỳnh", "Võ", "Đặng", "Bùi", "Đỗ", "Hồ")
_MIDDLE = ("Văn", "Thị", "Hữu", "Ngọc", "Minh", "Thanh", "Quốc", "Kim", "Đức", "Thu")
_GIVEN = ("An", "Bình", "Chi", "Dũng", "Hà", "Hùng", "Lan", "Linh", "Nam", "Phúc", "Quân", "Tâm", "Vy")


def code_of(number: int) -> str:
    """The code of the dossier with this number, from 0."""
    return format_dossier_code("H08", FIRST_DAY + timedelta(days=number // A_DAY), number % A_DAY + 1)


def name_of(number: int) -> str:
    parts = _FAMILY, _MIDDLE, _GIVEN
    return " ".join(part[(number * 7919 >> shift) % len(part)] for shift, part in enumerate(parts))


_folded = cache(fold)
_VARIED: Mapping[str, Callable[[int, Any], Any]] = {
    "personal_id": lambda number, _: f"052090{number * 7919 % 1_000_000:06d}",
    "full_name": lambda number, _: name_of(number),
    "folded_name": lambda number, _: _folded(name_of(number)),
    "created_at": lambda number, now: now - number % 7 * DAY_MICROS // 10,
}
"""Columns whose spread decides how an index grows. Stored answers live a week, so times vary within one."""


def fill(data: Path, code: str, count: int) -> None:
    """Multiply dossier `code` to `count` in every database below the data folder. Nothing may run on it."""
    for service in SERVICES:
        engine = create_engine(f"sqlite:///{data / service / service}.db")
        event.listen(engine, "connect", _without_safety)
        try:
            metadata = MetaData()
            metadata.reflect(engine)
            with engine.begin() as connection:
                for table in metadata.sorted_tables:
                    _multiply(connection, table, code, count)
            with engine.connect() as connection:
                connection.exec_driver_sql("PRAGMA wal_checkpoint(TRUNCATE)")
        finally:
            engine.dispose()


def _multiply(connection: Connection, table: Table, code: str, count: int) -> None:
    """Values go from table to table as SQLite holds them: no type has to understand them on the way."""
    names = [column.name for column in table.columns]
    keyed = {column.name for column in table.primary_key}
    listed = ", ".join(f'"{name}"' for name in names)
    insert = f'INSERT INTO "{table.name}" ({listed}) VALUES ({", ".join("?" * len(names))})'
    found = connection.exec_driver_sql(f'SELECT {listed} FROM "{table.name}"').all()
    for original in found:
        if any(_mentions(value, code) for value in original):
            copies = _copies(original, names, keyed, code, count)
            while rows := list(islice(copies, CHUNK)):
                connection.exec_driver_sql(insert, rows)


Change = Callable[[int, str], Any]
"""The value of one column, from a dossier's number and code."""


def _copies(
    original: Sequence[Any], names: Sequence[str], keyed: set[str], code: str, count: int
) -> Iterator[tuple[Any, ...]]:
    """The row under every code. A key that does not name the dossier, a digest or an id, gets one of its kind."""
    key_names_it = any(name in keyed and value == code for name, value in zip(names, original, strict=True))
    changes: list[tuple[int, Change]] = []
    for place, (name, value) in enumerate(zip(names, original, strict=True)):
        if name in keyed and not key_names_it and isinstance(value, int):
            changes.append((place, lambda _, __: None))  # the table counts by itself
        elif name in keyed and not key_names_it and isinstance(value, str):
            changes.append((place, partial(_new_id, value)))
        elif name in keyed and not key_names_it:
            changes.append((place, partial(_new_digest, value)))
        elif name in _VARIED:
            changes.append((place, partial(_vary, _VARIED[name], value)))
        elif _mentions(value, code):
            changes.append((place, _renaming(value, code)))
    row = list(original)
    for number in range(count):
        new = code_of(number)
        for place, change in changes:
            row[place] = change(number, new)
        yield tuple(row)


def _new_id(value: str, _: int, new: str) -> str:
    return str(uuid5(NAMESPACE_OID, value + new))


def _new_digest(value: bytes, _: int, new: str) -> bytes:
    return hashlib.sha256(value + new.encode()).digest()


def _vary(how: Callable[[int, Any], Any], value: Any, number: int, _: str) -> Any:
    return how(number, value)


def _renaming(value: Any, code: str) -> Change:
    if isinstance(value, bytes):
        around = value.split(code.encode())
        return lambda _, new: new.encode().join(around)
    parts = value.split(code)
    return lambda _, new: new.join(parts)


def _mentions(value: Any, code: str) -> bool:
    return code in value if isinstance(value, str) else isinstance(value, bytes) and code.encode() in value


def _without_safety(connection: Any, _record: object) -> None:
    """Nobody relies on these rows yet: no flush for each chunk."""
    connection.execute("PRAGMA synchronous=OFF")
