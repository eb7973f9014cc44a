"""A store with the hub's tables, and the hub itself on the same database with a token to look."""

from __future__ import annotations

import json
from collections.abc import AsyncIterator
from pathlib import Path
from typing import Any, NamedTuple

import httpx
import pytest

from services.bus.hub.app import build
from services.bus.hub.models import metadata
from services.bus.hub.settings import HubSettings
from services.bus.kit.clock import FixedClock
from services.bus.kit.service import Service
from services.bus.kit.store import Store
from services.bus.kit.testing import running
from tests.services.bus.hub.conftest import token_of
from tests.services.bus.hub.indicators.telling import DAY, MONDAY

OBSERVER = {"client_id": "observer", "client_secret": "observer-secret-of-the-tests"}
BLIND = {"client_id": "blind", "client_secret": "blind-secret-of-the-tests"}
MEMBERS = [
    {"client_id": "observer", "name": "x", "secret": OBSERVER["client_secret"], "scopes": ["axis:observe"]},
    {"client_id": "blind", "name": "x", "secret": BLIND["client_secret"], "scopes": ["axis:read"]},
]


@pytest.fixture
def clock() -> FixedClock:
    return FixedClock(MONDAY + 30 * DAY)


@pytest.fixture
async def store(database_url: str) -> AsyncIterator[Store]:
    """Tables without a hub."""
    async with Store(database_url, source="/truc/hub") as store:
        store.create_tables(metadata)
        yield store


class Hub(NamedTuple):
    """A hub without a broker, and its store to tell events to."""

    http: httpx.AsyncClient
    service: Service

    @property
    def store(self) -> Store:
        return self.service.store

    async def get(self, path: str, **query: Any) -> Any:
        """The JSON of a route that answers."""
        answer = await self.http.get(path, params={name.rstrip("_"): value for name, value in query.items()})
        assert answer.status_code == 200, answer.text
        return answer.json()


@pytest.fixture
async def hub(database_url: str, tmp_path: Path, clock: FixedClock) -> AsyncIterator[Hub]:
    """Requests carry a token that may look."""
    file = tmp_path / "members.json"
    file.write_text(json.dumps(MEMBERS))
    settings = HubSettings(
        database_url=database_url, data_dir=tmp_path, members_file=file, nats_url="nats://127.0.0.1:1"
    )
    app = build(settings, clock)
    async with running(app) as client:
        client.headers["Authorization"] = f"Bearer {await token_of(client, OBSERVER)}"
        client.headers["Accept-Language"] = "en"
        yield Hub(client, app.state.service)
