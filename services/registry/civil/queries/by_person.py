"""Records found by a person: by personal id, by name, by name and birth date.

A name with diacritics is looked up among names as they are written, one without among folded names; each has an
index that holds its hits in the order they are shown in. A page is then a stretch of that index, however many
bear the name: nothing is sorted, and what lies before the cursor is not read.
"""

from __future__ import annotations

from datetime import date
from functools import cache
from typing import TYPE_CHECKING, Any, Final

from sqlalchemy import ColumnElement, Select, bindparam, func, or_, select, tuple_

from contracts.civil import RecordKind, RecordLine
from services.bus.kit.paging import Cursor, Page
from services.bus.kit.tx import Tx
from services.registry.civil.books import book_id
from services.registry.civil.models import Participant, Record
from services.registry.civil.names import fold, has_marks, with_marks
from services.registry.civil.queries.lines import AT_PLACE, PERSON, RECORD, line

if TYPE_CHECKING:
    from services.registry.civil.queries.search import Wanted

_AFTER_ALL_NAMES: Final = "\U0010ffff"
"""Sorts behind every letter."""


def _named_by(folded: Any, marked: Any) -> dict[str, ColumnElement[bool]]:
    return {
        "folded_name": folded == bindparam("folded_name"),
        "folded_from": folded >= bindparam("folded_from"),
        "folded_to": folded < bindparam("folded_to"),
        "marked_name": marked == bindparam("marked_name"),
        "marked_from": marked >= bindparam("marked_from"),
        "marked_to": marked < bindparam("marked_to"),
    }


_CONDITIONS: Final[dict[str, ColumnElement[bool]]] = {
    **AT_PLACE,
    "kind": Participant.kind == bindparam("kind"),
    "personal_id": Participant.personal_id == bindparam("personal_id"),
    **_named_by(Participant.folded_name, Participant.marked_name),
    "birth_year": Participant.birth_year == bindparam("birth_year"),
    "birth_date": Participant.birth_date == bindparam("birth_date"),
}
"""What may be asked, by the parameter that asks it."""
_NAMED_AMONG_FEW: Final = _named_by(
    func.coalesce(Participant.folded_name, ""), func.coalesce(Participant.marked_name, "")
)

_BY_FOLDED: Final = ("folded_name", "birth_year", "record_id", "role")
_BY_MARKED: Final = ("marked_name", *_BY_FOLDED[1:])
_AFTER: Final = "after_"
_BOOK: Final = "book_"


def of_person(tx: Tx, wanted: Wanted, limit: int, cursor: str | None) -> Page[RecordLine]:
    """One page of the records somebody of this number or name stands in, by name, year of birth and record."""
    asked = {**_person(wanted), **_books(wanted), **wanted.place()}
    order = _BY_MARKED if any(name.startswith("marked") for name in asked) else _BY_FOLDED
    open_order = tuple(name for name in order if name not in asked)
    if cursor is not None:
        last = dict(zip(order, Cursor.decode(cursor, (str, int, str, str)), strict=True))
        begins = asked.pop(order[0].replace("_name", "_from"), "")  # a second lower bound would hide the cursor's
        last[order[0]] = max(last[order[0]], begins)
        asked |= {f"{_AFTER}{name}": last[name] for name in open_order}
    found = tx.fetch(_statement(tuple(asked), order, open_order), **asked, most=limit + 1)
    about, key = len(RECORD), len(RECORD) + len(PERSON)
    items = [line(row[:about], row[about:key]) for row in found[:limit]]
    following = Cursor.encode(list(found[limit - 1][key:])) if len(found) > limit else None
    return Page(items=items, next_cursor=following)


@cache
def _statement(asked: tuple[str, ...], order: tuple[str, ...], open_order: tuple[str, ...]) -> Select[Any]:
    """The select for what is asked, the same object every time. `open_order`: the columns of the order that what
    is asked leaves open. They are all that is sorted and continued by, so that an index answers both."""
    columns: tuple[Any, ...] = (*RECORD, *PERSON, *(getattr(Participant, name) for name in order))
    key = [getattr(Participant, name) for name in open_order]
    rows: Select[Any] = select(*columns).join_from(Participant, Record, Record.id == Participant.record_id)
    rows = rows.where(*_conditions(asked)).order_by(*key)
    if any(name.startswith(_AFTER) for name in asked):
        last = [bindparam(f"{_AFTER}{column.key}", type_=column.type) for column in key]
        rows = rows.where(tuple_(*key) > tuple_(*last))
    return rows.limit(bindparam("most"))


def _conditions(asked: tuple[str, ...]) -> list[ColumnElement[bool]]:
    """A number, or a few books, are fewer rows than a name: the name is then kept from its index."""
    books = [Record.book_id == bindparam(name) for name in asked if name.startswith(_BOOK)]
    few = bool(books) or "personal_id" in asked
    conditions = _CONDITIONS | _NAMED_AMONG_FEW if few else _CONDITIONS
    found = [conditions[name] for name in asked if name in conditions]
    return [*found, or_(*books)] if books else found


def _books(wanted: Wanted) -> dict[str, str]:
    """The books of an agency and a year, of every kind unless one is asked for."""
    if wanted.agency is None or wanted.year is None:
        return {}
    kinds = [wanted.kind] if wanted.kind else list(RecordKind)
    return {f"{_BOOK}{kind}": book_id(wanted.agency, kind.value, wanted.year) for kind in kinds}


def _person(wanted: Wanted) -> dict[str, Any]:
    asked: dict[str, Any] = {}
    if wanted.personal_id is not None:
        asked["personal_id"] = wanted.personal_id
    if wanted.name is not None:
        asked |= _named(wanted.name)
    if isinstance(wanted.born, date):
        asked |= {"birth_year": wanted.born.year, "birth_date": wanted.born}
    elif wanted.born is not None:
        asked["birth_year"] = int(wanted.born)
    return asked


def _named(name: str) -> dict[str, str]:
    text = name.removesuffix("*")
    kind, spelt = ("marked", with_marks(text)) if has_marks(text) else ("folded", fold(text))
    if name.endswith("*"):
        return {f"{kind}_from": spelt, f"{kind}_to": spelt + _AFTER_ALL_NAMES}
    return {f"{kind}_name": spelt}
