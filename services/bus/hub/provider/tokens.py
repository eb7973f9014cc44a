"""ID tokens (OpenID Connect Core 2), and the access tokens that open /userinfo and nothing else."""

from __future__ import annotations

from collections.abc import Mapping
from datetime import datetime, timedelta
from typing import Any, Final

from joserfc import jwt
from joserfc.jwk import OKPKey

from services.bus.hub.operators.schemas import OperatorView
from services.bus.kit import access_token
from services.bus.kit.access_token import REGISTRY

LIFETIME: Final = timedelta(minutes=5)
USERINFO: Final = "userinfo"


def claims_of(operator: OperatorView) -> dict[str, Any]:
    """Who this is. `roles` is what the console reads."""
    return {
        "sub": operator.username,
        "preferred_username": operator.username,
        "name": operator.name,
        "roles": [operator.role],
    }


def id_token(
    key: OKPKey,
    claims: Mapping[str, Any],
    *,
    issuer: str,
    audience: str,
    nonce: str | None,
    logged_in_at: datetime,
    now: datetime,
) -> str:
    """Signed with the hub's key."""
    issued_at = int(now.timestamp())
    told = {
        **claims,
        "iss": issuer,
        "aud": audience,
        "iat": issued_at,
        "exp": issued_at + int(LIFETIME.total_seconds()),
        "auth_time": int(logged_in_at.timestamp()),
        **({"nonce": nonce} if nonce else {}),
    }
    return jwt.encode({"alg": "EdDSA", "kid": key.kid, "typ": "JWT"}, told, key, registry=REGISTRY)


def userinfo_token(key: OKPKey, username: str, *, issuer: str, client_id: str, now: datetime) -> str:
    """A token for the operator's own data."""
    return access_token.sign(
        key,
        issuer=issuer,
        client_id=client_id,
        scopes=("openid", "profile"),
        now=now,
        lifetime=LIFETIME,
        audience=USERINFO,
        subject=username,
    )
