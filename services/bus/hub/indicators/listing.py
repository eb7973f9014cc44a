"""The dossiers behind a figure, page by page, in the order they were received."""

from __future__ import annotations

from collections.abc import Callable
from datetime import date, datetime
from typing import Literal

from sqlalchemy import ColumnElement, and_, or_, select, tuple_

from contracts.catalogue.indicators import Indicator, Side
from contracts.problems import BAD_CURSOR, NOT_FOUND, Problem
from services.bus.hub.indicators import schemas
from services.bus.hub.indicators.counting import Where, received_in
from services.bus.hub.indicators.models import DossierFacts
from services.bus.hub.indicators.sets import LATE, Mask
from services.bus.hub.indicators.values import dossiers_behind
from services.bus.kit.paging import Cursor, Page
from services.bus.kit.tx import Tx

SideName = Literal["numerator", "denominator"]


def behind(
    definition: Indicator, name: SideName, where: Where, *, now: datetime, cursor: str | None, limit: int
) -> Callable[[Tx], Page[schemas.DossierLine]]:
    """One page of the dossiers a side counts, or whose procedures it counts. Raises NOT_FOUND for a side that
    looks at none."""
    side: Side = definition.numerator if name == "numerator" else definition.denominator
    mask = dossiers_behind(side)
    if mask is None:
        raise Problem(NOT_FOUND, field="query.side", what="dossier", id=f"{definition.id}/{name}")
    after = _after(cursor)
    at = where.compared_at(now)

    def query(tx: Tx) -> Page[schemas.DossierLine]:
        statement = (  # codes alone, which an index tells: of a rare set nearly every row would be read in vain
            select(DossierFacts.code)
            .where(*received_in(where, where.since, where.until), in_mask(mask, at))
            .order_by(DossierFacts.received_on, DossierFacts.code)
            .limit(limit + 1)
        )
        if after is not None:
            statement = statement.where(tuple_(DossierFacts.received_on, DossierFacts.code) > tuple_(*after))
        codes = list(tx.scalars(statement))
        by_place = (DossierFacts.received_on, DossierFacts.code)
        rows = list(tx.scalars(select(DossierFacts).where(DossierFacts.code.in_(codes)).order_by(*by_place)))
        last = rows[limit - 1] if len(rows) > limit else None
        return Page(
            items=[schemas.DossierLine.model_validate(row, from_attributes=True) for row in rows[:limit]],
            next_cursor=Cursor.encode([str(last.received_on), last.code]) if last is not None else None,
        )

    return query


def in_mask(mask: Mask, at: datetime) -> ColumnElement[bool]:
    """Dossiers the mask holds at that moment: those whose time has run out are late, though not flagged yet."""
    flags = DossierFacts.flags
    if not mask.looked_at & LATE:
        return flags.op("&")(mask.looked_at) == mask.wanted
    rest = mask.looked_at & ~LATE
    others = flags.op("&")(rest) == mask.wanted & ~LATE
    late = flags.op("&")(LATE) == LATE
    run_out = and_(DossierFacts.late_after.is_not(None), DossierFacts.late_after < at)
    if mask.wanted & LATE:
        return and_(others, or_(late, run_out))
    return and_(others, ~late, or_(DossierFacts.late_after.is_(None), DossierFacts.late_after >= at))


def _after(cursor: str | None) -> tuple[date, str] | None:
    if cursor is None:
        return None
    day, code = Cursor.decode(cursor, (str, str))
    try:
        return date.fromisoformat(day), code
    except ValueError:
        raise Problem(BAD_CURSOR, field="query.cursor") from None
