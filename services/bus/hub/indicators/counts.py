"""Keeping the counts by month: what a changed row leaves and where it goes, in the transaction that changes it."""

from __future__ import annotations

from collections import Counter
from datetime import date
from functools import cache
from typing import Any, Final

from sqlalchemy import Select, delete, func, insert, literal, select
from sqlalchemy.dialects import postgresql, sqlite

from services.bus.hub.indicators.models import CheckFacts, Count, DossierFacts
from services.bus.hub.indicators.sets import kept_places
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


Place = tuple[date, str, str, int]
"""Where a dossier is counted: day of receipt, agency, procedure, flags."""


Changes = Counter[tuple[str, date, str, int]]
"""Rows more or less, by dimension, month, key and flags."""


def move(changes: Changes, before: Place | None, after: Place | None) -> None:
    """Count a dossier where it is now, and no more where it was."""
    for place, rows in ((before, -1), (after, 1)):
        if place is None:
            continue
        day, agency, procedure, flags = place
        month = month_of(day)
        changes[PROCEDURE, month, procedure, flags] += rows
        for kept in kept_places(flags):
            changes[AGENCY, month, agency, kept] += rows


def keep(tx: Tx, changes: Changes) -> None:
    """Keep what has changed in all."""
    for (dimension, month, key, flags), rows in changes.items():
        if rows:
            count(tx, dimension, month, key, flags, rows)


def purge(tx: Tx) -> None:
    """Forget counts that have come to nothing: a dossier leaves some behind on its way."""
    tx.run_later()
    tx.execute(delete(Count).where(Count.rows == 0))


def recount(tx: Tx) -> None:
    """Make all counts anew from the rows."""
    tx.run_later()
    tx.execute(delete(Count))
    sources: tuple[tuple[str, Any, Any, Any], ...] = (
        (PROCEDURE, DossierFacts.received_on, DossierFacts.procedure_code, DossierFacts.flags),
        (CHECK, CheckFacts.checked_on, CheckFacts.agency, CheckFacts.flags),
    )
    for dimension, day, key, flags in sources:
        found = _counted(tx, day, key, flags).add_columns(literal(dimension).label("dimension"))
        tx.execute(insert(Count).from_select(["month", "key", "flags", "rows", "dimension"], found))
    kept: Counter[tuple[date, str, int]] = Counter()
    day, key, flags = DossierFacts.received_on, DossierFacts.agency, DossierFacts.flags
    for month, agency, combination, rows in tx.execute(_counted(tx, day, key, flags)):
        for place in kept_places(combination):
            kept[as_day(month), agency, place] += rows
    for (month, agency, place), rows in kept.items():
        count(tx, AGENCY, month, agency, place, rows)


def _counted(tx: Tx, day: Any, key: Any, flags: Any) -> Select[Any]:
    month = month_in(tx.dialect, day)
    return select(month, key, flags, func.count()).where(day.is_not(None)).group_by(month, key, flags)


def as_day(told: date | str) -> date:
    """SQLite tells a day it worked out as text."""
    return date.fromisoformat(told) if isinstance(told, str) else told


def month_in(dialect: str, day: Any) -> Any:
    """The first day of its month, as the database works it out."""
    if dialect == "postgresql":
        return func.to_date(func.to_char(day, "YYYY-MM-01"), "YYYY-MM-DD")
    return func.strftime("%Y-%m-01", day)
