"""The stand-ins as a test sees them: tasks go in as events, answers are read from the outbox."""

from __future__ import annotations

import asyncio
import contextlib
import time
from collections.abc import AsyncIterator, Sequence
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any

import httpx
import orjson
from fastapi import FastAPI
from sqlalchemy import select

from contracts.envelope import Event, EventData
from contracts.events.dossier import Applicant
from contracts.events.task import TaskCancelled, TaskRequested, TaskResumed
from contracts.tasks import task_kind
from gateway.ministries.app import build
from gateway.ministries.clockwork import give_due
from gateway.ministries.ministries import ministries_of
from gateway.ministries.settings import MinistriesSettings
from services.bus.kit.clock import FixedClock
from services.bus.kit.inbox import Arrival
from services.bus.kit.service import Service
from services.bus.kit.tables import Outbox
from services.bus.kit.testing import TestIssuer, running
from services.bus.kit.tx import Tx

NOW = datetime(2023, 6, 20, 2, 0, tzinfo=UTC)
DOSSIER = "H08.31.21-230620-0001"
COMMUNE = "H08.31.21"
PID = "052090000123"

TRANSFER = {"check": {"taxable": {"kind": "transfer", "value_vnd": 1_000_000_000}}}
CHILD = {"child_name": "Nguyễn Văn An", "child_sex": "male", "child_born_at": "2023-06-18T08:30:00+07:00"}
BIRTH = {"birth": {"personal_id": "052223000123"}}
FORMS: dict[str, tuple[dict[str, Any], dict[str, Any]]] = {
    "tax.assess": ({}, {"check": {"taxable": {"kind": "gift", "value_vnd": 10**9, "relation": "parent"}}}),
    "insurance.issue-card": (CHILD, BIRTH),
    "insurance.survivor-benefit": ({"deceased": {"full_name": "Trần Thị Bốn"}}, {}),
    "welfare.funeral-allowance": (
        {"deceased": {"full_name": "Trần Thị Bốn"}, "died_at": "2023-06-18T08:30:00+07:00"},
        {},
    ),
    "welfare.monthly-allowance": (
        {
            "request": "grant",
            "group": "elderly-80",
            "beneficiary": {
                "personal_id": "052040000777",
                "full_name": "Lê Văn Tám",
                "date_of_birth": "1940-02-03",
            },
            "account": {"bank": "Agribank", "number": "123456789", "holder": "LE VAN TAM"},
        },
        {},
    ),
    "judicial.issue-certificate": (
        {"certificate_type": 1, "person": {"full_name": "Phan Thị Hoa", "personal_id": PID}},
        {},
    ),
    "business.look-up-tax-code": ({"tax_code": "4100271829"}, {}),
    "health.certify-birth": ({**CHILD, "mother": {"full_name": "Võ Thị Lan"}}, {}),
}
"""A form and earlier results for each kind that its stand-in completes at once."""


def requested(task_id: str, kind: str = "judicial.issue-certificate", version: int = 1, **changes: Any) -> Event:
    """A task of this kind."""
    form, earlier = FORMS.get(kind, ({}, {}))
    values: dict[str, Any] = {
        "task_id": task_id,
        "system": task_kind(kind).system,
        "dossier_code": DOSSIER,
        "procedure_code": "2.000488",
        "part": "2.000488",
        "step": "step",
        "kind": kind,
        "receiving_agency": COMMUNE,
        "officer": "axis",
        "applicant": Applicant(personal_id=PID, full_name="Phan Thị Hoa"),
        "form": form,
        "earlier": earlier,
        "requested_at": NOW,
        "due_at": NOW + timedelta(days=3),
        **changes,
    }
    return _event(TaskRequested(**values), task_id, version)


def resumed(task_id: str, kind: str, version: int = 2, supplied: str = "supplement", paid_vnd: int = 0) -> Event:
    """The citizen has done what was asked for."""
    data = TaskResumed(
        task_id=task_id, system=task_kind(kind).system, supplied=supplied, paid_vnd=paid_vnd, at=NOW
    )
    return _event(data, task_id, version)


