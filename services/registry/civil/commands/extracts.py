"""Extracts of a record (trích lục) are issued: numbered in a book of their own, of any day's version."""

from __future__ import annotations

from contracts.civil import BookKind, Extract, NewExtract, RecordKind, entry_number, volume_name
from services.bus.kit.ids import new_id
from services.bus.kit.tx import Tx
from services.registry.civil import models
from services.registry.civil.commands.entry import Act, agency_of, next_place, settle
from services.registry.civil.queries.records import record_view


def issue_extract(tx: Tx, record_id: str, new: NewExtract, act: Act) -> Extract:
    """Issue copies of a record as it is, or was. Raises NOT_FOUND, AGENCY_CANNOT_RECEIVE."""
    settle(tx)
    code = agency_of(new)
    shown = record_view(tx, record_id, as_of=new.as_of)
    place = next_place(tx, code, BookKind.EXTRACT, act.today.year, act.layout)
    extract_id = new_id()
    row = {
        "id": extract_id,
        "record_id": record_id,
        "version": shown.version,
        "agency": code,
        "book_id": place.book_id,
        "number": place.number,
        "volume": place.volume,
        "page": place.page,
        "copies": new.copies,
        "purpose": new.purpose,
        "officer": new.officer,
        "dossier_code": new.dossier_code,
        "issued_at": act.now,
    }
    tx.append(models.Extract, row)
    return Extract(
        id=extract_id,
        record_id=record_id,
        kind=RecordKind(shown.kind),
        version=shown.version,
        number=entry_number(place.number, place.year),
        book=volume_name(BookKind.EXTRACT, place.year, place.volume),
        page=place.page,
        issued_on=act.today,
        copies=new.copies,
        record=shown,
    )
