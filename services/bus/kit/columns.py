"""Column types that behave alike on SQLite and PostgreSQL."""

from __future__ import annotations

from collections.abc import Callable
from datetime import UTC, datetime
from typing import Any

from sqlalchemy import JSON, BigInteger, DateTime, Dialect
from sqlalchemy.dialects.postgresql import JSONB
from sqlalchemy.types import TypeDecorator, TypeEngine

from services.bus.kit.micros import from_micros, to_micros

__all__ = ["JsonDoc", "UtcDateTime", "from_micros", "to_micros"]

JsonDoc = JSON().with_variant(JSONB(), "postgresql")
"""A JSON document; JSONB on PostgreSQL. Assign whole new values: changes inside one are not noticed."""


def _from_number(micros: int | None) -> datetime | None:
    return None if micros is None else from_micros(micros)


class UtcDateTime(TypeDecorator[datetime]):
    """An instant. Takes and gives aware datetimes in UTC; on SQLite kept as microseconds since 1970, which
    sorts, compares and parses faster than text."""

    impl = BigInteger
    cache_ok = True

    def load_dialect_impl(self, dialect: Dialect) -> TypeEngine[Any]:
        if dialect.name == "postgresql":
            return dialect.type_descriptor(DateTime(timezone=True))
        return dialect.type_descriptor(BigInteger())

    def process_bind_param(self, value: datetime | None, dialect: Dialect) -> Any:
        if value is None:
            return None
        if value.tzinfo is None:
            raise ValueError("an instant needs a time zone")
        if dialect.name == "postgresql":
            return value
        return to_micros(value)

    def result_processor(self, dialect: Dialect, coltype: object) -> Callable[[Any], datetime | None] | None:
        """Straight to the number where that is what is kept."""
        return super().result_processor(dialect, coltype) if dialect.name == "postgresql" else _from_number

    def process_result_value(self, value: Any, dialect: Dialect) -> datetime | None:
        if value is None:
            return None
        if isinstance(value, datetime):
            return value.astimezone(UTC)
        return from_micros(value)
