"""The stand-in ministries, wired: settings, desks, tables, routes, and the clock that gives what falls due."""

from __future__ import annotations

import contextlib
from collections.abc import AsyncIterator
from pathlib import Path
from typing import Final

from fastapi import FastAPI

from gateway.ministries.api import routers
from gateway.ministries.clockwork import due_answers
from gateway.ministries.ministries import EXTRA, Ministries
from gateway.ministries.models import metadata
from gateway.ministries.settings import MinistriesSettings
from services.bus.kit.clock import Clock, SystemClock
from services.bus.kit.service import Service, create_service
from services.bus.kit.serving import run

VERSIONS: Final = Path(__file__).with_name("migrations")

DESCRIPTION: Final = """Stand-ins for the ministries' systems: tax, social insurance, welfare, judicial records,
business register, health. Each answers its kinds of tasks as its persona says.

To take one over with a real system, leave it out of TRUC_MINISTRIES_ON and switch the member on."""


def build(settings: MinistriesSettings | None = None, clock: Clock | None = None) -> FastAPI:
    """The app, with settings from the environment and the machine's clock unless others are given."""
    chosen, time = settings or MinistriesSettings(), clock or SystemClock()
    ministries = Ministries.of(chosen, time)

    @contextlib.asynccontextmanager
    async def playing(service: Service) -> AsyncIterator[None]:
        service.extra[EXTRA] = ministries
        yield

    return create_service(
        "ministries",
        title="Trục: stand-in ministries (các bộ, ngành giả lập)",
        description=DESCRIPTION,
        settings=chosen,
        metadata=metadata,
        versions=VERSIONS,
        routers=routers,
        consumers=ministries.consumers(),
        background=[due_answers],
        lifespan=[playing],
        clock=time,
    )


def main() -> None:
    """Serve until told to stop."""
    settings = MinistriesSettings()
    run(lambda: build(settings), settings)
