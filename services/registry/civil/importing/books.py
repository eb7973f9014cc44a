"""Digitised records into their books: which numbers are taken already, what is written, what becomes known."""

from __future__ import annotations

from collections import defaultdict
from datetime import datetime
from functools import cache
from typing import Any, Final

from sqlalchemy import Select, bindparam, func, select
from sqlalchemy.dialects import postgresql, sqlite

from contracts import scopes
from contracts.civil import ImportKind
from contracts.rules import refuse
from services.bus.kit.importing.registry import Refused, Registry, kept
from services.bus.kit.importing.sheet import Error, Piece, error_of
from services.bus.kit.tx import Tx
from services.registry.civil.importing import sheets
from services.registry.civil.importing.rows import COLUMNS, PARTICIPANTS, RECORDS, SHOWN, VERSIONS
from services.registry.civil.models import (
    BadLine,
    Book,
    Import,
    Individual,
    Participant,
    Record,
    RecordVersion,
)

_MODELS: Final = {RECORDS: Record, VERSIONS: RecordVersion, PARTICIPANTS: Participant}
_NUMBERS: Select[Any] = select(Record.number).where(
    Record.book_id == bindparam("book_id"), Record.number.between(bindparam("first"), bindparam("last"))
)


def _taken(tx: Tx, kind: str, piece: Piece) -> Refused:
    """The rows whose number is in their book already, or twice in the piece."""
    by_book: dict[str, list[tuple[int, int]]] = defaultdict(list)
    for place, (book, number, *_) in enumerate(piece.claims):
        by_book[book].append((place, number))
    refused: dict[int, Error] = {}
    for book, wanted in by_book.items():
        numbers = [number for _, number in wanted]
        rows = tx.fetch(_NUMBERS, book_id=book, first=min(numbers), last=max(numbers))
        taken = {number for (number,) in rows}
        for place, number in wanted:
            if number in taken:
                refused[place] = error_of("number", refuse("import.number_taken", number=number, book=book))
            taken.add(number)
    return refused


def _write(tx: Tx, kind: str, piece: Piece, refused: Refused, now: datetime) -> None:
    for table, (rows, owners) in piece.tables.items():
        tx.bulk(_MODELS[table], COLUMNS[table], kept(rows, owners, refused))
    by_book: dict[str, list[tuple[int, int]]] = defaultdict(list)
    merge = _merge(tx.dialect)
    for place, (book, number, volume, shown) in enumerate(piece.claims):
        if place not in refused:
            by_book[book].append((number, volume))
            for individual in shown:
                values = dict(zip(SHOWN, individual, strict=True))
                tx.later(merge, values | {"was_married": bool(values["was_married"])})
    _note_books(tx, kind, by_book)


def _note_books(tx: Tx, kind: str, by_book: dict[str, list[tuple[int, int]]]) -> None:
    """The books these rows stand in: last number, volumes, how many entries."""
    tx.preload(Book, by_book, for_update=True)
    for key, entries in by_book.items():
        book: Any = tx.find(Book, key)
        if book is None:
            code, _, year = key.split("/")
            book = tx.insert(Book, id=key, agency=code, kind=kind, year=int(year), last=0, entries=0, volumes=0)
        book.last = max(book.last, *(number for number, _ in entries))
        book.volumes = max(book.volumes, *(volume for _, volume in entries))
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


REGISTRY: Final = Registry(
    imports=Import,
    bad_lines=BadLine,
    sheets=sheets.__name__,
    by_kind=sheets.SHEETS,
    kinds=ImportKind,
    scope=scopes.CIVIL_IMPORT,
    what="book import",
    refuse=_taken,
    write=_write,
)
