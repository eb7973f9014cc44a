"""The floor of the sync benchmark: publish, consume, one HTTP call, one SQLite commit, in the barest code.

The broker flushes each message before it acknowledges it, the database commits with `synchronous=FULL`: what
durability costs is in the floor. What is above it is ours. Not part of the product.
"""

from __future__ import annotations

import asyncio
import contextlib
import os
import sqlite3
import time
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import nats
import uvicorn
from nats.aio.msg import Msg

from bench.load import post, run
from bench.pacing import Pool, Punctuality, pace
from bench.processes import process
from services.bus.kit.testing import NatsServer, free_port, nats_server

SUBJECT = "floor.status"
PAYLOAD = b"x" * 1_200
"""About the size of a dossier.status-changed event."""
IN_FLIGHT = 64
WARM_UP = 100


class Floor:
    """A broker and the bare app, ready to be measured."""

    def __init__(self, broker: NatsServer, port: int) -> None:
        self._broker = broker
        self._port = port

    def paced(self, rate: float, seconds: float) -> tuple[list[float], Punctuality]:
        """Seconds from publish to answered, for each message of a constant rate."""
        return run(self._paced(rate, max(1, round(rate * seconds))))

    def per_second(self, seconds: float) -> float:
        """Messages a second when `IN_FLIGHT` of them are always under way."""
        return run(self._flooded(seconds))

    async def _paced(self, rate: float, count: int) -> tuple[list[float], Punctuality]:
        async with _Way(self._broker.url, self._port) as way:
            await asyncio.gather(*(way.travel() for _ in range(min(WARM_UP, count))))
            latencies: list[float] = []

            async def begin(_: int) -> None:
                latencies.append(await way.travel())

            return latencies, await pace(rate, count, begin)

    async def _flooded(self, seconds: float) -> float:
        async with _Way(self._broker.url, self._port) as way:
            await asyncio.gather(*(way.travel() for _ in range(WARM_UP)))
            done = 0
            started = time.perf_counter()
            until = started + seconds

            async def one() -> None:
                nonlocal done
                while time.perf_counter() < until:
                    await way.travel()
                    done += 1

            await asyncio.gather(*(one() for _ in range(IN_FLIGHT)))
            return done / (time.perf_counter() - started)


class _Way:
    """From the publisher through the broker to the app."""

    def __init__(self, url: str, port: int) -> None:
        self._url = url
        self._pool = Pool(port)
        self._arrivals: dict[bytes, asyncio.Future[None]] = {}
        self._number = 0
        self._tasks: set[asyncio.Task[None]] = set()

    async def __aenter__(self) -> _Way:
        self._nc = await nats.connect(self._url)
        self._js = self._nc.jetstream()
        with contextlib.suppress(nats.js.errors.NotFoundError):
            await self._js.delete_stream("FLOOR")
        await self._js.add_stream(name="FLOOR", subjects=[SUBJECT])
        await self._js.subscribe(SUBJECT, cb=self._on_message, manual_ack=True)
        await self._pool.warm(IN_FLIGHT)
        return self

    async def __aexit__(self, *exc_info: object) -> None:
        self._pool.close()
        await self._nc.close()

    async def travel(self) -> float:
        """Publish one message; the seconds until its HTTP call was answered."""
        self._number += 1
        name = b"%012d" % self._number
        arrival = self._arrivals[name] = asyncio.get_running_loop().create_future()
        began = time.perf_counter()
        await self._nc.publish(SUBJECT, name + PAYLOAD)
        await arrival
        return time.perf_counter() - began

    async def _on_message(self, message: Msg) -> None:
        task = asyncio.create_task(self._deliver(message))
        self._tasks.add(task)
        task.add_done_callback(self._tasks.discard)

    async def _deliver(self, message: Msg) -> None:
        arrival = self._arrivals.pop(message.data[:12])
        status, _ = await self._pool.ask(post("/", message.data, "none"))
        await message.ack()
        if status == 200:
            arrival.set_result(None)
        else:
            arrival.set_exception(RuntimeError(f"the bare app answered {status}"))


@contextlib.contextmanager
def floor(folder: Path) -> Iterator[Floor]:
    """Everything the floor needs, for the length of the block."""
    port = free_port()
    environment = {"TRUC_FLOOR_DATABASE": str(folder / "floor.db"), "TRUC_FLOOR_PORT": str(port)}
    with (
        nats_server(folder / "floor-nats") as broker,
        process("bench.floor", environment, f"http://127.0.0.1:{port}/", folder),
    ):
        yield Floor(broker, port)


def bare_app(path: str) -> Any:
    """An ASGI app that commits the body of every POST and answers 200."""
    database = sqlite3.connect(path, isolation_level=None)
    for pragma in ("journal_mode=WAL", "synchronous=FULL"):
        database.execute(f"PRAGMA {pragma}")
    database.execute("CREATE TABLE IF NOT EXISTS statuses (id INTEGER PRIMARY KEY, body BLOB)")

    async def app(scope: Any, receive: Any, send: Any) -> None:
        if scope["type"] != "http":
            return
        body = (await receive())["body"]
        if scope["method"] == "POST":
            database.execute("INSERT INTO statuses (body) VALUES (?)", (body,))
        headers = [(b"content-length", b"2")]
        await send({"type": "http.response.start", "status": 200, "headers": headers})
        await send({"type": "http.response.body", "body": b"ok"})

    return app


if __name__ == "__main__":
    uvicorn.run(
        bare_app(os.environ["TRUC_FLOOR_DATABASE"]),
        port=int(os.environ["TRUC_FLOOR_PORT"]),
        loop="uvloop", http="httptools", access_log=False, log_level="error", lifespan="off",
        timeout_keep_alive=75,
    )  # fmt: skip
