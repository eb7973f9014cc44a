"""The console at somebody else's OpenID provider: whom it believes, and whom not."""

from __future__ import annotations

from collections.abc import AsyncIterator
from pathlib import Path
from typing import Any

import httpx
import pytest
from fastapi import FastAPI, Request
from joserfc import jwt
from joserfc.jwk import OctKey, RSAKey
from pydantic import SecretStr

from contracts.problems import Text
from services.bus.hub.console.oidc import LoginFailedError, OidcClient
from services.bus.hub.provider.asking import challenge_of
from services.bus.hub.settings import HubSettings
from services.bus.hub.words import login as words
from services.bus.kit.http import HttpClient
from tests.services.bus.hub.conftest import NOW
from tests.services.bus.hub.operators.conftest import query_of

pytestmark = pytest.mark.anyio

IDP = "https://idp.example/realms/tinh"


class Provider:
    """An OpenID provider with the habits of a well-known one: roles inside another claim, RS256."""

    def __init__(self) -> None:
        self.key = RSAKey.generate_key(2048, {"kid": "k1", "use": "sig", "alg": "RS256"})
        self.issuer = IDP
        self.claims: dict[str, Any] = {"realm_access": {"roles": ["other", "truc-ops"]}}
        self.header: dict[str, Any] = {"alg": "RS256", "kid": "k1"}
        self.signs_with: Any = self.key
        self.userinfo: dict[str, Any] = {}
        self.forms: list[dict[str, str]] = []
        self.asked: dict[str, str] = {}
        self.app = FastAPI()
        self.app.add_api_route("/realms/tinh/.well-known/openid-configuration", self.discovery)
        self.app.add_api_route("/realms/tinh/keys", self.keys)
        self.app.add_api_route("/realms/tinh/token", self.token, methods=["POST"])
        self.app.add_api_route("/realms/tinh/userinfo", self.info)

    async def discovery(self) -> dict[str, str]:
        return {
            "issuer": self.issuer,
            "authorization_endpoint": f"{IDP}/auth",
            "token_endpoint": f"{IDP}/token",
            "userinfo_endpoint": f"{IDP}/userinfo",
            "end_session_endpoint": f"{IDP}/logout",
            "jwks_uri": f"{IDP}/keys",
        }

    async def keys(self) -> dict[str, Any]:
        return {"keys": [self.key.as_dict(private=False)]}

    async def token(self, request: Request) -> dict[str, str]:
        form = httpx.QueryParams((await request.body()).decode())
        self.forms.append({**form, "authorization": request.headers.get("authorization", "")})
        now = int(NOW.timestamp())
        told = {
            "iss": IDP,
            "aud": "truc-console",
            "sub": "u-17",
            "iat": now,
            "exp": now + 300,
            "nonce": self.asked["nonce"],
            "preferred_username": "an",
            "name": "Nguyễn Văn An",
            **self.claims,
        }
        told = {name: value for name, value in told.items() if value is not None}
        return {"id_token": jwt.encode(self.header, told, self.signs_with), "access_token": "opaque"}

    async def info(self, request: Request) -> dict[str, Any]:
        assert request.headers["authorization"] == "Bearer opaque"
        return self.userinfo


@pytest.fixture
def provider() -> Provider:
    return Provider()


@pytest.fixture
async def client(provider: Provider, tmp_path: Path) -> AsyncIterator[OidcClient]:
    settings = HubSettings(
        data_dir=tmp_path,
        oidc_issuer=IDP,
        oidc_client_id="truc-console",
        oidc_client_secret=SecretStr("bí mật"),
        oidc_role_claim="realm_access.roles",
        oidc_roles={"truc-view": "viewer", "truc-ops": "operator", "truc-admin": "administrator"},
    )
    async with HttpClient(transport=httpx.ASGITransport(provider.app)) as http:
        yield OidcClient(settings, http)


async def log_in(client: OidcClient, provider: Provider, **answer: str) -> Any:
    address, cookie = await client.begin("/console/levels", "vi")
    provider.asked = query_of(address)
    told = {"code": "c", "state": provider.asked["state"], "iss": IDP, **answer}
    return await client.finish(told, cookie, NOW)


async def refused(client: OidcClient, provider: Provider, why: Text, **answer: str) -> None:
    with pytest.raises(LoginFailedError) as caught:
        await log_in(client, provider, **answer)
    assert caught.value.why == why


