"""The migrations make the tables the models describe."""

from __future__ import annotations

from services.bus.kit.engines import writer_engine
from services.bus.kit.migrations import differences
from services.registry.civil.app import VERSIONS
from services.registry.civil.models import metadata


def test_the_newest_version_is_what_the_models_say(database_url: str) -> None:
    engine = writer_engine(database_url)
    try:
        assert differences(engine, VERSIONS, metadata) == []
    finally:
        engine.dispose()
