"""Fills the databases of a mesh that is down with as many dossiers as one likes, by multiplying one real one.

Every row the dossier left behind on its way is copied under a new code, in every table of every service that
knows it, so that nothing here has to know a schema, and none can be forgotten. What makes rows differ in real
life, and so decides how the indexes grow, is varied. Rows go in by chunks: memory stays flat.
"""

from __future__ import annotations

import hashlib
from collections.abc import Callable, Iterable, Iterator, Mapping
from datetime import date, timedelta
from itertools import islice
from pathlib import Path
from typing import Any

from sqlalchemy import Connection, MetaData, Table, create_engine, event, select

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

Row = dict[str, Any]


def code_of(number: int) -> str:
    """The code of the dossier with this number, from 0."""
    return format_dossier_code("H08", FIRST_DAY + timedelta(days=number // A_DAY), number % A_DAY + 1)


def name_of(number: int) -> str:
    parts = _FAMILY, _MIDDLE, _GIVEN
    return " ".join(part[(number * 7919 >> shift) % len(part)] for shift, part in enumerate(parts))


_VARIED: Mapping[str, Callable[[int, Any], Any]] = {
    "personal_id": lambda number, _: f"052090{number * 7919 % 1_000_000:06d}",
    "full_name": lambda number, _: name_of(number),
    "folded_name": lambda number, _: fold(name_of(number)),
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
    mine = [dict(row) for row in connection.execute(select(table)).mappings() if _mentions(row.values(), code)]
    keyed = [column.name for column in table.primary_key]
    for original in mine:
        copies = _copies(original, keyed, code, count)
        while rows := list(islice(copies, CHUNK)):
            connection.execute(table.insert(), rows)


def _copies(original: Row, keyed: list[str], code: str, count: int) -> Iterator[Row]:
    """The row under every code. A key that does not name the dossier (a digest) gets a new one of its kind."""
    keys_name_it = any(original[name] == code for name in keyed)
    for number in range(count):
        new = code_of(number)
        row = {name: _renamed(value, code, new) for name, value in original.items()}
        for name in row.keys() & _VARIED.keys():
            row[name] = _VARIED[name](number, row[name])
        if not keys_name_it:
            row[keyed[0]] = hashlib.sha256(new.encode()).hexdigest()
        yield row


def _renamed(value: Any, code: str, new: str) -> Any:
    if isinstance(value, str):
        return value.replace(code, new)
    if isinstance(value, bytes):
        return value.replace(code.encode(), new.encode())
    return value


def _mentions(values: Iterable[Any], code: str) -> bool:
    return any(
        code in value if isinstance(value, str) else isinstance(value, bytes) and code.encode() in value
        for value in values
    )


def _without_safety(connection: Any, _record: object) -> None:
    """Nobody relies on these rows yet: no flush for each chunk."""
    connection.execute("PRAGMA synchronous=OFF")
