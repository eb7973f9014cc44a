"""The hub, wired: keys, members, tokens, the latency ledger. Everybody else needs its tokens, so it needs
nobody to start: the ledger waits for the broker and for whoever is away; tokens never wait for the ledger."""

from __future__ import annotations

import contextlib
import os
from collections.abc import AsyncIterator
from pathlib import Path
from typing import cast

from fastapi import FastAPI

from services.bus.hub.api import of_the_ledger, routers
from services.bus.hub.bootstrap import members_imported
from services.bus.hub.console.console import EXTRA as CONSOLE
from services.bus.hub.console.console import Console, consoles
from services.bus.hub.console.doors import router as doors
from services.bus.hub.console.downloads import router as downloads
from services.bus.hub.console.gate import Gate
from services.bus.hub.hub import living
from services.bus.hub.indicators import room as indicators
from services.bus.hub.indicators.api import routers as indicator_routers
from services.bus.hub.ledger.ledger import Ledger
from services.bus.hub.models import metadata
from services.bus.hub.operators.accounts import first_administrator, keep_tidy
from services.bus.hub.operators.api import router as operators
from services.bus.hub.provider.api import router as provider
from services.bus.hub.settings import HubSettings
from services.bus.hub.standing_metrics import Standing
from services.bus.hub.web.assets import router as assets
from services.bus.kit.clock import Clock, SystemClock
from services.bus.kit.jwks import JwksPolicy
from services.bus.kit.service import Service, create_service
from services.bus.kit.serving import run
from services.bus.kit.tokens import TokenVerifier

DESCRIPTION = """Members of the axis (thành viên trục), their tokens, and the keys that sign them.

A token comes from `POST /oauth/token` with client credentials."""

VERSIONS = Path(__file__).parent / "migrations"


def build(settings: HubSettings | None = None, clock: Clock | None = None) -> FastAPI:
    """The app, with settings from the environment unless they are given."""
    chosen = settings or HubSettings()
    ledger = Ledger(chosen, clock or SystemClock()) if chosen.ledger else None
    gate = Gate(lambda: cast("Console", app.state.service.extra[CONSOLE]))

    @contextlib.asynccontextmanager
    async def shown(service: Service) -> AsyncIterator[None]:
        if ledger is not None:
            Standing(ledger).add_to(service)
        yield

    app = create_service(
        "hub",
        title="Trục: hub",
        description=DESCRIPTION,
        settings=chosen,
        metadata=metadata,
        versions=VERSIONS,
        routers=(
            *routers,
            *indicator_routers,
            *(of_the_ledger if ledger is not None else ()),
            operators,
            *((provider,) if chosen.own_accounts else ()),
            *((doors, downloads, assets) if chosen.console else ()),
        ),
        lifespan=[
            living,
            members_imported,
            first_administrator,
            indicators.living,
            *([ledger.running] if ledger is not None else []),
            shown,
            *([consoles(lambda: app, gate, ledger)] if chosen.console else []),
        ],
        background=[indicators.keep_indicators, keep_tidy],
        clock=clock,
        waits_for_broker=False,  # nor do tokens
        # its own keys lie on its own disk, and reading a file needs no patience
        verifier=TokenVerifier(
            None,
            hub_url=chosen.issuer,
            jwks_file=chosen.published_keys_file,
            policy=JwksPolicy(refetch_after=0.0),
            clock=clock,
        ),
    )
    if chosen.console:
        app.mount("/console", gate)
    return app


def main() -> None:
    """Serve until told to stop."""
    settings = HubSettings()
    os.nice(settings.niceness)
    run(lambda: build(settings), settings, websockets=settings.console)
