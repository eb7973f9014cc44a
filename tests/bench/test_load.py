"""The load generators and what they compute."""

from __future__ import annotations

import asyncio
import time
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager

import pytest
from hypothesis import given
from hypothesis import strategies as st

from bench.load import Load, drive, get, percentile, post
from bench.pacing import Pool, Punctuality, pace, paced
from deploy.local.errors import RunnerError


@asynccontextmanager
async def echo(seen: list[bytes], hold: asyncio.Event | None = None) -> AsyncIterator[int]:
    """A server that answers each request with its own body, once `hold` (if there is one) is set."""

    async def serve(reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        while head := await _head(reader):
            length = next(
                (int(line[15:]) for line in head.lower().split(b"\r\n") if line[:15] == b"content-length:"), 0
            )
            body = await reader.readexactly(length)
            seen.append(head)
            if hold is not None:
                await hold.wait()
            writer.write(b"HTTP/1.1 201 Created\r\nContent-Length: %d\r\n\r\n" % len(body) + body)
        writer.close()

    server = await asyncio.start_server(serve, "127.0.0.1", 0)
    async with server:
        yield server.sockets[0].getsockname()[1]


async def _head(reader: asyncio.StreamReader) -> bytes:
    try:
        return await reader.readuntil(b"\r\n\r\n")
    except asyncio.IncompleteReadError:
        return b""


@given(st.lists(st.floats(0, 1e6), min_size=1), st.floats(0.001, 1))
def test_percentile_is_a_value_that_the_share_does_not_exceed(values: list[float], share: float) -> None:
    found = percentile(values, share)
    assert found in values
    assert sum(value <= found for value in values) >= share * len(values) - 1e-9


def test_percentile_of_a_hundred() -> None:
    values = [float(n) for n in range(100, 0, -1)]
    assert [percentile(values, share) for share in (0.5, 0.95, 0.99, 1.0)] == [50, 95, 99, 100]
    assert percentile([], 0.5) == 0.0


@pytest.mark.anyio
async def test_drive_sends_everything_once_and_keeps_the_answers() -> None:
    seen: list[bytes] = []
    answers: list[bytes] = []
    async with echo(seen) as port:
        requests = (post("/x", b"%d" % n, "token", Idempotency_Key=f"k{n}") for n in range(50))
        load = await drive(port, requests, 4, answers.append)
    assert sorted(answers) == sorted(b"%d" % n for n in range(50))
    assert load.statuses == {201: 50} and len(load.latencies) == 50
    assert sum(b"Idempotency-Key: k7\r\n" in head for head in seen) == 1


def test_a_load_of_errors_is_no_figure() -> None:
    load = Load()
    load.note(200, 0.1)
    load.require(200)
    load.note(500, 0.1)
    with pytest.raises(RunnerError, match="500"):
        load.require(200)


@pytest.mark.anyio
async def test_an_open_loop_does_not_wait_for_answers() -> None:
    """The server answers nobody until it has heard all: a closed loop would wait for ever."""
    begun = 0
    all_begun = asyncio.Event()

    async def begin(_: int) -> None:
        nonlocal begun
        begun += 1
        if begun == 20:
            all_begun.set()
        await all_begun.wait()

    async with asyncio.timeout(30):
        punctuality = await pace(2_000, 20, begin)
    assert begun == 20 and len(punctuality.late) == 20


@pytest.mark.anyio
async def test_the_schedule_is_kept() -> None:
    async def begin(_: int) -> None:
        return

    started = time.perf_counter()
    await pace(100, 11, begin)
    assert time.perf_counter() - started >= 0.1


@pytest.mark.anyio
async def test_what_the_work_raises_is_raised() -> None:
    async def begin(number: int) -> None:
        if number == 1:
            raise RuntimeError("no")

    with pytest.raises(ExceptionGroup):
        await pace(1_000, 3, begin)


def test_a_late_generator_says_so() -> None:
    assert Punctuality([0.5] * 10).fell_behind
    assert not Punctuality([0.001] * 1_000).fell_behind


@pytest.mark.anyio
async def test_paced_requests_overlap() -> None:
    seen: list[bytes] = []
    hold = asyncio.Event()
    async with echo(seen, hold) as port:

        async def release() -> None:
            while len(seen) < 10:
                await asyncio.sleep(0)
            hold.set()

        (load, _), _ = await asyncio.gather(paced(port, [get("/", "t")] * 10, 1_000), release())
    assert load.statuses == {201: 10}


@pytest.mark.anyio
async def test_the_pool_uses_its_connections_again() -> None:
    seen: list[bytes] = []
    async with echo(seen) as port:
        pool = Pool(port)
        for number in range(5):
            assert await pool.ask(post("/", b"%d" % number, "t")) == (201, b"%d" % number)
        assert len(pool._idle) == 1
        pool.close()
