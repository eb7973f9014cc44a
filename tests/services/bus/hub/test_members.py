"""Members through the API: made, listed, changed, suspended; who may, and what is refused."""

from __future__ import annotations

from datetime import timedelta

import httpx
import pytest
from sqlalchemy import create_engine, text

from services.bus.hub.settings import HubSettings
from services.bus.kit.clock import FixedClock
from services.bus.kit.engines import normalised
from tests.services.bus.hub.conftest import ONE_STOP, ask, token_of

pytestmark = pytest.mark.anyio

NEW = {"client_id": "tax-office", "name": "Cục Thuế", "scopes": ["dossier:read", "dossier:read"]}


async def test_a_new_member_gets_a_secret_and_with_it_a_token(admin: httpx.AsyncClient) -> None:
    response = await admin.post("/v1/members", json=NEW)
    assert response.status_code == 201
    assert response.headers["etag"] == '"1"'
    assert response.headers["cache-control"] == "no-store"
    made = response.json()
    assert made["scopes"] == ["dossier:read"]
    assert len(made["client_secret"]) >= 43
    answer = await ask(admin, {"client_id": "tax-office", "client_secret": made["client_secret"]})
    assert answer.json()["scope"] == "dossier:read"
    shown = (await admin.get("/v1/members/tax-office")).json()
    assert shown == {name: value for name, value in made.items() if name != "client_secret"}


async def test_a_secret_is_told_once_and_stored_nowhere(
    admin: httpx.AsyncClient, hub_settings: HubSettings
) -> None:
    first, again = [
        await admin.post("/v1/members", json=NEW, headers={"Idempotency-Key": "m-1"}) for _ in range(2)
    ]
    assert again.status_code == 201
    assert again.headers["idempotency-replayed"] == "true"
    assert again.json() == {**first.json(), "client_secret": None}
    secret = first.json()["client_secret"]
    with create_engine(normalised(hub_settings.database_url)).connect() as connection:
        for table in ("members", "axis_answers"):
            for row in connection.execute(text(f"SELECT * FROM {table}")):
                assert secret not in " ".join(map(str, row))


async def test_listing_by_pages_and_status(admin: httpx.AsyncClient) -> None:
    for n in range(3):
        await admin.post("/v1/members", json={**NEW, "client_id": f"m-{n}"})
    await admin.post("/v1/members/m-1/suspend")
    first = (await admin.get("/v1/members", params={"limit": 3})).json()
    second = (await admin.get("/v1/members", params={"limit": 3, "cursor": first["next_cursor"]})).json()
    names = [member["client_id"] for member in first["items"] + second["items"]]
    assert names == ["admin", "m-0", "m-1", "m-2", "one-stop"]
    assert second["next_cursor"] is None
    suspended = (await admin.get("/v1/members", params={"status": "suspended"})).json()
    assert [member["client_id"] for member in suspended["items"]] == ["m-1"]
    assert "secret" not in first["items"][0]
    assert (await admin.get("/v1/members", params={"cursor": "x"})).status_code == 400


async def test_changing_name_and_scopes(admin: httpx.AsyncClient, clock: FixedClock) -> None:
    response = await admin.patch("/v1/members/one-stop", json={"scopes": ["dossier:read"]})
    assert response.status_code == 200
    assert (response.json()["scopes"], response.json()["name"]) == (["dossier:read"], "Một cửa")
    assert (response.headers["etag"], response.json()["version"]) == ('"2"', 2)
    assert (await ask(admin, ONE_STOP)).json()["scope"] == "dossier:read"
    renamed = await admin.patch("/v1/members/one-stop", json={"name": "Bộ phận Một cửa"})
    assert (renamed.json()["name"], renamed.json()["scopes"]) == ("Bộ phận Một cửa", ["dossier:read"])


async def test_a_change_on_an_old_version_is_refused(admin: httpx.AsyncClient) -> None:
    assert (
        await admin.patch("/v1/members/one-stop", json={"name": "A"}, headers={"If-Match": '"1"'})
    ).status_code == 200
    stale = await admin.patch("/v1/members/one-stop", json={"name": "B"}, headers={"If-Match": '"1"'})
    assert stale.status_code == 412
    assert (await admin.get("/v1/members/one-stop")).json()["name"] == "A"


