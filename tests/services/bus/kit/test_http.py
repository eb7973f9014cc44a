"""The HTTP client against a real server that resets, stalls, refuses, recovers and talks rubbish."""

from __future__ import annotations

import asyncio
import socket
from collections.abc import AsyncIterator
from datetime import UTC, datetime
from email.utils import format_datetime

import httpx
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from services.bus.kit.breaker import BreakerPolicy
from services.bus.kit.http import HttpClient, Timeouts
from services.bus.kit.http_errors import (
    Attempt,
    CallError,
    CircuitOpenError,
    FaultyAnswerError,
    NoAnswerError,
    NoTokenError,
    NotSentError,
    PoolExhaustedError,
    RefusedError,
    UnavailableError,
)
from services.bus.kit.retrying import RetryBudget, RetryPolicy, retry_after
from services.bus.kit.trace import child_of, tracing
from tests.services.bus.kit.misbehaving import Server, after, answer, hang, misbehaving, raw, reset

QUICK = RetryPolicy(attempts=4, budget=5, first_wait=0.001, longest_wait=0.01, share=0.5, burst=100)
STEADY = BreakerPolicy(minimum_calls=1000)


@pytest.fixture
async def server(anyio_backend: str) -> AsyncIterator[Server]:
    async with misbehaving() as server:
        yield server


@pytest.fixture
async def client(server: Server) -> AsyncIterator[HttpClient]:
    async with HttpClient(base_url=server.url, retries=QUICK, breaker=STEADY) as client:
        yield client


def outcomes(error: CallError) -> list[str]:
    return [attempt.outcome for attempt in error.attempts]


pytestmark = pytest.mark.anyio


async def test_a_good_answer_is_returned_over_one_kept_connection(server: Server, client: HttpClient) -> None:
    for _ in range(5):
        response = await client.post("/v1/things", json={"tên": "hộ"}, params={"a": 1})
        assert response.json() == {"ok": True}
    assert {seen.connection for seen in server.seen} == {1}
    assert (server.seen[0].method, server.seen[0].path) == ("POST", "/v1/things?a=1")
    assert server.seen[0].body.decode() == '{"tên":"hộ"}'


async def test_resets_and_503_are_survived_by_an_idempotent_call(server: Server, client: HttpClient) -> None:
    server.will(reset, answer(503), answer(502))
    assert (await client.get("/")).status_code == 200
    assert len(server.seen) == 4


@pytest.mark.parametrize("step", [reset, answer(503), answer(504), raw(b"HTTP/1.1 2OO huh\r\n\r\n")])
async def test_a_post_is_sent_once(server: Server, client: HttpClient, step: object) -> None:
    server.will(step)  # type: ignore[arg-type]
    with pytest.raises(UnavailableError) as failure:
        await client.post("/", json={})
    assert failure.value.maybe_done
    assert len(server.seen) == 1


async def test_a_post_with_an_idempotency_key_is_repeated_unchanged(server: Server, client: HttpClient) -> None:
    server.will(reset, answer(503))
    await client.post("/", json={"n": 1}, headers={"Idempotency-Key": "k-1"})
    assert [(s.headers["idempotency-key"], s.body) for s in server.seen] == [("k-1", b'{"n":1}')] * 3


async def test_a_post_declared_idempotent_is_repeated(server: Server, client: HttpClient) -> None:
    server.will(answer(503))
    await client.post("/", form={"grant_type": "client_credentials"}, idempotent=True)
    assert [s.body for s in server.seen] == [b"grant_type=client_credentials"] * 2
    assert server.seen[0].headers["content-type"] == "application/x-www-form-urlencoded"


@pytest.mark.parametrize("status", [301, 400, 401, 404, 409, 422])
async def test_a_refusal_is_final_and_brings_its_answer(server: Server, client: HttpClient, status: int) -> None:
    server.will(answer(status, {"type": "urn:truc:problem:x"}))
    with pytest.raises(RefusedError) as refusal:
        await client.get("/")
    assert refusal.value.status == status
    assert refusal.value.response.json() == {"type": "urn:truc:problem:x"}
    assert not refusal.value.maybe_done
    assert len(server.seen) == 1


