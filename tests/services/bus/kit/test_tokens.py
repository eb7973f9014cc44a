"""Which tokens are believed."""

from __future__ import annotations

import asyncio
import base64
import json
from collections.abc import Callable
from datetime import timedelta
from pathlib import Path
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st
from joserfc import jws

from contracts.problems import FORBIDDEN, UNAUTHENTICATED, Problem
from services.bus.kit.clock import FixedClock
from services.bus.kit.tokens import Caller, require
from tests.services.bus.kit.signing import (
    ALGORITHMS,
    ES256,
    HOUR,
    KEY,
    NOW,
    OTHER,
    PUBLIC_BYTES,
    file_verifier,
    handmade,
    refusal,
    token,
)

pytestmark = [pytest.mark.anyio, pytest.mark.filterwarnings("ignore::joserfc.errors.SecurityWarning")]


@pytest.mark.parametrize("scheme", ["Bearer", "bearer", "BEARER"])
async def test_a_good_token_names_its_caller(tmp_path: Path, scheme: str) -> None:
    verifier = file_verifier(tmp_path)
    header = f"{scheme} {token(KEY, 'dossier:read', 'dossier:act')}"
    assert verifier.verify_cached(header) is None
    caller = await verifier.verify(header)
    assert caller == Caller(
        client_id="one-stop",
        subject="one-stop",
        scopes=frozenset({"dossier:read", "dossier:act"}),
        expires_at=NOW + HOUR,
    )
    assert verifier.verify_cached(header) is caller


@pytest.mark.parametrize(
    ("key", "header"),
    [
        (KEY, {"alg": "Ed25519"}),
        (ES256, {"alg": "ES256", "kid": "es"}),
    ],
)
async def test_the_other_two_algorithm_names(tmp_path: Path, key: Any, header: dict[str, Any]) -> None:
    caller = await file_verifier(tmp_path).verify(f"Bearer {handmade(key, header)}")
    assert caller.client_id == "one-stop"


async def test_an_audience_may_be_one_of_several(tmp_path: Path) -> None:
    good = handmade(KEY, aud=["other", "truc"])
    assert (await file_verifier(tmp_path).verify(f"Bearer {good}")).subject == "one-stop"


async def test_no_scope_claim_is_no_scope(tmp_path: Path) -> None:
    assert (await file_verifier(tmp_path).verify(f"Bearer {handmade(KEY, scope=...)}")).scopes == frozenset()


FORGERIES: dict[str, Callable[[], str]] = {
    "alg none": lambda: handmade(None, {"alg": "none"}),
    "alg none, spelt otherwise": lambda: _header_swapped({"alg": "nOnE", "kid": "k1", "typ": "at+jwt"}),
    "HS256 with the public key as secret": lambda: handmade(PUBLIC_BYTES, {"alg": "HS256"}),
    "HS256 in the header only": lambda: _header_swapped({"alg": "HS256", "kid": "k1", "typ": "at+jwt"}),
    "EdDSA with an ES256 key": lambda: handmade(KEY, {"kid": "es"}),
    "ES256 with an Ed25519 key": lambda: handmade(ES256, {"alg": "ES256", "kid": "k1"}),
    "another key under a known kid": lambda: handmade(OTHER, {"kid": "k1"}),
    "its own key in the header": lambda: handmade(OTHER, {"jwk": OTHER.as_dict(private=False)}),
    "a URL for the key in the header": lambda: handmade(OTHER, {"jku": "http://evil.example/jwks"}),
    "a critical extension": lambda: handmade(KEY, {"crit": ["b64"], "b64": True}),
    "an ID token": lambda: handmade(KEY, {"typ": "JWT"}),
    "no type": lambda: handmade(KEY, {"typ": None}),
    "a kid that is a list": lambda: _header_swapped({"alg": "EdDSA", "kid": ["k1"], "typ": "at+jwt"}),
    "a header that is a list": lambda: _header_swapped(["EdDSA"]),
    "an enormous header": lambda: _header_swapped({"alg": "EdDSA", "kid": "k" * 600, "typ": "at+jwt"}),
    "an enormous token": lambda: token(KEY, "x" * 9000),
    "a payload that is a list": lambda: jws.serialize_compact(
        {"alg": "EdDSA", "kid": "k1", "typ": "at+jwt"}, "[]", KEY, algorithms=ALGORITHMS
    ),
    "two parts": lambda: token().rpartition(".")[0],
    "four parts": lambda: token() + ".x",
    "empty parts": lambda: "..",
    "expired": lambda: token(now=NOW - HOUR - timedelta(seconds=6)),
    "from the future": lambda: token(now=NOW + timedelta(seconds=6)),
    "not valid yet": lambda: handmade(KEY, nbf=int(NOW.timestamp()) + 6),
    "another issuer": lambda: token(issuer="http://127.0.0.1:9000"),
    "another audience": lambda: token(audience="portal"),
    "exp is a string": lambda: handmade(KEY, exp="4102444800"),
    "exp is NaN": lambda: handmade(KEY, exp=float("nan")),
    "exp is true": lambda: handmade(KEY, exp=True),
    "exp beyond the calendar": lambda: handmade(KEY, exp=10**18),
    "scope is a list": lambda: handmade(KEY, scope=["dossier:read"]),
    "client_id is a number": lambda: handmade(KEY, client_id=7),
    "no iss": lambda: handmade(KEY, iss=...),
    "no sub": lambda: handmade(KEY, sub=...),
    "no client_id": lambda: handmade(KEY, client_id=...),
    "no aud": lambda: handmade(KEY, aud=...),
    "no exp": lambda: handmade(KEY, exp=...),
    "no iat": lambda: handmade(KEY, iat=...),
    "no jti": lambda: handmade(KEY, jti=...),
}


