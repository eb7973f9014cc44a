"""The app on a real port, in a thread, for tests of what only a socket can show."""

from __future__ import annotations

import threading
from collections.abc import Iterator
from contextlib import contextmanager

import uvicorn
from fastapi import FastAPI

from services.bus.kit.testing import free_port


class _Server(uvicorn.Server):
    """A server that says when it serves."""

    def __init__(self, config: uvicorn.Config) -> None:
        super().__init__(config)
        self.ready = threading.Event()

    async def startup(self, sockets: list[object] | None = None) -> None:  # type: ignore[override]
        await super().startup()
        self.ready.set()


@contextmanager
def serving(app: FastAPI) -> Iterator[str]:
    """The address of `app` for the length of the block."""
    port = free_port()
    config = uvicorn.Config(
        app, port=port, loop="asyncio", http="httptools", log_config=None, access_log=False, ws="none"
    )
    server = _Server(config)
    thread = threading.Thread(target=server.run, daemon=True)
    thread.start()
    assert server.ready.wait(20), "the server did not start"
    try:
        yield f"http://127.0.0.1:{port}"
    finally:
        server.should_exit = True
        thread.join(20)
