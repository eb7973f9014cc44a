"""How far an import has come, and the lines it did not take."""

from __future__ import annotations

from typing import Any

from sqlalchemy import select

from contracts.civil import BadRow, ImportView, RowError
from contracts.problems import NOT_FOUND, Problem
from contracts.rules import explain
from services.bus.kit.paging import Cursor, Page
from services.bus.kit.tx import Tx
from services.registry.civil.models import BadLine, Import
from services.registry.civil.views import import_view


def progress(tx: Tx, import_id: str) -> ImportView:
    """How far an import has come. Raises NOT_FOUND."""
    return import_view(_found(tx, import_id))


def _found(tx: Tx, import_id: str) -> Any:
    row: Any = tx.find(Import, import_id)
    if row is None:
        raise Problem(NOT_FOUND, what="book import", id=import_id)
    return row


def columns(tx: Tx, import_id: str) -> tuple[ImportView, list[str]]:
    """The same, with the header of its file."""
    row = _found(tx, import_id)
    return import_view(row), list(row.columns)


def bad_rows(tx: Tx, import_id: str, *, limit: int, cursor: str | None) -> Page[BadRow]:
    """One page of the lines that were not taken, in the order of the file. Raises NOT_FOUND."""
    _found(tx, import_id)
    rows = select(BadLine).where(BadLine.import_id == import_id).order_by(BadLine.line)
    if cursor is not None:
        rows = rows.where(BadLine.line > Cursor.decode(cursor, (int,))[0])
    found = list(tx.scalars(rows.limit(limit + 1)))
    shown = found[:limit]
    return Page(
        items=[BadRow(line=row.line, errors=[_error(each) for each in row.errors]) for row in shown],
        next_cursor=Cursor.encode([shown[-1].line]) if len(found) > limit else None,
    )


def _error(stored: dict[str, Any]) -> RowError:
    text = explain(stored["rule"], stored["context"])
    return RowError(field=stored["field"], rule=stored["rule"], vi=text.render("vi", {}), en=text.render("en", {}))
