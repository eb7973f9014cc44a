"""A portal for each test."""

from __future__ import annotations

from collections.abc import AsyncIterator

import pytest

from tests.gateway.sync.wire import WirePortal, wire_portal


@pytest.fixture
async def portal() -> AsyncIterator[WirePortal]:
    async with wire_portal() as portal:
        yield portal
