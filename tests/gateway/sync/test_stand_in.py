"""Against the stand-in portal as it really runs, over a socket: both profiles, its faults, its citizens."""

from __future__ import annotations

import asyncio
import contextlib
from collections.abc import AsyncIterator, Callable
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import httpx
import orjson
import pytest
import uvicorn
from pydantic import SecretStr

from contracts.status import DossierStatus, next_statuses
from gateway.portal.app import build
from gateway.portal.settings import PortalSettings
from gateway.sync.settings import SyncSettings
from services.bus.kit.testing import ISSUER, TestIssuer, free_port
from tests.gateway.sync.province import code_of, eventually, settings_for, status_event, syncing

pytestmark = pytest.mark.anyio


@dataclass
class StandIn:
    """The running portal and a client of its own API."""

    url: str
    http: httpx.AsyncClient

    async def held(self) -> dict[str, list[int]]:
        listed = await self.http.get("/v1/export")
        lines = [orjson.loads(line) for line in listed.content.splitlines()]
        return {line["code"]: [status for _, status, _ in line["steps"]] for line in lines}

    async def suffers(self, **plan: Any) -> None:
        (await self.http.put("/v1/faults", json=plan)).raise_for_status()


@contextlib.asynccontextmanager
async def serving(app: Any, port: int) -> AsyncIterator[None]:
    config = uvicorn.Config(app, port=port, log_config=None, access_log=False, lifespan="on")
    server = uvicorn.Server(config)
    task = asyncio.create_task(server.serve())
    try:
        await eventually(lambda: server.started)
        yield
    finally:
        server.should_exit = True
        await task


@pytest.fixture
async def stand_in(tmp_path: Path, issuer: TestIssuer, token_for: Callable[..., str]) -> AsyncIterator[StandIn]:
    port = free_port()
    settings = PortalSettings(
        sync_password=SecretStr("secret"),
        database_url=f"sqlite:///{tmp_path / 'portal.db'}",
        jwks_file=issuer.jwks_file,
        hub_url="http://127.0.0.1:1",
        token_issuer=ISSUER,
        log_level="ERROR",
    )
    url = f"http://127.0.0.1:{port}"
    headers = {"Authorization": f"Bearer {token_for()}"}
    async with serving(build(settings), port), httpx.AsyncClient(base_url=url, headers=headers) as http:
        yield StandIn(url, http)


@pytest.fixture
def settings(stand_in: StandIn, tmp_path: Path, issuer: TestIssuer) -> SyncSettings:
    return settings_for(stand_in.url, f"sqlite:///{tmp_path / 'sync.db'}", issuer)


def story(number: int) -> list[int]:
    """A legal history, another one for each number."""
    statuses: list[int] = []
    for turn in range(8):
        possible = sorted(next_statuses(DossierStatus(statuses[-1]) if statuses else None))
        if not possible:
            break
        statuses.append(int(possible[(number * 7 + turn * 3) % len(possible)]))
    return statuses


async def sent(settings: SyncSettings, dossiers: int) -> dict[str, list[int]]:
    """Send that many dossiers, step by step; what the province holds."""
    stories = {code_of(number): story(number) for number in range(dossiers)}
    async with syncing(settings) as sync:
        for turn in range(8):
            await sync.hear(
                *(
                    status_event(code, turn + 1, statuses[turn])
                    for code, statuses in stories.items()
                    if turn < len(statuses)
                )
            )
        await sync.drained(60)
        assert (sync.engine.lanes.backlog, sync.engine.lanes.parked) == (0, 0)
    return stories


@pytest.mark.parametrize("profile", ["strict", "batch"])
async def test_everything_arrives(stand_in: StandIn, settings: SyncSettings, profile: str) -> None:
    chosen = settings.model_copy(update={"profile": profile})
    assert await sent(chosen, 40) == await stand_in.held()


@pytest.mark.parametrize("profile", ["strict", "batch"])
async def test_everything_arrives_through_its_faults(
    stand_in: StandIn, settings: SyncSettings, profile: str
) -> None:
    await stand_in.suffers(
        seed=7, error_rate=0.1, rubbish_rate=0.1, lost_reply_rate=0.1, expire_sessions_rate=0.05
    )
    chosen = settings.model_copy(update={"profile": profile})
    stories = await sent(chosen, 25)
    assert await stand_in.held() == stories
    injected = (await stand_in.http.get("/v1/faults")).json()["injected"]
    assert len(injected) >= 2


@pytest.mark.parametrize("manner", ["drop", "503"])
async def test_everything_arrives_after_an_outage(stand_in: StandIn, settings: SyncSettings, manner: str) -> None:
    await stand_in.suffers(outage={"for_seconds": 1.0, "manner": manner})
    assert await sent(settings, 25) == await stand_in.held()


async def test_a_refusal_by_rule_parks_one_dossier(stand_in: StandIn, settings: SyncSettings) -> None:
    bad = code_of(3)
    await stand_in.suffers(refuse=[{"field": "MaHoSo", "equals": bad, "verb": "CapNhatTienDoHoSoMC"}])
    chosen = settings.model_copy(update={"profile": "batch"})
    async with syncing(chosen) as sync:
        await sync.hear(*(status_event(code_of(number), 1, 2) for number in range(8)))
        await sync.drained()
        assert sync.engine.lanes.parked == 1
    held = await stand_in.held()
    assert held.pop(bad) == []
    assert held == {code_of(number): [2] for number in range(8) if number != 3}


async def test_a_citizens_submission_comes_in_and_its_dossier_goes_back(
    stand_in: StandIn, settings: SyncSettings
) -> None:
    submission = {
        "procedure_code": "1.001570",
        "receiving_agency": "H08",
        "applicant": {
            "personal_id": "052190000321",
            "full_name": "Lê Thị Cúc",
            "date_of_birth": "1990-02-28",
            "phone": "0912345678",
        },
        "form": {},
    }
    accepted = await stand_in.http.post("/api/v1/submissions", json=submission)
    assert accepted.status_code == 201, accepted.text
    reference = accepted.json()["reference"]
    chosen = settings.model_copy(update={"poll_interval_s": 0.02})
    async with syncing(chosen) as sync:
        async with asyncio.timeout(10):
            while not (events := await sync.announced()):
                await asyncio.sleep(0.02)
        ((kind, key, version, data),) = events
        assert (kind, key, version) == ("vn.truc.portal.dossier-submitted.v1", reference, 1)
        assert (data["full_name"], data["date_of_birth"]) == ("Lê Thị Cúc", "1990-02-28")
        await sync.hear(status_event(code_of(1), 1, 1, portal_reference=reference, channel="online"))
        await sync.drained()
        followed = await stand_in.http.get(f"/api/v1/submissions/{reference}")
        assert code_of(1) in followed.text
