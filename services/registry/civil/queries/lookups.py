"""The log of lookups, newest first: by record, by person, by dossier."""

from __future__ import annotations

from sqlalchemy import select

from contracts.civil import LookupLine
from services.bus.kit.paging import Cursor, Page
from services.bus.kit.tx import Tx
from services.registry.civil.models import Lookup


def lookups(
    tx: Tx,
    *,
    record_id: str | None,
    personal_id: str | None,
    dossier: str | None,
    limit: int,
    cursor: str | None,
) -> Page[LookupLine]:
    """One page of the log."""
    rows = select(Lookup).order_by(Lookup.id.desc())
    for column, value in (
        (Lookup.record_id, record_id),
        (Lookup.personal_id, personal_id),
        (Lookup.dossier, dossier),
    ):
        if value is not None:
            rows = rows.where(column == value)
    if cursor is not None:
        rows = rows.where(Lookup.id < Cursor.decode(cursor, (str,))[0])
    found = list(tx.scalars(rows.limit(limit + 1)))
    shown = found[:limit]
    return Page(
        items=[LookupLine.model_validate(row, from_attributes=True) for row in shown],
        next_cursor=Cursor.encode([shown[-1].id]) if len(found) > limit else None,
    )
