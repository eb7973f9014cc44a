"""Records found by a person, by their place in the books, or by when they were registered; books themselves.

personal_id            every record of this person
name [, born]          full name; "nguyen van an" finds every spelling, "Nguyễn Văn Ân" that one;
                       with `*` at the end, every name that begins so
agency, kind, year     one book, in the order of its numbers; with `number`, that entry
kind                   the newest first
"""

from __future__ import annotations

from dataclasses import dataclass
from datetime import date
from typing import Any

from sqlalchemy import ColumnElement, Select, select, tuple_

from contracts.civil import BookKind, BookView, RecordKind, RecordLine
from services.bus.kit.paging import Cursor, Page
from services.bus.kit.tx import Tx
from services.registry.civil.books import book_id
from services.registry.civil.models import Book, Participant, Record
from services.registry.civil.names import fold, has_marks, with_marks
from services.registry.civil.views import place_in_books

_AFTER_ALL_NAMES = "\x7f"
"""Sorts behind every letter of a folded name."""


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


def records(tx: Tx, wanted: Wanted, *, limit: int, cursor: str | None) -> Page[RecordLine]:
    """One page of the records that are wanted."""
    if wanted.by_person:
        return _of_person(tx, wanted, limit, cursor)
    if wanted.agency is not None and wanted.kind is not None and wanted.year is not None:
        return _in_book(tx, wanted, limit, cursor)
    return _newest(tx, wanted, limit, cursor)


def _of_person(tx: Tx, wanted: Wanted, limit: int, cursor: str | None) -> Page[RecordLine]:
    who = Participant
    key = (who.folded_name, who.birth_year, who.record_id, who.role)
    both: tuple[Any, ...] = (Record, Participant)
    rows: Select[Any] = select(*both).join_from(Participant, Record, Record.id == who.record_id)
    rows = rows.where(*_person(wanted), *_place(wanted)).order_by(*key)
    if cursor is not None:
        rows = rows.where(tuple_(*key) > tuple_(*Cursor.decode(cursor, (str, int, str, str))))
    found = tx.execute(rows.limit(limit + 1)).all()
    shown = found[:limit]
    last = shown[-1][1] if len(found) > limit else None
    return Page(
        items=[_line(record, person) for record, person in shown],
        next_cursor=Cursor.encode([last.folded_name, last.birth_year, last.record_id, last.role])
        if last
        else None,
    )


def _person(wanted: Wanted) -> list[ColumnElement[bool]]:
    found: list[ColumnElement[bool]] = []
    if wanted.personal_id is not None:
        found.append(Participant.personal_id == wanted.personal_id)
    if wanted.name is not None:
        found += _named(wanted.name)
    if isinstance(wanted.born, date):
        found += [Participant.birth_year == wanted.born.year, Participant.birth_date == wanted.born]
    elif wanted.born is not None:
        found.append(Participant.birth_year == int(wanted.born))
    return found


def _named(name: str) -> list[ColumnElement[bool]]:
    begins = name.endswith("*")
    text = name.removesuffix("*")
    folded, marked = fold(text), with_marks(text)
    if begins:
        found: list[ColumnElement[bool]] = [
            Participant.folded_name >= folded,
            Participant.folded_name < folded + _AFTER_ALL_NAMES,
        ]
        if has_marks(text):
            found.append(Participant.marked_name.startswith(marked, autoescape=True))
        return found
    found = [Participant.folded_name == folded]
    if has_marks(text):
        found.append(Participant.marked_name == marked)
    return found


def _place(wanted: Wanted) -> list[ColumnElement[bool]]:
    found: list[ColumnElement[bool]] = []
    for column, value in (
        (Record.kind, wanted.kind.value if wanted.kind else None),
        (Record.agency, wanted.agency),
        (Record.year, wanted.year),
        (Record.number, wanted.number),
    ):
        if value is not None:
            found.append(column == value)
    if wanted.since is not None:
        found.append(Record.registered_on >= wanted.since)
    if wanted.until is not None:
        found.append(Record.registered_on <= wanted.until)
    return found


def _in_book(tx: Tx, wanted: Wanted, limit: int, cursor: str | None) -> Page[RecordLine]:
    assert wanted.agency is not None and wanted.kind is not None and wanted.year is not None
    key = book_id(wanted.agency, wanted.kind.value, wanted.year)
    rows = select(Record).where(Record.book_id == key, *_place(wanted)).order_by(Record.number)
    if cursor is not None:
        rows = rows.where(Record.number > Cursor.decode(cursor, (int,))[0])
    found = list(tx.scalars(rows.limit(limit + 1)))
    return _page(tx, found, limit, lambda record: [record.number])


def _newest(tx: Tx, wanted: Wanted, limit: int, cursor: str | None) -> Page[RecordLine]:
    key = (Record.registered_on, Record.id) if wanted.kind is not None else (Record.id,)
    rows = select(Record).where(*_place(wanted)).order_by(*(column.desc() for column in key))
    if cursor is not None and wanted.kind is not None:
        day, record_id = Cursor.decode(cursor, (int, str))
        rows = rows.where(tuple_(*key) < tuple_(_from_ordinal(day), record_id))
    elif cursor is not None:
        rows = rows.where(Record.id < Cursor.decode(cursor, (str,))[0])
    found = list(tx.scalars(rows.limit(limit + 1)))
    if wanted.kind is None:
        return _page(tx, found, limit, lambda record: [record.id])
    return _page(tx, found, limit, lambda record: [record.registered_on.toordinal(), record.id])


def _from_ordinal(day: int) -> date:
    return date.fromordinal(min(max(day, 1), date.max.toordinal()))


def _page(tx: Tx, found: list[Record], limit: int, key: Any) -> Page[RecordLine]:
    shown = found[:limit]
    people = _first_people(tx, [record.id for record in shown])
    return Page(
        items=[_line(record, people.get(record.id)) for record in shown],
        next_cursor=Cursor.encode(key(shown[-1])) if len(found) > limit else None,
    )


def _first_people(tx: Tx, record_ids: list[str]) -> dict[str, Participant]:
    """Whom each record is about."""
    if not record_ids:
        return {}
    found: dict[str, Participant] = {}
    for person in tx.scalars(select(Participant).where(Participant.record_id.in_(record_ids))):
        if person.role in _ABOUT or person.record_id not in found:
            found[person.record_id] = person
    return found


_ABOUT = frozenset({"child", "deceased", "husband", "ward", "person"})


def _line(record: Record, person: Participant | None) -> RecordLine:
    number, book, page = place_in_books(record)
    born = None
    if person is not None and person.birth_year:
        born = person.birth_date.isoformat() if person.birth_date else str(person.birth_year)
    return RecordLine(
        id=record.id,
        kind=RecordKind(record.kind),
        agency=record.agency,
        number=number,
        book=book,
        page=page,
        registered_on=record.registered_on,
        version=record.version,
        role=person.role if person else "",
        full_name=person.full_name if person else "",
        personal_id=person.personal_id if person else None,
        born=born,
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
