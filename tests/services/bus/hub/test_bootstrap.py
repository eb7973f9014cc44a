"""The members file: taken in at start, once per content, and refused with the place that is wrong."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any

import httpx
import pytest

from services.bus.hub.app import build
from services.bus.hub.bootstrap import MembersFileError, parse
from services.bus.hub.settings import HubSettings
from services.bus.kit.testing import running
from tests.services.bus.hub.conftest import ADMIN, MEMBERS, ONE_STOP, ask, token_of

pytestmark = pytest.mark.anyio


async def as_admin(hub: httpx.AsyncClient) -> httpx.AsyncClient:
    hub.headers["Authorization"] = f"Bearer {await token_of(hub, ADMIN)}"
    return hub


def rewrite(settings: HubSettings, **one_stop: Any) -> None:
    assert settings.members_file is not None
    settings.members_file.write_text(json.dumps([MEMBERS[0], {**MEMBERS[1], **one_stop}]))


async def test_an_unchanged_file_leaves_what_was_changed_since(hub_settings: HubSettings) -> None:
    async with running(build(hub_settings)) as hub:
        await (await as_admin(hub)).patch("/v1/members/one-stop", json={"name": "Đổi tên"})
    async with running(build(hub_settings)) as hub:
        assert (await (await as_admin(hub)).get("/v1/members/one-stop")).json()["name"] == "Đổi tên"


async def test_a_changed_file_makes_members_what_it_says(hub_settings: HubSettings) -> None:
    async with running(build(hub_settings)) as hub:
        await (await as_admin(hub)).post("/v1/members/one-stop/suspend")
        before = (await hub.get("/v1/members")).json()["items"]
    rewrite(hub_settings, name="Mới", scopes=["dossier:read"], secret="another secret, twelve")
    async with running(build(hub_settings)) as hub:
        response = await ask(hub, {"client_id": "one-stop", "client_secret": "another secret, twelve"})
        assert response.json()["error"] == "unauthorized_client"  # proved, and still suspended
        assert (await ask(hub, ONE_STOP)).json()["error"] == "invalid_client"
        after = (await (await as_admin(hub)).get("/v1/members")).json()["items"]
    assert after[0] == before[0]  # the admin's entry says what it said
    assert (after[1]["name"], after[1]["scopes"], after[1]["version"]) == ("Mới", ["dossier:read"], 3)
    assert after[1]["secret_changed_at"] > before[1]["secret_changed_at"]


async def test_a_secret_that_stays_keeps_its_hash(hub_settings: HubSettings) -> None:
    async with running(build(hub_settings)) as hub:
        before = (await (await as_admin(hub)).get("/v1/members/one-stop")).json()
    rewrite(hub_settings, name="Mới")
    async with running(build(hub_settings)) as hub:
        after = (await (await as_admin(hub)).get("/v1/members/one-stop")).json()
        assert await token_of(hub, ONE_STOP)
    assert after["secret_changed_at"] == before["secret_changed_at"]
    assert after["changed_at"] > before["changed_at"]


async def test_a_member_missing_from_the_file_stays(hub_settings: HubSettings) -> None:
    async with running(build(hub_settings)):
        pass
    assert hub_settings.members_file is not None
    hub_settings.members_file.write_text(json.dumps(MEMBERS[:1]))
    async with running(build(hub_settings)) as hub:
        assert await token_of(hub, ONE_STOP)


@pytest.mark.parametrize(
    ("content", "place"),
    [
        ("{", "file"),
        ("{}", "file"),
        (json.dumps([{**MEMBERS[0], "secret": "short-s3cret"[:11]}]), "0.secret"),
        (json.dumps([MEMBERS[0], {**MEMBERS[1], "scopes": ["root"]}]), "1.scopes.0"),
        (json.dumps([{**MEMBERS[0], "role": "boss"}]), "0.role"),
        (json.dumps([MEMBERS[0], MEMBERS[0]]), "more than once: admin"),
    ],
)
def test_a_wrong_file_is_refused_with_its_place(content: str, place: str) -> None:
    with pytest.raises(MembersFileError) as refusal:
        parse(Path("members.json"), content.encode())
    assert place in str(refusal.value)
    for entry in MEMBERS:
        assert str(entry["secret"]) not in str(refusal.value)
    assert "short-s3cre" not in str(refusal.value)


async def test_a_file_that_is_named_must_be_there(hub_settings: HubSettings) -> None:
    assert hub_settings.members_file is not None
    hub_settings.members_file.unlink()
    with pytest.raises(MembersFileError, match="No such file"):
        async with running(build(hub_settings)):
            pass


async def test_without_a_file_the_hub_starts_empty(tmp_path: Path, database_url: str) -> None:
    async with running(build(HubSettings(data_dir=tmp_path, database_url=database_url))) as hub:
        assert (await hub.get("/readyz")).status_code == 200
        assert (await ask(hub, ADMIN)).json()["error"] == "invalid_client"
