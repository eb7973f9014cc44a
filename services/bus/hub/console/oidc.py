"""The console as a client of an OpenID provider, the hub's own or any other: discovery, authorization code with
PKCE, state, nonce, and an ID token that is believed only if the provider's published key signed it for us.

What a login in progress has to remember lies in a cookie of the browser that began it, sealed by this process.
"""

from __future__ import annotations

import base64
import hashlib
import hmac
import os
import secrets
import time
from collections.abc import Mapping, Sequence
from dataclasses import asdict, dataclass
from datetime import datetime, timedelta
from typing import Any, Final, cast
from urllib.parse import quote, urlencode

import orjson
from joserfc import jwt
from joserfc.errors import JoseError, UnsupportedAlgorithmError
from joserfc.jwk import KeySet
from joserfc.jws import JWSRegistry

from contracts.problems import Text
from services.bus.hub.operators.roles import ROLES, Role
from services.bus.hub.provider.asking import CALLBACK_PATH, challenge_of
from services.bus.hub.settings import HubSettings
from services.bus.hub.words import login as words
from services.bus.kit.http import HttpClient
from services.bus.kit.http_errors import CallError

BEGUN_FOR_S: Final = 600
KNOWN_FOR_S: Final = 300
LEEWAY: Final = timedelta(seconds=60)
BUDGET_S: Final = 8.0
ALGORITHMS: Final = ("EdDSA", "Ed25519", "ES256", "ES384", "PS256", "RS256")


class LoginFailedError(Exception):
    """The login ends here; `why` is for the person."""

    def __init__(self, why: Text, **params: object) -> None:
        super().__init__(why.en)
        self.why = why
        self.params = params


@dataclass(frozen=True, slots=True)
class Begun:
    """A login that was sent to the provider."""

    state: str
    nonce: str
    verifier: str
    to: str
    until: int


@dataclass(frozen=True, slots=True)
class Identity:
    """Whom the provider vouches for."""

    issuer: str
    subject: str
    username: str
    name: str
    role: Role
    id_token: str


class _Registry(JWSRegistry):
    """Signatures with a published key, and nothing weaker."""

    def get_alg(self, name: str) -> Any:
        if name not in ALGORITHMS:
            raise UnsupportedAlgorithmError(f"algorithm {name} is not allowed")
        return self.algorithms[name]


_REGISTRY: Final = _Registry()


