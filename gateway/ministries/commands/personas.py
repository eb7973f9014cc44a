"""Putting a persona in force, and taking it away."""

from __future__ import annotations

from datetime import datetime, timedelta
from typing import Any, Final

from contracts.problems import VALIDATION, FieldError, Problem, Text
from contracts.tasks import System
from gateway.ministries.models import PersonaInForce
from gateway.ministries.personas import Persona
from gateway.ministries.queries.personas import key_of
from services.bus.kit.api import check_version
from services.bus.kit.ids import new_id
from services.bus.kit.tx import Tx

LONGEST_OUTAGE: Final = timedelta(days=30)
OUTAGE_TOO_LONG: Final = Text("Sự cố kéo dài nhiều nhất {days} ngày.", "An outage lasts {days} days at most.")


def set_persona(
    tx: Tx,
    system: System,
    kind: str | None,
    persona: Persona,
    *,
    expected: int | None,
    by: str,
    now: datetime,
) -> PersonaInForce:
    """Put a persona in force, its script from the beginning. Raises Problem STALE_VERSION, VALIDATION."""
    until = persona.outage.end(now) if persona.outage is not None else None
    if until is not None and until > now + LONGEST_OUTAGE:
        too_long = FieldError(
            "body.outage", "persona.outage_too_long", OUTAGE_TOO_LONG, {"days": LONGEST_OUTAGE.days}
        )
        raise Problem(VALIDATION, errors=[too_long], count=1)
    if until is not None and until <= now:
        until = None
    return _put(tx, system, kind, persona.model_dump(mode="json"), until, expected=expected, by=by, now=now)


def reset_persona(
    tx: Tx, system: System, kind: str | None, *, expected: int | None, by: str, now: datetime
) -> PersonaInForce:
    """Back to the default. Raises Problem STALE_VERSION."""
    return _put(tx, system, kind, None, None, expected=expected, by=by, now=now)


def _put(
    tx: Tx,
    system: System,
    kind: str | None,
    document: dict[str, Any] | None,
    until: datetime | None,
    *,
    expected: int | None,
    by: str,
    now: datetime,
) -> PersonaInForce:
    row = tx.find(PersonaInForce, key_of(system, kind))
    check_version(expected, row.version if row is not None else 0)
    if row is None:
        return tx.insert(
            PersonaInForce,
            key=key_of(system, kind),
            system=system.value,
            kind=kind,
            version=1,
            edition=new_id(),
            document=document,
            outage_until=until,
            script_used=[],
            set_at=now,
            set_by=by,
        )
    row.version, row.edition, row.document, row.outage_until = row.version + 1, new_id(), document, until
    row.script_used, row.set_at, row.set_by = [], now, by
    return row
