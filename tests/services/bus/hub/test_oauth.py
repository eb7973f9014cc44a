"""The token endpoint, key publication and metadata, as an OAuth client sees them."""

from __future__ import annotations

import asyncio
import base64
import json
import stat
from datetime import UTC, datetime, timedelta
from pathlib import Path
from urllib.parse import quote_plus

import httpx
import pytest
from hypothesis import given
from hypothesis import strategies as st
from joserfc import jwt
from joserfc.jwk import KeySet

from contracts import scopes
from services.bus.hub import grants
from services.bus.hub.app import build
from services.bus.hub.grants import GrantError
from services.bus.hub.settings import HubSettings
from services.bus.kit.clock import FixedClock
from services.bus.kit.testing import running
from services.bus.kit.tokens import TokenVerifier
from tests.services.bus.hub.conftest import ADMIN, NOW, ONE_STOP, ask, token_of

pytestmark = [pytest.mark.anyio, pytest.mark.filterwarnings("ignore::joserfc.errors.SecurityWarning")]
FORM = "application/x-www-form-urlencoded"


def basic(client_id: str, secret: str) -> str:
    pair = f"{quote_plus(client_id)}:{quote_plus(secret)}"
    return "Basic " + base64.b64encode(pair.encode()).decode()


async def test_a_token_by_post_and_by_basic(hub: httpx.AsyncClient) -> None:
    by_post = await ask(hub, ONE_STOP)
    by_basic = await ask(hub, {}, Authorization=basic(*ONE_STOP.values()))
    for response in (by_post, by_basic):
        assert response.status_code == 200
        assert response.headers["cache-control"] == "no-store"
        answer = response.json()
        assert answer["token_type"] == "Bearer"
        assert answer["expires_in"] == 3600
        assert answer["scope"] == "dossier:act dossier:read dossier:write"


async def test_what_a_token_says(hub: httpx.AsyncClient) -> None:
    keys = KeySet.import_key_set((await hub.get("/oauth/jwks")).json())
    token = jwt.decode(await token_of(hub, ONE_STOP), keys, algorithms=["EdDSA"])
    assert token.header == {"alg": "EdDSA", "typ": "at+jwt", "kid": next(iter(keys)).kid}
    now = int(NOW.timestamp())
    assert token.claims.pop("jti")
    assert token.claims == {
        "iss": "http://127.0.0.1:8000",
        "sub": "one-stop",
        "client_id": "one-stop",
        "aud": "truc",
        "scope": "dossier:act dossier:read dossier:write",
        "iat": now,
        "exp": now + 3600,
    }


async def test_fewer_scopes_on_request(hub: httpx.AsyncClient) -> None:
    response = await ask(hub, {**ONE_STOP, "scope": "dossier:read"})
    assert response.json()["scope"] == "dossier:read"
    response = await ask(hub, {**ONE_STOP, "scope": ""})  # without a value: as if left out
    assert len(response.json()["scope"].split()) == 3


