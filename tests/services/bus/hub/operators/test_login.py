"""Logging in: authorization code with PKCE at the hub's own provider, and everything that must not work."""

from __future__ import annotations

import json
from datetime import timedelta

import httpx
import pytest

from services.bus.hub.app import build
from services.bus.hub.operators.failures import ACCOUNT_TRIES, ADDRESS_TRIES
from services.bus.hub.provider.asking import challenge_of
from services.bus.hub.settings import HubSettings
from services.bus.kit.clock import FixedClock
from services.bus.kit.testing import running
from tests.services.bus.hub.operators.conftest import ISSUER, PASSWORD, Door, query_of

pytestmark = pytest.mark.anyio

VERIFIER = "v" * 43
CALLBACK = f"{ISSUER}/console/callback"
REQUEST = {
    "response_type": "code",
    "client_id": "console",
    "redirect_uri": CALLBACK,
    "scope": "openid profile",
    "state": "s-1",
    "nonce": "n-1",
    "code_challenge": challenge_of(VERIFIER),
    "code_challenge_method": "S256",
}


async def a_code(door: Door, username: str = "anh") -> str:
    """A code that was asked for with VERIFIER."""
    fields = await door.form(str(httpx.URL("/authorize", params=REQUEST)))
    answer = await door.submit(fields, username)
    assert answer.status_code == 303, answer.text
    told = query_of(answer.headers["location"])
    assert (told["state"], told["iss"]) == ("s-1", ISSUER)
    return told["code"]


async def exchange(door: Door, code: str, **other: str) -> httpx.Response:
    form = {
        "grant_type": "authorization_code",
        "code": code,
        "client_id": "console",
        "redirect_uri": CALLBACK,
        "code_verifier": VERIFIER,
    }
    return await door.http.post("/token", data={**form, **other})


async def test_a_browser_ends_where_it_wanted_to_go(door: Door) -> None:
    await door.add("anh", "operator")
    assert await door.log_in("anh", "/console/levels?lang=en") == "/console/levels?lang=en"
    somebody = await door.who()
    assert (somebody.who, somebody.name, somebody.role) == ("anh", "Anh", "operator")


async def test_the_discovery_document_names_what_there_is(door: Door) -> None:
    told = (await door.http.get("/.well-known/openid-configuration")).json()
    assert told["issuer"] == ISSUER
    assert told["code_challenge_methods_supported"] == ["S256"]
    assert (await door.http.get(told["jwks_uri"])).json()["keys"]


async def test_a_code_buys_tokens_that_say_who_it_is(door: Door) -> None:
    await door.add("anh", "viewer")
    answer = await exchange(door, await a_code(door))
    assert answer.status_code == 200 and answer.headers["cache-control"] == "no-store"
    token = answer.json()["access_token"]
    told = await door.http.get("/userinfo", headers={"Authorization": f"Bearer {token}"})
    assert told.json() == {"sub": "anh", "preferred_username": "anh", "name": "Anh", "roles": ["viewer"]}
    elsewhere = await door.http.get("/v1/members", headers={"Authorization": f"Bearer {token}"})
    assert elsewhere.status_code == 401, "it opens nothing else"


@pytest.mark.parametrize(
    "wrong",
    [
        {"code_verifier": "w" * 43},
        {"code_verifier": ""},
        {"client_id": "other"},
        {"redirect_uri": f"{ISSUER}/console/elsewhere"},
        {"code": "nobody's"},
    ],
)
async def test_a_code_is_good_for_nobody_else(door: Door, wrong: dict[str, str]) -> None:
    wrong = dict(wrong)
    await door.add("anh")
    code = await a_code(door)
    refused = await exchange(door, wrong.pop("code", code), **wrong)
    assert (refused.status_code, refused.json()["error"]) == (400, "invalid_grant")


async def test_a_code_is_good_once_and_not_for_long(door: Door) -> None:
    await door.add("anh")
    code = await a_code(door)
    assert (await exchange(door, code)).status_code == 200
    assert (await exchange(door, code)).json()["error"] == "invalid_grant"
    late = await a_code(door)
    door.clock.advance(timedelta(seconds=61))
    assert (await exchange(door, late)).json()["error"] == "invalid_grant"


async def test_another_grant_is_not_known(door: Door) -> None:
    assert (await exchange(door, "x", grant_type="password")).json()["error"] == "unsupported_grant_type"


@pytest.mark.parametrize(
    "other",
    [{"redirect_uri": "https://evil.example/console/callback"}, {"client_id": "evil"}, {"redirect_uri": ""}],
)
async def test_nothing_is_sent_to_an_address_that_is_not_ours(door: Door, other: dict[str, str]) -> None:
    answer = await door.http.get("/authorize", params={**REQUEST, **other})
    assert answer.status_code == 400 and "location" not in answer.headers


