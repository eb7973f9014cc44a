"""Who an act is about, and acts about people who are not here (yet): those wait, and take effect when they are.

Anything here may come again, or late: an act that has taken effect changes nothing more.
"""

from __future__ import annotations

from datetime import datetime
from typing import Any, Final

from sqlalchemy import bindparam, select

from contracts.envelope import EventData
from contracts.events.civil import CivilPerson
from contracts.population import Relative
from services.bus.kit.tx import Tx
from services.population import models
from services.population.commands.citizen_rows import relative_document

BY_RECORD: Final = "record:"
_CITIZENS: Final[Any] = models.Citizen.__table__
_LOCKED: Final = select(_CITIZENS).where(_CITIZENS.c.personal_id == bindparam("personal_id")).with_for_update()


def citizen_of(tx: Tx, personal_id: str | None) -> models.Citizen | None:
    """The citizen with this personal id, locked, as the database holds them now; None if there is none."""
    if personal_id is None:
        return None
    return next(iter(tx.rows(models.Citizen, _LOCKED, personal_id=personal_id)), None)


def number_of_record(tx: Tx, record_id: str | None) -> str | None:
    """The personal id of the child of this birth record, if it was assigned here."""
    assigned = tx.find(models.AssignedNumber, record_id) if record_id is not None else None
    return assigned.personal_id if assigned is not None else None


def wait_for(tx: Tx, who: str, event_id: str, data: EventData, *, now: datetime) -> None:
    """Keep an act until `who` is in the population data."""
    if tx.find(models.WaitingAct, (who, event_id)) is None:
        kept = data.model_dump(mode="json")
        tx.add(models.WaitingAct(who=who, event_id=event_id, type=data.cloudevents_type(), data=kept, came_at=now))


def relative_of(person: CivilPerson | None) -> dict[str, Any] | None:
    """Somebody a record names, as a citizen's own record holds them."""
    if person is None:
        return None
    return relative_document(
        Relative(full_name=person.full_name, personal_id=person.personal_id, nationality=person.nationality)
    )
