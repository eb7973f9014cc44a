"""Which tokens are believed, what is asked of the hub for it, and how a service keeps a token of its own."""

from __future__ import annotations

import asyncio
import base64
import json
from collections.abc import AsyncIterator, Callable
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st
from joserfc import jws
from joserfc.jwk import ECKey, OctKey, OKPKey

from contracts.problems import FORBIDDEN, UNAUTHENTICATED, UNAVAILABLE, Problem
from services.bus.kit import access_token
from services.bus.kit.breaker import BreakerPolicy
from services.bus.kit.clock import FixedClock
from services.bus.kit.http import HttpClient
from services.bus.kit.http_errors import NoTokenError, RefusedError, UnavailableError
from services.bus.kit.jwks import JwksPolicy, KeyCache
from services.bus.kit.retrying import RetryPolicy
from services.bus.kit.tokens import Caller, TokenSource, TokenVerifier, require
from tests.services.bus.kit.misbehaving import Server, after, answer, hang, misbehaving, raw, reset

NOW = datetime(2026, 11, 22, 8, 0, tzinfo=UTC)
ISSUER = "http://127.0.0.1:8000"
HOUR = timedelta(hours=1)
QUICK = RetryPolicy(attempts=3, budget=2, first_wait=0.001, longest_wait=0.01, burst=1000)
STEADY = BreakerPolicy(minimum_calls=10_000)

KEY = OKPKey.generate_key("Ed25519", {"kid": "k1"})
OTHER = OKPKey.generate_key("Ed25519", {"kid": "k2"})
ES256 = ECKey.generate_key("P-256", {"kid": "es"})
ALGORITHMS = ["EdDSA", "Ed25519", "ES256", "HS256", "none"]

pytestmark = [pytest.mark.anyio, pytest.mark.filterwarnings("ignore::joserfc.errors.SecurityWarning")]


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


# -- what is believed --------------------------------------------------------------------------------------


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


PUBLIC_BYTES = OctKey.import_key({"kty": "oct", "k": str(KEY.as_dict(private=False)["x"])})
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


# -- where keys come from ----------------------------------------------------------------------------------


class Hand:
    """A monotonic clock moved by hand."""

    def __init__(self) -> None:
        self.now = 0.0

    def __call__(self) -> float:
        return self.now


@pytest.fixture
async def hub(anyio_backend: str) -> AsyncIterator[Server]:
    async with misbehaving() as server:
        server.otherwise = answer(200, jwks(KEY))
        yield server


@pytest.fixture
async def http(anyio_backend: str) -> AsyncIterator[HttpClient]:
    async with HttpClient(retries=QUICK, breaker=STEADY) as http:
        yield http


def verifier_of(
    http: HttpClient, hub: Server, file: Path | None = None, policy: JwksPolicy | None = None
) -> TokenVerifier:
    return TokenVerifier(
        http, hub_url=hub.url + "/", issuer=ISSUER, jwks_file=file, policy=policy, clock=FixedClock(NOW)
    )


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


# -- a token of our own ------------------------------------------------------------------------------------


def granted(name: str, lifetime: int = 3600) -> Any:
    return answer(200, {"access_token": name, "token_type": "Bearer", "expires_in": lifetime})


def source_of(http: HttpClient, hub: Server, clock: Hand) -> TokenSource:
    return TokenSource(http, hub.url, "sync", "s3cret", clock=clock)


async def test_one_request_serves_all_and_one_token_serves_for_long(hub: Server, http: HttpClient) -> None:
    source = source_of(http, hub, Hand())
    hub.will(granted("t0"))
    assert set(await asyncio.gather(*(source.token() for _ in range(50)))) == {"t0"}
    assert await source.token() == "t0"
    (request,) = hub.seen
    assert (request.method, request.path) == ("POST", "/oauth/token")
    assert request.body == b"grant_type=client_credentials&client_id=sync&client_secret=s3cret"


async def test_it_is_renewed_in_the_background_before_it_expires(hub: Server, http: HttpClient) -> None:
    clock = Hand()
    source = source_of(http, hub, clock)
    release = asyncio.Event()
    hub.will(granted("t0"), after(release, granted("t1")))
    assert await source.token() == "t0"
    clock.now = 3299
    assert await source.token() == "t0"
    assert len(hub.seen) == 1
    clock.now = 3300
    assert [await source.token() for _ in range(5)] == ["t0"] * 5  # nobody waits
    await hub.requests(2)
    release.set()
    async with asyncio.timeout(5):
        while await source.token() != "t1":
            await asyncio.sleep(0)
    assert len(hub.seen) == 2


