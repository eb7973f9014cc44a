"""The access token of the axis, a JWT after RFC 9068: how it is signed, and what makes one acceptable.

Pure functions; keys and time are arguments. Only asymmetric signatures pass, checked against a key that was
chosen by us: nothing in a token's own header can name, bring or weaken the key it is checked with.
"""

from __future__ import annotations

import base64
import json
import re
from collections.abc import Iterable
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from typing import Any, Final

from joserfc import jwt
from joserfc.errors import ClaimError, ExpiredTokenError, JoseError, UnsupportedAlgorithmError
from joserfc.jwk import ECKey, OKPKey
from joserfc.jws import JWSRegistry

from services.bus.kit.ids import new_id

AUDIENCE: Final = "truc"
TYPE: Final = "at+jwt"
ALGORITHMS: Final = ("EdDSA", "Ed25519", "ES256")
"""EdDSA and Ed25519 are the old and the new name (RFC 9864) of the same signature."""

MAX_LENGTH: Final = 8192
_MAX_HEADER_LENGTH: Final = 512
_COMPACT: Final = re.compile(r"[A-Za-z0-9_-]+\.[A-Za-z0-9_-]+\.[A-Za-z0-9_-]+")
_HEADER_MEMBERS: Final = {"alg", "kid", "typ"}

PublicKey = OKPKey | ECKey


@dataclass(frozen=True, slots=True)
class Caller:
    """Who calls, as a verified token says. `subject` equals `client_id` unless it acts for somebody."""

    client_id: str
    subject: str
    scopes: frozenset[str]
    expires_at: datetime


class TokenRefusedError(Exception):
    """The token is not acceptable; `reason` is short, stable and safe to tell the caller."""

    def __init__(self, reason: str) -> None:
        super().__init__(reason)
        self.reason = reason


class _Registry(JWSRegistry):
    """Exactly our algorithms. The library's own lookup warns, once per token, that EdDSA has a newer name."""

    def get_alg(self, name: str) -> Any:
        if name not in ALGORITHMS:
            raise UnsupportedAlgorithmError(f"algorithm {name} is not allowed")
        return self.algorithms[name]


REGISTRY: Final = _Registry()
"""Whoever signs or checks with the hub's keys gives this to joserfc."""


def sign(
    key: OKPKey,
    *,
    issuer: str,
    client_id: str,
    scopes: Iterable[str],
    now: datetime,
    lifetime: timedelta,
    audience: str = AUDIENCE,
    subject: str | None = None,
) -> str:
    """A token for `client_id`, valid from `now` for `lifetime` in whole seconds; `key` is private. `subject`: for
    whom it acts, if not for itself."""
    issued_at = int(now.timestamp())
    claims = {
        "iss": issuer,
        "sub": subject or client_id,
        "client_id": client_id,
        "aud": audience,
        "scope": " ".join(sorted(scopes)),
        "iat": issued_at,
        "exp": issued_at + int(lifetime.total_seconds()),
        "jti": new_id(),
    }
    header = {"alg": "EdDSA", "kid": key.kid, "typ": TYPE}
    return jwt.encode(header, claims, key, registry=REGISTRY)


def key_id(token: str) -> str:
    """The kid of a token that has the right shape, type and algorithm; nothing is verified yet."""
    if len(token) > MAX_LENGTH or not _COMPACT.fullmatch(token):
        raise TokenRefusedError("malformed")
    segment = token.partition(".")[0]
    if len(segment) > _MAX_HEADER_LENGTH:
        raise TokenRefusedError("malformed")
    try:
        header = json.loads(base64.urlsafe_b64decode(segment + "=" * (-len(segment) % 4)))
    except ValueError as error:
        raise TokenRefusedError("malformed") from error
    if not isinstance(header, dict):
        raise TokenRefusedError("malformed")
    if header.get("alg") not in ALGORITHMS:
        raise TokenRefusedError("algorithm not allowed")
    kid = header.get("kid")
    if header.keys() != _HEADER_MEMBERS or header["typ"] != TYPE or not isinstance(kid, str):
        raise TokenRefusedError("not an access token of the axis")
    return kid


def check(
    token: str, key: PublicKey, *, issuer: str, now: datetime, leeway: timedelta, audience: str = AUDIENCE
) -> Caller:
    """Whom the token speaks for, if `key` signed it and its claims hold now (RFC 9068, 4).

    Raises `TokenRefusedError` otherwise.
    """
    try:
        claims = jwt.decode(token, key, registry=REGISTRY).claims
        jwt.JWTClaimsRegistry(
            now=int(now.timestamp()),
            leeway=int(leeway.total_seconds()),
            iss={"essential": True, "value": issuer},
            aud={"essential": True, "value": audience},
            sub={"essential": True},
            client_id={"essential": True},
            exp={"essential": True},
            iat={"essential": True},
            jti={"essential": True},
        ).validate(claims)
        return Caller(
            client_id=_text(claims, "client_id"),
            subject=_text(claims, "sub"),
            scopes=frozenset(_text(claims, "scope").split()),
            expires_at=datetime.fromtimestamp(claims["exp"], UTC),
        )
    except ExpiredTokenError as error:
        raise TokenRefusedError("expired") from error
    except ClaimError as error:
        raise TokenRefusedError(f"claim {error.claim}") from error
    except JoseError as error:
        raise TokenRefusedError("signature") from error
    except (OverflowError, ValueError, OSError) as error:  # a time no calendar has
        raise TokenRefusedError("claim exp") from error


def _text(claims: dict[str, Any], name: str) -> str:
    value = claims.get(name, "")
    if not isinstance(value, str):
        raise TokenRefusedError(f"claim {name}")
    return value