BAD: dict[str, tuple[dict[str, str], dict[str, str], int, str]] = {
    "wrong secret": ({**ONE_STOP, "client_secret": "wrong"}, {}, 401, "invalid_client"),
    "another member's secret": (
        {**ONE_STOP, "client_secret": ADMIN["client_secret"]}, {}, 401, "invalid_client",
    ),
    "unknown client": ({**ONE_STOP, "client_id": "nobody"}, {}, 401, "invalid_client"),
    "impossible client": ({**ONE_STOP, "client_id": "no\0body"}, {}, 401, "invalid_client"),
    "no credentials": ({}, {}, 401, "invalid_client"),
    "no secret": ({"client_id": "one-stop"}, {}, 401, "invalid_client"),
    "empty secret": ({"client_id": "one-stop", "client_secret": ""}, {}, 401, "invalid_client"),
    "basic with a wrong secret": ({}, {"Authorization": basic("one-stop", "x")}, 401, "invalid_client"),
    "basic that is not base64": ({}, {"Authorization": "Basic !!"}, 401, "invalid_client"),
    "basic that is not UTF-8": ({}, {"Authorization": "Basic /zr/"}, 401, "invalid_client"),
    "basic without a colon": ({}, {"Authorization": "Basic eA=="}, 401, "invalid_client"),
    "basic without an id": ({}, {"Authorization": "Basic Ong="}, 401, "invalid_client"),
    "another scheme": ({}, {"Authorization": "Bearer x"}, 401, "invalid_client"),
    "both ways": (ONE_STOP, {"Authorization": basic(*ONE_STOP.values())}, 400, "invalid_request"),
    "two client ids": (
        {"client_id": "admin"}, {"Authorization": basic(*ONE_STOP.values())}, 400, "invalid_request",
    ),
    "another grant": (
        {**ONE_STOP, "grant_type": "password"}, {}, 400, "unsupported_grant_type",
    ),
    "no grant": ({**ONE_STOP, "grant_type": ""}, {}, 400, "invalid_request"),
    "a scope it lacks": ({**ONE_STOP, "scope": "dossier:read hub:members"}, {}, 400, "invalid_scope"),
    "a scope nobody has": ({**ONE_STOP, "scope": "root"}, {}, 400, "invalid_scope"),
    "a malformed scope": ({**ONE_STOP, "scope": 'dossier:read  "'}, {}, 400, "invalid_scope"),
}  # fmt: skip


async def test_refusals_speak_oauth(hub: httpx.AsyncClient) -> None:
    for what, (form, headers, status, error) in BAD.items():
        response = await ask(hub, form, **headers)
        assert (response.status_code, response.json()["error"]) == (status, error), what
        assert response.headers["content-type"] == "application/json"
        assert response.headers["cache-control"] == "no-store"
        assert response.headers.get("www-authenticate", "").startswith("Basic ") == (status == 401)
        assert set(response.json()) == {"error", "error_description"}


NO_FORMS = [
    ("application/json", b'{"grant_type": "client_credentials"}'),
    ("", b"grant_type=client_credentials"),
    (FORM, b"grant_type=%ff"),
    (FORM, "grant_type=hộ".encode()),
    (FORM, b"\xff\xfe"),
    (FORM, b"grant_type=client_credentials&grant_type=client_credentials"),
    (FORM, b"&".join(b"a%d=1" % n for n in range(50))),
    (FORM, b"a=" + b"x" * 9000),
]


async def test_a_body_that_is_no_form(hub: httpx.AsyncClient) -> None:
    for content_type, body in NO_FORMS:
        response = await hub.post("/oauth/token", content=body, headers={"Content-Type": content_type})
        assert (response.status_code, response.json()["error"]) == (400, "invalid_request"), body


@given(st.text(max_size=40) | st.just(FORM), st.none() | st.text(max_size=60), st.binary(max_size=200))
def test_no_request_is_an_accident(content_type: str, authorization: str | None, body: bytes) -> None:
    with pytest.raises(GrantError) as refusal:
        grants.read(content_type, authorization, body)
    assert refusal.value.description.isascii()


async def test_get_is_not_how_to_ask(hub: httpx.AsyncClient) -> None:
    response = await hub.get("/oauth/token", params=ONE_STOP)
    assert response.status_code == 405


async def test_a_suspended_member_gets_none_until_activated(admin: httpx.AsyncClient) -> None:
    before = await token_of(admin, ONE_STOP)
    assert (await admin.post("/v1/members/one-stop/suspend")).json()["status"] == "suspended"
    response = await ask(admin, ONE_STOP)
    assert (response.status_code, response.json()["error"]) == (400, "unauthorized_client")
    wrong = await ask(admin, {**ONE_STOP, "client_secret": "wrong"})
    assert wrong.json()["error"] == "invalid_client"  # who cannot prove the secret learns nothing
    assert (await admin.post("/v1/members/one-stop/activate")).json()["status"] == "active"
    assert await token_of(admin, ONE_STOP) != before


