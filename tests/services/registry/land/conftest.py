"""A store with the tables of the land registry, and the service itself, on both databases."""

from __future__ import annotations

from collections.abc import AsyncIterator
from pathlib import Path

import httpx
import pytest

from services.bus.kit.clock import FixedClock
from services.bus.kit.store import Store
from services.bus.kit.testing import TestIssuer, running
from services.registry.land.app import build
from services.registry.land.models import metadata
from services.registry.land.settings import LandSettings
from tests.services.registry.land.parcels import NOW


@pytest.fixture
async def store(database_url: str) -> AsyncIterator[Store]:
    async with Store(database_url, source="/truc/land") as store:
        store.create_tables(metadata)
        yield store


@pytest.fixture
def clock() -> FixedClock:
    return FixedClock(NOW)


@pytest.fixture
def settings(database_url: str, tmp_path: Path, issuer: TestIssuer) -> LandSettings:
    return LandSettings(
        database_url=database_url,
        data_dir=tmp_path,
        jwks_file=issuer.jwks_file,
        nats_url="nats://127.0.0.1:1",
        import_piece_bytes=500,
        vbdlis_code="secret",
    )


@pytest.fixture
async def client(
    settings: LandSettings, issuer: TestIssuer, clock: FixedClock
) -> AsyncIterator[httpx.AsyncClient]:
    """The service without a broker: events wait in the outbox."""
    async with running(build(settings, clock), issuer.token(client_id="land-office")) as client:
        client.headers["Accept-Language"] = "en"
        yield client
