"""Keeping the counts by month: what a changed row leaves and where it goes, in the transaction that changes it."""

from __future__ import annotations

from datetime import date
from functools import cache
from typing import Any, Final

from sqlalchemy import delete, func, insert, literal, select
from sqlalchemy.dialects import postgresql, sqlite

from services.bus.hub.indicators.models import CheckFacts, Count, DossierFacts
from services.bus.kit.tx import Tx

AGENCY: Final = "agency"
PROCEDURE: Final = "procedure"
CHECK: Final = "check"


def month_of(day: date) -> date:
    return day.replace(day=1)


def count(tx: Tx, dimension: str, day: date, key: str, flags: int, rows: int) -> None:
    """So many rows more (or less) of this day and key have these flags."""
    values = {"dimension": dimension, "month": month_of(day), "key": key, "flags": flags, "rows": rows}
    tx.later(_upsert(tx.dialect), values)


@cache
def _upsert(dialect: str) -> Any:
    statement = (postgresql if dialect == "postgresql" else sqlite).insert(Count)
    return statement.on_conflict_do_update(
        index_elements=["dimension", "month", "key", "flags"],
        set_={"rows": Count.rows + statement.excluded.rows},
    )


def purge(tx: Tx) -> None:
    """Forget counts that have come to nothing: a dossier leaves some behind on its way."""
    tx.run_later()
    tx.execute(delete(Count).where(Count.rows == 0))


def recount(tx: Tx) -> None:
    """Make all counts anew from the rows."""
    tx.run_later()
    tx.execute(delete(Count))
    sources: tuple[tuple[str, Any, Any, Any], ...] = (
        (AGENCY, DossierFacts.received_on, DossierFacts.agency, DossierFacts.flags),
        (PROCEDURE, DossierFacts.received_on, DossierFacts.procedure_code, DossierFacts.flags),
        (CHECK, CheckFacts.checked_on, CheckFacts.agency, CheckFacts.flags),
    )
    for dimension, day, key, flags in sources:
        month = _month(tx.dialect, day)
        found = (
            select(literal(dimension), month, key, flags, func.count())
            .where(day.is_not(None))
            .group_by(month, key, flags)
        )
        tx.execute(insert(Count).from_select(["dimension", "month", "key", "flags", "rows"], found))


def _month(dialect: str, day: Any) -> Any:
    """The first day of its month, as the database works it out."""
    if dialect == "postgresql":
        return func.to_date(func.to_char(day, "YYYY-MM-01"), "YYYY-MM-DD")
    return func.strftime("%Y-%m-01", day)
