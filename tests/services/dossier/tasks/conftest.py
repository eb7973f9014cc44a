"""A dossier service whose procedure 1.001570 runs by a plan of ours, and hands to play the systems with."""

from __future__ import annotations

from collections.abc import AsyncIterator
from typing import Any

import httpx
import orjson
import pytest
from sqlalchemy import select

from contracts.catalogue.plans import Plan
from contracts.problems import Text
from contracts.tasks import System, TaskKind
from services.bus.kit import json_schemas
from services.bus.kit.service import Service
from services.bus.kit.tables import Outbox
from services.bus.kit.testing import TestIssuer, running
from services.dossier.app import build
from services.dossier.settings import DossierSettings
from tests.services.dossier.conftest import new_dossier

RESULTS = {"type": "object", "required": ["number"], "properties": {"number": {"type": "integer"}}}


def step(id: str, system: str, *after: str, **more: Any) -> dict[str, Any]:
    return {
        "id": id,
        "system": system,
        "kind": f"{system}.{id}",
        "title": {"vi": f"Bước {id}", "en": f"Step {id}"},
        "part": "1.001570",
        "after": after,
        "limit": "2-working-days",
        **more,
    }


def plan(*steps: dict[str, Any], **more: Any) -> Plan:
    return Plan.model_validate({"procedure": "1.001570", "steps": steps, **more})


GROUP = plan(
    step("birth", "civil", limit="same-day"),
    step("residence", "residence", "birth", on_refusal="partly", part="1.004222"),
    step("card", "social-insurance", "birth", on_refusal="partly", part="2.002621"),
    step("gift", "welfare", "card", on_refusal="partly", when={"field": "gift", "is_one_of": [True]}),
)
"""One step, then two side by side, then one that only some want."""


def kind_of(name: str) -> TaskKind:
    return TaskKind(name, System(name.partition(".")[0]), Text("Loại", "Kind"), {"type": "object"}, RESULTS)


class Hands:
    """Plays the citizen, the officer and every system, over HTTP."""

    def __init__(self, client: httpx.AsyncClient, service: Service) -> None:
        self.client = client
        self.service = service
        self.code = ""

    async def take_in(self, **changes: Any) -> dict[str, Any]:
        response = await self.client.post("/v1/dossiers", json=new_dossier(handling="systems", **changes))
        assert response.status_code == 201, response.text
        self.code = response.json()["code"]
        return await self.run()

    async def run(self) -> dict[str, Any]:
        response = await self.client.get(f"/v1/dossiers/{self.code}/run")
        assert response.status_code == 200, response.text
        return dict(response.json())

    async def states(self) -> dict[str, str]:
        return {task["step"]: task["state"] for task in (await self.run())["tasks"]}

    async def dossier(self) -> dict[str, Any]:
        return dict((await self.client.get(f"/v1/dossiers/{self.code}")).json())

    async def history(self) -> list[int]:
        """The statuses it went through."""
        steps = (await self.client.get(f"/v1/dossiers/{self.code}/timeline")).json()["steps"]
        return [each["status"] for each in steps]

    async def say(self, step: str, kind: str, **parts: Any) -> httpx.Response:
        return await self.client.post(f"/v1/tasks/{self.code}.{step}/answers", json={"kind": kind, **parts})

    async def done(self, step: str, number: int = 1) -> None:
        response = await self.say(step, "completed", results={"number": number})
        assert response.status_code == 201, response.text

    async def refuse(self, step: str) -> None:
        refusal = {"code": "no-proof", "vi": "Không có căn cứ", "en": "No proof"}
        response = await self.say(step, "refused", refusal=refusal)
        assert response.status_code == 201, response.text

    async def act(self, action: str, **more: Any) -> httpx.Response:
        return await self.client.post(f"/v1/dossiers/{self.code}/actions", json={"action": action, **more})

    async def told(self) -> list[tuple[str, str, int]]:
        """What went out to systems: (subject, key, version), in order."""
        rows = await self.service.store.read(
            lambda tx: list(tx.scalars(select(Outbox.payload).order_by(Outbox.id)))
        )
        events = [orjson.loads(row) for row in rows]
        return [
            (each["type"].split(".")[3], each["key"].rpartition(".")[2], each["version"])
            for each in events
            if each["type"].startswith("vn.truc.task.")
        ]


@pytest.fixture
def planned(monkeypatch: pytest.MonkeyPatch) -> dict[str, Plan]:
    """The plan in force; put another in its place to change the procedure."""
    in_force = {"1.001570": GROUP}
    monkeypatch.setattr("services.dossier.commands.intake.plan_of", in_force.get)
    monkeypatch.setattr(json_schemas, "task_kind", kind_of)
    json_schemas.task_validator.cache_clear()
    return in_force


@pytest.fixture
async def hands(settings: DossierSettings, issuer: TestIssuer, planned: dict[str, Plan]) -> AsyncIterator[Hands]:
    app = build(settings)
    async with running(app, issuer.token()) as client:
        client.headers["Accept-Language"] = "en"
        yield Hands(client, app.state.service)
    json_schemas.task_validator.cache_clear()