def _header_swapped(header: object) -> str:
    encoded = base64.urlsafe_b64encode(json.dumps(header).encode()).rstrip(b"=").decode()
    return encoded + "." + token().partition(".")[2]


@pytest.mark.parametrize("what", FORGERIES)
async def test_forgeries_are_refused(tmp_path: Path, what: str) -> None:
    problem = await refusal(file_verifier(tmp_path), f"Bearer {FORGERIES[what]()}")
    assert problem.type is UNAUTHENTICATED
    assert 'error="invalid_token"' in problem.headers["WWW-Authenticate"]


@pytest.mark.parametrize("header", [None, "", "Bearer", "Bearer ", "Basic eDp5", "Bearertoken"])
async def test_no_token_is_challenged_without_an_error_code(tmp_path: Path, header: str | None) -> None:
    problem = await refusal(file_verifier(tmp_path), header)
    assert problem.type is UNAUTHENTICATED
    assert problem.headers["WWW-Authenticate"] == 'Bearer realm="truc"'


async def test_the_leeway_is_five_seconds(tmp_path: Path) -> None:
    clock = FixedClock(NOW)
    verifier = file_verifier(tmp_path, clock=clock)
    header = f"Bearer {token()}"
    await verifier.verify(header)
    clock.at = NOW + HOUR + timedelta(seconds=4)
    assert verifier.verify_cached(header) is None  # the cache ends at exp
    assert (await verifier.verify(header)).client_id == "one-stop"
    assert verifier.verify_cached(header) is None
    clock.at = NOW + HOUR + timedelta(seconds=5)
    assert "expired" in str(await refusal(verifier, header))


@given(st.text() | st.text().map("Bearer {}".format) | st.from_regex(r"Bearer [\w-]{1,9}\.[\w-]{0,9}\.[\w-]*"))
def test_no_header_is_an_accident(tmp_path_factory: pytest.TempPathFactory, header: str) -> None:
    verifier = file_verifier(tmp_path_factory.getbasetemp())
    with pytest.raises(Problem) as problem:
        asyncio.run(verifier.verify(header))
    assert problem.value.type is UNAUTHENTICATED


@given(st.data())
def test_any_changed_character_is_noticed(tmp_path_factory: pytest.TempPathFactory, data: st.DataObject) -> None:
    good = token()
    # the last character of the signature also holds bits that are not part of it
    place = data.draw(st.sampled_from([n for n, c in enumerate(good[:-1]) if c != "."]))
    other = data.draw(st.sampled_from("Aa0_-").filter(lambda character: character != good[place]))
    verifier = file_verifier(tmp_path_factory.getbasetemp())
    with pytest.raises(Problem) as problem:
        asyncio.run(verifier.verify(f"Bearer {good[:place]}{other}{good[place + 1 :]}"))
    assert problem.value.type is UNAUTHENTICATED


def test_a_missing_scope_is_named() -> None:
    caller = Caller("one-stop", "one-stop", frozenset({"dossier:read"}), NOW)
    require(caller, "dossier:read")
    with pytest.raises(Problem) as problem:
        require(caller, "dossier:read", "dossier:act")
    assert problem.value.type is FORBIDDEN
    assert problem.value.params == {"scope": "dossier:act"}
    assert problem.value.headers["WWW-Authenticate"] == (
        'Bearer realm="truc", error="insufficient_scope", scope="dossier:act"'
    )


async def test_only_so_many_verified_tokens_are_remembered(tmp_path: Path) -> None:
    verifier = file_verifier(tmp_path, remembered=2)
    first, second, third = (f"Bearer {token(client_id=name)}" for name in ("a", "b", "c"))
    await verifier.verify(first)
    await verifier.verify(second)
    assert verifier.verify_cached(first) is not None  # used last: stays
    await verifier.verify(third)
    assert [verifier.verify_cached(h) is not None for h in (first, second, third)] == [True, False, True]
