"""A citizen moves (đăng ký thường trú, tạm trú): the old stay ends on the day the new one of its kind begins.

History is only ever appended to; a stay that began later than the new one contradicts it. A stay with an end of
its own is not ended by a new one, it is in the way.
"""

from __future__ import annotations

from datetime import datetime
from typing import Final

from contracts.events.population import ResidenceChanged
from contracts.population import EndReason, EnteredResidence, NewResidence, ResidenceKind
from contracts.problems import FieldError, Text
from contracts.times import vn_date
from services.bus.kit.api import check_version
from services.bus.kit.outbox import emit
from services.bus.kit.tx import Tx
from services.population import consistency, models
from services.population.commands.changes import next_version
from services.population.commands.citizen_rows import residence_row
from services.population.commands.residences.stays import (
    end_stay,
    ongoing,
    refuse_overlap,
    same_commune,
    stays_of,
)
from services.population.commands.rows import living

NOT_LATER: Final = Text(
    "Nơi cư trú hiện tại cùng loại bắt đầu từ {since}; nơi mới phải bắt đầu sau ngày đó.",
    "The present residence of this kind began on {since}; the new one has to begin later.",
)
END_REQUIRED: Final = Text("Tạm trú phải có thời hạn.", "A temporary residence has to have an end.")
SAME_COMMUNE: Final = Text(
    "Đây là đơn vị hành chính cấp xã nơi công dân đã đăng ký thường trú; tạm trú phải ở nơi khác.",
    "This is the commune of the permanent residence; a temporary one has to be elsewhere.",
)


def move(tx: Tx, personal_id: str, new: NewResidence, *, expected: int | None, now: datetime) -> EnteredResidence:
    """Enter a new residence and end the present one of its kind.

    Raises NOT_FOUND, CITIZEN_DECEASED, STALE_VERSION, INCONSISTENT_PERSON, VALIDATION (unit, or a day out of
    order), OVERLAPPING_PERIOD.
    """
    citizen = living(tx, personal_id)
    check_version(expected, citizen.version)
    refuse_entry(tx, citizen, new, now=now)
    return enter(tx, citizen, new, now=now)


def refuse_entry(tx: Tx, citizen: models.Citizen, new: NewResidence, *, now: datetime, at: str = "body") -> None:
    """Refuse a residence that cannot be entered; nothing is changed."""
    stays = stays_of(tx, citizen.personal_id)
    same_kind = [stay for stay in stays if stay.kind == new.kind]
    present = _present(same_kind)
    errors = consistency.residence_errors(at, new, citizen.birth_year, vn_date(now))
    if present is not None and new.valid_from <= present.valid_from:
        since = {"since": present.valid_from.isoformat()}
        errors.append(FieldError(f"{at}.valid_from", "residence.not_later", NOT_LATER, since))
    if new.kind is ResidenceKind.TEMPORARY:
        if new.valid_to is None:
            errors.append(FieldError(f"{at}.valid_to", "residence.end_required", END_REQUIRED))
        home = ongoing(stays, ResidenceKind.PERMANENT, new.valid_from)
        if home is not None and same_commune(home, new.unit_code, new.valid_from):
            errors.append(FieldError(f"{at}.unit_code", "residence.same_commune", SAME_COMMUNE))
    consistency.refuse_if_any(errors)
    refuse_overlap(same_kind, new.valid_from, new.valid_to, field=f"{at}.valid_from", but=present)


def enter(tx: Tx, citizen: models.Citizen, new: NewResidence, *, now: datetime) -> EnteredResidence:
    """Enter a residence that `refuse_entry` let pass. A permanent one also ends a temporary one in its commune
    (Luật Cư trú 2020, Đ.29)."""
    stays = stays_of(tx, citizen.personal_id)
    present = _present([stay for stay in stays if stay.kind == new.kind])
    if present is not None:
        present.valid_to, present.end_reason = new.valid_from, EndReason.MOVED.value
    row = tx.insert(models.Residence, **residence_row(citizen.personal_id, new, until=new.valid_to))
    event = ResidenceChanged(
        personal_id=citizen.personal_id,
        commune_code=new.unit_code,
        kind=new.kind.value,
        valid_from=new.valid_from,
        valid_to=new.valid_to,
        at=now,
    )
    emit(tx, event, key=citizen.personal_id, version=next_version(citizen, now), at=now)
    guest = ongoing(stays, ResidenceKind.TEMPORARY, new.valid_from)
    if (
        new.kind is ResidenceKind.PERMANENT
        and guest is not None
        and same_commune(guest, new.unit_code, new.valid_from)
    ):
        end_stay(tx, citizen, guest, new.valid_from, EndReason.BECAME_PERMANENT, now)
    return EnteredResidence(personal_id=citizen.personal_id, version=citizen.version, residence_id=row.id)


def _present(stays: list[models.Residence]) -> models.Residence | None:
    return next((stay for stay in stays if stay.valid_to is None), None)
