"""The gate in front of the pages: whose websocket gets through, and when it is closed."""

from __future__ import annotations

import asyncio
from typing import Any

import pytest

from services.bus.hub.console.gate import CLOSED, Door
from services.bus.hub.console.sessions import COOKIE
from tests.services.bus.hub.operators.conftest import ISSUER, door, door_settings
from tests.services.bus.hub.operators.conftest import Door as Browser

__all__ = ["door", "door_settings"]

pytestmark = pytest.mark.anyio


async def knock(browser: Browser, **headers: str) -> list[dict[str, Any]]:
    """What the gate sends to a websocket that comes with these headers, before any page is asked."""
    gate = browser.service.extra["console"].gate
    sent: list[dict[str, Any]] = []

    async def receive() -> dict[str, Any]:
        return {"type": "websocket.connect"}

    async def send(message: Any) -> None:
        sent.append(message)

    scope = {
        "type": "websocket",
        "scheme": "ws",
        "path": "/console/_nicegui_ws/socket.io/",
        "root_path": "/console",
        "query_string": b"",
        "headers": [(name.encode(), value.encode()) for name, value in headers.items()],
    }
    await gate(scope, receive, send)
    return sent


@pytest.mark.parametrize("origin", ["https://evil.example", "null", "", "http://127.0.0.1:9999"])
async def test_a_page_of_somebody_else_gets_no_websocket(door: Browser, origin: str) -> None:
    await door.add("anh")
    await door.log_in("anh")
    cookie = f"{COOKIE}={door.http.cookies[COOKIE]}"
    sent = await knock(door, host="127.0.0.1:8000", origin=origin, cookie=cookie)
    assert sent == [{"type": "websocket.close", "code": CLOSED}]


async def test_without_a_session_there_is_no_websocket(door: Browser) -> None:
    for cookie in ("", f"{COOKIE}=guessed"):
        sent = await knock(door, host="127.0.0.1:8000", origin=ISSUER, cookie=cookie)
        assert sent == [{"type": "websocket.close", "code": CLOSED}]


async def test_a_door_that_is_shut_closes_the_websocket_and_says_so_inside() -> None:
    coming: asyncio.Queue[dict[str, Any]] = asyncio.Queue()
    sent: list[Any] = []
    used: list[bool] = []

    async def send(message: Any) -> None:
        sent.append(message)

    found = Door(coming.get, send, lambda: used.append(True))
    await coming.put({"type": "websocket.receive", "text": '42["event",{}]'})
    assert (await found.receive())["text"].startswith("42") and used == [True]
    await coming.put({"type": "websocket.receive", "text": "3"})
    await found.receive()
    assert used == [True], "a heartbeat is not somebody at work"
    waiting = asyncio.ensure_future(found.receive())
    await asyncio.sleep(0)
    found.shut()
    assert await waiting == {"type": "websocket.disconnect", "code": CLOSED}
    await found.send({"type": "websocket.send", "text": "too late"})
    assert sent == [{"type": "websocket.close", "code": CLOSED}]