def cancelled(task_id: str, kind: str, version: int = 2) -> Event:
    data = TaskCancelled(task_id=task_id, system=task_kind(kind).system, reason="rút hồ sơ", at=NOW)
    return _event(data, task_id, version)


def _event(data: EventData, key: str, version: int) -> Event:
    return Event.of(data, id=f"{key}-{version}", source="/truc/dossier", key=key, version=version, time=NOW)


@dataclass
class Office:
    """The running stand-ins."""

    client: httpx.AsyncClient
    service: Service
    clock: FixedClock

    async def hear(self, *events: Event) -> None:
        """What the broker would bring, to the consumer whose subjects it is on."""
        for consumer in self.service.consumers:
            (subject,) = consumer.spec.subjects
            own = [each for each in events if subject == f"axis.task.{each.data['system']}.>"]
            await consumer.deliver([Arrival(each, each.model_dump_json().encode(), NOW, NOW) for each in own])

    async def said(self, task_id: str | None = None) -> list[dict[str, Any]]:
        """Every answer that waits for the relay, oldest first."""

        def query(tx: Tx) -> Sequence[bytes]:
            return tx.scalars(select(Outbox.payload).order_by(Outbox.id)).all()

        events = [orjson.loads(each) for each in await self.service.store.read(query)]
        found = [
            {**each["data"]["answer"], "task": each["data"]["task_id"], "version": each["version"]}
            for each in events
            if task_id in (None, each["data"]["task_id"])
        ]
        by_task: dict[str, int] = {}
        for each in found:  # one version after the other, whatever happens
            by_task[each["task"]] = by_task.get(each["task"], 0) + 1
            assert each["version"] == by_task[each["task"]]
        return found

    async def kinds_said(self, task_id: str | None = None) -> list[str]:
        return [each["kind"] for each in await self.said(task_id)]

    async def until(self, task_id: str | None, *kinds: str) -> list[dict[str, Any]]:
        """Wait until exactly this has been said."""
        deadline = time.monotonic() + 20
        while (found := await self.said(task_id)) is None or [each["kind"] for each in found] != list(kinds):
            assert time.monotonic() < deadline, [each["kind"] for each in found]
            await asyncio.sleep(0.01)
        return found

    async def pass_time(self, **of: float) -> None:
        """Let time go by, and give what has fallen due."""
        self.clock.advance(timedelta(**of))
        while (await give_due(self.service, ministries_of(self.service)))[0]:
            pass

    async def persona(self, system: str, kind: str | None = None, **persona: Any) -> dict[str, Any]:
        response = await self.client.put(
            f"/v1/personas/{system}", params={"kind": kind} if kind else {}, json=persona
        )
        assert response.status_code == 200, response.text
        found: dict[str, Any] = response.json()
        return found

    async def task(self, task_id: str) -> dict[str, Any]:
        response = await self.client.get(f"/v1/tasks/{task_id}")
        assert response.status_code == 200, response.text
        found: dict[str, Any] = response.json()
        return found


def settings_for(database_url: str, issuer: TestIssuer, folder: Path, **changes: Any) -> MinistriesSettings:
    values: dict[str, Any] = {
        "database_url": database_url,
        "data_dir": folder,
        "jwks_file": issuer.jwks_file,
        "nats_url": "nats://127.0.0.1:1",
        "tick_seconds": 0.02,
        "drain_seconds": 0.1,
        "log_level": "ERROR",
        **changes,
    }
    return MinistriesSettings(**values)


@contextlib.asynccontextmanager
async def open_office(
    settings: MinistriesSettings, issuer: TestIssuer, clock: FixedClock, *scopes: str
) -> AsyncIterator[Office]:
    app: FastAPI = build(settings, clock)
    async with running(app, issuer.token(*scopes, client_id="sandbox")) as client:
        client.headers["Accept-Language"] = "en"
        yield Office(client, app.state.service, clock)


def problem(response: httpx.Response, status: int, slug: str) -> list[tuple[str, str]]:
    """Check that this is the problem expected; its fields with their rules."""
    assert response.status_code == status, response.text
    assert response.headers["content-type"] == "application/problem+json"
    document = response.json()
    assert document["type"] == f"urn:truc:problem:{slug}"
    return [(each["field"], each["rule"]) for each in document.get("errors", ())]
