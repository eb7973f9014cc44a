"""Data folders of earlier versions of the hub."""

from __future__ import annotations

from pathlib import Path

from alembic import command
from sqlalchemy import inspect

from services.bus.hub.app import VERSIONS
from services.bus.hub.models import metadata
from services.bus.kit.engines import writer_engine
from services.bus.kit.migrations import _config, upgrade


def test_a_data_folder_from_before_the_ledger_starts(database_url: str, tmp_path: Path) -> None:
    engine = writer_engine(database_url)
    try:
        with engine.begin() as connection:
            command.upgrade(_config(connection, VERSIONS, metadata), "0001")
        assert "ledger_links" not in inspect(engine).get_table_names()
        upgrade(engine, VERSIONS, metadata)
        assert "ledger_links" in inspect(engine).get_table_names()
    finally:
        engine.dispose()
