"""How a service keeps a token of its own."""

from __future__ import annotations

import asyncio
from typing import Any

import pytest

from services.bus.kit.http import HttpClient
from services.bus.kit.http_errors import NoTokenError, RefusedError, UnavailableError
from services.bus.kit.tokens import TokenSource
from tests.services.bus.kit.misbehaving import Server, after, answer, hang, misbehaving, reset
from tests.services.bus.kit.signing import (
    KEY,
    QUICK,
    Hand,
    jwks,
    token,
    verifier_of,
)

pytestmark = [pytest.mark.anyio, pytest.mark.filterwarnings("ignore::joserfc.errors.SecurityWarning")]


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
