"""Records as they are shown. Pure: from rows to wire models."""

from __future__ import annotations

from typing import Any

from contracts.civil import (
    BookKind,
    Entered,
    RecordKind,
    Warning,
    entry_number,
    volume_name,
)


def place_in_books(record: Any, kind: BookKind | None = None) -> tuple[str, str, int]:
    """Number, volume and page: `("15/2024", "01/2024-KS", 15)`. `kind` if the book is not of the record's own."""
    book = kind or BookKind(record.kind)
    return entry_number(record.number, record.year), volume_name(book, record.year, record.volume), record.page


def entered(record: Any) -> Entered:
    """The answer to a registration."""
    return Entered(**entry_fields(record))


def entry_fields(record: Any) -> dict[str, Any]:
    """What every view of a record shows of its row."""
    number, book, page = place_in_books(record)
    return {
        "id": record.id,
        "kind": RecordKind(record.kind),
        "version": record.version,
        "agency": record.agency,
        "number": number,
        "book": book,
        "page": page,
        "registered_on": record.registered_on,
        "due_at": record.due_at,
        "personal_id": record.personal_id,
        "warnings": [Warning.model_validate(each) for each in record.warnings],
    }
