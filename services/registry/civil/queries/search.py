"""Records found by a person, by their place in the books, or by when they were registered; books themselves.

personal_id            every record of this person
name [, born]          full name; "nguyen van an" finds every spelling, "Nguyễn Văn Ân" that one;
                       with `*` at the end, every name that begins so
agency, kind, year     one book, in the order of its numbers; with `number`, that entry
kind                   the newest first
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from datetime import date
from functools import cache
from types import SimpleNamespace
from typing import Any

from sqlalchemy import ColumnElement, Select, bindparam, select, tuple_

from contracts.civil import BookKind, BookView, RecordKind, RecordLine
from services.bus.kit.paging import Cursor, Page
from services.bus.kit.tx import Tx
from services.registry.civil.books import book_id
from services.registry.civil.models import Book, Record
from services.registry.civil.queries.by_person import of_person
from services.registry.civil.queries.lines import AT_PLACE, NOBODY, RECORD, first_people, line


@dataclass(frozen=True, slots=True)
class Wanted:
    """What is looked for: all that is given must hold."""

    kind: RecordKind | None = None
    personal_id: str | None = None
    name: str | None = None
    born: date | str | None = None
    agency: str | None = None
    year: int | None = None
    number: int | None = None
    since: date | None = None
    until: date | None = None

    @property
    def by_person(self) -> bool:
        return self.personal_id is not None or self.name is not None

    def place(self) -> dict[str, Any]:
        """What is asked of the place in the books, and when it was entered; without what nothing is asked of."""
        asked = {
            "kind": self.kind.value if self.kind else None,
            "agency": self.agency,
            "year": self.year,
            "number": self.number,
            "since": self.since,
            "until": self.until,
        }
        return {name: value for name, value in asked.items() if value is not None}


def records(tx: Tx, wanted: Wanted, *, limit: int, cursor: str | None) -> Page[RecordLine]:
    """One page of the records that are wanted."""
    if wanted.by_person:
        return of_person(tx, wanted, limit, cursor)
    if wanted.agency is not None and wanted.kind is not None and wanted.year is not None:
        return _in_book(tx, wanted, limit, cursor)
    return _newest(tx, wanted, limit, cursor)


_CONDITIONS: dict[str, ColumnElement[bool]] = {
    **AT_PLACE,
    "book_id": Record.book_id == bindparam("book_id"),
    "after_number": Record.number > bindparam("after_number"),
    "before_id": Record.id < bindparam("before_id"),
    "before_day": tuple_(Record.registered_on, Record.id)
    < tuple_(bindparam("before_day", type_=Record.registered_on.type), bindparam("before_day_id")),
}
_ORDERS: dict[str, tuple[Any, ...]] = {
    "number": (Record.number,),
    "id": (Record.id.desc(),),
    "day": (Record.registered_on.desc(), Record.id.desc()),
}


_NAMES = [column.key for column in RECORD]


@cache
def _statement(asked: tuple[str, ...], order: str) -> Select[Any]:
    """The select for what is asked, the same object every time."""
    conditions = (_CONDITIONS[name] for name in asked if name != "before_day_id")
    return select(*RECORD).where(*conditions).order_by(*_ORDERS[order]).limit(bindparam("most"))


def _in_book(tx: Tx, wanted: Wanted, limit: int, cursor: str | None) -> Page[RecordLine]:
    assert wanted.agency is not None and wanted.kind is not None and wanted.year is not None
    asked = {"book_id": book_id(wanted.agency, wanted.kind.value, wanted.year)}
    asked |= {name: value for name, value in wanted.place().items() if name not in ("agency", "kind", "year")}
    if cursor is not None:
        [asked["after_number"]] = Cursor.decode(cursor, (int,))
    return _page(tx, asked, "number", limit, lambda record: [record.number])


def _newest(tx: Tx, wanted: Wanted, limit: int, cursor: str | None) -> Page[RecordLine]:
    asked = wanted.place()
    if wanted.kind is None:
        if cursor is not None:
            [asked["before_id"]] = Cursor.decode(cursor, (str,))
        return _page(tx, asked, "id", limit, lambda record: [record.id])
    if cursor is not None:
        day, asked["before_day_id"] = Cursor.decode(cursor, (int, str))
        asked["before_day"] = _from_ordinal(day)
    return _page(tx, asked, "day", limit, lambda record: [record.registered_on.toordinal(), record.id])


def _from_ordinal(day: int) -> date:
    return date.fromordinal(min(max(day, 1), date.max.toordinal()))


def _page(
    tx: Tx, asked: dict[str, Any], order: str, limit: int, key: Callable[[Any], list[str | int]]
) -> Page[RecordLine]:
    rows = tx.fetch(_statement(tuple(asked), order), **asked, most=limit + 1)
    shown = rows[:limit]
    people = first_people(tx, [row[0] for row in shown])
    last = SimpleNamespace(**dict(zip(_NAMES, shown[-1], strict=True))) if len(rows) > limit else None
    return Page(
        items=[line(row, people.get(row[0], NOBODY)) for row in shown],
        next_cursor=Cursor.encode(key(last)) if last is not None else None,
    )


def books(
    tx: Tx, *, agency: str | None, kind: BookKind | None, year: int | None, limit: int, cursor: str | None
) -> Page[BookView]:
    """One page of the books, by agency, kind and year."""
    rows = select(Book).order_by(Book.id)
    for column, value in ((Book.agency, agency), (Book.kind, kind.value if kind else None), (Book.year, year)):
        if value is not None:
            rows = rows.where(column == value)
    if cursor is not None:
        rows = rows.where(Book.id > Cursor.decode(cursor, (str,))[0])
    found = list(tx.scalars(rows.limit(limit + 1)))
    shown = found[:limit]
    return Page(
        items=[
            BookView(
                agency=book.agency,
                kind=book.kind,
                year=book.year,
                last_number=book.last,
                entries=book.entries,
                volumes=book.volumes,
            )
            for book in shown
        ],
        next_cursor=Cursor.encode([shown[-1].id]) if len(found) > limit else None,
    )