@pytest.mark.parametrize(
    ("other", "error"),
    [
        ({"response_type": "token"}, "unsupported_response_type"),
        ({"scope": "profile"}, "invalid_scope"),
        ({"code_challenge_method": "plain"}, "invalid_request"),
        ({"code_challenge": ""}, "invalid_request"),
        ({"nonce": "n" * 501}, "invalid_request"),
        ({"prompt": "none"}, "login_required"),
    ],
)
async def test_other_mistakes_are_told_to_the_client(door: Door, other: dict[str, str], error: str) -> None:
    answer = await door.http.get("/authorize", params={**REQUEST, **other})
    assert answer.status_code == 303
    told = query_of(answer.headers["location"])
    assert (told["error"], told["state"]) == (error, "s-1") and "code" not in told


async def test_wrong_and_unknown_look_the_same(door: Door) -> None:
    await door.add("anh")
    wrong, unknown = await door.answer("anh", "x"), await door.answer("nobody", PASSWORD)
    assert wrong.status_code == unknown.status_code == 401
    assert "không đúng" in wrong.text and "không đúng" in unknown.text


async def test_a_disabled_account_does_not_log_in(door: Door) -> None:
    await door.add("anh")
    headers = {"Authorization": f"Bearer {await _manager(door)}"}
    assert (await door.http.post("/v1/operators/anh/disable", headers=headers)).status_code == 200
    assert (await door.answer("anh")).status_code == 401


async def test_a_form_from_elsewhere_is_not_taken(door: Door) -> None:
    await door.add("anh")
    fields = await door.form(await door.asked())
    forged = await door.submit({**fields, "form_token": "guessed"}, "anh")
    assert forged.status_code == 403 and "location" not in forged.headers
    door.http.cookies.delete("truc_form")
    assert (await door.submit(fields, "anh")).status_code == 403


async def test_too_many_failures_close_the_account_also_after_a_restart(
    door_settings: HubSettings, clock: FixedClock
) -> None:
    app = build(door_settings, clock)
    async with running(app) as client:
        client.base_url = httpx.URL(ISSUER)
        door = Door(client, app.state.service, clock)
        await door.add("anh")
        for _ in range(ACCOUNT_TRIES):
            assert (await door.answer("anh", "x")).status_code == 401
    app = build(door_settings, clock)
    async with running(app) as client:
        client.base_url = httpx.URL(ISSUER)
        door = Door(client, app.state.service, clock)
        closed = await door.answer("anh")
        assert closed.status_code == 429 and int(closed.headers["retry-after"]) > 0
        clock.advance(timedelta(minutes=2))
        assert (await door.answer("anh")).status_code == 303


async def test_a_new_password_opens_a_closed_account(door: Door) -> None:
    await door.add("anh")
    for _ in range(ACCOUNT_TRIES):
        await door.answer("anh", "x")
    headers = {"Authorization": f"Bearer {await _manager(door)}"}
    made = await door.http.post("/v1/operators/anh/password", json={}, headers=headers)
    assert (await door.answer("anh", made.json()["made_password"])).status_code == 303


async def test_an_address_that_tries_many_names_has_to_wait(door: Door) -> None:
    await door.add("anh")
    fields = await door.form(await door.asked())
    for number in range(ADDRESS_TRIES):
        assert (await door.submit(fields, f"name{number}", "x")).status_code == 401
    assert (await door.submit(fields, "anh")).status_code == 429


async def test_the_first_administrator_lies_in_a_private_file(door: Door, door_settings: HubSettings) -> None:
    file = door_settings.administrator_file
    assert file.stat().st_mode & 0o777 == 0o600
    told = json.loads(file.read_text())
    assert (await door.answer(told["username"], told["password"])).status_code == 303
    headers = {"Authorization": f"Bearer {await _manager(door)}"}
    changed = await door.http.post(f"/v1/operators/{told['username']}/password", json={}, headers=headers)
    assert changed.status_code == 200 and not file.exists(), "what it says is no longer true"


@pytest.mark.parametrize("body", [b"", b"\xff\xfe", b"grant_type=%00", b"a=1&" * 80])
async def test_bad_forms_are_no_faults(door: Door, body: bytes) -> None:
    headers = {"Content-Type": "application/x-www-form-urlencoded"}
    assert (await door.http.post("/token", content=body, headers=headers)).status_code == 400
    assert (await door.http.post("/authorize", content=body, headers=headers)).status_code == 400


async def _manager(door: Door) -> str:
    """A token that may manage accounts."""
    from services.bus.kit import access_token

    hub = door.service.extra["hub"]
    return access_token.sign(
        hub.ring.active,
        issuer=ISSUER,
        client_id="manager",
        scopes=["hub:operators"],
        now=door.clock.now(),
        lifetime=timedelta(hours=1),
    )
