"""Blocks come and go: dispute, distraint, emergency measure, easement. Each is a row of the parcel's history.

A block may come while a change is pending: it is the confirmation that it then refuses.
"""

from __future__ import annotations

from datetime import date, datetime
from typing import Any, Final

from contracts.events.land import LandChangeRegistered
from contracts.land import ChangeKind, ChangeState, Lifting, NewRestriction, RegisteredChange, RestrictionKind
from contracts.problems import NOT_FOUND, VALIDATION, FieldError, Problem, Text
from contracts.times import vn_date
from services.bus.kit.api import check_version
from services.bus.kit.ids import new_id
from services.bus.kit.tx import Tx
from services.registry.land.commands import numbering
from services.registry.land.commands.book import Book, Outcome, told_holders
from services.registry.land.commands.changes import answer_of
from services.registry.land.commands.rows import locked_parcel
from services.registry.land.models import Change, Parcel, Restriction
from services.registry.land.queries.situation import live_rights
from services.registry.land.rules import Situation, judge

NOT_YET: Final = Text("Ngày này chưa đến.", "This day has not come.")
BY_CHANGE: Final = Text(
    "Thế chấp được xóa bằng biến động mortgage-deletion.",
    "A mortgage is deleted by a change of kind mortgage-deletion.",
)
BEFORE: Final = Text("Ngày này trước ngày của văn bản áp dụng.", "This day is before that of the block itself.")


def restrict(
    tx: Tx, key: str, new: NewRestriction, *, expected: int | None = None, now: datetime
) -> RegisteredChange:
    """Enter a block. Raises NOT_FOUND, STALE_VERSION, VALIDATION (the day), LAND_RULES_BROKEN (it is no more)."""
    parcel = locked_parcel(tx, key)
    check_version(expected, parcel.version)
    today = vn_date(now)
    _check_day(new.document_date, today, None)
    live = parcel.retired_on is None
    judge(ChangeKind.BLOCK, Situation(parcel=key, today=today, asked=None, live=live)).refuse()
    book = Book(tx, new_id(), now)
    restriction_id = book.restrict(
        key,
        new.kind.value,
        holder=new.authority,
        holder_key=f"a:{new.authority}"[:202],
        document_number=new.document_number,
        document_date=new.document_date,
        note=new.note,
    )
    return _note(book, parcel, ChangeKind.BLOCK, (restriction_id, new.kind.value), new, live=True)


def lift(
    tx: Tx, key: str, restriction_id: str, lifting: Lifting, *, expected: int | None = None, now: datetime
) -> RegisteredChange:
    """Lift a block. Raises NOT_FOUND (parcel, or a live restriction of it), STALE_VERSION, VALIDATION."""
    parcel = locked_parcel(tx, key)
    check_version(expected, parcel.version)
    row = tx.find(Restriction, restriction_id)
    if row is None or row.parcel_key != key or row.valid_to is not None:
        raise Problem(NOT_FOUND, what="land restriction", id=restriction_id)
    if row.kind == RestrictionKind.MORTGAGE:
        errors = [FieldError("path.restriction_id", "restriction.mortgage", BY_CHANGE)]
        raise Problem(VALIDATION, errors=errors, count=1)
    _check_day(lifting.document_date, vn_date(now), row.document_date)
    book = Book(tx, new_id(), now)
    book.end([row])
    return _note(book, parcel, ChangeKind.LIFT, (row.id, row.kind), lifting, live=False)


def _check_day(day: date, today: date, since: date | None) -> None:
    error = NOT_YET if day > today else BEFORE if since is not None and day < since else None
    if error is not None:
        rule = "effective.not-future" if error is NOT_YET else "lifting.before-block"
        raise Problem(VALIDATION, errors=[FieldError("body.document_date", rule, error)], count=1)


def _note(
    book: Book, parcel: Parcel, kind: ChangeKind, restriction: tuple[str, str], asked: Any, *, live: bool
) -> RegisteredChange:
    number = numbering.change_number(book.tx, book.today.year)
    row = Change(
        id=book.change_id,
        number=number,
        parcel_key=parcel.key,
        kind=kind.value,
        state=ChangeState.REGISTERED.value,
        effective_on=asked.document_date,
        requested_at=book.now,
        registered_at=book.now,
        closed_because=None,
        dossier=None,
        request=asked.model_dump(mode="json"),
        effects={"restriction" if live else "ended": restriction[0]},
        warnings=[],
    )
    book.tx.add(row)
    book.note_parcels({parcel.key: "same"})
    rights = live_rights(book.tx, parcel.key)
    told = LandChangeRegistered(
        parcel_key=parcel.key,
        change_id=row.id,
        number=number,
        kind=row.kind,
        effective_on=row.effective_on,
        holders=told_holders(rights[0][1]) if rights else (),
        at=book.now,
    )
    book.announce(parcel, told)
    book.announce_restriction(parcel, restriction, number, live)
    return answer_of(row, parcel, (parcel.key,), Outcome(restriction=restriction[0]))
