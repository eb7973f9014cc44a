"""Schema migrations: Alembic, one tree of versions a service, one environment for all.

`upgrade` runs at every start and does nothing when the database is at the newest version.
`python -m services.bus.kit.migrations <package> "<message>"` writes the next version from the models.
"""

from __future__ import annotations

import importlib
import sys
import tempfile
from pathlib import Path
from typing import TYPE_CHECKING, Literal

from sqlalchemy import Connection, Engine, MetaData, inspect, text

from services.bus.kit.columns import JsonDoc, UtcDateTime
from services.bus.kit.tables import KitBase

if TYPE_CHECKING:
    from alembic.autogenerate.api import AutogenContext

_ENVIRONMENT = Path(__file__).parent / "alembic"
_LOCK = 0x7472_7564
_OWN_TYPES = "from services.bus.kit.columns import JsonDoc, UtcDateTime"


def upgrade(engine: Engine, versions: Path, metadata: MetaData) -> None:
    """Bring the database behind `engine` to the newest version in the folder `versions`.

    Alembic is only loaded when there is something to do: at most starts there is not.
    """
    newest = max((path.name.partition("_")[0] for path in versions.glob("[0-9]*_*.py")), default=None)
    if newest is None:  # the first version is about to be written
        return
    with engine.connect() as connection:
        if inspect(connection).has_table("alembic_version"):
            current = connection.execute(text("SELECT version_num FROM alembic_version")).scalars().all()
            if current == [newest]:
                return
    from alembic import command
    from alembic.runtime.migration import MigrationContext
    from alembic.script import ScriptDirectory

    with engine.begin() as connection:
        if connection.dialect.name == "postgresql":  # replicas start together: one of them migrates
            connection.execute(text("SELECT pg_advisory_xact_lock(:lock)"), {"lock": _LOCK})
        config = _config(connection, versions, metadata)
        heads = set(ScriptDirectory.from_config(config).get_heads())
        if set(MigrationContext.configure(connection).get_current_heads()) != heads:
            command.upgrade(config, "heads")


def _config(connection: Connection, versions: Path, metadata: MetaData):  # type: ignore[no-untyped-def]
    from alembic.config import Config

    config = Config()
    config.set_main_option("script_location", str(_ENVIRONMENT))
    config.set_main_option("version_locations", str(versions))
    config.set_main_option("path_separator", "os")
    config.attributes["connection"] = connection
    config.attributes["metadata"] = [KitBase.metadata, metadata]
    return config


def render_item(kind: str, value: object, autogen_context: AutogenContext) -> str | Literal[False]:
    """Write our own column types into a version by name."""
    if kind == "type" and isinstance(value, UtcDateTime):
        autogen_context.imports.add(_OWN_TYPES)
        return "UtcDateTime()"
    if kind == "type" and value is JsonDoc:
        autogen_context.imports.add(_OWN_TYPES)
        return "JsonDoc"
    return False


def differences(engine: Engine, versions: Path, metadata: MetaData) -> list[object]:
    """What the models have and the newest version has not: empty unless a migration is missing."""
    from alembic.autogenerate import compare_metadata
    from alembic.runtime.migration import MigrationContext

    upgrade(engine, versions, metadata)
    with engine.connect() as connection:
        context = MigrationContext.configure(connection, opts={"compare_type": False})
        found: list[object] = []
        merged = _merged(metadata)
        found.extend(compare_metadata(context, merged))
        return found


def _merged(metadata: MetaData) -> MetaData:
    merged = MetaData()
    for each in (KitBase.metadata, metadata):
        for table in each.tables.values():
            table.to_metadata(merged)
    return merged


def main() -> None:
    """Write the next version of a service's tree from its models."""
    from alembic import command
    from sqlalchemy import create_engine

    package, message = sys.argv[1], sys.argv[2]
    models = importlib.import_module(f"{package}.models")
    importlib.import_module(f"{package}.app")  # tables may be spread over several rooms of a service
    versions = Path(models.__file__ or "").parent / "migrations"
    versions.mkdir(exist_ok=True)
    with tempfile.TemporaryDirectory() as folder:
        engine = create_engine(f"sqlite:///{folder}/scratch.db")
        upgrade(engine, versions, models.Base.metadata)
        with engine.connect() as connection:
            config = _config(connection, versions, models.Base.metadata)
            number = f"{len(list(versions.glob('[0-9]*.py'))) + 1:04d}"
            command.revision(
                config,
                message,
                autogenerate=True,
                rev_id=number,
                version_path=str(versions),
                head="base" if number == "0001" else "head",
            )


if __name__ == "__main__":
    main()
