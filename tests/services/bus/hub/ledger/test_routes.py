"""The ledger's routes on a hub without a broker: tokens are given, figures shown, bad input is refused."""

from __future__ import annotations

from typing import Any

import httpx
import pytest

from services.bus.hub.app import build
from services.bus.hub.settings import HubSettings
from services.bus.kit.clock import FixedClock
from services.bus.kit.testing import running
from tests.services.bus.hub.conftest import ADMIN, ONE_STOP, token_of

pytestmark = pytest.mark.anyio

PATHS = (
    "/v1/links", "/v1/links/x", "/v1/links/x/series", "/v1/ledger/dossiers/H08-230115-0001", "/v1/service-levels",
)  # fmt: skip


@pytest.fixture
async def observer(hub: httpx.AsyncClient) -> httpx.AsyncClient:
    admin = {"Authorization": f"Bearer {await token_of(hub, ADMIN)}"}
    body = {"client_id": "observer", "name": "Giám sát", "scopes": ["axis:observe"]}
    made = await hub.post("/v1/members", json=body, headers=admin)
    assert made.status_code == 201, made.text
    credentials = {"client_id": "observer", "client_secret": made.json()["client_secret"]}
    hub.headers["Authorization"] = f"Bearer {await token_of(hub, credentials)}"
    return hub


async def test_a_hub_without_a_broker_is_ready_and_gives_tokens(hub: httpx.AsyncClient) -> None:
    assert (await hub.get("/readyz")).status_code == 200
    assert await token_of(hub, ONE_STOP)


@pytest.mark.parametrize("path", PATHS)
async def test_who_may_not_observe_sees_nothing(hub: httpx.AsyncClient, path: str) -> None:
    assert (await hub.get(path)).status_code == 401
    token = await token_of(hub, ONE_STOP)
    assert (await hub.get(path, headers={"Authorization": f"Bearer {token}"})).status_code == 403


async def test_an_empty_ledger_is_empty(observer: httpx.AsyncClient) -> None:
    links = (await observer.get("/v1/links")).json()
    assert (links["items"], links["window"]) == ([], "1h")
    levels = (await observer.get("/v1/service-levels")).json()["items"]
    assert all(level["events"] == 0 and level["kept"] is None for level in levels)
    assert not any(burn["firing"] for level in levels for burn in level["burns"])


@pytest.mark.parametrize(
    ("path", "status", "field"),
    [
        ("/v1/links?window=2h", 422, "query.window"),
        ("/v1/links/none", 404, None),
        ("/v1/links/none/series", 404, None),
        ("/v1/links/none/series?step=day", 422, "query.step"),
        ("/v1/links/none/series?hop=all", 422, "query.hop"),
        ("/v1/links/none/series?from=yesterday", 422, "query.from"),
        ("/v1/links/none/series?from=2026-11-22T08:00:00", 422, "query.from"),
        ("/v1/ledger/dossiers/H08-230115-0001", 404, None),
        ("/v1/ledger/dossiers/" + "x" * 61, 422, "path.code"),
        ("/v1/axis/receipts?after=-1", 422, "query.after"),
        ("/v1/axis/receipts?limit=501", 422, "query.limit"),
        ("/v1/axis/receipts?after=99999999999999999999", 422, "query.after"),
    ],
)
async def test_bad_input_is_named(observer: httpx.AsyncClient, path: str, status: int, field: str | None) -> None:
    answer = await observer.get(path)
    assert answer.status_code == status, answer.text
    assert answer.headers["content-type"] == "application/problem+json"
    if field is not None:
        assert field in [error["field"] for error in answer.json()["errors"]], answer.text


async def test_the_receipts_of_the_hub_itself(observer: httpx.AsyncClient) -> None:
    page: dict[str, Any] = (await observer.get("/v1/axis/receipts")).json()
    assert (page["receipts"], page["more"], page["standing"]) == ([], False, {"owed": [], "held": []})


async def test_without_the_ledger_the_hub_is_what_it_was(hub_settings: HubSettings, clock: FixedClock) -> None:
    async with running(build(hub_settings.model_copy(update={"ledger": False}), clock)) as client:
        assert (await client.get("/readyz")).status_code == 200
        assert (await client.get("/v1/links")).status_code == 404
        assert await token_of(client, ONE_STOP)
