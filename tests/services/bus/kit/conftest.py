"""A hub that does what it is told, and the client that asks it."""

from __future__ import annotations

from collections.abc import AsyncIterator

import pytest

from services.bus.kit.http import HttpClient
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