async def test_a_rotated_secret_replaces_the_old_one_at_once(admin: httpx.AsyncClient, clock: FixedClock) -> None:
    await token_of(admin, ONE_STOP)  # proved, and remembered as proved
    clock.advance(timedelta(minutes=1))
    response = await admin.post("/v1/members/one-stop/secret")
    assert response.json()["created_at"] < response.json()["secret_changed_at"]
    new = {"client_id": "one-stop", "client_secret": response.json()["client_secret"]}
    assert (await ask(admin, ONE_STOP)).status_code == 401
    assert await token_of(admin, new)


async def test_suspending_twice_is_one_change(admin: httpx.AsyncClient) -> None:
    for _ in range(2):
        response = await admin.post("/v1/members/one-stop/suspend")
    assert (response.status_code, response.json()["version"]) == (200, 2)


@pytest.mark.parametrize(
    ("method", "path", "body"),
    [
        ("POST", "/v1/members/admin/suspend", None),
        ("PATCH", "/v1/members/admin", {"scopes": ["dossier:read"]}),
    ],
)
async def test_nobody_locks_himself_out(
    admin: httpx.AsyncClient, method: str, path: str, body: dict[str, object] | None
) -> None:
    response = await admin.request(method, path, json=body)
    assert response.status_code == 409
    assert (await admin.get("/v1/members/admin")).json()["version"] == 1


IMPOSSIBLE: list[tuple[dict[str, object], str, str]] = [
    ({"scopes": ["dossier:read", "root"]}, "body.scopes[1]", "enum"),
    ({"scopes": "dossier:read"}, "body.scopes", "list_type"),
    ({"client_id": "Tax Office"}, "body.client_id", "string_pattern_mismatch"),
    ({"client_id": "-tax"}, "body.client_id", "string_pattern_mismatch"),
    ({"client_id": "x" * 65}, "body.client_id", "string_pattern_mismatch"),
    ({"name": ""}, "body.name", "string_too_short"),
    ({"name": "a\nb"}, "body.name", "string_pattern_mismatch"),
    ({"secret": "of my own choice"}, "body.secret", "extra_forbidden"),
]


async def test_what_a_new_member_cannot_be(admin: httpx.AsyncClient) -> None:
    for change, field, rule in IMPOSSIBLE:
        response = await admin.post("/v1/members", json={**NEW, **change})
        assert response.status_code == 422
        assert [(error["field"], error["rule"]) for error in response.json()["errors"]] == [(field, rule)]


async def test_a_client_id_is_taken_once(admin: httpx.AsyncClient) -> None:
    response = await admin.post("/v1/members", json={**NEW, "client_id": "one-stop"})
    assert (response.status_code, response.json()["type"]) == (409, "urn:truc:problem:already-exists")
    assert await token_of(admin, ONE_STOP)


OF_ONE_MEMBER = [("GET", ""), ("PATCH", ""), ("POST", "/secret"), ("POST", "/suspend"), ("POST", "/activate")]


async def test_a_member_that_is_not(admin: httpx.AsyncClient) -> None:
    for method, path in OF_ONE_MEMBER:
        response = await admin.request(method, f"/v1/members/nobody{path}", json={} if method == "PATCH" else None)
        assert (response.status_code, response.json()["type"]) == (404, "urn:truc:problem:not-found")


async def test_only_who_holds_the_scope(hub: httpx.AsyncClient) -> None:
    token = await token_of(hub, ONE_STOP)
    for method, path in [
        ("GET", "/v1/members"),
        ("POST", "/v1/members"),
        *((method, f"/v1/members/one-stop{path}") for method, path in OF_ONE_MEMBER),
        ("GET", "/v1/signing-keys"),
        ("POST", "/v1/signing-keys"),
    ]:
        nobody = await hub.request(method, path, json=NEW)
        assert (nobody.status_code, nobody.json()["type"]) == (401, "urn:truc:problem:unauthenticated")
        other = await hub.request(method, path, json=NEW, headers={"Authorization": f"Bearer {token}"})
        assert (other.status_code, other.json()["type"]) == (403, "urn:truc:problem:forbidden")
        assert 'scope="hub:members"' in other.headers["www-authenticate"]
