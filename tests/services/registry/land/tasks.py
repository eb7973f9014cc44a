"""Tasks as the one-stop shop asks them, and what the desk said."""

from __future__ import annotations

from typing import Any

from jsonschema import Draft202012Validator, FormatChecker

from contracts.catalogue.form_schemas import form_schema
from contracts.catalogue.plans import plan_of
from contracts.envelope import Event
from contracts.events.dossier import Applicant
from contracts.events.task import TaskAnswered, TaskRequested, TaskResumed
from contracts.tasks import Answer, System, task_kind
from services.bus.kit.desk import Desk
from services.bus.kit.store import Store
from tests.services.registry.land.parcels import AN, BANK, BINH, KEY, NOW, events

DOSSIER = "H08.21-261122-0001"
SERIAL = "TR00000001"

FORMS: dict[str, dict[str, Any]] = {
    "1.013831": {
        "kind": "transfer",
        "parcel_key": KEY,
        "certificate_serial": SERIAL,
        "effective_on": "2026-11-21",
        "contract_number": "12/HĐ",
        "contract_by": "Văn phòng công chứng số 1",
        "value_vnd": 900_000_000,
        "recipient": {"name": "Trần Thị Bình", "personal_id": BINH},
    },
    "1.013992": {
        "parcel_key": KEY,
        "certificate_serial": SERIAL,
        "effective_on": "2026-11-21",
        "land_uses": ["TMD: 100", "ONT: 150.5"],
    },
    "1.011441": {
        "parcel_key": KEY,
        "certificate_serial": SERIAL,
        "effective_on": "2026-11-21",
        "contract_number": "HĐ-77",
        "amount_vnd": 500_000_000,
        "mortgagee": {"name": "Ngân hàng Quy Nhơn", "tax_code": BANK},
    },
    "1.011443": {"parcel_key": KEY, "contract_number": "HĐ-77", "effective_on": "2026-11-21"},
    "1.012783": {"parcel_key": KEY, "certificate_serial": SERIAL, "reason": "ố, nhòe"},
    "1.012786": {"parcel_key": KEY, "posted_on": "2026-10-01", "reason": "mất do lũ"},
    "1.012790": {"parcel_key": KEY, "effective_on": "2026-11-21", "area_m2": "251.5", "new_certificate": "yes"},
    "1.013833": {
        "parcel_key": KEY,
        "effective_on": "2026-11-21",
        "holder_number": AN,
        "becomes": {"name": "Nguyễn Văn Anh", "personal_id": AN},
    },
    "1.013980": {
        "parcel_key": KEY,
        "certificate_serial": SERIAL,
        "effective_on": "2026-11-21",
        "pieces": ["346: 100.25", "347: 150.25"],
    },
}
"""A form that is granted, by procedure."""


def form_errors(procedure: str, form: dict[str, Any]) -> list[str]:
    """What the procedure's schema says against a form."""
    validator = Draft202012Validator(form_schema(procedure), format_checker=FormatChecker())
    return [error.message for error in validator.iter_errors(form)]


def request(
    procedure: str, step: str, *, form: dict[str, Any] | None = None, by: str = AN, **changes: Any
) -> TaskRequested:
    """A step of a procedure, asked of the land registry."""
    plan = plan_of(procedure)
    assert plan is not None
    asked = form if form is not None else FORMS[procedure]
    values = {
        "task_id": f"{DOSSIER}/{step}",
        "system": System.LAND,
        "dossier_code": DOSSIER,
        "procedure_code": procedure,
        "part": procedure,
        "step": step,
        "kind": plan.step(step).kind,
        "receiving_agency": "H08.21",
        "officer": "officer-7",
        "applicant": Applicant(personal_id=by, full_name="Nguyễn Văn An"),
        "form": asked,
        "requested_at": NOW,
        "due_at": NOW,
    }
    return TaskRequested.model_validate({**values, **changes})


async def asked(store: Store, desk: Desk, task: TaskRequested, version: int = 1) -> Answer | None:
    """Give the desk a task; the answer to it, None if none was given. Results fit the kind's schema."""
    return await told(store, desk, task, task.task_id, task.kind, version)


async def resumed(store: Store, desk: Desk, task: TaskRequested, version: int = 2, **values: Any) -> Answer | None:
    """Tell the desk that something came."""
    supplied = {"supplied": "supplement", "at": NOW, **values}
    data = TaskResumed(task_id=task.task_id, system=System.LAND, **supplied)
    return await told(store, desk, data, task.task_id, task.kind, version)


async def told(store: Store, desk: Desk, data: Any, task_id: str, kind: str, version: int) -> Answer | None:
    before = len(await answers(store, task_id))
    event = Event.of(data, id="e", source="/truc/dossier", key=task_id, version=version, time=NOW)
    await store.write(lambda tx: desk.react(tx, event))
    said = await answers(store, task_id)
    assert len(said) <= before + 1
    if len(said) == before:
        return None
    if said[-1].results:
        assert [
            each.message for each in Draft202012Validator(task_kind(kind).results).iter_errors(said[-1].results)
        ] == []
    return said[-1]


async def answers(store: Store, task_id: str) -> list[Answer]:
    """Everything the desk said about a task, oldest first."""
    return [each.data_as(TaskAnswered).answer for each in await events(store, f"{task_id}/answer")]
