"""Wires the stand-in portal. It stands outside the axis: no broker, no events; it speaks HTTP only."""

from __future__ import annotations

import contextlib
from collections.abc import AsyncIterator
from pathlib import Path

from fastapi import FastAPI

from gateway.portal.api import citizens, faults, mapi, proof
from gateway.portal.models import metadata
from gateway.portal.portal import EXTRA, Portal
from gateway.portal.settings import PortalSettings
from gateway.portal.web import routes
from services.bus.kit.clock import Clock
from services.bus.kit.service import Service, create_service
from services.bus.kit.serving import run

VERSIONS = Path(__file__).parent / "migrations"


def build(settings: PortalSettings | None = None, clock: Clock | None = None) -> FastAPI:
    """The portal's app."""
    chosen = settings or PortalSettings()

    @contextlib.asynccontextmanager
    async def portal(service: Service) -> AsyncIterator[None]:
        service.extra[EXTRA] = Portal.of(chosen)
        yield

    app = create_service(
        "portal",
        title="Cổng Dịch vụ công quốc gia (bản mô phỏng)",
        description="A stand-in for the National Public Service Portal, to rehearse on.",
        settings=chosen,
        metadata=metadata,
        versions=VERSIONS,
        routers=[faults.router, proof.router, citizens.router, routes.router],
        lifespan=[portal],
        clock=clock,
        on_axis=False,
    )
    app.put_in_front(mapi.Mapi)
    return app


def main() -> None:
    """Serve the portal until told to stop."""
    settings = PortalSettings()
    run(lambda: build(settings), settings)
