"""Somebody who is signed in at the console: asks for pages, and leaves them open as a browser does."""

from __future__ import annotations

import ast
import asyncio
import contextlib
import html
import json
import re
import sys
from collections.abc import AsyncIterator, Awaitable, Iterator, Sequence
from pathlib import Path
from typing import Any, Final
from urllib.parse import urlencode
from uuid import uuid4

import httpx
import socketio

from deploy.local.errors import RunnerError

_FIELD: Final = re.compile(r"<input\b[^>]*>")
_ATTRIBUTE: Final = re.compile(r'\b(name|value)="([^"]*)"')
_ACTION: Final = re.compile(r'<form\b[^>]*\baction="([^"]*)"')
_QUERY: Final = re.compile(r"^\s*query: (\{.*\}),$", re.MULTILINE)
SOCKET: Final = "/console/_nicegui_ws/socket.io"
ACKNOWLEDGED_EVERY_S: Final = 3.0


@contextlib.contextmanager
def signed_in(url: str, administrator: Path) -> Iterator[httpx.Client]:
    """A client with a session of the first administrator, whose first password lies in that file."""
    with httpx.Client(base_url=url, timeout=60, trust_env=False, follow_redirects=True) as client:
        form = client.get("/console/").raise_for_status()
        account = json.loads(administrator.read_text(encoding="utf-8"))
        fields = {**_hidden(form.text), "username": account["username"], "password": account["password"]}
        action = _ACTION.search(form.text)
        address = form.url.join(html.unescape(action[1])) if action else form.url
        page = client.post(address, data=fields)
        if page.url.path != "/console/" or page.status_code != httpx.codes.OK:
            raise RunnerError(f"The console did not let us in: {page.status_code} at {page.url.path}")
        yield client


def _hidden(page: str) -> dict[str, str]:
    fields = (dict(_ATTRIBUTE.findall(field)) for field in _FIELD.findall(page))
    return {each["name"]: html.unescape(each.get("value", "")) for each in fields if "name" in each}


async def look_on(client: httpx.Client, pages: Sequence[str], until: Awaitable[object]) -> int:
    """Keep these overviews open, as browsers do, until something happens; how often the server pushed. Says on
    standard output when all are open."""
    async with contextlib.AsyncExitStack() as stack:
        lookers = [await stack.enter_async_context(_open(client, page)) for page in pages]
        print("open", flush=True)
        ending = asyncio.ensure_future(until)
        while not (await asyncio.wait((ending,), timeout=ACKNOWLEDGED_EVERY_S))[0]:
            for each in lookers:
                await each.acknowledge()
        return sum(each.pushes for each in lookers)


class Looker:
    """One open page. What the server pushes is counted and thrown away."""

    def __init__(self, socket: socketio.AsyncClient, query: dict[str, str]) -> None:
        self._socket = socket
        self._query = query
        self._next = int(query["next_message_id"])
        self.pushes = 0
        socket.on("*", self._pushed)

    async def _pushed(self, event: str, message: Any) -> None:
        if isinstance(message, dict) and "_id" in message:
            self._next = int(message["_id"]) + 1
            self.pushes += 1

    async def acknowledge(self) -> None:
        """Tell how far the pushes have come: what is not acknowledged, the server keeps."""
        told = {"client_id": self._query["client_id"], "next_message_id": self._next}
        await self._socket.emit("ack", told)


@contextlib.asynccontextmanager
async def _open(client: httpx.Client, page: str) -> AsyncIterator[Looker]:
    found = _QUERY.search(page)
    if found is None:
        raise RunnerError("The overview does not say how to stay in touch with it")
    told = {name: str(value).lower() for name, value in ast.literal_eval(found[1]).items()}
    query = {**told, "document_id": str(uuid4()), "tab_id": str(uuid4()), "old_tab_id": ""}
    url = str(client.base_url).rstrip("/")
    cookies = "; ".join(f"{name}={value}" for name, value in client.cookies.items())
    socket = socketio.AsyncClient(reconnection=False)
    looker = Looker(socket, query)
    await socket.connect(
        f"{url}?{urlencode(query)}",
        headers={"Cookie": cookies, "Origin": url},
        transports=["websocket"],
        socketio_path=SOCKET,
    )
    try:
        yield looker
    finally:
        await socket.disconnect()


if __name__ == "__main__":
    with signed_in(sys.argv[1], Path(sys.argv[2])) as visitor:
        opened = [visitor.get("/console/").raise_for_status().text for _ in range(int(sys.argv[3]))]
        print(asyncio.run(look_on(visitor, opened, asyncio.to_thread(sys.stdin.read))))
