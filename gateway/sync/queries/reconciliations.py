"""What reconciliations found."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import datetime
from typing import Any, Literal

from pydantic import BaseModel
from sqlalchemy import select

from contracts.problems import NOT_FOUND, Problem
from gateway.sync.models import Finding, Lane, Reconciliation
from services.bus.kit.paging import Cursor, Page
from services.bus.kit.tx import Tx


class Sides(BaseModel):
    """How many each side holds."""

    province: int
    axis: int
    portal: int


class Counts(BaseModel):
    """`lost`: statuses of the province the portal lacks. `findings` by kind, on the axis and at the portal.
    `unlisted`: findings beyond the first 50,000, counted and not listed."""

    dossiers: Sides
    statuses: Sides
    lost: int
    duplicated: int
    out_of_order: int
    findings: dict[str, int]
    unlisted: int
    seconds: float


class ReconciliationView(BaseModel):
    """One comparison. `counts` is null until it is done; `error` says why it failed."""

    id: str
    state: Literal["running", "done", "failed"]
    started_at: datetime
    started_by: str
    finished_at: datetime | None
    error: str | None
    counts: Counts | None


class FindingView(BaseModel):
    """One difference. `side` is the one that differs from the province; `at` the portal's ThoiDiemXuLy;
    `repair_at`: when the dossier was put in line to be sent again for it."""

    place: int
    kind: Literal["missing", "extra", "different", "out_of_order", "duplicated"]
    side: Literal["axis", "portal"]
    code: str
    version: int | None
    at: str | None
    detail: dict[str, Any]
    repairable: bool
    repair_at: datetime | None


class ReconciliationDetail(ReconciliationView):
    """With a page of findings."""

    findings: Page[FindingView]


def view(row: Reconciliation) -> ReconciliationView:
    """A reconciliation without its findings."""
    return ReconciliationView.model_validate(
        {
            "id": row.id,
            "state": row.state,
            "started_at": row.started_at,
            "started_by": row.started_by,
            "finished_at": row.finished_at,
            "error": row.error,
            "counts": row.counts if row.counts and row.error is None else None,
        }
    )


def reconciliations(tx: Tx, cursor: str | None, limit: int) -> Page[ReconciliationView]:
    """The newest first."""
    statement = select(Reconciliation)
    if cursor is not None:
        statement = statement.where(Reconciliation.id < Cursor.decode(cursor, (str,))[0])
    rows = list(tx.scalars(statement.order_by(Reconciliation.id.desc()).limit(limit + 1)))
    return Page(
        items=[view(row) for row in rows[:limit]],
        next_cursor=Cursor.encode([rows[limit - 1].id]) if len(rows) > limit else None,
    )


def reconciliation(tx: Tx, id: str, kind: str | None, cursor: str | None, limit: int) -> ReconciliationDetail:
    """One with a page of its findings; Problem NOT_FOUND."""
    row = tx.get(Reconciliation, id)
    if row is None:
        raise Problem(NOT_FOUND, field="path.id", what="reconciliation", id=id)
    statement = select(Finding).where(Finding.reconciliation_id == id)
    if kind is not None:
        statement = statement.where(Finding.kind == kind)
    if cursor is not None:
        statement = statement.where(Finding.place > Cursor.decode(cursor, (int,))[0])
    found = list(tx.scalars(statement.order_by(Finding.place).limit(limit + 1)))
    page = Page[FindingView](
        items=[
            FindingView.model_validate({name: getattr(each, name) for name in FindingView.model_fields})
            for each in found[:limit]
        ],
        next_cursor=Cursor.encode([found[limit - 1].place]) if len(found) > limit else None,
    )
    return ReconciliationDetail(**view(row).model_dump(), findings=page)


def newest_versions(tx: Tx, codes: Sequence[str]) -> dict[str, int]:
    """The newest version sync has of each of these dossiers."""
    rows = tx.execute(select(Lane.code, Lane.newest_version).where(Lane.code.in_(codes)))
    return {row.code: row.newest_version for row in rows}
