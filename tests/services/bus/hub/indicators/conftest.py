"""A store with the hub's tables, and the hub itself with a token to look."""

from __future__ import annotations

from collections.abc import AsyncIterator

import pytest

from services.bus.hub.models import metadata
from services.bus.kit.clock import FixedClock
from services.bus.kit.store import Store
from tests.services.bus.hub.indicators.telling import DAY, MONDAY


@pytest.fixture
async def store(database_url: str) -> AsyncIterator[Store]:
    async with Store(database_url, source="/truc/hub") as store:
        store.create_tables(metadata)
        yield store


@pytest.fixture
def clock() -> FixedClock:
    return FixedClock(MONDAY + 30 * DAY)
