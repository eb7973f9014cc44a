"""A digitised book comes in: lines are taken in pieces, each committed whole with the position behind it.

After a crash the import stands where its last piece ended: nothing is half taken, and nothing is taken twice.
"""

from __future__ import annotations

from collections import defaultdict
from datetime import datetime
from functools import cache
from typing import Any

from sqlalchemy import Select, bindparam, func, select
from sqlalchemy.dialects import postgresql, sqlite

from contracts.catalogue.agencies import agency
from contracts.civil import ChangeKind, ImportState, ImportView, RecordKind, RegistrationKind, Row
from contracts.problems import IMPORT_COMPLETE, IMPORT_OFFSET, NOT_FOUND, Problem
from contracts.rules import refuse
from services.bus.kit.ids import new_id
from services.bus.kit.tx import Tx
from services.registry.civil.books import book_id
from services.registry.civil.commands.entry import settle
from services.registry.civil.importing.reader import LineError, Lines
from services.registry.civil.importing.rows import written
from services.registry.civil.models import (
    BadLine,
    Book,
    Import,
    Individual,
    Participant,
    Record,
    RecordVersion,
)
from services.registry.civil.views import import_view

_NUMBERS: Select[Any] = select(Record.number).where(
    Record.book_id == bindparam("book_id"), Record.number.between(bindparam("first"), bindparam("last"))
)


def begin_import(
    tx: Tx, kind: RecordKind, form: str, columns: list[str], *, header: int, client_id: str, now: datetime
) -> ImportView:
    """Begin an import; `header` is how many bytes the header line takes."""
    row = tx.insert(
        Import,
        id=new_id(),
        kind=kind.value,
        format=form,
        columns=columns,
        state=ImportState.OPEN.value,
        position=header,
        lines=1 if header else 0,
        taken=0,
        refused=0,
        client_id=client_id,
        began_at=now,
        changed_at=now,
    )
    return import_view(row)


def take_lines(
    tx: Tx, import_id: str, lines: Lines, *, given: int, upto: int, complete: bool, now: datetime
) -> ImportView:
    """Take the lines between byte `given` and byte `upto` of the file, and stand there. Raises NOT_FOUND,
    IMPORT_COMPLETE, IMPORT_OFFSET if another request has gone on since."""
    settle(tx)
    tx.preload(Import, [import_id], for_update=True)
    row: Any = tx.find(Import, import_id)
    check_position(row, import_id, given)
    good, bad = _apart(tx, row.kind, lines)
    for entry in good:
        _take(tx, RecordKind(row.kind), entry, now)
    _note_books(tx, row.kind, good)
    for number, errors in bad:
        told = [{"field": each.field, "rule": each.rule, "context": each.context} for each in errors]
        tx.append(BadLine, {"import_id": import_id, "line": number, "errors": told})
    row.position, row.changed_at = upto, now
    row.lines += lines.count
    row.taken += len(good)
    row.refused += len(bad)
    if complete:
        row.state = ImportState.COMPLETE.value
    return import_view(row)


def check_position(row: Any, import_id: str, given: int) -> None:
    """The import is there, open, and stands at this byte."""
    if row is None:
        raise Problem(NOT_FOUND, what="book import", id=import_id)
    if row.state == ImportState.COMPLETE.value:
        raise Problem(IMPORT_COMPLETE, id=import_id)
    if row.position != given:
        raise Problem(
            IMPORT_OFFSET,
            field="header.Import-Offset",
            given=given,
            offset=row.position,
            headers={"Import-Offset": str(row.position)},
        )


def _apart(tx: Tx, kind: str, lines: Lines) -> tuple[list[Row], list[tuple[int, list[LineError]]]]:
    """The rows whose number in their book is free, and all lines that are not taken, by line number."""
    by_book: dict[str, list[tuple[int, Row]]] = defaultdict(list)
    for number, row in lines.rows:
        by_book[_book_of(kind, row)].append((number, row))
    good: list[Row] = []
    bad = list(lines.bad)
    for key, rows in by_book.items():
        numbers = [row.number for _, row in rows]
        taken = {number for (number,) in tx.fetch(_NUMBERS, book_id=key, first=min(numbers), last=max(numbers))}
        for line, row in rows:
            if row.number in taken:
                error = refuse("import.number_taken", number=row.number, book=key)
                bad.append((line, [LineError.of("number", error)]))
            else:
                taken.add(row.number)
                good.append(row)
    return good, sorted(bad, key=_line_of)


def _line_of(bad: tuple[int, list[LineError]]) -> int:
    return bad[0]


def _book_of(kind: str, row: Row) -> str:
    return book_id(agency(row.agency).code, kind, row.registered_on.year)


def _take(tx: Tx, kind: RecordKind, row: Row, now: datetime) -> None:
    record_id, code, year = new_id(), agency(row.agency).code, row.registered_on.year
    content, people, individuals, number = written(row, record_id, kind.value)
    tx.append(
        Record,
        {
            "id": record_id,
            "kind": kind.value,
            "registration": RegistrationKind.DIGITISED.value,
            "agency": code,
            "book_id": book_id(code, kind.value, year),
            "year": year,
            "number": row.number,
            "volume": row.volume,
            "page": row.page,
            "registered_on": row.registered_on,
            "version": 1,
            "events": 0,
            "personal_id": number,
            "dossier_code": None,
            "task_id": None,
            "due_at": None,
            "warnings": [],
            "changed_at": now,
        },
    )
    tx.append(
        RecordVersion,
        {
            "record_id": record_id,
            "version": 1,
            "valid_on": row.registered_on,
            "at": now,
            "change": ChangeKind.ENTRY.value,
            "changed": [],
            "reason": "",
            "ground": None,
            "agency": code,
            "officer": "",
            "book_id": None,
            "number": None,
            "volume": None,
            "page": None,
            "content": content,
        },
    )
    for person in people:
        tx.append(Participant, person)
    for individual in individuals:
        tx.later(_merge(tx.dialect), individual)


def _note_books(tx: Tx, kind: str, rows: list[Row]) -> None:
    """The books these rows stand in: last number, volumes, how many entries."""
    by_book: dict[str, list[Row]] = defaultdict(list)
    for row in rows:
        by_book[_book_of(kind, row)].append(row)
    tx.preload(Book, by_book, for_update=True)
    for key, entries in by_book.items():
        book: Any = tx.find(Book, key)
        if book is None:
            code, _, year = key.split("/")
            book = tx.insert(Book, id=key, agency=code, kind=kind, year=int(year), last=0, entries=0, volumes=0)
        book.last = max(book.last, *(row.number for row in entries))
        book.volumes = max(book.volumes, *(row.volume for row in entries))
        book.entries += len(entries)


@cache
def _merge(dialect: str) -> Any:
    """Add what a row shows of somebody to what is known: what is known already stays."""
    insert = (postgresql if dialect == "postgresql" else sqlite).insert(Individual)
    own, new = Individual.__table__.c, insert.excluded
    names = [column.name for column in own if column.name not in ("personal_id", "was_married")]
    merged: dict[str, Any] = {name: func.coalesce(own[name], new[name]) for name in names}
    merged["was_married"] = own.was_married | new.was_married
    return insert.on_conflict_do_update(index_elements=["personal_id"], set_=merged)
