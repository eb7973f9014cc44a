"""A citizen moves (thay đổi nơi cư trú): the old stay ends on the day the new one of its kind begins.

History is only ever appended to; a stay that began later than the new one contradicts it.
"""

from __future__ import annotations

from datetime import datetime
from typing import Final

from sqlalchemy import select

from contracts.events.population import ResidenceChanged
from contracts.population import NewResidence, RegisteredCitizen
from contracts.problems import FieldError, Text
from contracts.times import vn_date
from services.bus.kit.api import check_version
from services.bus.kit.outbox import emit
from services.bus.kit.tx import Tx
from services.population import consistency, models
from services.population.commands.changes import next_version
from services.population.commands.registration import residence_row
from services.population.commands.rows import locked
from services.population.queries.citizens import citizen_not_found

NOT_LATER: Final = Text(
    "Nơi cư trú hiện tại cùng loại bắt đầu từ {since}; nơi mới phải bắt đầu sau ngày đó.",
    "The present residence of this kind began on {since}; the new one has to begin later.",
)


def move(tx: Tx, personal_id: str, new: NewResidence, *, expected: int | None, now: datetime) -> RegisteredCitizen:
    """Enter a new residence and end the present one of its kind.

    Raises NOT_FOUND, STALE_VERSION, INCONSISTENT_PERSON, VALIDATION (unit, or a day out of order).
    """
    citizen = locked(tx, models.Citizen, personal_id)
    if citizen is None:
        raise citizen_not_found(personal_id)
    check_version(expected, citizen.version)
    present = _present(tx, personal_id, new.kind.value)
    errors = consistency.residence_errors("body", new, citizen.birth_year, vn_date(now))
    if present is not None and new.valid_from <= present.valid_from:
        since = {"since": present.valid_from.isoformat()}
        errors.append(FieldError("body.valid_from", "residence.not_later", NOT_LATER, since))
    consistency.refuse_if_any(errors)
    if present is not None:
        present.valid_to = new.valid_from
    tx.add(models.Residence(**residence_row(personal_id, new, until=None)))
    version = next_version(citizen, now)
    event = ResidenceChanged(
        personal_id=personal_id,
        commune_code=new.unit_code,
        kind=new.kind.value,
        valid_from=new.valid_from,
        at=now,
    )
    emit(tx, event, key=personal_id, version=version, at=now)
    return RegisteredCitizen(personal_id=personal_id, version=version)


def _present(tx: Tx, personal_id: str, kind: str) -> models.Residence | None:
    table = models.Residence
    open_one = select(table).where(table.personal_id == personal_id, table.kind == kind, table.valid_to.is_(None))
    return tx.scalars(open_one).one_or_none()
