"""The lean client against a real server: kept connections, answers in pieces, a server that goes away."""

from __future__ import annotations

import asyncio
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager

import pytest

from deploy.demo.wire import Connection

pytestmark = pytest.mark.anyio


@asynccontextmanager
async def server(*answers: bytes | None) -> AsyncIterator[tuple[str, list[bytes]]]:
    """Gives these answers, one a request, on however many connections; None hangs up instead."""
    heard: list[bytes] = []
    left = list(answers)

    async def serve(reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        heard.append(b"connected")
        while left:
            try:
                head = await reader.readuntil(b"\r\n\r\n")
            except asyncio.IncompleteReadError:
                break
            length = int(head.lower().split(b"content-length: ")[1].split(b"\r\n")[0])
            heard.append(head + await reader.readexactly(length))
            answer = left.pop(0)
            if answer is None:
                break
            for start in range(0, len(answer), 7):  # in small pieces
                writer.write(answer[start : start + 7])
                await writer.drain()
        writer.close()

    listening = await asyncio.start_server(serve, "127.0.0.1", 0)
    port = listening.sockets[0].getsockname()[1]
    async with listening:
        yield f"http://127.0.0.1:{port}", heard


def reply(body: bytes, status: str = "200 OK", more: str = "") -> bytes:
    return f"HTTP/1.1 {status}\r\nContent-Length: {len(body)}\r\n{more}\r\n".encode() + body


async def test_one_connection_serves_many_calls() -> None:
    async with server(reply(b'{"a":1}', "201 Created"), reply(b"")) as (url, heard):
        connection = Connection(url)
        first = await connection.post("/v1/dossiers", b"{}", token="t", key="k1")
        assert (first.status, first.json()) == (201, {"a": 1})
        second = await connection.post("/v1/dossiers", b"{}", token="t", key="k2")
        assert (second.status, second.body, second.json()) == (200, b"", {})
        connection.close()
    assert heard.count(b"connected") == 1
    assert b"POST /v1/dossiers HTTP/1.1\r\n" in heard[1]
    assert b"Authorization: Bearer t\r\n" in heard[1] and b"Idempotency-Key: k1\r\n" in heard[1]


async def test_after_a_connection_that_was_cut_comes_another() -> None:
    async with server(None, reply(b"1")) as (url, heard):
        connection = Connection(url)
        with pytest.raises(ConnectionError):
            await connection.post("/", b"", token="t", key="k")
        assert (await connection.post("/", b"", token="t", key="k")).body == b"1"
        connection.close()
    assert heard.count(b"connected") == 2


async def test_a_server_that_wants_the_connection_closed_gets_it() -> None:
    async with server(reply(b"1", more="Connection: close\r\n"), reply(b"2")) as (url, heard):
        connection = Connection(url)
        assert (await connection.post("/", b"", token="t", key="k")).body == b"1"
        assert (await connection.post("/", b"", token="t", key="k")).body == b"2"
        connection.close()
    assert heard.count(b"connected") == 2


async def test_nobody_there_is_an_os_error() -> None:
    with pytest.raises(OSError, match="Connect call failed"):
        await Connection("http://127.0.0.1:1").post("/", b"", token="t", key="k")