async def test_500_is_not_repeated(server: Server, client: HttpClient) -> None:
    server.will(answer(500))
    with pytest.raises(FaultyAnswerError) as failure:
        await client.get("/")
    assert failure.value.status == 500
    assert len(server.seen) == 1


async def test_it_gives_up_after_the_last_attempt_and_tells_what_it_tried(
    server: Server, client: HttpClient
) -> None:
    server.will(answer(503), reset, raw(b"<html>rubbish"), answer(504))
    with pytest.raises(FaultyAnswerError) as failure:
        await client.get("/v1/citizens/052093000001")
    tried = outcomes(failure.value)
    assert (tried[0], tried[2:]) == ("503", ["RemoteProtocolError", "504"])
    assert tried[1] in {"ReadError", "RemoteProtocolError"}
    assert server.url in str(failure.value)
    assert "503 in " in str(failure.value)
    assert "052093000001" not in str(failure.value)  # nothing personal in a message


async def test_nobody_listens(client: HttpClient) -> None:
    with socket.socket() as unused:
        unused.bind(("127.0.0.1", 0))
        with pytest.raises(NoAnswerError) as failure:
            await client.get(f"http://127.0.0.1:{unused.getsockname()[1]}/")
    assert outcomes(failure.value) == ["ConnectError"] * QUICK.attempts
    assert not failure.value.maybe_done


async def test_a_slow_answer_costs_the_read_timeout(server: Server, client: HttpClient) -> None:
    server.will(hang)
    response = await client.get("/", timeouts=Timeouts(read=0.05))
    assert response.status_code == 200
    server.will(hang)
    with pytest.raises(NoAnswerError) as failure:
        await client.post("/", timeouts=Timeouts(read=0.05))
    assert outcomes(failure.value) == ["ReadTimeout"]
    assert failure.value.maybe_done


async def test_the_budget_bounds_the_whole_call(server: Server, client: HttpClient) -> None:
    server.otherwise = hang
    loop = asyncio.get_running_loop()
    began = loop.time()
    with pytest.raises(NoAnswerError) as failure:
        await client.get("/", budget=0.2, timeouts=Timeouts(read=0.08))
    assert loop.time() - began < 1
    assert outcomes(failure.value)[0] == "ReadTimeout"
    assert outcomes(failure.value)[-1] in {"budget", "ReadTimeout"}
    with pytest.raises(NoAnswerError) as failure:
        await client.get("/", budget=0.05)
    assert outcomes(failure.value) == ["budget"]


async def test_an_outer_timeout_stays_the_callers_own(server: Server, client: HttpClient) -> None:
    server.will(hang)
    with pytest.raises(TimeoutError):
        async with asyncio.timeout(0.05):
            await client.get("/")


async def test_retry_after_is_honoured(server: Server, client: HttpClient) -> None:
    server.will(answer(429, Retry_After="1"))
    loop = asyncio.get_running_loop()
    began = loop.time()
    assert (await client.get("/")).status_code == 200
    assert 1 <= loop.time() - began < 2


async def test_a_retry_after_beyond_the_budget_ends_the_call_at_once(server: Server, client: HttpClient) -> None:
    server.will(answer(503, Retry_After="60"))
    loop = asyncio.get_running_loop()
    began = loop.time()
    with pytest.raises(FaultyAnswerError) as failure:
        await client.get("/")
    assert loop.time() - began < 1
    assert failure.value.retry_after == 60
    assert len(server.seen) == 1


@pytest.mark.parametrize(
    ("value", "seconds"),
    [
        ("120", 120),
        (" 0 ", 0),
        (format_datetime(datetime(2026, 11, 22, 0, 0, 30, tzinfo=UTC), usegmt=True), 30),
        ("Sat, 21 Nov 2026 00:00:00 GMT", 0),
        ("soon", None),
        ("-5", None),
        ("1.5", None),
        (None, None),
    ],
)
async def test_both_forms_of_retry_after(value: str | None, seconds: float | None) -> None:
    assert retry_after(value, lambda: datetime(2026, 11, 22, tzinfo=UTC)) == seconds


