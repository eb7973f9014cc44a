"""Working out extents (see `contracts.extents`) in the database itself: it puts the lines together, and all
that is left here is a hash a range. So a million rows take a second or so, and nobody waits for the interpreter
meanwhile.
"""

from __future__ import annotations

import hashlib
from collections.abc import Sequence
from typing import Any, Final

from sqlalchemy import ColumnElement, Select, Text, cast, func, literal, literal_column, select
from sqlalchemy.dialects.postgresql import aggregate_order_by

from contracts.extents import Extent, ExtentsWanted
from services.bus.kit.tx import Tx

_SEPARATOR: Final = literal_column("'\n'", Text)


def line(*parts: Any) -> ColumnElement[Any]:
    """The parts of a row as one text, with spaces between them. Texts stand for themselves."""
    first, *others = (literal(part) if isinstance(part, str) else cast(part, Text) for part in parts)
    text: ColumnElement[Any] = first
    for part in others:
        text = text + literal(" ") + part
    return text


class Listing:
    """The rows that make a digest: their code and line, a condition, their order, and what `until` compares.
    `heads`: there is one a dossier, which is how dossiers are counted; else these are the rows, and dossiers are
    counted by them only where no heads follow (`alone`)."""

    def __init__(
        self,
        code: Any,
        text: Any,
        order: Sequence[Any],
        at: Any,
        *conditions: Any,
        heads: bool = False,
        alone: bool = True,
    ) -> None:
        self._code = code
        self._rows = select(code.label("code"), text.label("line")).where(*conditions)
        self._order = order
        self._at = at
        self._heads = heads
        self._alone = alone

    def told(self, tx: Tx, low: str, high: str | None, day: str | None, until: Any) -> tuple[int, int, str]:
        """Dossiers, rows, and the lines as one text."""
        rows = self._rows
        if day is not None:
            rows = rows.where(self._code.like(f"%-{day}-%"))
        elif low:
            rows = rows.where(self._code >= low)
        if high is not None:
            rows = rows.where(self._code < high)
        if until is not None:
            rows = self._until(rows, until)
        number, text, dossiers = tx.execute(self._together(tx, rows)).one()
        return (number, 0, text or "") if self._heads else (dossiers, number, text or "")

    def _until(self, rows: Select[Any], until: Any) -> Select[Any]:
        return rows.where(self._at <= until)

    def _together(self, tx: Tx, rows: Select[Any]) -> Select[Any]:
        if tx.dialect == "postgresql":
            code, text, *_ = rows.selected_columns
            lines = func.string_agg(text, aggregate_order_by(_SEPARATOR, *self._order))
            return rows.with_only_columns(func.count(), lines, self._dossiers(code))
        ordered = rows.order_by(*self._order).subquery()  # SQLite keeps this order when it concatenates
        lines = func.group_concat(ordered.c.line, _SEPARATOR)
        return select(func.count(), lines, self._dossiers(ordered.c.code))

    def _dossiers(self, code: Any) -> ColumnElement[int]:
        return func.count(code.distinct()) if self._alone and not self._heads else literal(0)


class NewestOnSqlite(Listing):
    """Heads taken from rows: the line of each dossier's newest row by `at`. SQLite gives the other columns of
    the row that has the maximum."""

    def __init__(self, code: Any, text: Any, order: Sequence[Any], at: Any, *conditions: Any) -> None:
        super().__init__(code, text, order, at, *conditions, heads=True)
        self._rows = self._rows.add_columns(func.max(at)).group_by(code)

    def _until(self, rows: Select[Any], until: Any) -> Select[Any]:
        return rows.having(func.max(self._at) <= until)


def extents(tx: Tx, wanted: ExtentsWanted, *listings: Listing, until: Sequence[Any] | None = None) -> list[Extent]:
    """The extents of these ranges. `until`: the moment as each listing compares it; without, as it was asked."""
    moments = until or [wanted.until] * len(listings)
    ranges = [("", None)] if wanted.day is not None else wanted.ranges()
    return [_extent(tx, low, high, wanted.day, listings, moments) for low, high in ranges]


def _extent(
    tx: Tx, low: str, high: str | None, day: str | None, listings: Sequence[Listing], moments: Sequence[Any]
) -> Extent:
    dossiers = rows = 0
    hashed = hashlib.sha256()
    for listing, moment in zip(listings, moments, strict=True):
        these, counted, text = listing.told(tx, low, high, day, moment)
        dossiers, rows = max(dossiers, these), rows + counted
        hashed.update(text.encode())
        hashed.update(b"\n\n")
    return Extent(dossiers=dossiers, rows=rows, digest=hashed.hexdigest())
