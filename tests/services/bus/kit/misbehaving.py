"""A real HTTP/1.1 server on a free port that does to each request what the next step of its script says."""

from __future__ import annotations

import asyncio
import contextlib
import json
from collections import deque
from collections.abc import AsyncIterator, Awaitable, Callable, Mapping
from dataclasses import dataclass, field


@dataclass(frozen=True)
class Seen:
    method: str
    path: str
    headers: Mapping[str, str]
    body: bytes
    connection: int


@dataclass(frozen=True)
class Talk:
    """What a step may use: the request, and the wire."""

    request: Seen
    writer: asyncio.StreamWriter


Step = Callable[[Talk], Awaitable[None]]


def answer(status: int, body: bytes | dict[str, object] = b"{}", **headers: str) -> Step:
    """An orderly answer; header names are given with underscores."""
    content = body if isinstance(body, bytes) else json.dumps(body).encode()

    async def step(talk: Talk) -> None:
        lines = [f"HTTP/1.1 {status} Scripted", f"Content-Length: {len(content)}"]
        lines += [f"{name.replace('_', '-')}: {value}" for name, value in headers.items()]
        talk.writer.write("\r\n".join([*lines, "", ""]).encode() + content)
        await talk.writer.drain()

    return step


def raw(content: bytes) -> Step:
    """Whatever bytes, then the end of the connection."""

    async def step(talk: Talk) -> None:
        talk.writer.write(content)
        await talk.writer.drain()
        talk.writer.close()

    return step


async def reset(talk: Talk) -> None:
    """The request is read, then the connection dies without an answer."""
    talk.writer.transport.abort()


async def hang(talk: Talk) -> None:
    """No answer, until the other side hangs up."""
    await talk.writer.wait_closed()


def after(released: asyncio.Event, then: Step) -> Step:
    async def step(talk: Talk) -> None:
        await released.wait()
        await then(talk)

    return step


@dataclass
class Server:
    """`script` is used up step by step; then `otherwise` holds. `seen` is every request that came."""

    url: str = ""
    script: deque[Step] = field(default_factory=deque)
    otherwise: Step = field(default_factory=lambda: answer(200, {"ok": True}))
    seen: list[Seen] = field(default_factory=list)
    arrived: asyncio.Condition = field(default_factory=asyncio.Condition)
    connections: int = 0

    def will(self, *steps: Step) -> None:
        self.script.extend(steps)

    async def requests(self, number: int) -> None:
        """Waits until that many requests have come."""
        async with self.arrived:
            await self.arrived.wait_for(lambda: len(self.seen) >= number)

    async def serve(self, reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        self.connections += 1
        connection = self.connections
        with contextlib.suppress(ConnectionError, asyncio.IncompleteReadError):
            while not writer.is_closing():
                request = await self._read(reader, connection)
                async with self.arrived:
                    self.seen.append(request)
                    self.arrived.notify_all()
                step = self.script.popleft() if self.script else self.otherwise
                await step(Talk(request, writer))
        writer.close()

    @staticmethod
    async def _read(reader: asyncio.StreamReader, connection: int) -> Seen:
        head = (await reader.readuntil(b"\r\n\r\n")).decode("latin-1").split("\r\n")
        method, path, _ = head[0].split(" ")
        headers = {name.lower(): value.strip() for name, _, value in (line.partition(":") for line in head[1:])}
        body = await reader.readexactly(int(headers.get("content-length", "0")))
        return Seen(method, path, headers, body, connection)


@contextlib.asynccontextmanager
async def misbehaving(port: int = 0) -> AsyncIterator[Server]:
    server = Server()
    handlers: set[asyncio.Task[None]] = set()

    def connected(reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        task = asyncio.get_running_loop().create_task(server.serve(reader, writer))
        handlers.add(task)
        task.add_done_callback(handlers.discard)

    listening = await asyncio.start_server(connected, "127.0.0.1", port)
    server.url = f"http://127.0.0.1:{listening.sockets[0].getsockname()[1]}"
    try:
        yield server
    finally:
        listening.close()
        for task in handlers:
            task.cancel()
        await asyncio.gather(*handlers, return_exceptions=True)
