"""Parcels by who holds them: by number or by name, in the order of their keys.

The index of live shares holds the parcels of a party, and those of everybody of a name, in that order: a page is a
stretch of it, however many bear the name, and what lies before the cursor is not read.
"""

from __future__ import annotations

from functools import cache
from typing import TYPE_CHECKING, Any, Final

from sqlalchemy import ColumnElement, Select, bindparam, select

from contracts.catalogue.search import fold
from contracts.land import ParcelLine, party_key
from services.bus.kit.paging import Cursor, Page
from services.bus.kit.tx import Tx
from services.registry.land.models import Description, Holding, Parcel
from services.registry.land.queries.lines import LINE, line

if TYPE_CHECKING:
    from services.registry.land.queries.parcels import Wanted

_CONDITIONS: Final[dict[str, ColumnElement[bool]]] = {
    "party": Holding.party_key == bindparam("party"),
    "name": Holding.folded_name == bindparam("name"),
    "key_from": Holding.parcel_key >= bindparam("key_from"),
    "key_to": Holding.parcel_key < bindparam("key_to"),
    "after": Holding.parcel_key > bindparam("after"),
    "sheet": Parcel.map_sheet == bindparam("sheet"),
}
_AFTER_THE_DASH: Final = "."
"""Sorts next behind the dash between commune, sheet and number in a key."""


def held(tx: Tx, wanted: Wanted, *, limit: int, cursor: str | None) -> Page[ParcelLine]:
    """One page of the parcels in which somebody of this number and name has a live share, by key."""
    asked = _at_place(wanted)
    if wanted.name is not None:
        asked["name"] = fold(wanted.name)[:200]
    if cursor is not None:
        [asked["after"]] = Cursor.decode(cursor, (str,))
    asked["most"] = limit + 1
    parties = _parties(wanted)
    found = tx.fetch_together(*((_statement((*asked, *party)), {**asked, **party}) for party in parties))
    rows = found[0] if len(found) == 1 else sorted({row[0]: row for each in found for row in each}.values())
    return Page(
        items=[line(*row) for row in rows[:limit]],
        next_cursor=Cursor.encode([rows[limit - 1][0]]) if len(rows) > limit else None,
    )


def _parties(wanted: Wanted) -> list[dict[str, str]]:
    """A number of twelve digits may be a personal id or a tax code: each is a stretch of the index of its own."""
    if wanted.owner is None:
        return [{}]
    return [{"party": party_key(wanted.owner, None, "")}, {"party": party_key(None, wanted.owner, "")}]


def _at_place(wanted: Wanted) -> dict[str, Any]:
    """Keys begin with the commune, then the sheet. A sheet alone is asked of the parcel."""
    if wanted.unit_code is None:
        return {} if wanted.map_sheet is None else {"sheet": wanted.map_sheet}
    place = wanted.unit_code if wanted.map_sheet is None else f"{wanted.unit_code}-{wanted.map_sheet}"
    return {"key_from": f"{place}-", "key_to": f"{place}{_AFTER_THE_DASH}"}


@cache
def _statement(asked: tuple[str, ...]) -> Select[Any]:
    """The select for what is asked, the same object every time."""
    keys: Select[Any] = select(Holding.parcel_key).distinct().where(Holding.valid_to.is_(None))
    if "sheet" in asked:
        keys = keys.join(Parcel, Parcel.key == Holding.parcel_key)
    keys = keys.where(*(_CONDITIONS[name] for name in asked if name in _CONDITIONS))
    page = keys.order_by(Holding.parcel_key).limit(bindparam("most")).subquery()
    live = (Description.parcel_key == Parcel.key) & Description.valid_to.is_(None)
    lines: Select[Any] = select(*LINE).join(page, page.c.parcel_key == Parcel.key).outerjoin(Description, live)
    return lines.order_by(Parcel.key)
