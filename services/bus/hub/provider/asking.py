"""An authorization request (OpenID Connect Core 3.1.2.1, RFC 7636): read from a query or a form, and judged.

A request that does not say truly where to send the browser is told to the person only; every other mistake is told
to the client, as the standard wants it.
"""

from __future__ import annotations

import base64
import hashlib
import hmac
import re
from collections.abc import Mapping
from dataclasses import dataclass
from typing import Final
from urllib.parse import urlencode

from services.bus.hub.settings import HubSettings

CONSOLE: Final = "console"
CALLBACK_PATH: Final = "/console/callback"
SCOPES: Final = ("openid", "profile")
FIELDS: Final = (
    "response_type", "client_id", "redirect_uri", "scope", "state", "nonce", "code_challenge",
    "code_challenge_method", "prompt", "max_age", "ui_locales",
)  # fmt: skip
LONGEST: Final = 500
_CHALLENGE: Final = re.compile(r"[A-Za-z0-9_-]{43}")
_VERIFIER: Final = re.compile(r"[A-Za-z0-9._~-]{43,128}")


class NowhereToReturnError(Exception):
    """Client or address are not ours: nothing may be sent there."""


class BadRequestError(Exception):
    """Something else is wrong, and the client is told: an error code of RFC 6749 4.1.2.1."""

    def __init__(self, asking: Asking, error: str, description: str) -> None:
        super().__init__(error)
        self.asking = asking
        self.error = error
        self.description = description


@dataclass(frozen=True, slots=True)
class Asking:
    """Who asks for a login, and where the answer goes."""

    client_id: str
    redirect_uri: str
    scope: str
    state: str
    nonce: str
    challenge: str
    fields: Mapping[str, str]

    def back(self, issuer: str, **answer: str) -> str:
        """The address to send the browser to (RFC 9207: with the issuer)."""
        return f"{self.redirect_uri}?{urlencode({**answer, 'state': self.state, 'iss': issuer})}"


def redirect_uris(settings: HubSettings) -> frozenset[str]:
    """Where the console may be returned to."""
    return frozenset({settings.issuer + CALLBACK_PATH})


def read(fields: Mapping[str, str], settings: HubSettings) -> Asking:
    """The request. Raises NowhereToReturnError, BadRequestError."""
    given = {name: fields[name] for name in FIELDS if name in fields}
    if given.get("client_id") != CONSOLE or given.get("redirect_uri") not in redirect_uris(settings):
        raise NowhereToReturnError
    asking = Asking(
        client_id=CONSOLE,
        redirect_uri=given["redirect_uri"],
        scope=" ".join(scope for scope in given.get("scope", "").split() if scope in SCOPES),
        state=given.get("state", "")[:LONGEST],
        nonce=given.get("nonce", ""),
        challenge=given.get("code_challenge", ""),
        fields=given,
    )
    if any(len(value) > LONGEST or "\x00" in value for value in given.values()):
        raise BadRequestError(asking, "invalid_request", "a parameter is too long")
    if given.get("response_type") != "code":
        raise BadRequestError(asking, "unsupported_response_type", "only code")
    if "openid" not in asking.scope.split():
        raise BadRequestError(asking, "invalid_scope", "the scope openid is needed")
    if given.get("code_challenge_method") != "S256" or not _CHALLENGE.fullmatch(asking.challenge):
        raise BadRequestError(asking, "invalid_request", "a code_challenge with method S256 is needed")
    if "none" in given.get("prompt", "").split():
        raise BadRequestError(asking, "login_required", "every login asks for the password")
    return asking


def challenge_of(verifier: str) -> str:
    """S256 (RFC 7636 4.2)."""
    return base64.urlsafe_b64encode(hashlib.sha256(verifier.encode()).digest()).rstrip(b"=").decode()


def fits(verifier: str, challenge: str) -> bool:
    """Whether this verifier is the one the challenge was made of."""
    return bool(_VERIFIER.fullmatch(verifier)) and hmac.compare_digest(challenge_of(verifier), challenge)


def digest(value: str) -> str:
    """What is kept of a code or a session's cookie."""
    return hashlib.sha256(value.encode()).hexdigest()
