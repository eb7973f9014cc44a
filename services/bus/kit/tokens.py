"""Tokens on both sides of a service: `TokenVerifier` for calls coming in, `TokenSource` for calls going out.

A signature is checked once per token; after that a lookup by the token's SHA-256 answers, until the token
expires or its key is withdrawn. A token itself is never stored by the verifier, logged, or put into an error.
"""

from __future__ import annotations

import hashlib
import time
from collections import OrderedDict
from collections.abc import Callable
from datetime import timedelta
from pathlib import Path
from typing import Final

import structlog

from contracts.problems import FORBIDDEN, UNAUTHENTICATED, UNAVAILABLE, Problem
from services.bus.kit import access_token
from services.bus.kit.access_token import AUDIENCE, Caller, TokenRefusedError
from services.bus.kit.clock import Clock, SystemClock
from services.bus.kit.http import HttpClient
from services.bus.kit.http_errors import CallError, NoTokenError
from services.bus.kit.jwks import JwksPolicy, KeyCache, KeysUnavailableError
from services.bus.kit.single_flight import SingleFlight

__all__ = ["Caller", "TokenSource", "TokenVerifier", "require", "unauthenticated"]

LEEWAY: Final = timedelta(seconds=5)
REALM: Final = "truc"

_log = structlog.get_logger(__name__)


class TokenVerifier:
    """Says who calls, by the hub's keys (see `KeyCache` for `http`, `jwks_file` and `policy`).

    `issuer` is the hub's public URL where that differs from `hub_url`. Remembers up to `remembered` verified
    tokens, by their hash.
    """

    def __init__(
        self,
        http: HttpClient | None,
        *,
        hub_url: str,
        jwks_file: Path | None = None,
        issuer: str | None = None,
        audience: str = AUDIENCE,
        policy: JwksPolicy | None = None,
        clock: Clock | None = None,
        leeway: timedelta = LEEWAY,
        remembered: int = 4096,
    ) -> None:
        self._verified: OrderedDict[bytes, Caller] = OrderedDict()
        base = hub_url.rstrip("/")
        self._keys = KeyCache(f"{base}/oauth/jwks", http, file=jwks_file, policy=policy, on_withdrawn=self._forget)
        self._issuer = issuer or base
        self._audience = audience
        self._clock = clock or SystemClock()
        self._leeway = leeway
        self._remembered = remembered

    def verify_cached(self, authorization_header: str | None) -> Caller | None:
        """The caller, if this very token was verified before and is still valid. Never raises or waits."""
        token = _bearer(authorization_header)
        if token is None:
            return None
        digest = _digest(token)
        caller = self._verified.get(digest)
        if caller is None:
            return None
        if caller.expires_at <= self._clock.now():
            del self._verified[digest]
            return None
        self._verified.move_to_end(digest)
        return caller

    async def verify(self, authorization_header: str | None) -> Caller:
        """The caller a valid token speaks for.

        Raises Problem UNAUTHENTICATED, or UNAVAILABLE if its key is unknown and the hub does not answer.
        """
        caller = self.verify_cached(authorization_header)
        if caller is not None:
            return caller
        token = _bearer(authorization_header)
        if token is None:
            raise unauthenticated("no bearer token", error=None)
        try:
            caller = await self._check(token)
        except TokenRefusedError as refusal:
            raise unauthenticated(refusal.reason) from refusal
        if caller.expires_at > self._clock.now():  # within the leeway: valid, but not worth remembering
            self._remember(token, caller)
        return caller

    async def knows_keys(self) -> bool:
        """False as long as no key is known, when every token would be answered 503. Looks once if none is."""
        if not self._keys.known:
            await self._keys.look()
        return self._keys.known > 0

    async def keep_fresh(self) -> None:
        """Runs until cancelled: learns of withdrawn keys. A service runs it in the background."""
        await self._keys.keep_fresh()

    async def aclose(self) -> None:
        await self._keys.aclose()

    async def _check(self, token: str) -> Caller:
        kid = access_token.key_id(token)
        try:
            key = await self._keys.find(kid)
        except KeysUnavailableError as error:
            raise Problem(UNAVAILABLE, what="hub", retry_after=5) from error
        if key is None:
            raise TokenRefusedError("unknown key")
        return access_token.check(
            token,
            key,
            issuer=self._issuer,
            audience=self._audience,
            now=self._clock.now(),
            leeway=self._leeway,
        )

    def _forget(self) -> None:
        self._verified.clear()

    def _remember(self, token: str, caller: Caller) -> None:
        self._verified[_digest(token)] = caller
        if len(self._verified) > self._remembered:
            self._verified.popitem(last=False)


