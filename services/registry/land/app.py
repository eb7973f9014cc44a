"""The land registry, wired: routes, the desk's tasks, what it hears of deaths and dossiers, calls to VBDLIS."""

from __future__ import annotations

import contextlib
from collections.abc import AsyncIterator
from pathlib import Path
from typing import Final

from services.bus.kit.clock import Clock, SystemClock
from services.bus.kit.consumer import ConsumerSpec
from services.bus.kit.front import AxisApp
from services.bus.kit.service import Service, create_service
from services.bus.kit.serving import run
from services.bus.kit.shortcut import Shortcut
from services.registry.land import reactions
from services.registry.land.api import certificates, parcels, routers
from services.registry.land.desk import land_desk
from services.registry.land.expiry import unlock_expired
from services.registry.land.importing.parcels import REGISTRY
from services.registry.land.models import metadata
from services.registry.land.settings import LandSettings
from services.registry.land.vbdlis.sender import send_calls

VERSIONS: Final = Path(__file__).with_name("migrations")

DESCRIPTION: Final = """Parcels (thửa đất), rights, restrictions, certificates, and every change of them.

What the law asks of a change is data; a refusal names every rule that is broken. Nothing is overwritten: a parcel
can be looked at as it was on any day."""


def build(settings: LandSettings | None = None, clock: Clock | None = None) -> AxisApp:
    """The app, with settings from the environment and the machine's clock unless others are given."""
    chosen, time = settings or LandSettings(), clock or SystemClock()
    desk = land_desk(chosen, time)

    @contextlib.asynccontextmanager
    async def with_desk(service: Service) -> AsyncIterator[None]:
        service.extra["desk"] = desk
        yield

    return create_service(
        "land",
        title="Trục: land registry (đất đai)",
        description=DESCRIPTION,
        settings=chosen,
        metadata=metadata,
        versions=VERSIONS,
        routers=routers,
        consumers=[
            ConsumerSpec("land-tasks", desk.subjects, desk.react),
            ConsumerSpec("land-civil", reactions.CIVIL, reactions.react, brief=True),
            ConsumerSpec("land-runs", reactions.RUNS, reactions.react, brief=True),
        ],
        background=[unlock_expired, *([send_calls] if chosen.vbdlis_url or chosen.onestop_url else [])],
        shortcuts=[
            Shortcut(parcels.router, parcels.show_parcel),
            Shortcut(parcels.router, parcels.find_parcels),
            Shortcut(certificates.router, certificates.show_certificate),
        ],
        lifespan=[with_desk, REGISTRY.opened(chosen.import_piece_bytes)],
        clock=time,
    )


def main() -> None:
    """Serve until told to stop."""
    settings = LandSettings()
    run(lambda: build(settings), settings)
