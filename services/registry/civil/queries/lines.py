"""Records as lines of a list: what is read of each, with the person it was found by, or is about."""

from __future__ import annotations

from collections.abc import Iterable
from typing import Any, Final

from sqlalchemy import ColumnElement, bindparam

from contracts.civil import BookKind, RecordKind, RecordLine, entry_number, volume_name
from services.bus.kit.models import built
from services.bus.kit.statements import Lookup, Row
from services.bus.kit.tx import Tx
from services.registry.civil.models import UNKNOWN_YEAR, Participant, Record

RECORD: Final[tuple[Any, ...]] = (
    Record.id, Record.kind, Record.agency, Record.number, Record.year, Record.volume, Record.page,
    Record.registered_on, Record.version,
)  # fmt: skip
"""A record and its place in the books, as `line` takes it."""
PERSON: Final[tuple[Any, ...]] = (
    Participant.role, Participant.full_name, Participant.personal_id, Participant.birth_year,
    Participant.birth_date,
)  # fmt: skip
"""Somebody in it, as `line` takes them."""

AT_PLACE: Final[dict[str, ColumnElement[bool]]] = {
    "kind": Record.kind == bindparam("kind"),
    "agency": Record.agency == bindparam("agency"),
    "year": Record.year == bindparam("year"),
    "number": Record.number == bindparam("number"),
    "since": Record.registered_on >= bindparam("since"),
    "until": Record.registered_on <= bindparam("until"),
}
"""What may be asked of a record's place in the books, by the parameter that asks it."""

_ABOUT: Final = frozenset({"child", "deceased", "husband", "ward", "person"})
_PEOPLE: Final = Lookup(
    Participant.__table__, "record_id", columns=["record_id", *(column.key for column in PERSON)]
)


NOBODY: Final[Row] = ("", "", None, UNKNOWN_YEAR, None)
_KINDS: Final = {kind.value: (kind, BookKind(kind.value)) for kind in RecordKind}


def line(record: Row, person: Row) -> RecordLine:
    """One line, of the columns `RECORD` and `PERSON`. A page has fifty: this is most of what it costs."""
    record_id, kind, agency, number, year, volume, page, registered_on, version = record
    role, full_name, personal_id, birth_year, birth_date = person
    record_kind, book_kind = _KINDS[kind]
    return built(
        RecordLine,
        id=record_id,
        kind=record_kind,
        agency=agency,
        number=entry_number(number, year),
        book=volume_name(book_kind, year, volume),
        page=page,
        registered_on=registered_on,
        version=version,
        role=role,
        full_name=full_name,
        personal_id=personal_id,
        born=birth_date.isoformat() if birth_date else str(birth_year) if birth_year else None,
    )


def first_people(tx: Tx, record_ids: Iterable[str]) -> dict[str, Row]:
    """Whom each record is about, as the columns `PERSON`."""
    found: dict[str, Row] = {}
    for record_id, *person in tx.look_up(_PEOPLE, list(record_ids)):
        if person[0] in _ABOUT or record_id not in found:
            found[record_id] = tuple(person)
    return found
