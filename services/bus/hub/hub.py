"""The hub's own objects while it runs: its key ring and its secret checker, and how they come to life.

Keys are made here, outside any command; the table decides which of them counts. Rotations go one at a time,
because a key's private half is on disk a moment before its row is committed.
"""

from __future__ import annotations

import asyncio
import contextlib
from collections.abc import AsyncIterator, Awaitable, Callable
from dataclasses import dataclass, field
from functools import partial
from typing import Any, TypeVar, cast

import structlog
from fastapi import Request

from services.bus.hub import commands, queries
from services.bus.hub.keyring import KeyRing
from services.bus.hub.secrets import SecretChecker
from services.bus.hub.settings import HubSettings
from services.bus.kit.api import service_of
from services.bus.kit.service import Service

log = structlog.get_logger(__name__)
T = TypeVar("T")

EXTRA = "hub"


@dataclass
class Hub:
    """What routes need besides the store."""

    settings: HubSettings
    ring: KeyRing
    checker: SecretChecker
    passwords: SecretChecker
    """Of operators. Nothing is remembered: people log in once."""
    rotating: asyncio.Lock = field(default_factory=asyncio.Lock)

    async def rotate(self, service: Service, write: Callable[[dict[str, Any]], Awaitable[T]]) -> T:
        """Makes a key, has `write` commit its public JWK as the one that signs, then signs with it."""
        async with self.rotating:
            key = await asyncio.to_thread(self.ring.make_key)
            result = await write(key.as_dict(private=False))
            await self.reload(service)
        return result

    async def reload(self, service: Service) -> None:
        rows = await service.store.read(queries.signing_key_rows)
        await asyncio.to_thread(self.ring.load, rows, service.clock.now())

    async def ensure_key(self, service: Service) -> None:
        """Makes the first key, or one in place of a key whose private half is lost; then loads the ring."""
        lifetime, now = self.settings.token_lifetime, service.clock.now()
        rows = await service.store.read(queries.signing_key_rows)
        active = next((row.kid for row in rows if row.retired_at is None), None)
        if active is not None and await asyncio.to_thread(self.ring.has_private, active):
            await service.store.write(lambda tx: commands.note_lifetime(tx, lifetime))
            await self.reload(service)
            return
        rotate = partial(commands.rotate_signing_key, lifetime=lifetime, now=now)
        made = await self.rotate(service, lambda jwk: service.store.write(lambda tx: rotate(tx, jwk)))
        log.warning(
            "signing-key.made", kid=made.kid, because="the private half is lost" if active else "first start"
        )


def hub_of(request: Request) -> Hub:
    """The hub behind this request."""
    return cast("Hub", service_of(request).extra[EXTRA])


@contextlib.asynccontextmanager
async def living(service: Service) -> AsyncIterator[None]:
    """The hub for the length of the block, ready to sign."""
    settings = cast("HubSettings", service.settings)
    ring = KeyRing(settings.keys_folder, settings.published_keys_file)
    hub = Hub(settings, ring, SecretChecker(), SecretChecker(remembered_for=0.0, remembered=1, threads=1))
    service.extra[EXTRA] = hub
    try:
        await hub.ensure_key(service)
        yield
    finally:
        hub.checker.close()
        hub.passwords.close()
