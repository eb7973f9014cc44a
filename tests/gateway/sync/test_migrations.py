"""The migrations make what the models say, on both databases."""

from __future__ import annotations

from pathlib import Path

import gateway.sync
from gateway.sync.models import metadata
from services.bus.kit.engines import writer_engine
from services.bus.kit.migrations import differences


def test_models_and_migrations_agree(database_url: str) -> None:
    versions = Path(gateway.sync.__file__).parent / "migrations"
    assert differences(writer_engine(database_url), versions, metadata) == []
