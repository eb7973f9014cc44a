"""A ledger on a database of its own, a clock to move, and receipts as processes write them."""

from __future__ import annotations

from collections.abc import AsyncIterator
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any

import pytest

from services.bus.hub.ledger.ledger import Ledger
from services.bus.hub.models import metadata
from services.bus.hub.settings import HubSettings
from services.bus.kit.clock import FixedClock
from services.bus.kit.columns import to_micros
from services.bus.kit.store import Store

NOW = datetime(2026, 11, 22, 8, 30, tzinfo=UTC)
STATUS = "vn.truc.dossier.status-changed.v1"


@pytest.fixture
def clock() -> FixedClock:
    return FixedClock(NOW)


@pytest.fixture
async def store(database_url: str) -> AsyncIterator[Store]:
    store = Store(database_url, source="/truc/hub")
    store.create_tables(metadata)
    async with store:
        yield store


@pytest.fixture
def ledger(clock: FixedClock, tmp_path: Path) -> Ledger:
    return Ledger(HubSettings(data_dir=tmp_path), clock)


def receipt(
    id: int,
    at: datetime,
    *,
    ms: tuple[int, int, int] = (2, 3, 5),
    count: int = 1,
    outcome: int = 0,
    consumer: str = "sync-dossiers",
    code: str = "H08.31.22-230115-0001",
    agency: str | None = "H08.31.22",
) -> dict[str, Any]:
    """One batch of so many equal events, which took so many milliseconds to the broker, to the consumer and to
    their turn; applied `at`."""
    end = to_micros(at)
    received = end - ms[2] * 1000
    published = received - ms[1] * 1000
    committed = published - ms[0] * 1000
    events = [[0, version, outcome, committed, published, received, code] for version in range(1, count + 1)]
    kinds = [["/truc/dossier", STATUS, "1.001570", agency]]
    return {"id": id, "consumer": consumer, "at": at.isoformat(), "kinds": kinds, "events": events}


def seconds(number: float) -> timedelta:
    return timedelta(seconds=number)
