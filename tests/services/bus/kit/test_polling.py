"""The poller against a real server that resets, stalls and talks rubbish."""

from __future__ import annotations

from collections.abc import AsyncIterator

import pytest

from services.bus.kit.polling import Poller, PollError
from tests.services.bus.kit.misbehaving import Server, answer, hang, misbehaving, raw, reset

pytestmark = pytest.mark.anyio


class Tokens:
    def __init__(self) -> None:
        self.refused: list[str] = []

    async def token(self) -> str:
        return "a-token"

    def rejected(self, token: str) -> None:
        self.refused.append(token)


@pytest.fixture
async def server(anyio_backend: str) -> AsyncIterator[Server]:
    async with misbehaving() as server:
        yield server


@pytest.fixture
def tokens() -> Tokens:
    return Tokens()


@pytest.fixture
async def poller(server: Server, tokens: Tokens) -> AsyncIterator[Poller]:
    poller = Poller(server.url, tokens)
    yield poller
    await poller.aclose()


async def test_answers_come_over_one_kept_connection(server: Server, poller: Poller) -> None:
    for _ in range(5):
        assert await poller.get("/v1/things?after=1", within_s=5) == b'{"ok": true}'
    assert server.connections == 1


async def test_a_kept_connection_that_was_closed_is_opened_again(server: Server, poller: Poller) -> None:
    assert await poller.get("/", within_s=5)
    server.will(reset, answer(200))
    assert await poller.get("/", within_s=5)


@pytest.mark.parametrize("status", [301, 404, 500, 503])
async def test_what_is_no_200_is_an_error(server: Server, poller: Poller, status: int) -> None:
    server.will(answer(status))
    with pytest.raises(PollError, match=str(status)):
        await poller.get("/v1/things?secret=1", within_s=5)
    assert await poller.get("/", within_s=5)


async def test_a_token_that_is_refused_is_reported(server: Server, poller: Poller, tokens: Tokens) -> None:
    server.will(answer(401))
    with pytest.raises(PollError):
        await poller.get("/", within_s=5)
    assert tokens.refused == ["a-token"]


async def test_who_does_not_answer_is_given_up(server: Server, poller: Poller) -> None:
    server.will(hang)
    with pytest.raises(TimeoutError):
        await poller.get("/", within_s=0.2)
    assert await poller.get("/", within_s=5)


@pytest.mark.parametrize(
    "rubbish",
    [
        b"SSH-2.0-OpenSSH\r\n\r\n",
        b"HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n\r\n0\r\n\r\n",
        b"HTTP/1.1 200 OK\r\nContent-Length: -1\r\n\r\n",
        b"HTTP/1.1 200 OK\r\nContent-Length: 99999999999\r\n\r\n",
        b"HTTP/1.1 2x0 OK\r\nContent-Length: 0\r\n\r\n",
    ],
    ids=["another protocol", "chunks", "negative", "endless", "no status"],
)
async def test_rubbish_is_an_error(server: Server, poller: Poller, rubbish: bytes) -> None:
    server.will(raw(rubbish))
    with pytest.raises(PollError):
        await poller.get("/", within_s=5)


async def test_nobody_there_is_an_error(tokens: Tokens) -> None:
    with pytest.raises(PollError):
        await Poller("http://127.0.0.1:1", tokens).get("/", within_s=5)


def test_it_speaks_plain_http_only(tokens: Tokens) -> None:
    with pytest.raises(ValueError):
        Poller("https://example.org", tokens)
