"""A parcel is registered for the first time (đăng ký lần đầu): parcel, right, shares, certificate in one go."""

from __future__ import annotations

from datetime import date, datetime
from typing import Final

from pydantic_core import PydanticCustomError

from contracts.catalogue.loader import check_unit
from contracts.identifiers import format_parcel_key
from contracts.land import ChangeKind, ChangeState, NewParcel, RegisteredParcel, RightKind, hundredths
from contracts.problems import ALREADY_EXISTS, VALIDATION, FieldError, Problem, Text
from contracts.rules import explain
from contracts.times import vn_date
from services.bus.kit.ids import new_id
from services.bus.kit.tx import Tx
from services.registry.land.commands import numbering
from services.registry.land.commands.book import Book, holder_of
from services.registry.land.models import Certificate, Change, Parcel
from services.registry.land.queries.situation import deceased
from services.registry.land.rules import Situation, judge

NOT_YET: Final = Text("Ngày này chưa đến.", "This day has not come.")
BOTH: Final = Text(
    "Đã nêu Giấy chứng nhận thì không thể là chưa cấp.", "A certificate is given and denied at once."
)
TAKEN: Final = Text("Số phát hành này đã có.", "A certificate bears this serial already.")


def register(tx: Tx, new: NewParcel, *, now: datetime) -> RegisteredParcel:
    """Register a parcel. Raises VALIDATION (unit, days), LAND_RULES_BROKEN, ALREADY_EXISTS (key or serial)."""
    today = vn_date(now)
    since = new.registered_on or today
    _check(new, since=since, today=today)
    key = format_parcel_key(new.unit_code, new.map_sheet, new.parcel_number)
    area = hundredths(new.area_m2)
    people = {each.personal_id for each in new.holders}
    situation = Situation(parcel=key, today=today, asked=new, area=area, deceased=deceased(tx, people))
    judge(ChangeKind.REGISTRATION, situation).refuse()
    if tx.find(Parcel, key) is not None:
        raise Problem(ALREADY_EXISTS, field="body.parcel_number", what="parcel", id=key)
    if new.certificate is not None and tx.find(Certificate, new.certificate.serial) is not None:
        errors = [FieldError("body.certificate.serial", "already-exists", TAKEN)]
        raise Problem(ALREADY_EXISTS, errors=errors, what="land certificate", id=new.certificate.serial)
    book = Book(tx, new_id(), now)
    parcel = book.make_parcel(key, since)
    uses = [[each.code, hundredths(each.area_m2)] for each in new.land_uses]
    holders = [holder_of(each) for each in new.holders]
    book.describe(key, area, uses, new.geohash, new.address, since)
    book.begin_right(key, RightKind.USE, new.right.source.value, new.right.term_until, holders, since=since)
    book.announce_parcel(parcel, area, uses, new.geohash, holders)
    serial = None
    if (given := new.certificate) is not None:
        serial = book.enter_certificate(
            parcel, given.serial, given.issue_number, given.code, given.issued_on, None, holders, since
        )
    elif not new.without_certificate:
        serial = book.issue_certificate(parcel, None, holders)
    _note(tx, book, key, new, serial)
    return RegisteredParcel(key=key, version=parcel.version, certificate=serial)


def _check(new: NewParcel, *, since: date, today: date) -> None:
    errors = []
    if new.registered_on is not None and new.registered_on > today:
        errors.append(FieldError("body.registered_on", "effective.not-future", NOT_YET))
    else:
        try:
            check_unit(new.unit_code, since, level="commune")
        except PydanticCustomError as error:
            errors.append(FieldError("body.unit_code", error.type, explain(error.type, error.context)))
    if new.certificate is not None:
        if new.without_certificate:
            errors.append(FieldError("body.without_certificate", "certificate.given", BOTH))
        if new.certificate.issued_on > today:
            errors.append(FieldError("body.certificate.issued_on", "effective.not-future", NOT_YET))
    if errors:
        raise Problem(VALIDATION, errors=errors, count=len(errors))


def _note(tx: Tx, book: Book, key: str, new: NewParcel, serial: str | None) -> None:
    """The first row of the parcel's history."""
    tx.add(
        Change(
            id=book.change_id,
            number=numbering.change_number(tx, book.today.year),
            parcel_key=key,
            kind=ChangeKind.REGISTRATION.value,
            state=ChangeState.REGISTERED.value,
            effective_on=new.registered_on or book.today,
            requested_at=book.now,
            registered_at=book.now,
            closed_because=None,
            dossier=None,
            request=new.model_dump(mode="json"),
            effects={"certificate": serial},
            warnings=[],
        )
    )
    book.note_parcels({key: "after"})
    book.note_sources(new.documents)
