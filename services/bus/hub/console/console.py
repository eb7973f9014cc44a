"""The console while the hub runs: its parts, and NiceGUI once somebody has come."""

from __future__ import annotations

import asyncio
import contextlib
import importlib
from collections.abc import AsyncIterator, Callable
from datetime import datetime
from typing import Final, cast

import httpx
import structlog
from fastapi import FastAPI, Request
from starlette.types import ASGIApp

from services.bus.hub.console.desk import Desk
from services.bus.hub.console.gate import Gate
from services.bus.hub.console.oidc import OidcClient
from services.bus.hub.console.remote import Remote
from services.bus.hub.console.sessions import SEEN_EVERY, Sessions
from services.bus.hub.console.snapshot import Snapshots
from services.bus.hub.hub import Hub
from services.bus.hub.ledger.ledger import Ledger
from services.bus.hub.operators import commands
from services.bus.hub.operators.queries import Somebody
from services.bus.hub.settings import HubSettings
from services.bus.kit.api import service_of
from services.bus.kit.http import HttpClient
from services.bus.kit.service import Lifespan, Service

log = structlog.get_logger(__name__)

EXTRA: Final = "console"
SHELL: Final = "services.bus.hub.console.shell"


class Console:
    """What the pages work with."""

    def __init__(self, service: Service, hub: Hub, ledger: Ledger | None, own: HttpClient, gate: Gate) -> None:
        self.service = service
        self.settings = hub.settings
        self.ledger = ledger
        self.gate = gate
        self.sessions = Sessions(service, hub.settings)
        self.oidc = OidcClient(hub.settings, own)
        self.remote = Remote(service, hub)
        self.desk = Desk(service, self.sessions, self.remote)
        self.snapshots = Snapshots(service, ledger, self.remote)
        self._stack = contextlib.AsyncExitStack()
        self._nicegui: asyncio.Task[ASGIApp] | None = None
        self._used: dict[str, datetime] = {}
        self._notes: set[asyncio.Task[None]] = set()

    def now(self) -> datetime:
        return self.service.clock.now()

    async def nicegui(self) -> ASGIApp:
        """The pages as an app."""
        return await asyncio.shield(self.warm_up())

    def warm_up(self) -> asyncio.Task[ASGIApp]:
        """Begin to import NiceGUI, unless that has begun."""
        if self._nicegui is None or (self._nicegui.done() and self._nicegui.exception() is not None):
            self._nicegui = asyncio.create_task(self._load(), name="console-load")
        return self._nicegui

    async def _load(self) -> ASGIApp:
        shell = await asyncio.to_thread(importlib.import_module, SHELL)
        app: FastAPI = shell.shell()
        await self._stack.enter_async_context(app.router.lifespan_context(app))
        log.info("console.loaded")
        return app

    def note_used(self, somebody: Somebody) -> None:
        """Somebody clicked: their session goes on."""
        now = self.now()
        if self._used.get(somebody.id_hash, somebody.seen_at) + SEEN_EVERY < now:
            self._used[somebody.id_hash] = now
            note = asyncio.ensure_future(
                self.service.store.write(lambda tx: commands.note_seen(tx, somebody.id_hash, now))
            )
            self._notes.add(note)
            note.add_done_callback(self._notes.discard)

    async def aclose(self) -> None:
        await self.gate.aclose()
        await self.snapshots.aclose()
        if self._nicegui is not None:
            with contextlib.suppress(Exception):
                await self._nicegui
        await self._stack.aclose()


def console_of(request: Request) -> Console:
    """The console behind this request."""
    return cast("Console", service_of(request).extra[EXTRA])


def consoles(app: Callable[[], FastAPI], gate: Gate, ledger: Ledger | None) -> Lifespan:
    """A lifespan that keeps the console. `app` is the hub's own: its provider is asked without a network."""

    @contextlib.asynccontextmanager
    async def living(service: Service) -> AsyncIterator[None]:
        settings = cast("HubSettings", service.settings)
        hub = cast("Hub", service.extra["hub"])
        transport = httpx.ASGITransport(app()) if settings.own_accounts else None
        async with HttpClient(transport=transport, connections=8) as own:
            console = Console(service, hub, ledger, own, gate)
            service.extra[EXTRA] = console
            try:
                yield
            finally:
                await console.aclose()

    return living
