"""What every change of a stay shares: the stays there are, which of them is in the way, how one ends."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import date, datetime
from typing import Any, Final

from sqlalchemy import bindparam, select

from contracts.catalogue.loader import became
from contracts.events.population import ResidenceDeregistered
from contracts.population import EndReason, ResidenceKind
from contracts.problems import NOT_FOUND, OVERLAPPING_PERIOD, FieldError, Problem
from services.bus.kit.outbox import emit
from services.bus.kit.tx import Tx
from services.population import consistency, models
from services.population.commands.changes import next_version
from services.population.places import full_name

_STAYS: Final[Any] = models.Residence.__table__
_OF_CITIZEN: Final = (
    select(_STAYS)
    .where(_STAYS.c.personal_id == bindparam("personal_id"))
    .order_by(_STAYS.c.valid_from, _STAYS.c.id)
)


def stays_of(tx: Tx, personal_id: str, kind: ResidenceKind | None = None) -> list[models.Residence]:
    """The citizen's stays, of one kind if it is named, oldest first."""
    stays = tx.rows(models.Residence, _OF_CITIZEN, personal_id=personal_id)
    return stays if kind is None else [stay for stay in stays if stay.kind == kind]


def stay_of(tx: Tx, citizen: models.Citizen, residence_id: str) -> models.Residence:
    """This stay of the citizen. Raises NOT_FOUND, also where it is somebody else's."""
    for stay in stays_of(tx, citizen.personal_id):
        if stay.id == residence_id:
            return stay
    raise Problem(NOT_FOUND, what="residence", id=residence_id)


def lasts_on(stay: models.Residence, day: date) -> bool:
    """Whether the citizen lives there on that day."""
    return stay.valid_from <= day and (stay.valid_to is None or day < stay.valid_to)


def ongoing(stays: Sequence[models.Residence], kind: ResidenceKind, day: date) -> models.Residence | None:
    """The stay of this kind on that day."""
    return next((stay for stay in stays if stay.kind == kind and lasts_on(stay, day)), None)


def same_commune(stay: models.Residence, unit_code: str, on: date) -> bool:
    """Whether the commune of the stay is, on that day, the unit with this code and no other."""
    return on >= stay.valid_from and [unit.code for unit in became(stay.unit_code, stay.valid_from, on)] == [
        unit_code
    ]


def refuse_overlap(
    stays: Sequence[models.Residence | models.Absence],
    since: date,
    until: date | None,
    *,
    field: str,
    but: object = None,
) -> None:
    """No two periods of a kind overlap: OVERLAPPING_PERIOD names the one in the way."""
    for stay in stays:
        if (
            stay is but
            or stay.valid_from == stay.valid_to
            or (until is not None and until <= stay.valid_from)
            or (stay.valid_to is not None and stay.valid_to <= since)
        ):
            continue
        where = full_name(stay.unit_code, stay.valid_from) if stay.unit_code else "–"
        told = consistency.period(stay.valid_from, stay.valid_to, where)
        error = FieldError(field, "residence.overlaps", consistency.OVERLAPS, told)
        raise Problem(
            OVERLAPPING_PERIOD, errors=[error], since=told["since"], until=told["until"], where=told["where"]
        )


def end_stay(
    tx: Tx,
    citizen: models.Citizen,
    stay: models.Residence,
    on: date,
    reason: EndReason,
    now: datetime,
    note: str = "",
) -> None:
    """End a stay on that day, and tell it. One that began later was never lived: it ends where it began."""
    stay.valid_to = max(on, stay.valid_from)
    stay.end_reason = reason.value
    stay.note = note or None
    event = ResidenceDeregistered(
        personal_id=citizen.personal_id,
        commune_code=stay.unit_code,
        kind=stay.kind,
        valid_from=stay.valid_from,
        valid_to=stay.valid_to,
        reason=reason.value,
        at=now,
    )
    emit(tx, event, key=citizen.personal_id, version=next_version(citizen, now), at=now)
