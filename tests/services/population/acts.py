"""Events of the civil registry and tasks of the one-stop shop, as they come off the axis in tests."""

from __future__ import annotations

from datetime import timedelta
from typing import Any

from contracts.envelope import Event, EventData
from contracts.events.civil import (
    BirthRegistered,
    DeathRegistered,
    MarriageRegistered,
    ParentageRecognised,
    RecordCorrected,
)
from contracts.events.dossier import Applicant
from contracts.events.task import TaskRequested, TaskResumed
from contracts.population import Citizen
from contracts.tasks import Answer, System
from services.bus.kit.clock import FixedClock
from services.bus.kit.ids import new_id
from services.bus.kit.inbox import Apply, Arrival
from services.bus.kit.store import Store
from services.population.queries import citizens as queries
from services.population.reactions import on_civil_event
from services.population.tasks import desk
from tests.services.population.people import AN, BINH, NOW, TODAY, events

AGENCY = "H08.21.04"
MOTHER = {"full_name": "Trần Thị Bình", "personal_id": BINH, "date_of_birth": "1991-09-02"}
FATHER = {"full_name": "Nguyễn Văn An", "personal_id": AN, "date_of_birth": "1990-04-30"}


def birth(record_id: str = "birth-1", name: str = "Nguyễn Bình Minh", **changes: Any) -> BirthRegistered:
    """A boy born on 20 November 2026."""
    return BirthRegistered.model_validate(
        {
            "record_id": record_id,
            "child": {
                "full_name": name,
                "sex": "male",
                "date_of_birth": "2026-11-20",
                "ethnicity": "01",
                **changes.pop("child", {}),
            },
            "born_on": "2026-11-20",
            "birth_place": {"unit_code": "21964", "on": "2026-11-20", "detail": "Trạm y tế"},
            "mother": MOTHER,
            "father": FATHER,
            "agency": AGENCY,
            "registered_unit_code": "21964",
            "registered_unit_on": "2026-11-22",
            "registered_on": "2026-11-22",
            "at": NOW,
            **changes,
        }
    )


def death(record_id: str = "death-1", personal_id: str | None = AN, **changes: Any) -> DeathRegistered:
    """A death on 19 November 2026."""
    return DeathRegistered.model_validate(
        {
            "record_id": record_id,
            "personal_id": personal_id,
            "deceased": {"full_name": "Nguyễn Văn An", "personal_id": personal_id},
            "died_on": "2026-11-19",
            "agency": AGENCY,
            "registered_on": "2026-11-22",
            "at": NOW,
            **changes,
        }
    )


def marriage(record_id: str = "marriage-1", **changes: Any) -> MarriageRegistered:
    """The marriage of the two."""
    return MarriageRegistered.model_validate(
        {
            "record_id": record_id,
            "husband": FATHER,
            "wife": MOTHER,
            "married_on": "2026-11-22",
            "agency": AGENCY,
            "registered_on": "2026-11-22",
            "at": NOW,
            **changes,
        }
    )


def recognition(record_id: str = "recognition-1", **changes: Any) -> ParentageRecognised:
    """A father recognises a child."""
    return ParentageRecognised.model_validate(
        {
            "record_id": record_id,
            "child": {"full_name": "Nguyễn Bình Minh"},
            "parent": FATHER,
            "role": "father",
            "agency": AGENCY,
            "registered_on": "2026-11-22",
            "at": NOW,
            **changes,
        }
    )


def correction(record_id: str, kind: str, changed: list[str], content: dict[str, Any], **more: Any) -> Any:
    """A record has a new version."""
    return RecordCorrected.model_validate(
        {
            "record_id": record_id,
            "kind": kind,
            "record_version": 2,
            "reason": "correction",
            "changed": changed,
            "content": content,
            "agency": AGENCY,
            "valid_on": "2026-11-22",
            "at": NOW,
            **more,
        }
    )


def event_of(data: EventData, version: int = 1, key: str | None = None) -> Event:
    """The event around an act: its key is the record."""
    record_id: str = key or getattr(data, "record_id", "")
    return Event.of(data, id=new_id(), source="/truc/civil", key=record_id, version=version, time=NOW)


async def heard(store: Store, *told: Event | EventData) -> dict[str, int]:
    """What the service makes of these events, which come in one batch."""
    arrivals = [
        Arrival(event, event.model_dump_json().encode(), NOW, NOW)
        for event in (each if isinstance(each, Event) else event_of(each) for each in told)
    ]
    reaction = on_civil_event(FixedClock(NOW))
    outcomes: dict[str, int] = await store.write(Apply("population-civil", reaction, arrivals, FixedClock(NOW)))
    return outcomes


async def assigned(store: Store) -> dict[str, str]:
    """The personal ids announced, by record."""
    return {
        event.data["record_id"]: event.data["personal_id"]
        for event in await events(store)
        if event.type.endswith("personal-id-assigned.v1")
    }


async def person(store: Store, personal_id: str) -> Citizen:
    """The citizen as shown today."""
    found = await store.read(lambda tx: queries.citizen(tx, personal_id, on=TODAY))
    assert found is not None
    return found


def task(
    kind: str, form: dict[str, Any], *, task_id: str = "", applicant: str = AN, **changes: Any
) -> TaskRequested:
    """A task of the residence system."""
    return TaskRequested(
        task_id=task_id or new_id(),
        system=System.RESIDENCE,
        dossier_code="H08.21.04-261122-0001",
        procedure_code=changes.pop("procedure_code", "1.004222"),
        part="1.004222",
        step="residence",
        kind=f"residence.{kind}",
        receiving_agency=AGENCY,
        officer="officer",
        applicant=Applicant(personal_id=applicant, full_name="Nguyễn Văn An"),
        form=form,
        requested_at=NOW,
        due_at=NOW + timedelta(days=2),
        **changes,
    )


async def worked(store: Store, asked: TaskRequested, version: int = 1) -> list[Answer]:
    """What the desk has said of this task so far, after it was asked (again)."""
    event = Event.of(asked, id=new_id(), source="/truc/dossier", key=asked.task_id, version=version, time=NOW)
    await told(store, event)
    return await answers(store, asked.task_id)


async def resumed(store: Store, task_id: str, content: str, version: int = 2) -> list[Answer]:
    """What it says once the citizen has brought what was asked for."""
    data = TaskResumed(task_id=task_id, system=System.RESIDENCE, supplied="supplement", content=content, at=NOW)
    await told(store, Event.of(data, id=new_id(), source="/truc/dossier", key=task_id, version=version, time=NOW))
    return await answers(store, task_id)


async def told(store: Store, event: Event) -> None:
    """The desk hears an event, as its consumer tells it."""
    at_desk = desk(FixedClock(NOW))
    arrival = Arrival(event, event.model_dump_json().encode(), NOW, NOW)
    await store.write(Apply("population-tasks", at_desk.react, [arrival], FixedClock(NOW)))


async def answers(store: Store, task_id: str) -> list[Answer]:
    """Every answer to this task, in order."""
    said = [event for event in await events(store) if event.key == f"{task_id}/answer"]
    assert [event.version for event in said] == list(range(1, len(said) + 1))
    return [Answer.model_validate(event.data["answer"]) for event in said]
