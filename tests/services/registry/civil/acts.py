"""Acts to register in tests, as bodies, and what the registry said about them."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import UTC, date, datetime
from typing import Any

from sqlalchemy import select

from contracts.civil import (
    Entered,
    NewBirth,
    NewDeath,
    NewMarriage,
    NewRecognition,
    RecordView,
)
from contracts.envelope import Event
from contracts.events.dossier import Applicant
from contracts.events.population import PersonalIdAssigned
from contracts.events.task import TaskRequested
from contracts.tasks import System
from services.bus.kit.store import Store
from services.bus.kit.tables import Outbox
from services.bus.kit.tx import Tx
from services.registry.civil.commands.births import register_birth
from services.registry.civil.commands.deaths import register_death
from services.registry.civil.commands.entry import Act
from services.registry.civil.commands.marriages import register_marriage
from services.registry.civil.commands.relations import recognise_parent
from services.registry.civil.queries.records import record_view

NOW = datetime(2026, 11, 20, 2, 0, tzinfo=UTC)  # a Friday, 09:00 in Vietnam
AGENCY = "H08.31.21"
OTHER_AGENCY = "H08.31.22"
LOOKING = {"X-Purpose": "1.001193", "X-Dossier": "H08.31.21-261120-0001"}


def number(sex: str, year: int, serial: int) -> str:
    """A personal id of Bình Định."""
    digit = 2 * (year // 100 - 19) + (sex == "female")
    return f"052{digit}{year % 100:02d}{serial:06d}"


AN = number("male", 1990, 1)
BINH = number("female", 1992, 2)


def party(name: str, born: str | None = None, **more: Any) -> dict[str, Any]:
    told = {"full_name": name, **more}
    return told if born is None else {**told, "date_of_birth": born}


def man(serial: int = 1, year: int = 1990, name: str = "Nguyễn Văn An", **more: Any) -> dict[str, Any]:
    identity = {"personal_id": number("male", year, serial), "sex": "male"}
    return {**party(name, f"{year}-04-30"), **identity, **more}


def woman(serial: int = 2, year: int = 1992, name: str = "Trần Thị Bình", **more: Any) -> dict[str, Any]:
    identity = {"personal_id": number("female", year, serial), "sex": "female"}
    return {**party(name, f"{year}-09-02"), **identity, **more}


def child(**more: Any) -> dict[str, Any]:
    return {
        "full_name": "Nguyễn Ngọc Chi",
        "sex": "female",
        "date_of_birth": "2026-11-01",
        "birth_place": {"detail": "Bệnh viện Đa khoa tỉnh Bình Định"},
        **more,
    }


def birth(**more: Any) -> dict[str, Any]:
    return {"agency": AGENCY, "child": child(), "mother": woman(), "father": man(), **more}


def death(**more: Any) -> dict[str, Any]:
    place = {"detail": "Tại nhà"}
    return {"agency": AGENCY, "deceased": man(), "died_on": "2026-11-18", "place": place, **more}


def marriage(**more: Any) -> dict[str, Any]:
    return {"agency": AGENCY, "husband": man(), "wife": woman(), **more}


def correction(fields: dict[str, Any], **more: Any) -> dict[str, Any]:
    ground = {"kind": "Giấy chứng sinh", "number": "12/2026"}
    return {"kind": "correction", "agency": AGENCY, "fields": fields, "ground": ground, **more}


async def born(store: Store, *, now: datetime = NOW, **more: Any) -> Entered:
    new = NewBirth.model_validate(birth(**more))
    return await store.write(lambda tx: register_birth(tx, new, Act(now)))


async def died(store: Store, *, now: datetime = NOW, **more: Any) -> Entered:
    new = NewDeath.model_validate(death(**more))
    return await store.write(lambda tx: register_death(tx, new, Act(now)))


async def married(store: Store, *, now: datetime = NOW, **more: Any) -> Entered:
    new = NewMarriage.model_validate(marriage(**more))
    return await store.write(lambda tx: register_marriage(tx, new, Act(now)))


async def recognised(store: Store, *, now: datetime = NOW, **more: Any) -> Entered:
    told = {"agency": AGENCY, "role": "father", "evidence": "Kết quả giám định", **more}
    new = NewRecognition.model_validate(told)
    return await store.write(lambda tx: recognise_parent(tx, new, Act(now)))


async def shown(store: Store, record_id: str, as_of: date | None = None) -> RecordView:
    return await store.read(lambda tx: record_view(tx, record_id, as_of=as_of))


async def events(store: Store) -> list[Event]:
    """Every event announced, oldest first."""

    def query(tx: Tx) -> Sequence[bytes]:
        return tx.scalars(select(Outbox.payload).order_by(Outbox.id)).all()

    return [Event.model_validate_json(payload) for payload in await store.read(query)]


def task(kind: str, form: dict[str, Any], *, task_id: str = "T1", **more: Any) -> TaskRequested:
    """A task of the one-stop shop."""
    applicant = Applicant(personal_id=AN, full_name="Nguyễn Văn An", date_of_birth=date(1990, 4, 30))
    told: dict[str, Any] = {
        "task_id": task_id,
        "system": System.CIVIL,
        "dossier_code": "H08.31.21-261120-0001",
        "procedure_code": "1.001193",
        "part": "1.001193",
        "step": "birth",
        "kind": kind,
        "receiving_agency": AGENCY,
        "officer": "officer-7",
        "applicant": applicant,
        "form": form,
        "requested_at": NOW,
        "due_at": NOW,
        **more,
    }
    return TaskRequested.model_validate(told)


def event(data: Any, key: str, version: int = 1) -> Event:
    """An event as it comes off the axis."""
    return Event.of(data, id=f"{key}-{version}", source="/truc/test", key=key, version=version, time=NOW)


def assigned(record_id: str, personal_id: str) -> Event:
    """The population data have given the child its number."""
    return event(
        PersonalIdAssigned(record_id=record_id, personal_id=personal_id, at=NOW), f"{record_id}/personal-id"
    )
