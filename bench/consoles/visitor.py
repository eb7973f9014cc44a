"""Somebody who is signed in at the console: asks for pages, and leaves them open as a browser does."""

from __future__ import annotations

import asyncio
import contextlib
import html
import json
import re
import sys
from collections.abc import AsyncIterator, Iterator, Sequence
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


async def look_on(client: httpx.Client, pages: Sequence[str]) -> None:
    """Keep these overviews open until cancelled, as browsers do; says on standard output when all are."""
    async with contextlib.AsyncExitStack() as stack:
        lookers = [await stack.enter_async_context(_open(client, page)) for page in pages]
        print("open", flush=True)
        while True:
            await asyncio.sleep(ACKNOWLEDGED_EVERY_S)
            for each in lookers:
                await each.acknowledge()


class Looker:
    """One open page. What the server pushes is counted and thrown away."""

    def __init__(self, socket: socketio.AsyncClient, query: dict[str, Any]) -> None:
        self._socket = socket
        self._query = query
        self._next = int(query["next_message_id"])
        socket.on("*", self._pushed)

    async def _pushed(self, event: str, message: Any) -> None:
        if isinstance(message, dict) and "_id" in message:
            self._next = int(message["_id"]) + 1

    async def acknowledge(self) -> None:
        """Tell how far the pushes have come: what is not acknowledged, the server keeps."""
        told = {"client_id": self._query["client_id"], "next_message_id": self._next}
        await self._socket.emit("ack", told)


@contextlib.asynccontextmanager
async def _open(client: httpx.Client, page: str) -> AsyncIterator[Looker]:
    found = _QUERY.search(page)
    if found is None:
        raise RunnerError("The overview does not say how to stay in touch with it")
    query = {**json.loads(found[1]), "document_id": str(uuid4()), "tab_id": str(uuid4()), "old_tab_id": ""}
    url = str(client.base_url).rstrip("/")
    cookies = "; ".join(f"{name}={value}" for name, value in client.cookies.items())
    async with socketio.AsyncClient(reconnection=False) as socket:
        looker = Looker(socket, query)
        await socket.connect(
            f"{url}?{urlencode(query)}",
            headers={"Cookie": cookies, "Origin": url},
            transports=["websocket"],
            socketio_path=SOCKET,
        )
        yield looker


if __name__ == "__main__":
    with signed_in(sys.argv[1], Path(sys.argv[2])) as visitor:
        opened = [visitor.get("/console/").raise_for_status().text for _ in range(int(sys.argv[3]))]
        asyncio.run(look_on(visitor, opened))