@settings(max_examples=50)
@given(st.text() | st.from_regex(r"[A-Z][a-z]{2}, \d{1,3} Nov \d{1,6} \d\d:\d\d:\d\d [+-]\d{1,12}"))
def test_any_retry_after_is_a_number_or_nothing(value: str) -> None:
    parsed = retry_after(value)
    assert parsed is None or parsed >= 0


async def test_retries_stay_a_share_of_the_calls(server: Server) -> None:
    policy = RetryPolicy(attempts=4, first_wait=0.001, longest_wait=0.002, share=0.1, burst=2)
    server.otherwise = answer(503)
    async with HttpClient(base_url=server.url, retries=policy, breaker=STEADY) as client:
        for _ in range(50):
            with pytest.raises(FaultyAnswerError):
                await client.get("/")
    assert len(server.seen) <= 50 + 2 + 5
    assert len(server.seen) > 50 + 2  # and the share is given out again


@given(st.lists(st.booleans(), max_size=300))
def test_the_retry_budget_never_gives_more_than_it_earned(moves: list[bool]) -> None:
    budget = RetryBudget(share=0.25, burst=3)
    earned = spent = 0
    for earn in moves:
        if earn:
            budget.earn()
            earned += 1
        else:
            spent += budget.spend()
        assert spent <= 3 + 0.25 * earned


async def test_the_breaker_opens_refuses_at_once_and_closes_after_one_probe(server: Server) -> None:
    seen: list[str] = []
    # open for longer than a busy machine may keep the next attempt waiting
    policy = BreakerPolicy(minimum_calls=3, failure_ratio=1, open_for=2, open_cap=2, jitter=0)
    async with HttpClient(
        base_url=server.url,
        retries=QUICK,
        breaker=policy,
        on_breaker=lambda transition: seen.append(transition.new.value),
    ) as client:
        server.otherwise = answer(503)
        with pytest.raises(CircuitOpenError) as failure:
            await client.get("/")  # the third attempt opens it, the fourth is not sent
        assert outcomes(failure.value) == ["503"] * 3
        with pytest.raises(CircuitOpenError) as refused:
            await client.post("/")
        assert isinstance(refused.value, NotSentError)
        assert refused.value.attempts == ()
        assert refused.value.retry_after is not None
        assert 0 < refused.value.retry_after <= 2
        assert len(server.seen) == 3

        server.otherwise = answer(200)
        answers = await asyncio.gather(*(client.get("/", wait_if_open=True) for _ in range(20)))
        assert {a.status_code for a in answers} == {200}
        assert client.breaker("/").counters.probes == 1
        assert seen == ["open", "half_open", "closed"]


async def test_waiting_for_the_breaker_ends_with_the_budget(server: Server) -> None:
    policy = BreakerPolicy(minimum_calls=1, open_for=30, open_cap=30)
    async with HttpClient(base_url=server.url, retries=QUICK, breaker=policy) as client:
        server.will(answer(500))
        with pytest.raises(FaultyAnswerError):
            await client.get("/")
        with pytest.raises(CircuitOpenError):
            await client.get("/", wait_if_open=True, budget=0.05)
    assert len(server.seen) == 1


async def test_a_cancelled_probe_does_not_keep_the_destination_shut(server: Server) -> None:
    policy = BreakerPolicy(minimum_calls=1, open_for=0.02, open_cap=0.02)
    async with HttpClient(base_url=server.url, retries=QUICK, breaker=policy) as client:
        server.will(answer(500), hang)
        with pytest.raises(FaultyAnswerError):
            await client.get("/")
        probe = asyncio.create_task(client.get("/", wait_if_open=True))
        await server.requests(2)
        probe.cancel()
        await asyncio.gather(probe, return_exceptions=True)
        assert (await client.get("/", wait_if_open=True)).status_code == 200


async def test_each_destination_has_its_own_breaker(server: Server) -> None:
    policy = BreakerPolicy(minimum_calls=1, open_for=30, open_cap=30)
    async with misbehaving() as healthy, HttpClient(retries=QUICK, breaker=policy) as client:
        server.will(answer(500))
        with pytest.raises(FaultyAnswerError):
            await client.get(server.url)
        with pytest.raises(CircuitOpenError):
            await client.get(server.url)
        assert (await client.get(healthy.url)).status_code == 200


