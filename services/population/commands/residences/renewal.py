"""A temporary residence goes on (gia hạn tạm trú): asked for before it ends, for at most two more years."""

from __future__ import annotations

from datetime import datetime
from typing import Final

from contracts.events.population import ResidenceChanged
from contracts.population import EnteredResidence, Renewal, ResidenceKind
from contracts.problems import FieldError, Text
from contracts.times import vn_date
from services.bus.kit.api import check_version
from services.bus.kit.outbox import emit
from services.bus.kit.tx import Tx
from services.population import consistency, models
from services.population.commands.changes import next_version
from services.population.commands.residences.stays import refuse_overlap, stay_of, stays_of
from services.population.commands.rows import living

NOT_TEMPORARY: Final = Text(
    "Chỉ tạm trú có thời hạn mới gia hạn được.", "Only a temporary residence with an end can be renewed."
)
EXPIRED: Final = Text(
    "Thời hạn tạm trú đã hết ngày {until}; hãy đăng ký lại.",
    "The temporary residence ended on {until}; it has to be registered anew.",
)


def renew(
    tx: Tx, personal_id: str, residence_id: str, renewal: Renewal, *, expected: int | None, now: datetime
) -> EnteredResidence:
    """Put off the end of a temporary residence.

    Raises NOT_FOUND, CITIZEN_DECEASED, STALE_VERSION, VALIDATION, OVERLAPPING_PERIOD.
    """
    citizen = living(tx, personal_id)
    check_version(expected, citizen.version)
    stay = stay_of(tx, citizen, residence_id)
    if stay.kind != ResidenceKind.TEMPORARY or stay.valid_to is None:
        consistency.refuse_if_any([FieldError("path.residence_id", "residence.not_temporary", NOT_TEMPORARY)])
    ended = stay.valid_to
    assert ended is not None
    if ended <= vn_date(now):
        until = {"until": ended.isoformat()}
        consistency.refuse_if_any([FieldError("path.residence_id", "residence.expired", EXPIRED, until)])
    consistency.refuse_if_any(
        consistency.end_errors("body.valid_to", ResidenceKind.TEMPORARY, ended, renewal.valid_to)
    )
    others = stays_of(tx, personal_id, ResidenceKind.TEMPORARY)
    refuse_overlap(others, stay.valid_from, renewal.valid_to, field="body.valid_to", but=stay)
    return _renewed(tx, citizen, stay, renewal, now)


def _renewed(
    tx: Tx, citizen: models.Citizen, stay: models.Residence, renewal: Renewal, now: datetime
) -> EnteredResidence:
    stay.valid_to = renewal.valid_to
    event = ResidenceChanged(
        personal_id=citizen.personal_id,
        commune_code=stay.unit_code,
        kind=stay.kind,
        valid_from=stay.valid_from,
        valid_to=stay.valid_to,
        at=now,
    )
    emit(tx, event, key=citizen.personal_id, version=next_version(citizen, now), at=now)
    return EnteredResidence(personal_id=citizen.personal_id, version=citizen.version, residence_id=stay.id)
