"""A citizen says that they will be away (khai báo tạm vắng), and when they are back."""

from __future__ import annotations

from datetime import datetime
from typing import Any, Final

from sqlalchemy import bindparam, select

from contracts.events.population import AbsenceDeclared
from contracts.population import NewAbsence, RecordedAbsence, ResidenceKind, Return
from contracts.problems import CONFLICT, NOT_FOUND, FieldError, Problem, Text
from contracts.times import vn_date
from services.bus.kit.api import check_version
from services.bus.kit.ids import new_id
from services.bus.kit.outbox import emit
from services.bus.kit.tx import Tx
from services.population import consistency, models
from services.population.commands.changes import next_version
from services.population.commands.residences.stays import ongoing, refuse_overlap, stays_of
from services.population.commands.rows import living
from services.population.places import unit_errors

ENDS_BEFORE: Final = Text("Ngày trở về phải sau ngày đi.", "The day of return has to be after the first day away.")
NOT_RESIDENT: Final = Text(
    "Công dân không có nơi thường trú hoặc tạm trú vào ngày {since}.",
    "The citizen has no permanent or temporary residence on {since}.",
)
BACK_ALREADY: Final = Text("Lần tạm vắng này đã kết thúc ngày {until}.", "This absence has ended on {until}.")
BACK_LATER: Final = Text("Ngày trở về ở tương lai.", "The day of return lies in the future.")

_ABSENCES: Final[Any] = models.Absence.__table__
_OF_CITIZEN: Final = (
    select(_ABSENCES).where(_ABSENCES.c.personal_id == bindparam("personal_id")).order_by(_ABSENCES.c.valid_from)
)


def declare_absence(
    tx: Tx, personal_id: str, new: NewAbsence, *, expected: int | None, now: datetime
) -> RecordedAbsence:
    """Note that a citizen will be away; it may lie in the future.

    Raises NOT_FOUND, CITIZEN_DECEASED, STALE_VERSION, VALIDATION, CONFLICT (no residence to be away from),
    OVERLAPPING_PERIOD.
    """
    citizen = living(tx, personal_id)
    check_version(expected, citizen.version)
    refuse_absence(tx, citizen, new)
    row = tx.insert(
        models.Absence,
        id=new_id(),
        personal_id=personal_id,
        reason=new.reason.value,
        unit_code=new.unit_code,
        detail=new.detail,
        valid_from=new.valid_from,
        valid_to=new.valid_to,
    )
    tell_absence(tx, citizen, row, now)
    return RecordedAbsence(personal_id=personal_id, version=citizen.version, absence_id=row.id)


def refuse_absence(tx: Tx, citizen: models.Citizen, new: NewAbsence, *, at: str = "body") -> None:
    """Refuse an absence that cannot be; nothing is changed."""
    errors = []
    if new.unit_code is not None:
        errors += unit_errors(f"{at}.unit_code", new.unit_code, new.valid_from)
    if new.valid_to is not None and new.valid_to <= new.valid_from:
        errors.append(FieldError(f"{at}.valid_to", "absence.ends_before", ENDS_BEFORE))
    consistency.refuse_if_any(errors)
    stays = stays_of(tx, citizen.personal_id)
    kinds = (ResidenceKind.PERMANENT, ResidenceKind.TEMPORARY)
    if not any(ongoing(stays, kind, new.valid_from) for kind in kinds):
        since = {"since": new.valid_from.isoformat()}
        error = FieldError(f"{at}.valid_from", "absence.not_resident", NOT_RESIDENT, since)
        raise Problem(CONFLICT, errors=[error], reason=NOT_RESIDENT, since=since["since"])
    refuse_overlap(absences_of(tx, citizen.personal_id), new.valid_from, new.valid_to, field=f"{at}.valid_from")


def end_absence(
    tx: Tx, personal_id: str, absence_id: str, back: Return, *, expected: int | None, now: datetime
) -> RecordedAbsence:
    """Note that a citizen is back, before the day they had named or where none was named.

    Raises NOT_FOUND, CITIZEN_DECEASED, STALE_VERSION, VALIDATION.
    """
    citizen = living(tx, personal_id)
    check_version(expected, citizen.version)
    row = next((each for each in absences_of(tx, personal_id) if each.id == absence_id), None)
    if row is None:
        raise Problem(NOT_FOUND, what="absence", id=absence_id)
    errors = []
    if row.valid_to is not None and row.valid_to <= back.valid_to:
        until = {"until": row.valid_to.isoformat()}
        errors.append(FieldError("body.valid_to", "absence.ended", BACK_ALREADY, until))
    elif back.valid_to > vn_date(now):
        errors.append(FieldError("body.valid_to", "absence.ends_later", BACK_LATER))
    elif back.valid_to <= row.valid_from:
        errors.append(FieldError("body.valid_to", "absence.ends_before", ENDS_BEFORE))
    consistency.refuse_if_any(errors)
    row.valid_to = back.valid_to
    tell_absence(tx, citizen, row, now)
    return RecordedAbsence(personal_id=personal_id, version=citizen.version, absence_id=row.id)


def absences_of(tx: Tx, personal_id: str) -> list[models.Absence]:
    """The citizen's absences, oldest first."""
    return tx.rows(models.Absence, _OF_CITIZEN, personal_id=personal_id)


def tell_absence(tx: Tx, citizen: models.Citizen, row: models.Absence, now: datetime) -> None:
    """Tell an absence as it now stands."""
    event = AbsenceDeclared(
        personal_id=citizen.personal_id,
        absence_id=row.id,
        reason=row.reason,
        valid_from=row.valid_from,
        valid_to=row.valid_to,
        at=now,
    )
    emit(tx, event, key=citizen.personal_id, version=next_version(citizen, now), at=now)
