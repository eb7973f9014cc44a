"""Pages with an opaque cursor: the values of the last row's sort key, packed. Callers never look inside."""

from __future__ import annotations

import base64
import binascii
from datetime import datetime
from typing import Any, Generic, TypeVar

import orjson
from pydantic import BaseModel

from contracts.problems import BAD_CURSOR, Problem
from services.bus.kit.micros import from_micros

T = TypeVar("T")


class Page(BaseModel, Generic[T]):
    """One page of a list; `next_cursor` is null on the last one."""

    items: list[T]
    next_cursor: str | None = None


class Cursor:
    """Packs and unpacks cursors. Values: strings and integers."""

    @staticmethod
    def encode(values: list[str | int]) -> str:
        return base64.urlsafe_b64encode(orjson.dumps(values)).rstrip(b"=").decode()

    @staticmethod
    def decode(cursor: str, kinds: tuple[type, ...]) -> list[Any]:
        """The values packed in `cursor`; Problem BAD_CURSOR unless they are of these kinds."""
        try:
            padded = cursor.encode("ascii") + b"=" * (-len(cursor) % 4)
            values = orjson.loads(base64.b64decode(padded, altchars=b"-_", validate=True))
        except (binascii.Error, ValueError, UnicodeEncodeError):
            raise Problem(BAD_CURSOR, field="query.cursor") from None
        if (
            not isinstance(values, list)
            or len(values) != len(kinds)
            or any(type(value) is not kind for value, kind in zip(values, kinds, strict=True))
            or any(isinstance(value, str) and "\x00" in value for value in values)
            or any(isinstance(value, int) and abs(value) >= 2**63 for value in values)
        ):
            raise Problem(BAD_CURSOR, field="query.cursor")
        return values

    @staticmethod
    def instant(micros: int) -> datetime:
        """The moment a cursor holds as microseconds since 1970; Problem BAD_CURSOR if there is none such."""
        try:
            return from_micros(micros)
        except (ValueError, OverflowError, OSError):
            raise Problem(BAD_CURSOR, field="query.cursor") from None