async def test_a_flood_of_guesses_is_turned_away_and_hurts_nobody_else(hub: httpx.AsyncClient) -> None:
    await token_of(hub, ADMIN)
    guesses = [ask(hub, {**ONE_STOP, "client_secret": f"guess-{n}"}) for n in range(16)]
    answers = await asyncio.gather(*guesses, *(ask(hub, ADMIN) for _ in range(8)))
    assert {a.status_code for a in answers[16:]} == {200}
    turned_away = [a for a in answers[:16] if a.status_code == 503]
    assert len(turned_away) == 8
    assert {(a.json()["error"], a.headers["retry-after"]) for a in turned_away} == {
        ("temporarily_unavailable", "1")
    }
    assert {a.status_code for a in answers[:16]} == {401, 503}
    assert await token_of(hub, ONE_STOP)


async def test_metadata(hub: httpx.AsyncClient) -> None:
    document = (await hub.get("/.well-known/oauth-authorization-server")).json()
    assert document["issuer"] == "http://127.0.0.1:8000"
    assert document["token_endpoint"] == "http://127.0.0.1:8000/oauth/token"
    assert document["jwks_uri"] == "http://127.0.0.1:8000/oauth/jwks"
    assert document["scopes_supported"] == sorted(scopes.ALL)
    assert document["grant_types_supported"] == ["client_credentials"]


async def test_the_issuer_is_the_public_url(tmp_path: Path, database_url: str) -> None:
    settings = HubSettings(data_dir=tmp_path, database_url=database_url, public_url="https://truc.example/")
    async with running(build(settings)) as hub:
        document = (await hub.get("/.well-known/oauth-authorization-server")).json()
    assert document["issuer"] == "https://truc.example"


# -- signing keys ------------------------------------------------------------------------------------------


async def kids(hub: httpx.AsyncClient) -> list[str]:
    return [key["kid"] for key in (await hub.get("/oauth/jwks")).json()["keys"]]


def private_files(settings: HubSettings) -> list[Path]:
    return list(settings.keys_folder.iterdir())


async def test_only_public_keys_are_published_and_private_ones_are_for_the_owner(
    hub: httpx.AsyncClient, hub_settings: HubSettings
) -> None:
    (key,) = (await hub.get("/oauth/jwks")).json()["keys"]
    assert set(key) == {"kty", "crv", "x", "kid", "use", "alg"}
    assert json.loads(hub_settings.published_keys_file.read_bytes()) == {"keys": [key]}
    (file,) = private_files(hub_settings)
    assert stat.S_IMODE(file.stat().st_mode) == 0o600
    assert stat.S_IMODE(hub_settings.keys_folder.stat().st_mode) == 0o700


async def test_rotation_signs_anew_and_keeps_old_tokens_good_until_they_expire(
    admin: httpx.AsyncClient, hub_settings: HubSettings, clock: FixedClock
) -> None:
    (old,) = await kids(admin)
    token_before = await token_of(admin, ONE_STOP)
    rotated = await admin.post("/v1/signing-keys")
    assert rotated.status_code == 201
    new = rotated.json()["kid"]
    assert sorted(await kids(admin)) == sorted([old, new])
    assert [file.stem for file in private_files(hub_settings)] == [new]

    verifier = TokenVerifier(
        None,
        hub_url="http://127.0.0.1:8000",
        jwks_file=hub_settings.published_keys_file,
        clock=clock,
    )
    assert (await verifier.verify(f"Bearer {token_before}")).client_id == "one-stop"
    assert (await verifier.verify(f"Bearer {await token_of(admin, ONE_STOP)}")).client_id == "one-stop"
    assert (await admin.get("/v1/members")).status_code == 200  # the hub itself still knows the old key

    clock.advance(timedelta(hours=1))
    assert old in await kids(admin)
    clock.advance(timedelta(minutes=1))
    assert await kids(admin) == [new]
    admin.headers["Authorization"] = f"Bearer {await token_of(admin, ADMIN)}"
    listed = (await admin.get("/v1/signing-keys")).json()["items"]
    assert {key["kid"]: key["retired_at"] is None for key in listed} == {old: False, new: True}


