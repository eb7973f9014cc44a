"""Answers on the wire: one packet where that is possible, whole and in order always."""

from __future__ import annotations

import asyncio
import contextlib
from collections.abc import AsyncIterator
from typing import Any, cast

import httpx
import pytest
import uvicorn
from starlette.types import Receive, Scope, Send

from services.bus.kit.serving import LONGEST_JOINED, Joined, JoinedAnswers
from services.bus.kit.testing import free_port

pytestmark = pytest.mark.anyio


class Sent:
    """What reaches a transport, packet by packet."""

    def __init__(self) -> None:
        self.packets: list[bytes] = []
        self.closed = False

    def write(self, data: bytes) -> None:
        assert not self.closed
        self.packets.append(data)

    def close(self) -> None:
        self.closed = True

    def is_closing(self) -> bool:
        return self.closed

    def get_extra_info(self, name: str) -> str:
        return name


@pytest.fixture
def sent() -> Sent:
    return Sent()


@pytest.fixture
def joined(sent: Sent) -> Joined:
    return Joined(cast("asyncio.Transport", sent))


async def turn() -> None:
    await asyncio.sleep(0)


async def test_a_head_and_its_body_are_one_packet(joined: Joined, sent: Sent) -> None:
    joined.write(b"head ")
    joined.write(b"body")
    assert sent.packets == [b"head body"]
    await turn()
    assert sent.packets == [b"head body"]


async def test_a_head_whose_body_comes_later_goes_with_the_turn(joined: Joined, sent: Sent) -> None:
    joined.write(b"head ")
    await turn()
    joined.write(b"body")
    await turn()
    assert sent.packets == [b"head ", b"body"]


async def test_whatever_is_written_goes_in_order(joined: Joined, sent: Sent) -> None:
    for part in (b"a", b"b", b"c", b"d", b"e"):
        joined.write(part)
    await turn()
    assert sent.packets == [b"ab", b"cd", b"e"]


async def test_a_long_body_is_not_copied(joined: Joined, sent: Sent) -> None:
    body = b"x" * (LONGEST_JOINED + 1)
    joined.write(b"head")
    joined.write(body)
    assert sent.packets == [b"head", body]
    assert sent.packets[1] is body


async def test_nothing_written_is_lost_by_closing(joined: Joined, sent: Sent) -> None:
    joined.write(b"head")
    joined.close()
    assert (sent.packets, sent.closed) == ([b"head"], True)
    await turn()


async def test_a_connection_that_died_meanwhile_is_left_alone(joined: Joined, sent: Sent) -> None:
    joined.write(b"head")
    sent.close()
    await turn()
    assert sent.packets == []


async def test_everything_else_is_the_transports_own(joined: Joined) -> None:
    assert joined.get_extra_info("peername") == "peername"


# -- behind a real server ----------------------------------------------------------------------------------

BIG = 300_000


async def app(scope: Scope, receive: Receive, send: Send) -> None:
    async def answer(status: int, parts: list[bytes], pause: float = 0, **headers: str) -> None:
        listed = [(name.replace("_", "-").encode(), value.encode()) for name, value in headers.items()]
        await send({"type": "http.response.start", "status": status, "headers": listed})
        for part in parts:
            await asyncio.sleep(pause)
            await send({"type": "http.response.body", "body": part, "more_body": True})
        await send({"type": "http.response.body", "body": b""})

    match scope["path"]:
        case "/short":
            await answer(200, [b"short"], content_length="5")
        case "/big":
            await answer(200, [b"x" * BIG], content_length=str(BIG))
        case "/pieces":
            await answer(200, [b"a", b"b", b"c"], 0.01)
        case "/nothing":
            await answer(204, [])
        case "/last":
            await answer(200, [b"bye"], content_length="3", connection="close")
        case "/echo":
            body = (await receive())["body"]
            await answer(200, [body], content_length=str(len(body)))


@pytest.fixture
async def url() -> AsyncIterator[str]:
    port = free_port()
    config = uvicorn.Config(
        cast("Any", app), port=port, http=JoinedAnswers, ws="none", log_level="error", lifespan="off"
    )
    server = uvicorn.Server(config)
    serving = asyncio.get_running_loop().create_task(server.serve())
    while not server.started:
        await asyncio.sleep(0.01)
    try:
        yield f"http://127.0.0.1:{port}"
    finally:
        server.should_exit = True
        with contextlib.suppress(asyncio.CancelledError):
            await serving


async def test_answers_of_every_shape_arrive_whole(url: str) -> None:
    async with httpx.AsyncClient(base_url=url, trust_env=False) as client:
        for _ in range(3):
            assert (await client.get("/short")).text == "short"
            assert len((await client.get("/big")).content) == BIG
            assert (await client.get("/pieces")).text == "abc"
            assert (await client.get("/nothing")).status_code == 204
            assert (await client.head("/short")).headers["content-length"] == "5"
            assert (await client.post("/echo", content=b"said", headers={"Expect": "100-continue"})).text == "said"
            assert (await client.get("/last")).text == "bye"


async def test_answers_to_requests_sent_together_come_in_order(url: str) -> None:
    reader, writer = await asyncio.open_connection("127.0.0.1", int(url.rpartition(":")[2]))
    for path in ("/short", "/big", "/last"):
        writer.write(f"GET {path} HTTP/1.1\r\nHost: x\r\n\r\n".encode())
    async with asyncio.timeout(10):
        received = await reader.read()
    writer.close()
    heads = [
        received.find(length)
        for length in (b"content-length: 5", b"content-length: 300000", b"content-length: 3\r")
    ]
    assert heads == sorted(heads)
    assert min(heads) >= 0
    assert received.endswith(b"bye")
