"""A service on its port: uvicorn with what all of them want of it.

uvicorn writes the head and the body of an answer one after the other, which makes two packets: two system calls
here, and two wake-ups of whoever reads. `Joined` holds the head back until the body follows or the turn of the
event loop ends, so a short answer is one packet.
"""

from __future__ import annotations

import asyncio
import gc
import sys
from collections.abc import Callable
from typing import Any, Final, cast

import uvicorn
from fastapi import FastAPI
from uvicorn.protocols.http.httptools_impl import HttpToolsProtocol

from services.bus.kit.settings import ServiceSettings

LONGEST_JOINED: Final = 65_536
"""Bytes: a body longer than this is not copied behind its head."""


def run(build: Callable[[], FastAPI], settings: ServiceSettings, *, websockets: bool = False) -> None:
    """Serve an app until SIGTERM or SIGINT, then shut down in order."""
    config = uvicorn.Config(
        build,
        factory=True,
        host=settings.host,
        port=settings.port,
        loop="uvloop",
        http=JoinedAnswers,
        ws="websockets-sansio" if websockets else "none",
        access_log=False,
        log_config=None,
        server_header=False,
        proxy_headers=bool(settings.trusted_proxies),
        forwarded_allow_ips=settings.trusted_proxies,
        timeout_graceful_shutdown=5,
        timeout_keep_alive=75,
        backlog=4096,
    )
    server = uvicorn.Server(config)
    sys.setswitchinterval(0.001)
    gc.set_threshold(50_000, 20, 100)  # requests make much and keep nothing: looking for cycles often is waste
    server.run()
    if not server.started:
        sys.exit(3)


class Joined:
    """A transport that sends what is written in one turn of the event loop in one go, if it is two parts."""

    def __init__(self, transport: asyncio.Transport) -> None:
        self._transport = transport
        self._held: bytes | None = None

    def write(self, data: bytes) -> None:
        """Hold this back, or send it behind what was held."""
        held = self._held
        if held is None:
            self._held = data
            asyncio.get_running_loop().call_soon(self._send_held)
        elif len(data) <= LONGEST_JOINED:
            self._held = None
            self._transport.write(held + data)
        else:
            self._send_held()
            self._transport.write(data)

    def close(self) -> None:
        """Close once everything written is sent."""
        self._send_held()
        self._transport.close()

    def __getattr__(self, name: str) -> Any:
        return getattr(self._transport, name)

    def _send_held(self) -> None:
        held, self._held = self._held, None
        if held is not None and not self._transport.is_closing():
            self._transport.write(held)


class JoinedAnswers(HttpToolsProtocol):
    """uvicorn's HTTP/1.1 on a `Joined` transport."""

    def connection_made(self, transport: asyncio.Transport) -> None:  # type: ignore[override]
        """Answer through a transport that joins."""
        super().connection_made(cast("asyncio.Transport", Joined(transport)))