async def test_an_old_token_serves_while_the_hub_is_away_then_it_says_so(hub: Server, http: HttpClient) -> None:
    clock = Hand()
    source = source_of(http, hub, clock)
    hub.will(granted("t0"))
    await source.token()
    hub.otherwise = answer(503)
    clock.now = 3400
    assert await source.token() == "t0"
    await hub.requests(1 + QUICK.attempts)
    clock.now = 3594
    assert await source.token() == "t0"
    clock.now = 3595  # five seconds before its end it is not worth sending
    with pytest.raises(UnavailableError):
        await source.token()
    await source.aclose()


async def test_a_failed_renewal_is_not_repeated_at_once(hub: Server, http: HttpClient) -> None:
    clock = Hand()
    source = source_of(http, hub, clock)
    hub.will(granted("t0"))
    await source.token()
    hub.otherwise = answer(400)
    clock.now = 3400
    async with misbehaving() as elsewhere:
        for _ in range(20):  # time for the renewal to fail, measured in round trips
            assert await source.token() == "t0"
            await http.get(elsewhere.url)
    assert len(hub.seen) == 2
    clock.now = 3405
    assert await source.token() == "t0"
    await hub.requests(3)


async def test_a_short_lived_token_is_still_kept_for_most_of_its_life(hub: Server, http: HttpClient) -> None:
    clock = Hand()
    source = source_of(http, hub, clock)
    hub.will(granted("t0", lifetime=60))
    await source.token()
    clock.now = 47
    assert await source.token() == "t0"
    assert len(hub.seen) == 1


async def test_a_rejected_token_is_replaced_but_not_in_a_loop(hub: Server, http: HttpClient) -> None:
    clock = Hand()
    source = source_of(http, hub, clock)
    hub.will(granted("t0"), granted("t1"))
    await source.token()
    source.rejected("t0")
    assert await source.token() == "t0"  # it was fetched just now
    clock.now = 5
    source.rejected("older")
    assert await source.token() == "t0"
    source.rejected("t0")
    assert await source.token() == "t1"


async def test_the_hub_is_asked_again_after_a_hiccup(hub: Server, http: HttpClient) -> None:
    hub.will(reset, answer(503), granted("t0"))
    assert await source_of(http, hub, Hand()).token() == "t0"


async def test_wrong_credentials_are_not_repeated(hub: Server, http: HttpClient) -> None:
    hub.will(answer(401, {"error": "invalid_client"}))
    with pytest.raises(RefusedError):
        await source_of(http, hub, Hand()).token()
    assert len(hub.seen) == 1


@pytest.mark.parametrize("body", [b"<html>", b"[]", b"{}", b'{"access_token": "t", "expires_in": "x"}'])
async def test_an_answer_without_a_token_is_no_token(hub: Server, http: HttpClient, body: bytes) -> None:
    hub.will(answer(200, body))
    with pytest.raises(NoTokenError):
        await source_of(http, hub, Hand()).token()


async def test_one_who_leaves_does_not_take_the_others_along(hub: Server, http: HttpClient) -> None:
    source = source_of(http, hub, Hand())
    release = asyncio.Event()
    hub.will(after(release, granted("t0")))
    leaver, stayer = asyncio.create_task(source.token()), asyncio.create_task(source.token())
    await hub.requests(1)
    leaver.cancel()
    await asyncio.gather(leaver, return_exceptions=True)
    release.set()
    assert await stayer == "t0"
    assert len(hub.seen) == 1


async def test_closing_ends_a_request_under_way(hub: Server, http: HttpClient) -> None:
    source = source_of(http, hub, Hand())
    hub.will(hang)
    waiting = asyncio.create_task(source.token())
    await hub.requests(1)
    await source.aclose()
    with pytest.raises(asyncio.CancelledError):
        await waiting


async def test_client_source_and_verifier_together(hub: Server, http: HttpClient) -> None:
    source = source_of(http, hub, Hand())
    hub.will(granted(token()), answer(200, jwks(KEY)))
    async with misbehaving() as service, HttpClient(tokens=source, retries=QUICK) as client:
        await client.get(service.url)
        caller = await verifier_of(http, hub).verify(service.seen[0].headers["authorization"])
    assert caller.client_id == "one-stop"
