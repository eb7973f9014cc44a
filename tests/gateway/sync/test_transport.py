"""The lean transport against a real server that answers by script."""

from __future__ import annotations

import asyncio
import ssl
from collections.abc import AsyncIterator
from datetime import UTC, datetime, timedelta
from pathlib import Path

import pytest
from cryptography import x509
from cryptography.hazmat.primitives import hashes, serialization
from cryptography.hazmat.primitives.asymmetric import ec
from cryptography.x509.oid import NameOID

from gateway.sync.transport import MAX_ANSWER, Answer, Connections, Endpoint, NoAnswerError
from tests.gateway.sync.province import eventually
from tests.services.bus.kit.misbehaving import Server, Step, Talk, answer, hang, misbehaving, raw, reset

pytestmark = pytest.mark.anyio

CHUNKED = b"HTTP/1.1 200 OK\r\nConnection: close\r\nTransfer-Encoding: chunked\r\n\r\n"


@pytest.fixture
async def server() -> AsyncIterator[Server]:
    async with misbehaving() as server:
        yield server


@pytest.fixture
async def connections() -> AsyncIterator[Connections]:
    async with Connections(connect_s=1.0, read_s=0.5) as connections:
        yield connections


async def post(connections: Connections, url: str, content: bytes = b"{}") -> Answer:
    endpoint = Endpoint.of(url + "/a/b?c=d", {"dstcode": "VN"})
    return await connections.post(endpoint, content, traceparent="00-1-1-01")


async def test_a_request_arrives_as_it_was_built(server: Server, connections: Connections) -> None:
    server.will(answer(201, b'{"x":1}'))
    got = await post(connections, server.url, "đ".encode())
    (seen,) = server.seen
    assert (seen.method, seen.path, seen.body) == ("POST", "/a/b?c=d", "đ".encode())
    assert seen.headers["dstcode"] == "VN"
    assert seen.headers["host"] == server.url.removeprefix("http://")
    assert seen.headers["traceparent"] == "00-1-1-01"
    assert got == Answer(201, b'{"x":1}')


async def test_connections_are_used_again_and_only_by_one_at_a_time(
    server: Server, connections: Connections
) -> None:
    for _ in range(5):
        await post(connections, server.url)
    assert server.connections == 1
    await asyncio.gather(*(post(connections, server.url) for _ in range(4)))
    assert server.connections == 4
    assert len(server.seen) == 9


async def test_chunked_and_unframed_answers_are_read_whole(server: Server, connections: Connections) -> None:
    server.will(
        raw(CHUNKED + b"3\r\nabc\r\n2\r\nde\r\n0\r\n\r\n"),
        raw(b"HTTP/1.1 200 OK\r\nConnection: close\r\n\r\nuntil the end"),
        raw(b"HTTP/1.1 100 Continue\r\n\r\nHTTP/1.1 200 OK\r\nContent-Length: 2\r\n\r\nok"),
    )
    assert [(await post(connections, server.url)).body for _ in range(3)] == [b"abcde", b"until the end", b"ok"]


@pytest.mark.parametrize(
    ("step", "error"),
    [
        (reset, "hung up"),
        (raw(b"HTTP/1.1 200 OK\r\nContent-Length: 10\r\n\r\nhalf"), "hung up"),
        (raw(b""), "hung up"),
        (raw(b"\x16\x03\x01nonsense\r\n\r\n"), "not HTTP"),
        (hang, "in time"),
    ],
)
async def test_an_answer_that_is_none_is_an_error_and_the_next_call_is_clean(
    server: Server, connections: Connections, step: Step, error: str
) -> None:
    server.will(step)
    with pytest.raises(NoAnswerError, match=error):
        await post(connections, server.url)
    assert (await post(connections, server.url)).body == b'{"ok": true}'


async def test_an_answer_too_large_is_not_read(server: Server, connections: Connections) -> None:
    server.will(answer(200, b"x" * (MAX_ANSWER + 1)))
    with pytest.raises(NoAnswerError):
        await post(connections, server.url)


async def test_a_connection_closed_while_idle_is_not_written_to(server: Server, connections: Connections) -> None:
    server.will(answer(200, b"a", Connection="close"), raw(b"HTTP/1.1 200 OK\r\nContent-Length: 1\r\n\r\nb"))
    assert [(await post(connections, server.url)).body for _ in range(2)] == [b"a", b"b"]
    await eventually(lambda: connections.count == 0)
    assert (await post(connections, server.url)).status == 200


async def test_nobody_listening_is_a_connect_error(connections: Connections) -> None:
    async with misbehaving() as gone:
        url = gone.url
    with pytest.raises(NoAnswerError):
        await post(connections, url)


async def test_a_cancelled_call_leaves_no_answer_behind_for_the_next(
    server: Server, connections: Connections
) -> None:
    released = asyncio.Event()

    async def late(talk: Talk) -> None:
        await released.wait()
        await answer(200, b"late")(talk)

    server.will(late, answer(200, b"mine"))
    first = asyncio.create_task(post(connections, server.url))
    await server.requests(1)
    first.cancel()
    await asyncio.gather(first, return_exceptions=True)
    await eventually(lambda: connections.count == 0)
    released.set()
    assert (await post(connections, server.url)).body == b"mine"


async def test_https_checks_who_answers(tmp_path: Path) -> None:
    """A portal whose certificate we trust is spoken to; another one is not."""
    key = ec.generate_private_key(ec.SECP256R1())
    name = x509.Name([x509.NameAttribute(NameOID.COMMON_NAME, "portal")])
    certificate = (
        x509.CertificateBuilder()
        .subject_name(name)
        .issuer_name(name)
        .public_key(key.public_key())
        .serial_number(1)
        .not_valid_before(datetime.now(UTC) - timedelta(days=1))
        .not_valid_after(datetime.now(UTC) + timedelta(days=1))
        .add_extension(x509.SubjectAlternativeName([x509.DNSName("localhost")]), critical=False)
        .sign(key, hashes.SHA256())
    )
    pem = tmp_path / "portal.pem"
    unencrypted = serialization.NoEncryption()
    pem.write_bytes(
        certificate.public_bytes(serialization.Encoding.PEM)
        + key.private_bytes(serialization.Encoding.PEM, serialization.PrivateFormat.PKCS8, unencrypted)
    )
    context = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
    context.load_cert_chain(pem)
    server = Server()
    listening = await asyncio.start_server(server.serve, "localhost", 0, ssl=context)
    url = f"https://localhost:{listening.sockets[0].getsockname()[1]}"
    trusting = ssl.create_default_context(cafile=str(pem))
    async with listening:
        async with Connections(connect_s=2.0, read_s=2.0, tls=trusting) as connections:
            assert (await post(connections, url)).status == 200
        async with Connections(connect_s=2.0, read_s=2.0) as connections:
            with pytest.raises(NoAnswerError, match="SSLCertVerificationError"):
                await post(connections, url)
