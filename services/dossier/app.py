"""The dossier service, wired: routes, what it listens to, the verifier and the keeper of files beside it."""

from __future__ import annotations

import contextlib
from collections.abc import AsyncIterator
from functools import partial
from pathlib import Path

from services.bus.kit.clock import SystemClock
from services.bus.kit.consumer import ConsumerSpec
from services.bus.kit.front import AxisApp
from services.bus.kit.service import Service, create_service
from services.bus.kit.serving import run
from services.bus.kit.shortcut import Shortcut
from services.dossier import reactions
from services.dossier.api import actions, attachments, catalogue, dossiers, tasks, uploads
from services.dossier.keeper import Keeper
from services.dossier.models import Base
from services.dossier.results.api import routers as result_routers
from services.dossier.results.room import Room
from services.dossier.settings import DossierSettings
from services.dossier.tasks.overdue import Overdue
from services.dossier.verifier import Verifier

ACKNOWLEDGEMENTS_PACE_S = 0.1
"""Nobody waits for what the portal acknowledged to be noted with its step: under load many share a commit."""


def build(settings: DossierSettings | None = None) -> AxisApp:
    """The app. Settings come from TRUC_DOSSIER_* unless given."""
    chosen = settings or DossierSettings()
    results = Room(chosen)

    @contextlib.asynccontextmanager
    async def with_verifier(service: Service) -> AsyncIterator[None]:
        service.extra["verifier"] = Verifier(service, chosen)
        yield

    @contextlib.asynccontextmanager
    async def with_keeper(service: Service) -> AsyncIterator[None]:
        service.extra["keeper"] = Keeper(service, chosen)
        yield

    async def verify(service: Service) -> None:
        verifier: Verifier = service.extra["verifier"]
        await verifier.run()

    async def keep_files(service: Service) -> None:
        keeper: Keeper = service.extra["keeper"]
        await keeper.run()

    async def mark_overdue(service: Service) -> None:
        await Overdue(service, chosen).run()

    return create_service(
        "dossier",
        title="Trục: dossiers (một cửa)",
        description="The one-stop shop: takes in dossiers, moves them step by step, shows their way.",
        settings=chosen,
        metadata=Base.metadata,
        versions=Path(__file__).parent / "migrations",
        routers=[
            dossiers.router,
            actions.router,
            attachments.attachments,
            attachments.results,
            uploads.router,
            tasks.router,
            catalogue.router,
            *result_routers,
        ],
        shortcuts=[
            Shortcut(dossiers.router, dossiers.take_in),
            Shortcut(actions.router, actions.act),
            Shortcut(dossiers.router, dossiers.show),
            Shortcut(dossiers.router, dossiers.timeline),
        ],
        consumers=[
            ConsumerSpec(
                "dossier-portal",
                ["axis.portal.>"],
                partial(reactions.on_portal_event, handling=chosen.handling, signer=results.ring),
                pace_s=ACKNOWLEDGEMENTS_PACE_S,
            ),
            ConsumerSpec(
                "dossier-answers",
                ["axis.answer.>"],
                partial(
                    reactions.on_answer,
                    clock=SystemClock(),
                    supplement_days=chosen.supplement_working_days,
                    signer=results.ring,
                ),
                brief=True,
            ),
        ],
        background=[verify, keep_files, mark_overdue],
        lifespan=[results.living, with_verifier, with_keeper],
    )


def main() -> None:
    """Serve until told to stop."""
    settings = DossierSettings()
    run(lambda: build(settings), settings)
