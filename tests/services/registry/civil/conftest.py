"""A store with the tables of the civil registry, and the service itself, on both databases."""

from __future__ import annotations

from collections.abc import AsyncIterator
from pathlib import Path

import httpx
import pytest

from services.bus.kit.clock import FixedClock
from services.bus.kit.store import Store
from services.bus.kit.testing import TestIssuer, running
from services.registry.civil.app import build
from services.registry.civil.models import metadata
from services.registry.civil.settings import CivilSettings
from tests.services.registry.civil.acts import LOOKING, NOW


@pytest.fixture
async def store(database_url: str) -> AsyncIterator[Store]:
    async with Store(database_url, source="/truc/civil") as store:
        store.create_tables(metadata)
        yield store


@pytest.fixture
def clock() -> FixedClock:
    return FixedClock(NOW)


@pytest.fixture
def settings(database_url: str, tmp_path: Path, issuer: TestIssuer) -> CivilSettings:
    return CivilSettings(
        database_url=database_url,
        data_dir=tmp_path,
        jwks_file=issuer.jwks_file,
        nats_url="nats://127.0.0.1:1",
        import_piece_bytes=2_000,
    )


@pytest.fixture
async def client(
    settings: CivilSettings, issuer: TestIssuer, clock: FixedClock
) -> AsyncIterator[httpx.AsyncClient]:
    """The service without a broker: events wait in the outbox."""
    async with running(build(settings, clock), issuer.token(client_id="registrar")) as client:
        client.headers["Accept-Language"] = "en"
        client.headers.update(LOOKING)
        yield client