async def test_a_repeated_rotation_rotates_once(admin: httpx.AsyncClient, hub_settings: HubSettings) -> None:
    first, again = [await admin.post("/v1/signing-keys", headers={"Idempotency-Key": "r-1"}) for _ in range(2)]
    assert first.json() == again.json()
    assert again.headers["idempotency-replayed"] == "true"
    assert len(await kids(admin)) == 2
    assert [file.stem for file in private_files(hub_settings)] == [first.json()["kid"]]


async def test_rotations_at_once_leave_one_key_that_signs(
    admin: httpx.AsyncClient, hub_settings: HubSettings
) -> None:
    answers = await asyncio.gather(*(admin.post("/v1/signing-keys") for _ in range(5)))
    assert {a.status_code for a in answers} == {201}
    listed = (await admin.get("/v1/signing-keys")).json()["items"]
    (signing,) = (key["kid"] for key in listed if key["retired_at"] is None)
    assert [file.stem for file in private_files(hub_settings)] == [signing]
    assert await token_of(admin, ONE_STOP)


async def test_keys_and_tokens_outlive_a_restart(hub_settings: HubSettings) -> None:
    async with running(build(hub_settings)) as hub:
        token, before = await token_of(hub, ADMIN), await kids(hub)
    async with running(build(hub_settings)) as hub:
        assert await kids(hub) == before
        hub.headers["Authorization"] = f"Bearer {token}"
        assert (await hub.get("/v1/members")).status_code == 200


async def test_a_lost_private_key_is_replaced_and_old_tokens_stay_good(hub_settings: HubSettings) -> None:
    async with running(build(hub_settings)) as hub:
        token, (lost,) = await token_of(hub, ADMIN), await kids(hub)
    for file in private_files(hub_settings):
        file.write_text("{")
    async with running(build(hub_settings)) as hub:
        assert lost in await kids(hub)
        assert len(await kids(hub)) == 2
        hub.headers["Authorization"] = f"Bearer {token}"
        assert (await hub.get("/v1/members")).status_code == 200
        assert await token_of(hub, ADMIN)


async def test_a_key_is_published_as_long_as_its_longest_token_lives(
    hub_settings: HubSettings, clock: FixedClock
) -> None:
    day = hub_settings.model_copy(update={"token_lifetime_s": 86_400})
    async with running(build(day, clock)) as hub:
        (old,) = await kids(hub)
    async with running(build(hub_settings, clock)) as hub:  # tokens live an hour now, the old ones a day
        hub.headers["Authorization"] = f"Bearer {await token_of(hub, ADMIN)}"
        await hub.post("/v1/signing-keys")
        clock.advance(timedelta(hours=23))
        assert old in await kids(hub)


async def test_a_key_whose_tokens_came_to_live_longer(hub_settings: HubSettings, clock: FixedClock) -> None:
    async with running(build(hub_settings, clock)) as hub:
        (old,) = await kids(hub)
    day = hub_settings.model_copy(update={"token_lifetime_s": 86_400})
    async with running(build(day, clock)) as hub:
        assert await token_of(hub, ADMIN)
    async with running(build(hub_settings, clock)) as hub:
        hub.headers["Authorization"] = f"Bearer {await token_of(hub, ADMIN)}"
        await hub.post("/v1/signing-keys")
        keys = (await hub.get("/v1/signing-keys")).json()["items"]
    (published,) = (key["published_until"] for key in keys if key["kid"] == old)
    assert datetime.fromisoformat(published) >= datetime(2026, 11, 23, 8, 0, tzinfo=UTC)