async def test_429_and_refusals_say_nothing_against_the_destination(server: Server) -> None:
    policy = BreakerPolicy(minimum_calls=1, open_for=30, open_cap=30)
    async with HttpClient(base_url=server.url, retries=QUICK, breaker=policy) as client:
        server.will(answer(429), answer(429), answer(404))
        with pytest.raises(RefusedError):
            await client.get("/")
        counters = client.breaker("/").counters
        assert (counters.failed, counters.abandoned, counters.succeeded) == (0, 2, 1)


async def test_an_exhausted_pool_is_our_own_fault(server: Server) -> None:
    release = asyncio.Event()
    server.will(after(release, answer(200)))
    async with HttpClient(base_url=server.url, retries=QUICK, breaker=STEADY, connections=1) as client:
        holding = asyncio.create_task(client.get("/"))
        await server.requests(1)
        with pytest.raises(PoolExhaustedError) as failure:
            await client.get("/", timeouts=Timeouts(pool=0.02))
        assert not failure.value.maybe_done
        assert client.breaker("/").counters.failed == 0
        release.set()
        assert (await holding).status_code == 200
    assert len(server.seen) == 1


async def test_an_unusable_url_is_a_programming_error(client: HttpClient) -> None:
    with pytest.raises(httpx.UnsupportedProtocol):
        await client.get("ftp://127.0.0.1/")
    assert client.breaker("ftp://127.0.0.1/").counters.abandoned == 1


async def test_the_trace_goes_along(server: Server, client: HttpClient) -> None:
    with tracing(child_of(None)) as traceparent:
        await client.get("/")
    await client.get("/")
    assert server.seen[0].headers["traceparent"] == traceparent
    assert "traceparent" not in server.seen[1].headers


class Purse:
    """A token source of the test's own: hands out t0, then t1 once t0 was rejected, and so on."""

    def __init__(self) -> None:
        self.number = 0

    async def token(self) -> str:
        return f"t{self.number}"

    def rejected(self, token: str) -> None:
        if token == f"t{self.number}":
            self.number += 1


class EmptyPurse(Purse):
    async def token(self) -> str:
        raise NoAnswerError("POST", "hub", (), "no answer")


async def test_the_token_goes_along_and_is_renewed_once_when_refused(server: Server) -> None:
    async with HttpClient(base_url=server.url, retries=QUICK, breaker=STEADY, tokens=Purse()) as client:
        server.will(answer(200), answer(401), answer(200), answer(401), answer(401))
        await client.post("/")
        await client.post("/")
        with pytest.raises(RefusedError):
            await client.post("/")
        assert [s.headers["authorization"] for s in server.seen] == [
            "Bearer t0", "Bearer t0", "Bearer t1", "Bearer t1", "Bearer t2",
        ]  # fmt: skip
        await client.post("/", headers={"Authorization": "Basic eDp5"})
        assert server.seen[-1].headers["authorization"] == "Basic eDp5"


async def test_without_a_token_nothing_is_sent(server: Server) -> None:
    async with HttpClient(base_url=server.url, retries=QUICK, breaker=STEADY, tokens=EmptyPurse()) as client:
        with pytest.raises(NoTokenError) as failure:
            await client.get("/")
    assert isinstance(failure.value.__cause__, NoAnswerError)
    assert server.seen == []


async def test_every_attempt_is_observable(server: Server) -> None:
    seen: list[tuple[str, str, Attempt]] = []
    async with HttpClient(
        base_url=server.url, retries=QUICK, breaker=STEADY, on_attempt=lambda *what: seen.append(what)
    ) as client:
        server.will(answer(503))
        await client.get("/")
    assert [(d, m, a.outcome, a.maybe_done) for d, m, a in seen] == [
        (server.url, "GET", "503", True),
        (server.url, "GET", "200", False),
    ]
    assert seen[0][2].started <= seen[1][2].started
