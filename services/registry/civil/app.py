"""The civil registry, wired: settings, tables, routes, the desk and what it listens to."""

from __future__ import annotations

from pathlib import Path
from typing import Final

from fastapi import FastAPI

from services.bus.kit.clock import Clock, SystemClock
from services.bus.kit.consumer import ConsumerSpec
from services.bus.kit.service import create_service
from services.bus.kit.serving import run
from services.bus.kit.shortcut import Shortcut
from services.registry.civil.api import duplicates, records, routers
from services.registry.civil.importing.books import REGISTRY
from services.registry.civil.models import metadata
from services.registry.civil.reactions import CivilDesk
from services.registry.civil.settings import CivilSettings

VERSIONS: Final = Path(__file__).with_name("migrations")

DESCRIPTION: Final = """Births, deaths, marriages and the rest of civil status (hộ tịch): books, records, extracts.

A correction adds a version and keeps the old one; every number of a book is used once, without a gap."""


def build(settings: CivilSettings | None = None, clock: Clock | None = None) -> FastAPI:
    """The app, with settings from the environment and the machine's clock unless others are given."""
    chosen, time = settings or CivilSettings(), clock or SystemClock()
    desk = CivilDesk(time, chosen.layout())
    return create_service(
        "civil",
        title="Trục: civil registry (hộ tịch)",
        description=DESCRIPTION,
        settings=chosen,
        metadata=metadata,
        versions=VERSIONS,
        routers=routers,
        consumers=[
            ConsumerSpec("civil-tasks", desk.desk.subjects, desk.desk.react),
            ConsumerSpec(
                "civil-personal-ids", ["axis.population.personal-id-assigned"], desk.on_personal_id, brief=True
            ),
        ],
        shortcuts=[
            Shortcut(records.router, records.find_records),
            Shortcut(records.router, records.show_record),
            Shortcut(duplicates.router, duplicates.show_duplicates),
            Shortcut(duplicates.router, duplicates.find_duplicates),
        ],
        lifespan=[REGISTRY.opened(chosen.import_piece_bytes)],
        clock=time,
    )


def main() -> None:
    """Serve until told to stop."""
    settings = CivilSettings()
    run(lambda: build(settings), settings)
