"""The sync worker, wired: settings, tables, reactions, routes, and the engine that runs beside them."""

from __future__ import annotations

from pathlib import Path

from fastapi import FastAPI

from gateway.sync.api import routers
from gateway.sync.engine import Engine
from gateway.sync.models import metadata
from gateway.sync.only_one import only_worker, stay_the_only_worker
from gateway.sync.reactions import on_request_declined
from gateway.sync.reconcile.watch import keep_comparing, watching
from gateway.sync.recorder import PACE_S
from gateway.sync.settings import SyncSettings
from services.bus.kit.clock import Clock, SystemClock
from services.bus.kit.consumer import ConsumerSpec
from services.bus.kit.service import create_service
from services.bus.kit.serving import run

DESCRIPTION = """Keeps the national portal (Cổng DVCQG) in step with the province: every status change, in
order, once, through outages; and brings back what citizens do on the portal."""


def build(settings: SyncSettings | None = None, clock: Clock | None = None) -> FastAPI:
    """The app, with settings from the environment unless they are given."""
    settings, clock = settings or SyncSettings(), clock or SystemClock()
    engine = Engine(settings, clock)
    return create_service(
        "sync",
        title="Trục: sync with the national portal (đồng bộ Cổng DVCQG)",
        description=DESCRIPTION,
        settings=settings,
        metadata=metadata,
        versions=Path(__file__).parent / "migrations",
        routers=routers,
        consumers=[
            ConsumerSpec(
                "sync-dossiers",
                ["axis.dossier.status-changed"],
                engine.on_status_changed,
                after_commit=engine.committed,
                ahead=engine.ahead,
                pace_s=PACE_S,
            ),
            ConsumerSpec("sync-answers", ["axis.dossier.request-declined"], on_request_declined, engine.declined),
        ],
        lifespan=[only_worker, engine.running, watching],
        background=[stay_the_only_worker, *engine.loops, keep_comparing],
        clock=clock,
    )


def main() -> None:
    """Serve until told to stop."""
    settings = SyncSettings()
    run(lambda: build(settings), settings)