class OidcClient:
    """Speaks to one provider. `http` must not carry the hub's own tokens."""

    def __init__(self, settings: HubSettings, http: HttpClient) -> None:
        self._settings = settings
        self._http = http
        self._seal_key = os.urandom(32)
        self._found: tuple[float, dict[str, Any]] | None = None
        self._keys: KeySet | None = None

    @property
    def redirect_uri(self) -> str:
        return self._settings.issuer + CALLBACK_PATH

    async def begin(self, to: str, language: str) -> tuple[str, str]:
        """Where to send the browser, and the cookie it has to bring back. Raises LoginFailedError."""
        begun = Begun(
            state=secrets.token_urlsafe(24),
            nonce=secrets.token_urlsafe(24),
            verifier=secrets.token_urlsafe(48),
            to=to,
            until=int(time.time()) + BEGUN_FOR_S,
        )
        query = {
            "response_type": "code",
            "client_id": self._settings.oidc_client_id,
            "redirect_uri": self.redirect_uri,
            "scope": self._settings.oidc_scopes,
            "state": begun.state,
            "nonce": begun.nonce,
            "code_challenge": challenge_of(begun.verifier),
            "code_challenge_method": "S256",
            "ui_locales": language,
        }
        endpoint = (await self._discovered())["authorization_endpoint"]
        return f"{endpoint}{'&' if '?' in endpoint else '?'}{urlencode(query)}", self._sealed(begun)

    async def finish(self, answer: Mapping[str, str], cookie: str, now: datetime) -> tuple[Identity, str]:
        """Who came back, and where they wanted to go. Raises LoginFailedError."""
        begun = self._opened(cookie)
        if begun is None or not hmac.compare_digest(begun.state.encode(), answer.get("state", "").encode()):
            raise LoginFailedError(words.NOT_BEGUN_HERE)
        if answer.get("iss", self._settings.login_issuer).rstrip("/") != self._settings.login_issuer:
            raise LoginFailedError(words.NOT_BEGUN_HERE)
        if "code" not in answer:
            raise LoginFailedError(words.REFUSED, error=answer.get("error", "?")[:60])
        told = await self._token(answer["code"], begun.verifier)
        claims = await self._claims(str(told.get("id_token", "")), begun.nonce, now)
        if self._roles(claims) is None and told.get("access_token"):
            claims = await self._with_userinfo(claims, str(told["access_token"]))
        return self._identity(claims, str(told["id_token"])), begun.to

    async def logout_address(self, id_token: str, back: str) -> str:
        """Where the browser goes so that the provider hears of the logout; `back` if it need not."""
        try:
            endpoint = (await self._discovered()).get("end_session_endpoint")
        except LoginFailedError:
            endpoint = None
        if not endpoint:
            return back
        query = {"post_logout_redirect_uri": back, "client_id": self._settings.oidc_client_id}
        if id_token and not self._settings.own_accounts:
            query["id_token_hint"] = id_token
        return f"{endpoint}{'&' if '?' in endpoint else '?'}{urlencode(query)}"

    # -- the provider ----------------------------------------------------------------------------------------

    async def _discovered(self) -> dict[str, Any]:
        """Its metadata; that it names itself as we know it is what makes it believable (Discovery 1.0, 4.3)."""
        if self._found is not None and self._found[0] > time.monotonic():
            return self._found[1]
        issuer = self._settings.login_issuer
        try:
            answer = await self._http.get(f"{issuer}/.well-known/openid-configuration", budget=BUDGET_S)
            document = answer.json()
            if str(document["issuer"]).rstrip("/") != issuer:
                raise LoginFailedError(words.BAD_TOKEN)
            for needed in ("authorization_endpoint", "token_endpoint", "jwks_uri"):
                _address(document[needed])
        except (CallError, ValueError, KeyError, TypeError) as error:
            raise LoginFailedError(words.PROVIDER_AWAY) from error
        self._found = (time.monotonic() + KNOWN_FOR_S, document)
        return cast("dict[str, Any]", document)

    async def _token(self, code: str, verifier: str) -> dict[str, Any]:
        form = {
            "grant_type": "authorization_code",
            "code": code,
            "redirect_uri": self.redirect_uri,
            "client_id": self._settings.oidc_client_id,
            "code_verifier": verifier,
        }
        headers = {"Accept": "application/json"}
        secret = self._settings.oidc_client_secret.get_secret_value()
        if secret:
            pair = f"{quote(self._settings.oidc_client_id, safe='')}:{quote(secret, safe='')}"
            headers["Authorization"] = "Basic " + base64.b64encode(pair.encode()).decode()
        try:
            endpoint = (await self._discovered())["token_endpoint"]
            answer = await self._http.post(endpoint, form=form, headers=headers, budget=BUDGET_S)
            document = answer.json()
            if not isinstance(document["id_token"], str):
                raise ValueError
        except (CallError, ValueError, KeyError, TypeError) as error:
            raise LoginFailedError(words.REFUSED, error="token") from error
        return cast("dict[str, Any]", document)

    async def _claims(self, token: str, nonce: str, now: datetime) -> dict[str, Any]:
        """What a token says that is for us, of this login, and signed (OpenID Connect Core 3.1.3.7)."""
        try:
            try:
                claims = jwt.decode(token, await self._published(), registry=_REGISTRY).claims
            except (JoseError, ValueError):  # the keys may have changed since
                claims = jwt.decode(token, await self._published(anew=True), registry=_REGISTRY).claims
            jwt.JWTClaimsRegistry(
                now=int(now.timestamp()),
                leeway=int(LEEWAY.total_seconds()),
                iss={"essential": True},
                aud={"essential": True, "value": self._settings.oidc_client_id},
                sub={"essential": True},
                exp={"essential": True},
                iat={"essential": True},
                nonce={"essential": True, "value": nonce},
            ).validate(claims)
        except (JoseError, ValueError, KeyError, TypeError, CallError) as error:
            raise LoginFailedError(words.BAD_TOKEN) from error
        audiences = claims["aud"]
        party = claims.get("azp", self._settings.oidc_client_id)
        if (
            str(claims["iss"]).rstrip("/") != self._settings.login_issuer
            or party != self._settings.oidc_client_id
            or (isinstance(audiences, list) and len(audiences) > 1 and "azp" not in claims)
        ):
            raise LoginFailedError(words.BAD_TOKEN)
        return claims

    async def _published(self, *, anew: bool = False) -> KeySet:
        if self._keys is None or anew:
            answer = await self._http.get((await self._discovered())["jwks_uri"], budget=BUDGET_S)
            self._keys = KeySet.import_key_set(answer.json())
        return self._keys

    async def _with_userinfo(self, claims: dict[str, Any], access_token: str) -> dict[str, Any]:
        """With what only /userinfo tells, if it speaks of the same person (OpenID Connect Core 5.3.2)."""
        endpoint = (await self._discovered()).get("userinfo_endpoint")
        if not endpoint:
            return claims
        try:
            headers = {"Authorization": f"Bearer {access_token}"}
            told = (await self._http.get(endpoint, headers=headers, budget=BUDGET_S)).json()
        except (CallError, ValueError):
            return claims
        return {**told, **claims} if isinstance(told, dict) and told.get("sub") == claims["sub"] else claims

    # -- the person ------------------------------------------------------------------------------------------

    def _identity(self, claims: Mapping[str, Any], id_token: str) -> Identity:
        role = self._roles(claims)
        if role is None:
            raise LoginFailedError(words.NO_ROLE)
        subject = str(claims["sub"])[:255]
        username = str(claims.get("preferred_username") or claims.get("email") or subject)[:200]
        return Identity(
            issuer=self._settings.login_issuer,
            subject=subject,
            username=username,
            name=str(claims.get("name") or username)[:200],
            role=role,
            id_token=id_token,
        )

    def _roles(self, claims: Mapping[str, Any]) -> Role | None:
        """The highest role the claim stands for."""
        own = self._settings.own_accounts
        said: Any = claims
        for part in ("roles" if own else self._settings.oidc_role_claim).split("."):
            said = said.get(part) if isinstance(said, Mapping) else None
        values: Sequence[Any] = [said] if isinstance(said, str) else said if isinstance(said, list) else []
        known: Mapping[str, Role] = {role: role for role in ROLES} if own else self._settings.oidc_roles
        found = [known[value] for value in values if isinstance(value, str) and value in known]
        return max(found, key=ROLES.index) if found else None

    # -- the cookie ------------------------------------------------------------------------------------------

    def _sealed(self, begun: Begun) -> str:
        body = base64.urlsafe_b64encode(orjson.dumps(asdict(begun))).decode()
        return f"{body}.{self._seal(body)}"

    def _opened(self, cookie: str) -> Begun | None:
        body, _, seal = cookie.partition(".")
        if not hmac.compare_digest(seal.encode(), self._seal(body).encode()):
            return None
        begun = Begun(**orjson.loads(base64.urlsafe_b64decode(body)))
        return begun if begun.until > time.time() else None

    def _seal(self, body: str) -> str:
        return hmac.new(self._seal_key, body.encode(), hashlib.sha256).hexdigest()


def _address(value: object) -> None:
    if not isinstance(value, str) or not value.startswith(("http://", "https://")):
        raise ValueError("no address")
