"""Filled databases, kept: filling a million records takes minutes, and the next benchmark wants the same ones.

A database on the shelf is named after what decides its rows: how many, the generator's and the migrations'
sources. One that is not whole has no note beside it, and is filled anew.
"""

from __future__ import annotations

import contextlib
import hashlib
import importlib
import json
import time
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from pathlib import Path
from types import ModuleType
from typing import Any, Final, Literal

from bench.registers import bulk, civil, families, land
from bench.registers.bulk import Bulk
from services.bus.kit.testing import PostgresServer

Registry = Literal["civil", "land"]
Database = Literal["sqlite", "postgresql"]
Say = Callable[[str], None]

READ_BYTES: Final = 16 * 1_048_576

FILLED_BY: dict[Registry, ModuleType] = {"civil": civil, "land": land}


@dataclass(frozen=True)
class Filled:
    """A full database, and what may be asked of it."""

    url: str
    samples: dict[str, Any]


class Shelf:
    """A folder of filled databases of one kind."""

    def __init__(self, folder: Path, database: Database, server: PostgresServer | None) -> None:
        self._folder = folder
        self._database = database
        self._server = server

    def filled(self, registry: Registry, records: int, say: Say) -> Filled:
        """The registry with so many records, from the shelf or filled now."""
        name = f"{registry}-{records}-{_fingerprint(registry)}"
        note = self._folder / f"{self._database}-{name}.json"
        if note.exists():
            kept = json.loads(note.read_text(encoding="utf-8"))
            return Filled(self._url(name, kept["database"]), kept["samples"])
        began = time.perf_counter()
        if self._server is None:
            for ending in ("", "-wal", "-shm"):
                (self._folder / f"{name}.db{ending}").unlink(missing_ok=True)
        database = None if self._server is None else self._server.new_database().rpartition("/")[2]
        url = self._url(name, database)
        app = importlib.import_module(f"services.registry.{registry}.app")
        samples = FILLED_BY[registry].fill(Bulk(url, app.VERSIONS, app.metadata), records)
        note.write_text(json.dumps({"database": database, "samples": samples}), encoding="utf-8")
        took = time.perf_counter() - began
        say(f"{self._database}: {registry} registry filled with {records:,} records ({took:.0f} s).")
        return Filled(url, samples)

    def read_through(self) -> None:
        """Every file once, so that it is in memory, whether it was filled just now or lay here for a week."""
        for path in self._folder.rglob("*"):
            if path.is_file():
                with path.open("rb") as file:
                    while file.read(READ_BYTES):
                        pass

    def _url(self, name: str, database: str | None) -> str:
        if self._server is None:
            return f"sqlite:///{self._folder / name}.db"
        return self._server.url.removesuffix("/postgres") + f"/{database}"


@contextlib.contextmanager
def shelf(folder: Path, database: Database) -> Iterator[Shelf]:
    """The shelf, with its PostgreSQL server running for the length of the block."""
    folder.mkdir(parents=True, exist_ok=True)
    folder.chmod(0o755)
    if database == "sqlite":
        yield Shelf(folder, database, None)
        return
    server = PostgresServer(folder / "postgres")
    server.start()
    try:
        yield Shelf(folder, database, server)
    finally:
        server.stop()


def _fingerprint(registry: Registry) -> str:
    """Of all that decides the rows and the tables."""
    models = importlib.import_module(f"services.registry.{registry}.app").VERSIONS
    sources = [Path(str(each.__file__)) for each in (bulk, families, FILLED_BY[registry])]
    digest = hashlib.sha256()
    for path in (*sources, *sorted(models.glob("*.py"))):
        digest.update(path.read_bytes())
    return digest.hexdigest()[:12]
