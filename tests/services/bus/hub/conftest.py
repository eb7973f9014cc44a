"""A hub under test: its settings, a clock to move, a members file, and clients that know how to log in."""

from __future__ import annotations

import json
from collections.abc import AsyncIterator
from datetime import UTC, datetime
from pathlib import Path

import httpx
import pytest

from services.bus.hub.app import build
from services.bus.hub.settings import HubSettings
from services.bus.kit.clock import FixedClock
from services.bus.kit.testing import running

NOW = datetime(2026, 11, 22, 8, 0, tzinfo=UTC)
ADMIN = {"client_id": "admin", "client_secret": "admin-secret-of-the-tests"}
MEMBERS = [
    {"client_id": "admin", "name": "Quản trị", "secret": ADMIN["client_secret"], "scopes": ["hub:members"]},
    {
        "client_id": "one-stop",
        "name": "Một cửa",
        "secret": "one-stop-secret: 100% đúng",
        "scopes": ["dossier:write", "dossier:read", "dossier:act"],
    },
]
ONE_STOP = {"client_id": "one-stop", "client_secret": "one-stop-secret: 100% đúng"}


@pytest.fixture
def clock() -> FixedClock:
    return FixedClock(NOW)


@pytest.fixture
def hub_settings(tmp_path: Path, database_url: str) -> HubSettings:
    file = tmp_path / "members.json"
    file.write_text(json.dumps(MEMBERS))
    return HubSettings(data_dir=tmp_path, database_url=database_url, members_file=file)


@pytest.fixture
async def hub(hub_settings: HubSettings, clock: FixedClock) -> AsyncIterator[httpx.AsyncClient]:
    """A running hub; requests carry no token."""
    async with running(build(hub_settings, clock)) as client:
        yield client


@pytest.fixture
async def admin(hub: httpx.AsyncClient) -> httpx.AsyncClient:
    """The same hub; requests carry the admin's token."""
    hub.headers["Authorization"] = f"Bearer {await token_of(hub, ADMIN)}"
    return hub


async def ask(hub: httpx.AsyncClient, form: dict[str, str], **headers: str) -> httpx.Response:
    """A request to the token endpoint with the client credentials grant."""
    request = hub.build_request(
        "POST", "/oauth/token", data={"grant_type": "client_credentials", **form}, headers=headers
    )
    if "Authorization" not in headers:
        request.headers.pop("Authorization", None)
    return await hub.send(request)


async def token_of(hub: httpx.AsyncClient, credentials: dict[str, str]) -> str:
    response = await ask(hub, credentials)
    assert response.status_code == 200, response.text
    token: str = response.json()["access_token"]
    return token
