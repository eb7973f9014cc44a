"""A hub with accounts, and hands that log in at it as a browser does."""

from __future__ import annotations

import re
from collections.abc import AsyncIterator
from dataclasses import dataclass
from typing import Any
from urllib.parse import parse_qs, urlsplit

import httpx
import pytest

from services.bus.hub.app import build
from services.bus.hub.operators import commands
from services.bus.hub.operators.passwords import hash_secret
from services.bus.hub.operators.roles import Role
from services.bus.hub.settings import HubSettings
from services.bus.kit.clock import FixedClock
from services.bus.kit.service import Service
from services.bus.kit.testing import running

PASSWORD = "một mật khẩu đủ dài"
HASHED = hash_secret(PASSWORD)
ISSUER = "http://127.0.0.1:8000"


@dataclass
class Door:
    """The hub, and one browser in front of it."""

    http: httpx.AsyncClient
    service: Service
    clock: FixedClock

    async def add(self, username: str, role: Role = "operator") -> None:
        now = self.clock.now()
        await self.service.store.write(
            lambda tx: commands.add_operator(tx, username, username.title(), role, password_hash=HASHED, now=now)
        )

    async def asked(self, path: str = "/console/") -> str:
        """The address of the login form one is sent to, on the way to this page."""
        begun = await self.http.get("/console/login", params={"to": path})
        assert begun.status_code == 303, begun.text
        return str(begun.headers["location"])

    async def form(self, address: str) -> dict[str, str]:
        """The hidden fields of the form there."""
        page = await self.http.get(address)
        assert page.status_code == 200, page.text
        return {
            name: value.replace("&amp;", "&")
            for name, value in re.findall(r'<input type="hidden" name="(\w+)" value="([^"]*)"', page.text)
        }

    async def submit(self, fields: dict[str, str], username: str, password: str = PASSWORD) -> httpx.Response:
        return await self.http.post("/authorize", data={**fields, "username": username, "password": password})

    async def answer(self, username: str, password: str = PASSWORD) -> httpx.Response:
        """What the form says to this name and password."""
        return await self.submit(await self.form(await self.asked()), username, password)

    async def log_in(self, username: str, path: str = "/console/") -> str:
        """All the way to the page; where that is."""
        answer = await self.submit(await self.form(await self.asked(path)), username)
        assert answer.status_code == 303, answer.text
        back = await self.http.get(answer.headers["location"])
        assert back.status_code == 303, back.text
        return str(back.headers["location"])

    async def who(self) -> Any:
        """Who the session in the browser belongs to."""
        console = self.service.extra["console"]
        cookies = "; ".join(f"{name}={value}" for name, value in self.http.cookies.items())
        request = httpx.Request("GET", f"{ISSUER}/console/", headers={"cookie": cookies})
        scope = {"type": "http", "headers": [(b"cookie", request.headers["cookie"].encode())]}
        from starlette.requests import HTTPConnection

        return await console.sessions.current(HTTPConnection(scope))


def query_of(address: str) -> dict[str, str]:
    return {name: values[0] for name, values in parse_qs(urlsplit(address).query).items()}


@pytest.fixture
def door_settings(hub_settings: HubSettings) -> HubSettings:
    return hub_settings.model_copy(update={"ledger": False})


@pytest.fixture
async def door(door_settings: HubSettings, clock: FixedClock) -> AsyncIterator[Door]:
    app = build(door_settings, clock)
    async with running(app) as client:
        client.base_url = httpx.URL(ISSUER)
        yield Door(client, app.state.service, clock)
