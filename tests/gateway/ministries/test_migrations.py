"""The migrations make the tables the models describe."""

from __future__ import annotations

from gateway.ministries.app import VERSIONS
from gateway.ministries.models import metadata
from services.bus.kit.engines import writer_engine
from services.bus.kit.migrations import differences


def test_the_newest_version_is_what_the_models_say(database_url: str) -> None:
    engine = writer_engine(database_url)
    try:
        assert differences(engine, VERSIONS, metadata) == []
    finally:
        engine.dispose()