async def test_who_the_provider_vouches_for_gets_the_mapped_role(client: OidcClient, provider: Provider) -> None:
    identity, to = await log_in(client, provider)
    assert to == "/console/levels"
    assert (identity.issuer, identity.subject, identity.username, identity.role) == (IDP, "u-17", "an", "operator")
    asked, [form] = provider.asked, provider.forms
    assert asked["code_challenge_method"] == "S256" and asked["client_id"] == "truc-console"
    assert challenge_of(form["code_verifier"]) == asked["code_challenge"]
    assert form["authorization"].startswith("Basic ")


async def test_the_highest_role_counts(client: OidcClient, provider: Provider) -> None:
    provider.claims = {"realm_access": {"roles": ["truc-view", "truc-admin", "truc-ops"]}}
    identity, _ = await log_in(client, provider)
    assert identity.role == "administrator"


@pytest.mark.parametrize(
    "claims", [{"realm_access": None}, {"realm_access": {"roles": ["else", 3]}}, {"realm_access": "x"}]
)
async def test_without_a_mapped_role_nobody_gets_in(
    client: OidcClient, provider: Provider, claims: dict[str, Any]
) -> None:
    provider.claims = claims
    await refused(client, provider, words.NO_ROLE)


async def test_userinfo_may_tell_the_roles_of_the_same_person(client: OidcClient, provider: Provider) -> None:
    provider.claims = {"realm_access": None}
    provider.userinfo = {"sub": "u-17", "realm_access": {"roles": ["truc-view"]}}
    assert (await log_in(client, provider))[0].role == "viewer"
    provider.userinfo["sub"] = "u-18"
    await refused(client, provider, words.NO_ROLE)


@pytest.mark.parametrize(
    "claims",
    [
        {"nonce": "another"},
        {"nonce": None},
        {"aud": "somebody-else"},
        {"aud": ["truc-console", "b"]},
        {"azp": "somebody-else"},
        {"iss": "https://evil.example"},
        {"exp": 1},
        {"sub": None},
    ],
)
async def test_a_token_that_is_not_for_this_login_is_not_believed(
    client: OidcClient, provider: Provider, claims: dict[str, Any]
) -> None:
    provider.claims |= claims
    await refused(client, provider, words.BAD_TOKEN)


async def test_a_signature_by_another_key_is_not_believed(client: OidcClient, provider: Provider) -> None:
    provider.signs_with = RSAKey.generate_key(2048, {"kid": "k1"})
    await refused(client, provider, words.BAD_TOKEN)


async def test_a_shared_secret_is_no_signature(client: OidcClient, provider: Provider) -> None:
    provider.header, provider.signs_with = {"alg": "HS256"}, OctKey.generate_key(256)
    await refused(client, provider, words.BAD_TOKEN)


async def test_a_new_key_is_looked_for(client: OidcClient, provider: Provider) -> None:
    await log_in(client, provider)
    provider.key = provider.signs_with = RSAKey.generate_key(2048, {"kid": "k2", "use": "sig", "alg": "RS256"})
    provider.header = {"alg": "RS256", "kid": "k2"}
    assert (await log_in(client, provider))[0].role == "operator"


async def test_another_state_or_issuer_is_not_our_login(client: OidcClient, provider: Provider) -> None:
    await refused(client, provider, words.NOT_BEGUN_HERE, state="guessed")
    await refused(client, provider, words.NOT_BEGUN_HERE, iss="https://evil.example")
    with pytest.raises(LoginFailedError):
        await client.finish({"code": "c", "state": ""}, "", NOW)
    with pytest.raises(LoginFailedError):
        await client.finish({"code": "c", "state": "x"}, "e30=.00", NOW)


async def test_a_provider_that_calls_itself_otherwise_is_none(client: OidcClient, provider: Provider) -> None:
    provider.issuer = "https://idp.example/realms/other"
    with pytest.raises(LoginFailedError):
        await client.begin("/console/", "vi")


async def test_a_refusal_is_told(client: OidcClient, provider: Provider) -> None:
    address, cookie = await client.begin("/console/", "vi")
    answer = {"error": "access_denied", "state": query_of(address)["state"]}
    with pytest.raises(LoginFailedError) as caught:
        await client.finish(answer, cookie, NOW)
    assert (caught.value.why, caught.value.params) == (words.REFUSED, {"error": "access_denied"})


async def test_a_logout_goes_to_the_provider_too(client: OidcClient) -> None:
    address = await client.logout_address("the-token", "http://127.0.0.1:8000/console/signed-out")
    assert address.startswith(f"{IDP}/logout?") and query_of(address)["id_token_hint"] == "the-token"
