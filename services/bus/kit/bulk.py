"""Rows by the thousand: built as the driver wants them, so that writing them is the driver's work alone.

A row is a tuple of text, whole numbers and None: dates and JSON documents as text, truth as 1 and 0, instants by
`instant`, bytes by `binary`. On PostgreSQL `packed` makes it a line of COPY. `Tx.bulk` writes what another process
may have built.
"""

from __future__ import annotations

from collections.abc import Sequence
from datetime import datetime
from typing import Any, Final

from services.bus.kit.micros import to_micros

POSTGRESQL: Final = "postgresql"


def instant(at: datetime, dialect: str) -> int | str:
    """An instant as a `UtcDateTime` column keeps it."""
    if at.tzinfo is None:
        raise ValueError("an instant needs a time zone")
    return at.isoformat() if dialect == POSTGRESQL else to_micros(at)


def binary(value: bytes, dialect: str) -> bytes | str:
    """Bytes as a `LargeBinary` column keeps them."""
    return rf"\x{value.hex()}" if dialect == POSTGRESQL else value


def packed(rows: list[tuple[Any, ...]], dialect: str) -> list[Any]:
    """Rows as `Tx.bulk` takes them on this database."""
    return [_copy_line(row) for row in rows] if dialect == POSTGRESQL else rows


def _copy_line(row: Sequence[Any]) -> bytes:
    """A line of COPY in its text format."""
    line = "\t".join(["\\N" if value is None else str(value) for value in row])
    if line.count("\t") != len(row) - 1 or line.count("\\") != row.count(None) or "\n" in line or "\r" in line:
        line = "\t".join(["\\N" if value is None else _escaped(str(value)) for value in row])
    return line.encode() + b"\n"


def _escaped(text: str) -> str:
    """Quicker than `str.translate`, by far for long texts."""
    return text.replace("\\", r"\\").replace("\t", r"\t").replace("\n", r"\n").replace("\r", r"\r")
