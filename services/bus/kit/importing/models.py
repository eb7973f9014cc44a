"""Columns of the tables of an import; a registry mixes them into models on its own base."""

from __future__ import annotations

from datetime import datetime
from typing import Any

from sqlalchemy import BigInteger, String
from sqlalchemy.orm import Mapped, mapped_column

from services.bus.kit.columns import JsonDoc, UtcDateTime
from services.bus.kit.plain import Plain


class ImportInHand(Plain):
    """A file on its way in: everything before `position` is taken or reported."""

    __tablename__ = "imports"

    id: Mapped[str] = mapped_column(String(36), primary_key=True)
    kind: Mapped[str] = mapped_column(String(20))
    format: Mapped[str] = mapped_column(String(6))
    columns: Mapped[list[str]] = mapped_column(JsonDoc)
    """The header line of a CSV file."""
    state: Mapped[str] = mapped_column(String(10))
    position: Mapped[int] = mapped_column(BigInteger)
    lines: Mapped[int]
    taken: Mapped[int]
    refused: Mapped[int]
    client_id: Mapped[str] = mapped_column(String(100))
    began_at: Mapped[datetime] = mapped_column(UtcDateTime)
    changed_at: Mapped[datetime] = mapped_column(UtcDateTime)


class LineNotTaken:
    """A line that was not taken, and why: field, rule and context of each error."""

    __tablename__ = "import_errors"
    __table_args__: Any = {"sqlite_with_rowid": False}  # noqa: RUF012

    import_id: Mapped[str] = mapped_column(String(36), primary_key=True)
    line: Mapped[int] = mapped_column(primary_key=True)
    errors: Mapped[list[dict[str, Any]]] = mapped_column(JsonDoc)
