"""A residence ends and none takes its place (xóa đăng ký thường trú, tạm trú: Luật Cư trú 2020, Đ.24 and 29).

Who is no longer a permanent resident is no longer a member of a household either.
"""

from __future__ import annotations

from datetime import date, datetime
from typing import Final

from contracts.population import Deregistration, EndReason, EnteredResidence, LifeStatus, ResidenceKind
from contracts.problems import FieldError, Text
from contracts.times import vn_date
from services.bus.kit.api import check_version
from services.bus.kit.tx import Tx
from services.population import consistency, models
from services.population.commands.memberships import leave_household, open_membership
from services.population.commands.residences.stays import end_stay, stay_of
from services.population.commands.rows import living, locked
from services.population.queries.citizens import citizen_not_found

ENDED: Final = Text(
    "Nơi cư trú này đã kết thúc ngày {until}.",
    "This residence has ended on {until}.",
)
BEFORE_IT_BEGAN: Final = Text(
    "Ngày xóa đăng ký phải sau ngày bắt đầu cư trú {since}.",
    "The day has to be after the first day of the residence, {since}.",
)
IN_FUTURE: Final = Text("Ngày xóa đăng ký ở tương lai.", "The day lies in the future.")
NOT_DEAD: Final = Text("Công dân này chưa được đăng ký khai tử.", "The death of this citizen is not registered.")


def deregister(
    tx: Tx,
    personal_id: str,
    residence_id: str,
    asked: Deregistration,
    *,
    expected: int | None,
    now: datetime,
) -> EnteredResidence:
    """End a residence. Raises NOT_FOUND, CITIZEN_DECEASED, STALE_VERSION, VALIDATION."""
    if asked.reason is EndReason.DEATH:
        citizen = locked(tx, models.Citizen, personal_id)
        if citizen is None:
            raise citizen_not_found(personal_id)
        if citizen.status != LifeStatus.DECEASED:
            consistency.refuse_if_any([FieldError("body.reason", "residence.not_dead", NOT_DEAD)])
    else:
        citizen = living(tx, personal_id)
    check_version(expected, citizen.version)
    stay = stay_of(tx, citizen, residence_id)
    refuse_ending(stay, asked.on, vn_date(now))
    end_residence(tx, citizen, stay, asked.on, asked.reason, now, asked.note)
    return EnteredResidence(personal_id=personal_id, version=citizen.version, residence_id=stay.id)


def refuse_ending(stay: models.Residence, on: date, today: date, *, at: str = "body") -> None:
    """Refuse to end a stay that has ended, or on a day that cannot be."""
    errors = []
    if stay.valid_to is not None and stay.valid_to <= today:
        until = {"until": stay.valid_to.isoformat()}
        errors.append(FieldError(f"{at}.on", "residence.ended", ENDED, until))
    elif on > today:
        errors.append(FieldError(f"{at}.on", "residence.ends_later", IN_FUTURE))
    elif on <= stay.valid_from:
        since = {"since": stay.valid_from.isoformat()}
        errors.append(FieldError(f"{at}.on", "residence.ends_before", BEFORE_IT_BEGAN, since))
    consistency.refuse_if_any(errors)


def end_residence(
    tx: Tx,
    citizen: models.Citizen,
    stay: models.Residence,
    on: date,
    reason: EndReason,
    now: datetime,
    note: str = "",
) -> None:
    """End a stay that `refuse_ending` let pass; with a permanent one, the membership of a household."""
    end_stay(tx, citizen, stay, on, reason, now, note)
    if stay.kind == ResidenceKind.PERMANENT:
        membership = open_membership(tx, citizen.personal_id)
        if membership is not None:
            leave_household(tx, membership, on, now=now)
