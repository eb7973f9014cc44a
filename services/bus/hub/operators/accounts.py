"""The first account: an administrator whose password lies in a file of the data folder, readable by its owner
only, until it is changed. Also the tidying up."""

from __future__ import annotations

import asyncio
import contextlib
import json
from collections.abc import AsyncIterator
from functools import partial
from pathlib import Path
from typing import Final, cast

import structlog

from services.bus.hub.keyring import write_private
from services.bus.hub.operators import commands, queries
from services.bus.hub.operators.passwords import hash_secret, new_password
from services.bus.hub.settings import HubSettings
from services.bus.kit.service import Service

log = structlog.get_logger(__name__)

ADMINISTRATOR: Final = "administrator"
NAME: Final = "Quản trị viên"
FORGET_EVERY_S: Final = 600.0


@contextlib.asynccontextmanager
async def first_administrator(service: Service) -> AsyncIterator[None]:
    """A lifespan: makes the account if there is none at all."""
    settings = cast("HubSettings", service.settings)
    if settings.own_accounts and not await service.store.read(queries.any_operator):
        await _make(service, settings.administrator_file)
    yield


async def _make(service: Service, file: Path) -> None:
    password = await asyncio.to_thread(_password_in, file) or new_password()
    hashed = await asyncio.to_thread(hash_secret, password)
    # the file first: an account whose password nobody knows would be no use
    await asyncio.to_thread(write_private, file, {"username": ADMINISTRATOR, "password": password})
    now = service.clock.now()
    await service.store.write(
        lambda tx: commands.add_operator(tx, ADMINISTRATOR, NAME, "administrator", password_hash=hashed, now=now)
    )
    log.warning("operators.administrator-made", file=str(file))


def _password_in(file: Path) -> str | None:
    """What a start that was cut short has left."""
    try:
        return str(json.loads(file.read_bytes())["password"])
    except (OSError, ValueError, KeyError, TypeError):
        return None


def forget_first_password(file: Path, username: str) -> None:
    """The file says what is no longer true."""
    with contextlib.suppress(OSError, ValueError, KeyError, TypeError):
        if json.loads(file.read_bytes())["username"] == username:
            file.unlink()


async def keep_tidy(service: Service) -> None:
    """Forget what has run out, now and then."""
    settings = cast("HubSettings", service.settings)
    while True:
        await asyncio.sleep(FORGET_EVERY_S)
        await service.store.write(partial(commands.forget, now=service.clock.now(), idle=settings.session_idle))
