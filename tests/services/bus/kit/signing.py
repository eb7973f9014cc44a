"""Keys and tokens the tests of both sides of a token are made with: good ones, and any other."""

from __future__ import annotations

import json
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any

import pytest
from joserfc import jws
from joserfc.jwk import ECKey, OctKey, OKPKey

from contracts.problems import Problem
from services.bus.kit import access_token
from services.bus.kit.breaker import BreakerPolicy
from services.bus.kit.clock import FixedClock
from services.bus.kit.http import HttpClient
from services.bus.kit.jwks import JwksPolicy
from services.bus.kit.retrying import RetryPolicy
from services.bus.kit.tokens import TokenVerifier
from tests.services.bus.kit.misbehaving import Server

NOW = datetime(2026, 11, 22, 8, 0, tzinfo=UTC)
ISSUER = "http://127.0.0.1:8000"
HOUR = timedelta(hours=1)
QUICK = RetryPolicy(attempts=3, budget=2, first_wait=0.001, longest_wait=0.01, burst=1000)
STEADY = BreakerPolicy(minimum_calls=10_000)

KEY = OKPKey.generate_key("Ed25519", {"kid": "k1"})
OTHER = OKPKey.generate_key("Ed25519", {"kid": "k2"})
ES256 = ECKey.generate_key("P-256", {"kid": "es"})
ALGORITHMS = ["EdDSA", "Ed25519", "ES256", "HS256", "none"]
PUBLIC_BYTES = OctKey.import_key({"kty": "oct", "k": str(KEY.as_dict(private=False)["x"])})


def jwks(*keys: OKPKey | ECKey) -> dict[str, object]:
    return {"keys": [key.as_dict(private=False) for key in keys]}


def token(key: OKPKey = KEY, *scopes: str, **changed: Any) -> str:
    options: dict[str, Any] = {"issuer": ISSUER, "client_id": "one-stop", "now": NOW, "lifetime": HOUR}
    return access_token.sign(key, scopes=scopes or ("dossier:read",), **{**options, **changed})


def handmade(key: Any, header: dict[str, Any] | None = None, **claims: Any) -> str:
    """A token with any header and claims, really signed."""
    full = {
        "iss": ISSUER,
        "sub": "one-stop",
        "client_id": "one-stop",
        "aud": "truc",
        "scope": "dossier:read",
        "iat": int(NOW.timestamp()),
        "exp": int((NOW + HOUR).timestamp()),
        "jti": "j",
        **claims,
    }
    head = {"alg": "EdDSA", "kid": "k1", "typ": "at+jwt", **(header or {})}
    head = {name: value for name, value in head.items() if value is not None}
    payload = json.dumps({name: value for name, value in full.items() if value is not ...})
    registry = jws.JWSRegistry(algorithms=ALGORITHMS, strict_check_header=False)
    return jws.serialize_compact(head, payload, key, registry=registry)


def file_verifier(folder: Path, *keys: OKPKey | ECKey, **options: Any) -> TokenVerifier:
    file = folder / "jwks.json"
    file.write_text(json.dumps(jwks(*(keys or (KEY, ES256)))))
    options.setdefault("clock", FixedClock(NOW))
    return TokenVerifier(None, hub_url=ISSUER, jwks_file=file, **options)


async def refusal(verifier: TokenVerifier, header: str | None) -> Problem:
    assert verifier.verify_cached(header) is None
    with pytest.raises(Problem) as problem:
        await verifier.verify(header)
    return problem.value


class Hand:
    """A monotonic clock moved by hand."""

    def __init__(self) -> None:
        self.now = 0.0

    def __call__(self) -> float:
        return self.now


def verifier_of(
    http: HttpClient, hub: Server, file: Path | None = None, policy: JwksPolicy | None = None
) -> TokenVerifier:
    return TokenVerifier(
        http, hub_url=hub.url + "/", issuer=ISSUER, jwks_file=file, policy=policy, clock=FixedClock(NOW)
    )
