"""Finding dossiers, page by page, newest first."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from datetime import datetime

from sqlalchemy import literal, select, tuple_

from contracts.catalogue.search import fold
from services.bus.kit.columns import UtcDateTime, from_micros, to_micros
from services.bus.kit.paging import Cursor, Page
from services.bus.kit.tx import Tx
from services.dossier import schemas, views
from services.dossier.models import Dossier


@dataclass(frozen=True, slots=True)
class Filters:
    """What to find. `name` matches the beginning of the applicant's name, with or without diacritics."""

    status: int | None = None
    receiving_agency: str | None = None
    procedure_code: str | None = None
    channel: str | None = None
    personal_id: str | None = None
    verification: str | None = None
    name: str | None = None
    created_from: datetime | None = None
    created_to: datetime | None = None
    overdue_at: datetime | None = None


def search(filters: Filters, cursor: str | None, limit: int) -> Callable[[Tx], Page[schemas.DossierLine]]:
    """One page of the dossiers that match, newest first."""
    after = Cursor.decode(cursor, (int, str)) if cursor is not None else None

    def query(tx: Tx) -> Page[schemas.DossierLine]:
        statement = select(Dossier).order_by(Dossier.created_at.desc(), Dossier.code.desc()).limit(limit + 1)
        for column, value in (
            (Dossier.status, filters.status),
            (Dossier.receiving_agency, filters.receiving_agency),
            (Dossier.procedure_code, filters.procedure_code),
            (Dossier.channel, filters.channel),
            (Dossier.personal_id, filters.personal_id),
            (Dossier.verification, filters.verification),
        ):
            if value is not None:
                statement = statement.where(column == value)
        if filters.name is not None:
            start = fold(filters.name)
            statement = statement.where(Dossier.folded_name >= start, Dossier.folded_name < start + "\U0010ffff")
        if filters.created_from is not None:
            statement = statement.where(Dossier.created_at >= filters.created_from)
        if filters.created_to is not None:
            statement = statement.where(Dossier.created_at < filters.created_to)
        if filters.overdue_at is not None:
            statement = statement.where(
                Dossier.due_at < filters.overdue_at,
                Dossier.completed_at.is_(None),
                Dossier.paused_at.is_(None),
            )
        if after is not None:
            place = tuple_(Dossier.created_at, Dossier.code)
            last_seen = tuple_(literal(from_micros(after[0]), UtcDateTime), after[1])
            statement = statement.where(place < last_seen)
        rows = list(tx.scalars(statement))
        last = rows[limit - 1] if len(rows) > limit else None
        return Page(
            items=[views.line(row) for row in rows[:limit]],
            next_cursor=Cursor.encode([to_micros(last.created_at), last.code]) if last else None,
        )

    return query
