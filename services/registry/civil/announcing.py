"""From contents to events. Pure, but for `emit`."""

from __future__ import annotations

from datetime import date
from typing import Any, Final

from contracts.catalogue.agencies import agency
from contracts.civil import CivilPlaceInput, Party
from contracts.envelope import EventData
from contracts.events.civil import CivilPerson, CivilPlace
from services.bus.kit.outbox import emit
from services.bus.kit.tx import Tx
from services.registry.civil.commands.entry import Act
from services.registry.civil.rules.ages import first_day

AGENCIES_AS_OF: Final = date(2023, 1, 1)
"""The day the units of the agencies in the catalogue are meant for."""


def announce(tx: Tx, record: Any, data: EventData, act: Act) -> None:
    """One event about a record; `record.events` says its version."""
    emit(tx, data, key=record.id, version=record.events, at=act.now)


def person(party: Party, personal_id: str | None = None) -> CivilPerson:
    """Somebody as events name them."""
    return CivilPerson(
        full_name=party.full_name,
        personal_id=party.personal_id or personal_id,
        date_of_birth=party.date_of_birth,
        sex=party.sex.value if party.sex else None,
        ethnicity=party.ethnicity,
        nationality=party.nationality,
    )


def person_or_none(party: Party | None) -> CivilPerson | None:
    """The same for somebody who may be unknown."""
    return None if party is None else person(party)


def place(written: CivilPlaceInput, on: date | str) -> CivilPlace:
    """A place with the day its code is read on."""
    return CivilPlace(
        unit_code=written.unit_code, on=first_day(on), detail=written.detail, country=written.country
    )


def unit_of(agency_code: str) -> str:
    """The administrative unit an agency serves, valid on `AGENCIES_AS_OF`."""
    return agency(agency_code).unit_code


def common(record: Any, act: Act) -> dict[str, Any]:
    """What every registration's event tells of its record."""
    return {
        "record_id": record.id,
        "agency": record.agency,
        "registered_on": record.registered_on,
        "dossier_code": record.dossier_code,
        "at": act.now,
    }
