"""Where keys come from: the hub, a file, and what either may do."""

from __future__ import annotations

import asyncio
import json
from pathlib import Path
from typing import Any

import pytest

from contracts.problems import UNAVAILABLE
from services.bus.kit.http import HttpClient
from services.bus.kit.jwks import JwksPolicy, KeyCache
from tests.services.bus.kit.misbehaving import Server, after, answer, raw, reset
from tests.services.bus.kit.signing import (
    KEY,
    OTHER,
    PUBLIC_BYTES,
    Hand,
    handmade,
    jwks,
    refusal,
    token,
    verifier_of,
)

pytestmark = [pytest.mark.anyio, pytest.mark.filterwarnings("ignore::joserfc.errors.SecurityWarning")]


async def test_keys_are_fetched_once_and_outlive_the_hub(hub: Server, http: HttpClient) -> None:
    verifier = verifier_of(http, hub)
    await asyncio.gather(*(verifier.verify(f"Bearer {token(client_id=f'm{n}')}") for n in range(20)))
    assert [seen.path for seen in hub.seen] == ["/oauth/jwks"]
    hub.otherwise = reset
    assert (await verifier.verify(f"Bearer {token(client_id='late')}")).client_id == "late"


async def test_a_service_can_start_before_the_hub(tmp_path: Path, hub: Server, http: HttpClient) -> None:
    hub.otherwise = reset
    (tmp_path / "jwks.json").write_text(json.dumps(jwks(KEY)))
    verifier = verifier_of(http, hub, tmp_path / "jwks.json")
    assert (await verifier.verify(f"Bearer {token()}")).client_id == "one-stop"
    assert hub.seen == []
    problem = await refusal(verifier, f"Bearer {token(OTHER)}")
    assert problem.type is UNAVAILABLE  # nobody can say, so it is not the caller's fault
    assert problem.headers["Retry-After"] == "5"


async def test_the_file_is_read_again_when_the_hub_is_away(tmp_path: Path, hub: Server, http: HttpClient) -> None:
    hub.otherwise = answer(503)
    file = tmp_path / "jwks.json"
    verifier = verifier_of(http, hub, file)
    file.write_text(json.dumps(jwks(OTHER)))
    assert (await verifier.verify(f"Bearer {token(OTHER)}")).client_id == "one-stop"


async def test_a_broken_file_is_no_reason_to_die(tmp_path: Path, hub: Server, http: HttpClient) -> None:
    (tmp_path / "jwks.json").write_bytes(b"\xff{")
    verifier = verifier_of(http, hub, tmp_path / "jwks.json")
    assert (await verifier.verify(f"Bearer {token()}")).client_id == "one-stop"


async def test_strangers_cannot_make_us_flood_the_hub(hub: Server, http: HttpClient) -> None:
    clock = Hand()
    policy = JwksPolicy(refetch_after=5, unknown_for=60, unknown_kids=3)
    keys = KeyCache(f"{hub.url}/oauth/jwks", http, policy=policy, clock=clock)
    assert await keys.find("k1") is not None
    for n in range(50):
        assert await keys.find(f"stranger-{n}") is None
    assert len(hub.seen) == 1
    clock.now = 5
    assert await keys.find("stranger-0") is None
    assert len(hub.seen) == 2
    clock.now = 10
    assert await keys.find("stranger-0") is None  # remembered as unknown
    assert len(hub.seen) == 2
    for n in range(1, 4):
        clock.now += 5
        assert await keys.find(f"stranger-{n}") is None
    assert len(hub.seen) == 5
    clock.now += 5
    assert await keys.find("stranger-0") is None  # pushed out by three others
    assert len(hub.seen) == 6


async def test_a_kid_not_asked_about_is_not_remembered_as_unknown(hub: Server, http: HttpClient) -> None:
    clock = Hand()
    keys = KeyCache(f"{hub.url}/oauth/jwks", http, policy=JwksPolicy(refetch_after=5), clock=clock)
    await keys.find("k1")
    hub.otherwise = answer(200, jwks(KEY, OTHER))
    assert await keys.find("k2") is None  # too soon to ask
    clock.now = 5
    assert await keys.find("k2") is not None


async def test_one_who_comes_while_the_hub_is_asked_waits_for_the_answer(hub: Server, http: HttpClient) -> None:
    keys = KeyCache(f"{hub.url}/oauth/jwks", http)
    release = asyncio.Event()
    hub.will(after(release, answer(200, jwks(KEY, OTHER))))
    first = asyncio.create_task(keys.find("k1"))
    await hub.requests(1)
    second = asyncio.create_task(keys.find("k2"))
    await asyncio.sleep(0)
    release.set()
    assert (await first, await second) != (None, None)
    assert second.result() is not None
    assert len(hub.seen) == 1


async def test_a_forbidden_algorithm_is_refused_before_anybody_is_asked(hub: Server, http: HttpClient) -> None:
    verifier = verifier_of(http, hub)
    problem = await refusal(verifier, f"Bearer {handmade(PUBLIC_BYTES, {'alg': 'HS256'})}")
    assert "algorithm not allowed" in str(problem)
    assert hub.seen == []


async def test_a_new_key_is_picked_up_and_a_withdrawn_one_ends_its_tokens(hub: Server, http: HttpClient) -> None:
    verifier = verifier_of(http, hub, policy=JwksPolicy(refetch_after=0))
    old, new = f"Bearer {token()}", f"Bearer {token(OTHER)}"
    await verifier.verify(old)
    hub.otherwise = answer(200, jwks(KEY, OTHER))
    assert (await verifier.verify(new)).client_id == "one-stop"
    assert verifier.verify_cached(old) is not None
    hub.otherwise = answer(200, jwks(OTHER))
    problem = await refusal(verifier, f"Bearer {handmade(KEY, {'kid': 'k3'})}")  # makes it look
    assert "unknown key" in str(problem)
    assert verifier.verify_cached(old) is None
    assert "unknown key" in str(await refusal(verifier, old))


async def test_withdrawn_keys_are_noticed_without_any_call(hub: Server, http: HttpClient) -> None:
    verifier = verifier_of(http, hub, policy=JwksPolicy(refresh_every=0.01))
    header = f"Bearer {token()}"
    await verifier.verify(header)
    hub.otherwise = answer(200, jwks(OTHER))
    fresh = asyncio.create_task(verifier.keep_fresh())
    await hub.requests(4)
    assert verifier.verify_cached(header) is None
    fresh.cancel()
    await asyncio.gather(fresh, return_exceptions=True)
    await verifier.aclose()


@pytest.mark.parametrize(
    "rubbish",
    [
        answer(200, b"<html>"),
        answer(200, b"[]"),
        answer(200, {"keys": []}),
        answer(200, {"keys": [7, {"kty": ["OKP"]}, {"kty": "OKP", "crv": "Ed25519", "x": "!"}]}),
        answer(200, {"keys": [{"kty": "oct", "k": "c2VjcmV0", "kid": "k2"}]}),
        answer(200, {"keys": [{**OTHER.as_dict(private=False), "use": "enc"}]}),
        answer(404),
        raw(b""),
    ],
)
async def test_rubbish_from_the_hub_leaves_the_known_keys(hub: Server, http: HttpClient, rubbish: Any) -> None:
    verifier = verifier_of(http, hub, policy=JwksPolicy(refetch_after=0))
    await verifier.verify(f"Bearer {token()}")
    hub.otherwise = rubbish
    assert (await refusal(verifier, f"Bearer {token(OTHER)}")).type is UNAVAILABLE
    assert (await verifier.verify(f"Bearer {token(client_id='again')}")).client_id == "again"
