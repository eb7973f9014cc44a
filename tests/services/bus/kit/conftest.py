"""A hub that does what it is told, and the client that asks it."""

from __future__ import annotations

from collections.abc import AsyncIterator
from pathlib import Path

import pytest
from fastapi import FastAPI

from services.bus.kit.consumer import ConsumerSpec
from services.bus.kit.engines import writer_engine
from services.bus.kit.http import HttpClient
from services.bus.kit.service import create_service
from services.bus.kit.settings import ServiceSettings
from services.bus.kit.tables import KitBase
from services.bus.kit.testing import TestIssuer
from services.bus.kit.tx import new_base
from tests.services.bus.kit.misbehaving import Server, answer, misbehaving
from tests.services.bus.kit.signing import KEY, QUICK, STEADY, jwks


@pytest.fixture
async def hub(anyio_backend: str) -> AsyncIterator[Server]:
    async with misbehaving() as server:
        server.otherwise = answer(200, jwks(KEY))
        yield server


@pytest.fixture
async def http(anyio_backend: str) -> AsyncIterator[HttpClient]:
    async with HttpClient(retries=QUICK, breaker=STEADY) as http:
        yield http


@pytest.fixture
async def app(tmp_path: Path, database_url: str, issuer: TestIssuer) -> AsyncIterator[FastAPI]:
    """A service whose broker is away."""
    versions = tmp_path / "versions"
    versions.mkdir()
    engine = writer_engine(database_url)
    KitBase.metadata.create_all(engine)
    engine.dispose()
    settings = ServiceSettings(
        data_dir=tmp_path,
        database_url=database_url,
        nats_url="nats://127.0.0.1:9",
        jwks_file=issuer.jwks_file,
        drain_seconds=0.1,
    )
    app = create_service(
        "tiny", title="Tiny", description="", settings=settings, metadata=new_base().metadata, versions=versions,
        routers=[], consumers=[ConsumerSpec("tiny-test", ["axis.>"], lambda tx, event: None)],
    )  # fmt: skip
    async with app.router.lifespan_context(app):
        yield app
