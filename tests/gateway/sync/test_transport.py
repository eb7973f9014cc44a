"""The lean transport against a real server that answers by script."""

from __future__ import annotations

import asyncio
from collections.abc import AsyncIterator

import httpx
import pytest

from gateway.sync import transport
from gateway.sync.transport import LeanTransport
from tests.gateway.sync.province import eventually
from tests.services.bus.kit.misbehaving import Server, answer, hang, misbehaving, raw, reset

pytestmark = pytest.mark.anyio

CHUNKED = b"HTTP/1.1 200 OK\r\nConnection: close\r\nTransfer-Encoding: chunked\r\n\r\n"


@pytest.fixture
async def server() -> AsyncIterator[Server]:
    async with misbehaving() as server:
        yield server


@pytest.fixture
async def lean() -> AsyncIterator[LeanTransport]:
    async with LeanTransport(connect=1.0, read=0.5) as lean:
        yield lean


async def post(lean: LeanTransport, url: str, content: bytes = b"{}") -> httpx.Response:
    return await lean.handle_async_request(
        httpx.Request("POST", url + "/a/b?c=d", content=content, headers={"dstcode": "VN"})
    )


async def test_a_request_arrives_as_it_was_built(server: Server, lean: LeanTransport) -> None:
    server.will(answer(200, b'{"x":1}', X_One="1"))
    response = await post(lean, server.url, "đ".encode())
    (seen,) = server.seen
    assert (seen.method, seen.path, seen.body) == ("POST", "/a/b?c=d", "đ".encode())
    assert seen.headers["dstcode"] == "VN"
    assert seen.headers["host"] == server.url.removeprefix("http://")
    assert (response.status_code, response.json(), response.headers["x-one"]) == (200, {"x": 1}, "1")


async def test_connections_are_used_again_and_only_by_one_at_a_time(server: Server, lean: LeanTransport) -> None:
    for _ in range(5):
        await post(lean, server.url)
    assert server.connections == 1
    await asyncio.gather(*(post(lean, server.url) for _ in range(4)))
    assert server.connections == 4
    assert len(server.seen) == 9


async def test_chunked_and_unframed_answers_are_read_whole(server: Server, lean: LeanTransport) -> None:
    server.will(
        raw(CHUNKED + b"3\r\nabc\r\n2\r\nde\r\n0\r\n\r\n"),
        raw(b"HTTP/1.1 200 OK\r\nConnection: close\r\n\r\nuntil the end"),
        raw(b"HTTP/1.1 100 Continue\r\n\r\nHTTP/1.1 200 OK\r\nContent-Length: 2\r\n\r\nok"),
    )
    assert [(await post(lean, server.url)).content for _ in range(3)] == [b"abcde", b"until the end", b"ok"]


@pytest.mark.parametrize(
    ("step", "error"),
    [
        (reset, httpx.ReadError),
        (raw(b"HTTP/1.1 200 OK\r\nContent-Length: 10\r\n\r\nhalf"), httpx.ReadError),
        (raw(b""), httpx.ReadError),
        (raw(b"\x16\x03\x01nonsense\r\n\r\n"), httpx.RemoteProtocolError),
        (hang, httpx.ReadTimeout),
    ],
)
async def test_an_answer_that_is_none_is_an_error_and_the_next_call_is_clean(
    server: Server, lean: LeanTransport, step: object, error: type[Exception]
) -> None:
    server.will(step)  # type: ignore[arg-type]
    with pytest.raises(error):
        await post(lean, server.url)
    assert (await post(lean, server.url)).json() == {"ok": True}


async def test_an_answer_too_large_is_not_read(server: Server, lean: LeanTransport) -> None:
    server.will(answer(200, b"x" * (transport.MAX_ANSWER + 1)))
    with pytest.raises(httpx.RemoteProtocolError):
        await post(lean, server.url)


async def test_a_connection_closed_while_idle_is_not_written_to(server: Server, lean: LeanTransport) -> None:
    server.will(answer(200, b"a", Connection="close"), raw(b"HTTP/1.1 200 OK\r\nContent-Length: 1\r\n\r\nb"))
    assert [(await post(lean, server.url)).content for _ in range(2)] == [b"a", b"b"]
    await eventually(lambda: lean.connections == 0)
    assert (await post(lean, server.url)).status_code == 200


async def test_nobody_listening_is_a_connect_error(lean: LeanTransport) -> None:
    async with misbehaving() as gone:
        url = gone.url
    with pytest.raises(httpx.ConnectError):
        await post(lean, url)


async def test_a_cancelled_call_leaves_no_answer_behind_for_the_next(server: Server, lean: LeanTransport) -> None:
    released = asyncio.Event()

    async def late(talk):  # type: ignore[no-untyped-def]
        await released.wait()
        await answer(200, b"late")(talk)

    server.will(late, answer(200, b"mine"))
    first = asyncio.create_task(post(lean, server.url))
    await server.requests(1)
    first.cancel()
    await asyncio.gather(first, return_exceptions=True)
    released.set()
    assert (await post(lean, server.url)).content == b"mine"
