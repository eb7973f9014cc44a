"""Stand-ins for each test: their own database of either kind, and a clock that stands still until it is moved."""

from __future__ import annotations

from collections.abc import AsyncIterator
from pathlib import Path

import pytest

from services.bus.kit.clock import FixedClock
from services.bus.kit.testing import TestIssuer
from tests.gateway.ministries.office import NOW, Office, open_office, settings_for


@pytest.fixture
def clock() -> FixedClock:
    return FixedClock(NOW)


@pytest.fixture
async def office(
    database_url: str, tmp_path: Path, issuer: TestIssuer, clock: FixedClock
) -> AsyncIterator[Office]:
    """The stand-ins without a broker: what they say waits in the outbox."""
    async with open_office(settings_for(database_url, issuer, tmp_path), issuer, clock) as office:
        yield office
