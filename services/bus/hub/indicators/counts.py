"""Keeping the counts by month and by year: what a changed row leaves and where it goes, in the transaction that
changes it."""

from __future__ import annotations

from collections import Counter
from collections.abc import Sequence
from datetime import date
from functools import cache
from typing import Any, Final

from sqlalchemy import case, delete, func, select
from sqlalchemy.dialects import postgresql, sqlite

from services.bus.hub.indicators.models import MONTH, YEAR, CheckFacts, Count, DossierFacts
from services.bus.hub.indicators.sets import AGENCY, PROCEDURE, Mask, kept_changes, kept_masks, kept_places
from services.bus.kit.tx import Tx

CHECK: Final = "check"


def month_of(day: date) -> date:
    return day.replace(day=1)


def year_of(day: date) -> date:
    return day.replace(month=1, day=1)


def count(tx: Tx, dimension: str, day: date, key: str, flags: int, rows: int) -> None:
    """So many rows more (or less) of this day and key have these flags."""
    for span, first in ((MONTH, month_of(day)), (YEAR, year_of(day))):
        values = {"dimension": dimension, "span": span, "first": first, "key": key, "flags": flags, "rows": rows}
        tx.later(_upsert(tx.dialect), values)


@cache
def _upsert(dialect: str) -> Any:
    statement = (postgresql if dialect == "postgresql" else sqlite).insert(Count)
    return statement.on_conflict_do_update(
        index_elements=["dimension", "span", "first", "flags", "key"],
        set_={"rows": Count.rows + statement.excluded.rows},
    )


Place = tuple[date, str, str, int]
"""Where a dossier is counted: day of receipt, agency, procedure, flags."""


Changes = Counter[tuple[str, date, str, int]]
"""Rows more or less, by dimension, month, key and flags."""


def move(changes: Changes, before: Place | None, after: Place | None) -> None:
    """Count a dossier where it is now, and no more where it was."""
    if before is not None and after is not None and before[:3] == after[:3]:
        month = month_of(after[0])
        for by, key in ((AGENCY, after[1]), (PROCEDURE, after[2])):
            for kept, rows in kept_changes(by, before[3], after[3]):
                changes[by, month, key, kept] += rows
        return
    for place, rows in ((before, -1), (after, 1)):
        if place is None:
            continue
        day, agency, procedure, flags = place
        month = month_of(day)
        for by, key in ((AGENCY, agency), (PROCEDURE, procedure)):
            for kept in kept_places(by, flags):
                changes[by, month, key, kept] += rows


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
    month = month_in(tx.dialect, CheckFacts.checked_on)
    by_month = select(month, CheckFacts.agency, CheckFacts.flags, func.count())
    checks = tx.execute(by_month.group_by(month, CheckFacts.agency, CheckFacts.flags))
    for first, agency, flags, rows in checks:
        count(tx, CHECK, as_day(first), agency, flags, rows)
    for by in (AGENCY, PROCEDURE):
        month, key = month_in(tx.dialect, DossierFacts.received_on), column_of(by)
        received = select(month, key, *sums_of(kept_masks(by))).where(DossierFacts.received_on.is_not(None))
        for first, name, *sums in tx.execute(received.group_by(month, key)):
            for place, rows in enumerate(sums):
                if rows:
                    count(tx, by, as_day(first), name, place, int(rows))


def column_of(by: str) -> Any:
    """The fact dossiers are counted by."""
    return DossierFacts.agency if by == AGENCY else DossierFacts.procedure_code


def sums_of(masks: Sequence[Mask]) -> list[Any]:
    """How many dossiers each of these holds, as the database counts them."""
    flags = DossierFacts.flags
    return [func.sum(case((flags.op("&")(mask.looked_at) == mask.wanted, 1), else_=0)) for mask in masks]


def as_day(told: date | str) -> date:
    """SQLite tells a day it worked out as text."""
    return date.fromisoformat(told) if isinstance(told, str) else told


def month_in(dialect: str, day: Any) -> Any:
    """The first day of its month, as the database works it out."""
    if dialect == "postgresql":
        return func.to_date(func.to_char(day, "YYYY-MM-01"), "YYYY-MM-DD")
    return func.strftime("%Y-%m-01", day)
