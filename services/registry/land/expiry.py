"""A pending change that nobody confirms does not lock a right for ever: after its time it is given up."""

from __future__ import annotations

import asyncio
from datetime import datetime, timedelta
from functools import partial
from typing import Final

from sqlalchemy import select, text

from services.bus.kit.service import Service
from services.bus.kit.tx import Tx
from services.registry.land.commands.changes import give_up
from services.registry.land.models import PENDING, Change
from services.registry.land.settings import LandSettings

EVERY_S: Final = 600
AT_ONCE: Final = 200
EXPIRED: Final = "Quá thời gian chờ xác nhận."


async def unlock_expired(service: Service) -> None:
    """Look every ten minutes, a few hundred at a time."""
    settings = service.settings
    assert isinstance(settings, LandSettings)
    waiting = timedelta(days=settings.pending_days)
    while True:
        before = service.clock.now() - waiting
        while await service.store.write(partial(give_up_older, before=before)):
            await asyncio.sleep(0.1)
        await asyncio.sleep(EVERY_S)


def give_up_older(tx: Tx, before: datetime) -> int:
    """Give up changes pending since before this moment; how many."""
    where = (text(PENDING), Change.requested_at < before)
    old = list(tx.scalars(select(Change.id).where(*where).order_by(Change.id).limit(AT_ONCE)))
    for change_id in old:
        give_up(tx, change_id, EXPIRED)
    return len(old)
