"""The population service, wired: settings, tables, routes, and what it hears: the civil registry, and tasks."""

from __future__ import annotations

from pathlib import Path
from typing import Final

from fastapi import FastAPI

from services.bus.kit.clock import Clock, SystemClock
from services.bus.kit.consumer import ConsumerSpec
from services.bus.kit.service import create_service
from services.bus.kit.serving import run
from services.bus.kit.shortcut import Shortcut
from services.population.api import checks, citizens, routers
from services.population.importing.citizens import REGISTRY
from services.population.models import metadata
from services.population.reactions import on_civil_event
from services.population.settings import PopulationSettings
from services.population.tasks import desk

VERSIONS: Final = Path(__file__).with_name("migrations")

DESCRIPTION: Final = """Citizens (công dân), households (hộ gia đình), residences, identity checks.

Personal data are shown for a purpose only, and every look is in the log before it is answered."""


def build(settings: PopulationSettings | None = None, clock: Clock | None = None) -> FastAPI:
    """The app, with settings from the environment and the machine's clock unless others are given."""
    chosen = clock or SystemClock()
    at_desk = desk(chosen)
    given = settings or PopulationSettings()
    return create_service(
        "population",
        title="Trục: population (dân cư)",
        description=DESCRIPTION,
        settings=given,
        metadata=metadata,
        versions=VERSIONS,
        routers=routers,
        shortcuts=[
            Shortcut(citizens.router, citizens.show_citizen),
            Shortcut(checks.router, checks.check_identities),
        ],
        consumers=[
            ConsumerSpec("population-civil", ["axis.civil.>"], on_civil_event(chosen), brief=True),
            ConsumerSpec("population-tasks", at_desk.subjects, at_desk.react, brief=True),
        ],
        lifespan=[REGISTRY.opened(given.import_piece_bytes)],
        clock=chosen,
    )


def main() -> None:
    """Serve until told to stop."""
    settings = PopulationSettings()
    run(lambda: build(settings), settings)
