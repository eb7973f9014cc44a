"""An import begins, and takes chunk after chunk: rows, what was refused, and the position, in one commit."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date, datetime
from typing import Any, Final

from contracts.land import CertificateState, ImportView, RightKind
from contracts.problems import IMPORT_OFFSET, NOT_FOUND, VALIDATION, FieldError, Problem
from services.bus.kit.ids import new_id
from services.bus.kit.statements import Lookup
from services.bus.kit.tx import Tx
from services.registry.land.importing.fields import (
    COLUMNS,
    REQUIRED,
    BadLineError,
    Wrong,
    fields_of,
    split_csv,
)
from services.registry.land.importing.lines import Line
from services.registry.land.importing.rows import Row, row_of
from services.registry.land.importing.texts import TEXTS
from services.registry.land.models import (
    Certificate,
    Description,
    Holding,
    Import,
    Parcel,
    RefusedLine,
    Right,
)

_BOM: Final = b"\xef\xbb\xbf"
_PARCELS: Final = Lookup(Parcel.__table__, "key")
_SERIALS: Final = Lookup(Certificate.__table__, "id")
_KEY: Final = list(Parcel.__table__.columns.keys()).index("key")
_SERIAL: Final = list(Certificate.__table__.columns.keys()).index("id")


@dataclass(frozen=True, slots=True)
class Chunk:
    """Lines that have been read: good rows and bad ones, by line; `header` if the first line was one."""

    size: int
    lines: int
    rows: tuple[tuple[int, Row], ...]
    wrong: tuple[tuple[int, Wrong], ...]
    header: list[str] | None = None


def begin(tx: Tx, *, file_format: str, name: str, total_bytes: int, now: datetime) -> ImportView:
    """A new import, at byte 0."""
    row = Import(
        id=new_id(),
        format=file_format,
        name=name,
        header=[],
        total_bytes=total_bytes,
        offset=0,
        lines=0,
        taken=0,
        refused=0,
        begun_at=now,
        moved_at=now,
    )
    tx.add(row)
    return view(row)


def found(tx: Tx, import_id: str) -> Import:
    """The import with this id. Raises NOT_FOUND."""
    row = tx.find(Import, import_id)
    if row is None:
        raise Problem(NOT_FOUND, what="land import", id=import_id)
    return row


def read(lines: Sequence[Line], *, first: int, file_format: str, header: list[str], today: date) -> Chunk:
    """Check lines, the first of which is number `first`. Raises VALIDATION for a CSV file without its header."""
    rows: list[tuple[int, Row]] = []
    wrong: list[tuple[int, Wrong]] = []
    new_header = None
    size = 0
    for number, line in enumerate(lines, first):
        size += line.size
        if line.text is None:
            wrong.append((number, Wrong("", "import.line_too_long", {})))
            continue
        if not line.whole:
            wrong.append((number, Wrong("", "import.truncated", {})))
            continue
        text = line.text.removeprefix(_BOM) if number == 1 else line.text
        if file_format == "csv" and number == 1:
            header = new_header = _header(text)
            continue
        if not text.strip():
            continue
        try:
            rows.append((number, row_of(fields_of(text, file_format, header), today)))
        except BadLineError as error:
            wrong += [(number, each) for each in error.wrong]
    return Chunk(size, len(lines), tuple(rows), tuple(wrong), new_header)


def _header(text: bytes) -> list[str]:
    try:
        names = [name.strip() for name in split_csv(text.decode("utf-8"))]
    except (UnicodeDecodeError, BadLineError):
        names = []
    if len(set(names)) != len(names) or not set(names) <= set(COLUMNS) or not set(names) >= REQUIRED:
        needed = {"required": ", ".join(sorted(REQUIRED))}
        error = FieldError("body", "import.header", TEXTS["import.header"], needed)
        raise Problem(VALIDATION, errors=[error], count=1)
    return names


def take(tx: Tx, import_id: str, offset: int, chunk: Chunk, *, now: datetime) -> ImportView:
    """Take a chunk in. Raises NOT_FOUND, IMPORT_OFFSET if the import does not stand at `offset` (any more)."""
    tx.preload(Import, [import_id], for_update=True)
    record = found(tx, import_id)
    if record.offset != offset:
        raise Problem(
            IMPORT_OFFSET,
            field="header.Import-Offset",
            given=offset,
            offset=record.offset,
            extra={"offset": record.offset},
        )
    tx.flush()
    wrong = list(chunk.wrong)
    keys = {row.key for _, row in chunk.rows}
    serials = {row.serial for _, row in chunk.rows if row.serial is not None}
    known_keys = {each[_KEY] for each in tx.look_up(_PARCELS, keys)}
    known_serials = {each[_SERIAL] for each in tx.look_up(_SERIALS, serials)}
    taken = 0
    for number, row in chunk.rows:
        if row.key in known_keys:
            wrong.append((number, Wrong("parcel_number", "already-exists", {})))
        elif row.serial is not None and row.serial in known_serials:
            wrong.append((number, Wrong("serial", "already-exists", {})))
        else:
            _append(tx, import_id, row, now)
            known_keys.add(row.key)
            if row.serial is not None:
                known_serials.add(row.serial)
            taken += 1
    refused = _refuse(tx, import_id, wrong)
    if chunk.header is not None:
        record.header = chunk.header
    record.offset += chunk.size
    record.lines += chunk.lines
    record.taken += taken
    record.refused += refused
    record.moved_at = now
    return view(record)


def _append(tx: Tx, import_id: str, row: Row, now: datetime) -> None:
    since = row.registered_on
    parcel = {
        "key": row.key,
        "version": 0,
        "unit_code": row.unit_code,
        "map_sheet": row.map_sheet,
        "parcel_number": row.parcel_number,
        "registered_on": since,
        "retired_on": None,
    }
    tx.append(Parcel, parcel)
    entry: dict[str, Any] = {
        "parcel_key": row.key,
        "valid_from": since,
        "valid_to": None,
        "recorded_at": now,
        "begun_by": import_id,
        "ended_by": None,
    }
    described = {"area": row.area, "land_uses": row.land_uses, "geohash": row.geohash, "address": row.address}
    tx.append(Description, {"id": new_id(), **entry, **described})
    right_id = new_id()
    right = {"kind": RightKind.USE.value, "source": row.source, "term_until": row.term_until, "under": None}
    tx.append(Right, {"id": right_id, **entry, **right})
    for owner in row.owners:
        tx.append(Holding, {"id": new_id(), **entry, "right_id": right_id, **owner._asdict()})
    if row.serial is not None:
        certificate = {
            "issue_number": row.issue_number,
            "code": row.certificate_code,
            "issued_on": row.issued_on,
            "state": CertificateState.LIVE.value,
        }
        tx.append(Certificate, {"id": row.serial, **entry, **certificate})


def _refuse(tx: Tx, import_id: str, wrong: Sequence[tuple[int, Wrong]]) -> int:
    """Keep what is wrong; how many lines that is."""
    places: dict[int, int] = {}
    for number, each in wrong:
        places[number] = places.get(number, 0) + 1
        tx.append(
            RefusedLine,
            {
                "import_id": import_id,
                "line": number,
                "place": places[number],
                "field": each.field[:100],
                "rule": each.rule,
                "context": each.context,
            },
        )
    return len(places)


def view(row: Import) -> ImportView:
    """The import as shown."""
    return ImportView(
        id=row.id,
        format=row.format,
        name=row.name,
        total_bytes=row.total_bytes,
        offset=row.offset,
        lines=row.lines,
        taken=row.taken,
        refused=row.refused,
        done=row.offset >= row.total_bytes,
    )
