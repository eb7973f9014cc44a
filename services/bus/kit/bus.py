"""The connection to the axis: NATS JetStream, one stream `AXIS` on `axis.>`.

It reconnects for ever and says whether it is there; publishing and consuming are the relay's and the consumer's.
"""

from __future__ import annotations

import asyncio
import contextlib
from collections.abc import Awaitable, Callable
from pathlib import Path
from typing import Any

import nats
import structlog
from nats.aio.client import Client
from nats.js import JetStreamContext, api
from nats.js.errors import NotFoundError

from services.bus.kit.tasks import end

log = structlog.get_logger(__name__)

STREAM = "AXIS"
SUBJECTS = "axis.>"
DUPLICATE_WINDOW_S = 600.0
"""How long the broker itself remembers message ids; past that, versions keep effects single."""


def stream_config(replicas: int = 1) -> api.StreamConfig:
    """The axis as JetStream sees it: kept on file, until it is 30 days old."""
    return api.StreamConfig(
        name=STREAM,
        subjects=[SUBJECTS],
        storage=api.StorageType.FILE,
        retention=api.RetentionPolicy.LIMITS,
        discard=api.DiscardPolicy.OLD,
        max_age=30 * 86_400,
        duplicate_window=DUPLICATE_WINDOW_S,
        num_replicas=replicas,
        allow_direct=True,
    )


class Bus:
    """A live connection under one member's credentials. Open it with `async with`."""

    def __init__(self, url: str, *, name: str, nkey_seed_file: Path | None = None, replicas: int = 1) -> None:
        self.url = url
        self.name = name
        self.nkey_seed_file = nkey_seed_file
        self.replicas = replicas
        self.nc = Client()
        self.on_reconnected: list[Callable[[], Awaitable[None]]] = []
        self._connecting: asyncio.Task[None] | None = None
        self._ready = asyncio.Event()
        self._last_error = ""

    @property
    def js(self) -> JetStreamContext:
        return self.nc.jetstream(timeout=5.0)

    @property
    def is_connected(self) -> bool:
        return self.nc.is_connected

    async def __aenter__(self) -> Bus:
        self._connecting = asyncio.create_task(self._connect(), name="bus-connect")
        return self

    async def __aexit__(self, *exc_info: object) -> None:
        if self._connecting is not None:
            await end(self._connecting)
        if not self.nc.is_closed:
            with contextlib.suppress(Exception):
                await asyncio.wait_for(self.nc.close(), 2)

    async def ready(self) -> None:
        """Wait until the first connection stands and the stream is there."""
        await self._ready.wait()

    async def check(self) -> None:
        """Raise if the broker or the stream cannot be reached now."""
        if not self.nc.is_connected:
            raise ConnectionError("not connected to the broker")
        await self.nc.jetstream(timeout=2.0).stream_info(STREAM)

    async def _connect(self) -> None:
        options: dict[str, Any] = {
            "servers": [self.url],
            "name": self.name,
            "inbox_prefix": f"_INBOX.{self.name}".encode(),
            "max_reconnect_attempts": -1,
            "reconnect_time_wait": 0.2,
            "ping_interval": 5,
            "max_outstanding_pings": 2,
            "pending_size": 16 * 1024 * 1024,
            "error_cb": self._on_error,
            "reconnected_cb": self._on_reconnected,
            "disconnected_cb": self._on_disconnected,
            "drain_timeout": 2,
        }
        if self.nkey_seed_file is not None:
            options["nkeys_seed_str"] = self.nkey_seed_file.read_text().strip()
        delay = 0.1
        while True:
            try:
                if not self.nc.is_connected:
                    self.nc = await nats.connect(**options, connect_timeout=2, allow_reconnect=True)
                await self._ensure_stream()
            except Exception as error:
                log.warning("broker.unreachable", url=self.url, error=str(error) or type(error).__name__)
                await asyncio.sleep(delay)
                delay = min(delay * 2, 2.0)
                continue
            self._ready.set()
            return

    async def _ensure_stream(self) -> None:
        js = self.js
        try:
            await js.stream_info(STREAM)
        except NotFoundError:
            await js.add_stream(stream_config(self.replicas))

    async def _on_error(self, error: Exception) -> None:
        """Say it once while it stays the same: a broker that is away for an hour is one line, not thousands."""
        text = str(error) or type(error).__name__
        if text != self._last_error:
            self._last_error = text
            log.warning("broker.error", error=text)

    async def _on_disconnected(self) -> None:
        log.warning("broker.disconnected", url=self.url)

    async def _on_reconnected(self) -> None:
        self._last_error = ""
        log.info("broker.reconnected", url=self.url)
        for callback in self.on_reconnected:
            await callback()


@contextlib.asynccontextmanager
async def connected(url: str, name: str, nkey_seed_file: Path | None = None) -> Any:
    """A bus that is ready, for the length of the block: for commands and tests."""
    async with Bus(url, name=name, nkey_seed_file=nkey_seed_file) as bus:
        await bus.ready()
        yield bus
