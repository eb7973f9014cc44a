"""A record as it is or was on a day, and its history."""

from __future__ import annotations

from datetime import date
from types import SimpleNamespace
from typing import Any, Final

from sqlalchemy import Select, bindparam, select

from contracts.civil import (
    BookKind,
    ChangeKind,
    RecordView,
    RegistrationKind,
    Version,
    entry_number,
    volume_name,
)
from contracts.problems import NOT_FOUND, Problem
from services.bus.kit.tx import Tx
from services.registry.civil.models import Record, RecordVersion
from services.registry.civil.views import entry_fields

_VERSION: Final[tuple[Any, ...]] = (
    RecordVersion.version, RecordVersion.valid_on, RecordVersion.change, RecordVersion.content,
)  # fmt: skip
_RECORD: Final[tuple[Any, ...]] = tuple(Record.__table__.columns)
_NAMES: Final = [column.key for column in _RECORD]
_NEWEST: Final[Select[Any]] = (
    select(*_RECORD, *_VERSION)
    .join_from(RecordVersion, Record, Record.id == RecordVersion.record_id)
    .where(RecordVersion.record_id == bindparam("record_id"))
    .order_by(RecordVersion.version.desc())
    .limit(1)
)
_AS_OF: Final[Select[Any]] = _NEWEST.where(RecordVersion.valid_on <= bindparam("as_of"))


def not_found(record_id: str) -> Problem:
    """The refusal for an id no record bears."""
    return Problem(NOT_FOUND, what="civil record", id=record_id)


def record_view(tx: Tx, record_id: str, *, as_of: date | None = None) -> RecordView:
    """The record as it is, or was at the end of that day. Raises NOT_FOUND, also for a day before it was made."""
    tx.run_later()
    on = {} if as_of is None else {"as_of": as_of}
    found = tx.fetch(_NEWEST if as_of is None else _AS_OF, record_id=record_id, **on)
    if not found:
        raise not_found(record_id)
    *columns, version, valid_on, change, content = found[0]
    record = SimpleNamespace(**dict(zip(_NAMES, columns, strict=True)))
    fields = entry_fields(record) | {"version": version}
    return RecordView(
        **fields,
        registration=RegistrationKind(record.registration),
        dossier_code=record.dossier_code,
        current_version=record.version,
        valid_on=valid_on,
        change=ChangeKind(change),
        content=content,
    )


def versions(tx: Tx, record_id: str) -> list[Version]:
    """The history of a record, oldest first. Raises NOT_FOUND."""
    wanted = select(RecordVersion).where(RecordVersion.record_id == record_id).order_by(RecordVersion.version)
    rows = list(tx.scalars(wanted))
    if not rows:
        raise not_found(record_id)
    return [_shown(row) for row in rows]


def _shown(row: RecordVersion) -> Version:
    number = book = None
    if row.book_id is not None and row.number is not None and row.volume is not None:
        _, kind, year = row.book_id.split("/")
        number = entry_number(row.number, int(year))
        book = volume_name(BookKind(kind), int(year), row.volume)
    return Version(
        version=row.version,
        valid_on=row.valid_on,
        at=row.at,
        change=ChangeKind(row.change),
        changed=row.changed,
        reason=row.reason,
        ground=row.ground,
        agency=row.agency,
        number=number,
        book=book,
    )