def require(caller: Caller, *scopes: str) -> None:
    """Raises Problem FORBIDDEN naming the first scope the caller lacks (RFC 6750, 3.1)."""
    for scope in scopes:
        if scope not in caller.scopes:
            challenge = f'Bearer realm="{REALM}", error="insufficient_scope", scope="{scope}"'
            raise Problem(FORBIDDEN, scope=scope, headers={"WWW-Authenticate": challenge})


def unauthenticated(reason: str, error: str | None = "invalid_token") -> Problem:
    """Problem UNAUTHENTICATED with its challenge, which names no error if no token came (RFC 6750, 3)."""
    challenge = f'Bearer realm="{REALM}"'
    if error is not None:
        challenge += f', error="{error}", error_description="{reason}"'
    return Problem(UNAUTHENTICATED, reason=reason, headers={"WWW-Authenticate": challenge})


def _bearer(header: str | None) -> str | None:
    if header is None or header[:7].lower() != "bearer ":
        return None
    return header[7:].strip(" ") or None


def _digest(token: str) -> bytes:
    return hashlib.sha256(token.encode("utf-8", "surrogatepass")).digest()


class TokenSource:
    """This service's own token (client credentials, RFC 6749 4.4), kept fresh.

    One request to the hub serves all who wait for it. `ahead` seconds before a token expires (for short-lived
    ones: a fifth of its life) the next one is fetched in the background, and the old one serves until it is
    there. `http` must not have a token source.
    """

    def __init__(
        self,
        http: HttpClient,
        hub_url: str,
        client_id: str,
        client_secret: str,
        *,
        ahead: float = 300.0,
        retry_every: float = 5.0,
        clock: Callable[[], float] = time.monotonic,
    ) -> None:
        self._http = http
        self._url = f"{hub_url.rstrip('/')}/oauth/token"
        self._credentials = {"client_id": client_id, "client_secret": client_secret}
        self._ahead = ahead
        self._retry_every = retry_every
        self._clock = clock
        self._token: str | None = None
        self._got_at = 0.0
        self._expires_at = 0.0
        self._renew_at = 0.0
        self._fetching = SingleFlight(self._fetch)

    async def token(self) -> str:
        """A token that is good for a while. Raises the `CallError` that kept the hub from giving one."""
        now = self._clock()
        if self._token is None or now >= self._expires_at:
            return await self._fetching.join()
        if now >= self._renew_at:
            self._renew_at = now + self._retry_every
            self._fetching.start()
        return self._token

    def rejected(self, token: str) -> None:
        """Forgets `token` if it is still in use: somebody refused it before its time.

        A token just fetched is kept: a destination that refuses everything must not make us flood the hub.
        """
        if token == self._token and self._clock() >= self._got_at + self._retry_every:
            self._token = None

    async def aclose(self) -> None:
        await self._fetching.aclose()

    async def _fetch(self) -> str:
        asked_at = self._clock()
        try:
            response = await self._http.post(
                self._url, form={"grant_type": "client_credentials", **self._credentials}, idempotent=True
            )
        except CallError as error:
            _log.warning("token.not-fetched", error=str(error))
            raise
        try:
            answer = response.json()
            token, lifetime = str(answer["access_token"]), float(answer["expires_in"])
        except (ValueError, LookupError, TypeError) as error:
            _log.warning("token.not-understood", hub=self._url)
            raise NoTokenError("POST", self._url, (), "the answer holds no token") from error
        self._token = token
        self._got_at = self._clock()
        self._expires_at = asked_at + lifetime - LEEWAY.total_seconds()
        self._renew_at = asked_at + lifetime - min(self._ahead, lifetime / 5)
        return token
