"""What lives beside the requests: the key ring, the press, the limits. One a process.

Make it before the app, hand it to whoever issues (`issue(tx, room.ring, ...)`), and put `room.living` into the
app's lifespan: consumers start after it, so nothing is ever signed without a key.
"""

from __future__ import annotations

import asyncio
import contextlib
from collections.abc import AsyncIterator, Callable
from datetime import datetime
from typing import cast

import structlog
from fastapi import Request
from joserfc.jwk import OKPKey
from sqlalchemy import select

from contracts.results.views import ResultKeyView
from services.bus.kit.api import service_of
from services.bus.kit.service import Service
from services.bus.kit.tx import Tx
from services.dossier.results.keyring import KeyRing
from services.dossier.results.limits import Limits
from services.dossier.results.models import ResultKey
from services.dossier.results.press import Press
from services.dossier.results.settings import ResultSettings

log = structlog.get_logger(__name__)

EXTRA = "results"


class Room:
    """Everything about results that is no row of a table."""

    def __init__(self, settings: ResultSettings) -> None:
        self.settings = settings
        self.ring = KeyRing(settings.result_keys_folder)
        self.limits = Limits(settings)
        self.press = Press(settings)
        self._rotating = asyncio.Lock()

    @contextlib.asynccontextmanager
    async def living(self, service: Service) -> AsyncIterator[None]:
        """The room for the length of the block, ready to sign."""
        service.extra[EXTRA] = self
        try:
            await self._begin(service)
            yield
        finally:
            self.press.close()

    async def rotate(self, service: Service) -> ResultKeyView:
        """A new key signs from now on; what the old one signed stays good."""
        async with self._rotating:
            old = self.ring.key_id
            key = await asyncio.to_thread(self.ring.make)
            view = await service.store.write(_enter(key, retires=old, now=service.clock.now()))
            self.ring.use(key)
            await asyncio.to_thread(self.ring.delete_private, old)
        log.warning("result-key.rotated", kid=view.kid)
        return view

    async def _begin(self, service: Service) -> None:
        known = await service.store.read(signing_keys)
        key = await asyncio.to_thread(self.ring.newest, [each.kid for each in known if each.retired_at is None])
        if key is None:
            key = await asyncio.to_thread(self.ring.make)
            await service.store.write(_enter(key, retires=None, now=service.clock.now()))
            log.warning("result-key.made", kid=str(key.kid))
        self.ring.use(key)
        for each in known:
            if each.retired_at is not None:  # a crash may have left its private half behind
                await asyncio.to_thread(self.ring.delete_private, each.kid)


def room_of(request: Request) -> Room:
    """The room behind this request."""
    return cast("Room", service_of(request).extra[EXTRA])


def signing_keys(tx: Tx) -> list[ResultKeyView]:
    """Every key, newest first."""
    rows = tx.execute(
        select(ResultKey.kid, ResultKey.created_at, ResultKey.retired_at).order_by(
            ResultKey.created_at.desc(), ResultKey.kid
        )
    )
    return [ResultKeyView(kid=kid, created_at=created, retired_at=retired) for kid, created, retired in rows]


def _enter(key: OKPKey, *, retires: str | None, now: datetime) -> Callable[[Tx], ResultKeyView]:
    """The command that makes a key's public half known, and retires the one it follows."""
    public = key.as_dict(private=False)

    def command(tx: Tx) -> ResultKeyView:
        before = tx.find(ResultKey, retires) if retires is not None else None
        if before is not None:
            before.retired_at = now
        tx.insert(ResultKey, kid=public["kid"], public_jwk=public, created_at=now, retired_at=None)
        return ResultKeyView(kid=str(public["kid"]), created_at=now, retired_at=None)

    return command
