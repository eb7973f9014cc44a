"""How far an import has come, and the lines it did not take."""

from __future__ import annotations

from typing import Any

from sqlalchemy import select

from contracts.imports import BadRow, ImportView, RowError
from contracts.problems import NOT_FOUND, Problem
from services.bus.kit.importing.commands import import_view
from services.bus.kit.importing.registry import Registry
from services.bus.kit.paging import Cursor, Page
from services.bus.kit.tx import Tx


def progress(tx: Tx, registry: Registry, import_id: str) -> ImportView:
    """How far an import has come. Raises NOT_FOUND."""
    return import_view(_found(tx, registry, import_id))


def columns(tx: Tx, registry: Registry, import_id: str) -> tuple[ImportView, list[str]]:
    """The same, with the header of its file."""
    row = _found(tx, registry, import_id)
    return import_view(row), list(row.columns)


def bad_rows(tx: Tx, registry: Registry, import_id: str, *, limit: int, cursor: str | None) -> Page[BadRow]:
    """One page of the lines that were not taken, in the order of the file. Raises NOT_FOUND."""
    _found(tx, registry, import_id)
    table = registry.bad_lines
    rows = select(table).where(table.import_id == import_id).order_by(table.line)
    if cursor is not None:
        rows = rows.where(table.line > Cursor.decode(cursor, (int,))[0])
    found: list[Any] = list(tx.scalars(rows.limit(limit + 1)))
    shown = found[:limit]
    return Page(
        items=[BadRow(line=row.line, errors=[_error(registry, each) for each in row.errors]) for row in shown],
        next_cursor=Cursor.encode([shown[-1].line]) if len(found) > limit else None,
    )


def _found(tx: Tx, registry: Registry, import_id: str) -> Any:
    row: Any = tx.find(registry.imports, import_id)
    if row is None:
        raise Problem(NOT_FOUND, what=registry.what, id=import_id)
    return row


def _error(registry: Registry, stored: dict[str, Any]) -> RowError:
    text = registry.explain(stored["rule"], stored["context"])
    return RowError(
        field=stored["field"],
        rule=stored["rule"],
        vi=text.render("vi", stored["context"]),
        en=text.render("en", stored["context"]),
    )
