"""`truc bench import`: bulk imports of citizens, births and parcels: rows a second, processor time and memory.

Each service runs alone, takes one generated file in one request, and commits piece by piece with the position, as
always. Beside it, in the same run: the barest code that could be called an import (the csv module, one table
without checks or indices, a durable commit every few thousand rows). All the while somebody else writes, too.
Processor time is taken until every event has reached the broker: each citizen is told of.
"""

from __future__ import annotations

import csv
import http.client
import os
import sqlite3
import tempfile
import threading
import time
from collections.abc import Callable, Iterator, Sequence
from contextlib import contextmanager
from dataclasses import dataclass, field
from itertools import islice
from pathlib import Path
from typing import Any, BinaryIO, Final, Literal

import httpx
import psutil
from sqlalchemy import create_engine, select

from bench import import_files
from bench.import_files import Form, Registry
from bench.load import percentile
from bench.processes import process
from bench.report import Figure
from services.bus.kit.engines import normalised
from services.bus.kit.tables import Outbox
from services.bus.kit.testing import PostgresServer, TestIssuer, free_port, nats_server

Database = Literal["sqlite", "postgresql"]
Say = Callable[[str], None]

REGISTRIES: Final[tuple[Registry, ...]] = ("population", "civil", "land")
PER_SECOND: Final[dict[Registry, int]] = {"population": 5_000, "civil": 10_000, "land": 10_000}
MODULES: Final[dict[Registry, str]] = {
    "population": "services.population",
    "civil": "services.registry.civil",
    "land": "services.registry.land",
}
TOLD_WITHIN_S: Final = 3_600.0
GROWTH_MIB: Final[dict[Registry, float]] = {"population": 96.0, "civil": 64.0, "land": 64.0}
"""The page caches, which fill: of the writer and, where events wait in the outbox, of those who read it."""
FROM_SHARE: Final = 0.1
"""Memory is compared from here on: by then everything is loaded."""
FLOOR_CHUNK: Final = 2_000
OTHERS_EVERY_S: Final = 0.1
MIB: Final = 1024 * 1024
TYPES: Final = {"csv": "text/csv", "ndjson": "application/x-ndjson"}


@dataclass(frozen=True)
class Sample:
    """Memory of the service and its second process together, in MiB, when `share` of the file had gone out."""

    share: float
    rss: float
    pss: float


@dataclass
class Result:
    """One registry on one database."""

    registry: Registry
    database: Database
    rows: int
    seconds: float
    floor: float
    view: dict[str, Any]
    samples: list[Sample] = field(default_factory=list)
    others: list[float] = field(default_factory=list)
    cpu: dict[str, float] = field(default_factory=dict)
    told_after: float = 0.0

    @property
    def late(self) -> list[Sample]:
        return [each for each in self.samples if each.share >= FROM_SHARE] or self.samples[-1:]

    def figures(self) -> Iterator[Figure]:
        name = f"{self.registry}, {self.database}"
        yield Figure(
            f"{name}: rows", self.rows / self.seconds, "per s", self.floor, PER_SECOND[self.registry], "at least"
        )
        for what, seconds in self.cpu.items():
            yield Figure(f"  processor time a row, {what}", seconds / self.rows * 1e6, "µs")
        if self.registry == "population":
            yield Figure("  the last event has reached the broker after", self.told_after, "s")
        pss = [each.pss for each in self.late]
        yield Figure(
            f"{name}: memory grows from a tenth on, PSS", pss[-1] - pss[0], "MiB", bound=GROWTH_MIB[self.registry]
        )
        yield Figure("  a slope of, for 100,000 rows", _slope(self.late) / self.rows * 100_000, "MiB")
        for what, value in (("start", self.samples[0].pss), ("most", max(pss)), ("end", pss[-1])):
            yield Figure(f"  PSS, {what}", value, "MiB")
        yield Figure("  RSS, most", max(each.rss for each in self.samples), "MiB")
        if self.others:
            yield Figure("  another's write meanwhile, p50", percentile(self.others, 0.5) * 1000, "ms")
            yield Figure("  another's write meanwhile, p99", percentile(self.others, 0.99) * 1000, "ms")

    def note(self) -> str:
        view = self.view
        return (
            f"{self.registry}, {self.database}: {view['taken']:,} rows taken, {view['refused']:,} refused by line,"
            f" in {self.seconds:.1f} s."
        )


def measure(
    rows: int, databases: Sequence[Database], registries: Sequence[Registry], form: Form, say: Say
) -> list[Result]:
    """Each registry on each database."""
    results = []
    with tempfile.TemporaryDirectory(prefix="truc-bench-") as name:
        folder = Path(name)
        folder.chmod(0o755)
        for registry in registries:
            path = folder / f"{registry}.{form}"
            import_files.write(path, registry, rows, form)
            say(f"{registry}: a file of {rows:,} rows, {path.stat().st_size / MIB:.0f} MiB.")
            floor = rows / _floor(path, form, folder / f"{registry}-floor.db")
            for database in databases:
                with _url(folder, registry, database) as url:
                    result = _measured(folder, path, registry, database, url, rows, form, floor)
                say(result.note())
                results.append(result)
    return results


@contextmanager
def _url(folder: Path, registry: Registry, database: Database) -> Iterator[str]:
    if database == "sqlite":
        yield f"sqlite:///{folder / registry}.db"
        return
    server = PostgresServer(folder / f"{registry}-postgres")
    server.start()
    try:
        yield server.new_database()
    finally:
        server.stop()


def _measured(
    folder: Path, path: Path, registry: Registry, database: Database, url: str, rows: int, form: Form, floor: float
) -> Result:
    issuer, port = TestIssuer(folder), free_port()
    prefix = f"TRUC_{registry.upper()}"
    with nats_server(folder / f"nats-{registry}-{database}") as broker:
        environment = {
            f"{prefix}_PORT": str(port),
            f"{prefix}_DATABASE_URL": url,
            f"{prefix}_DATA_DIR": str(folder),
            "TRUC_NATS_URL": broker.url,
            "TRUC_JWKS_FILE": str(issuer.jwks_file),
            "TRUC_HUB_URL": "http://127.0.0.1:8000",
        }
        with process(MODULES[registry], environment, f"http://127.0.0.1:{port}/readyz", folder) as running:
            result = Result(registry, database, rows, 0.0, floor, {})
            headers = {"Authorization": f"Bearer {issuer.token()}", "Content-Type": TYPES[form]}
            target = "/v1/imports" + ("?kind=birth" if registry == "civil" else "")
            with (
                path.open("rb") as file,
                _watched(running.pid, file, result),
                _others(port, target, headers, result),
            ):
                began, before = time.perf_counter(), _processor(running.pid, broker.pid)
                result.view = _sent(port, target, file, headers)
                result.seconds = time.perf_counter() - began
                result.samples.append(_memory(psutil.Process(running.pid), 1.0))
                read = _processor(running.pid, broker.pid)["second process"]  # it leaves when it has rested
            result.told_after = _told(url)
            after = _processor(running.pid, broker.pid) | {"second process": read}
            result.cpu = {what: after[what] - before[what] for what in after}
    return result


def _sent(port: int, target: str, file: BinaryIO, headers: dict[str, str]) -> dict[str, Any]:
    connection = http.client.HTTPConnection("127.0.0.1", port, timeout=3_600, blocksize=MIB // 4)
    size = str(os.fstat(file.fileno()).st_size)
    connection.request("POST", target, file, {**headers, "Content-Length": size})
    response = connection.getresponse()
    answer = httpx.Response(response.status, content=response.read())
    connection.close()
    if answer.status_code != 201:
        raise RuntimeError(f"the import was answered {answer.status_code}: {answer.text[:500]}")
    view: dict[str, Any] = answer.json()
    return view


@contextmanager
def _watched(pid: int, file: BinaryIO, result: Result) -> Iterator[None]:
    """Look at the memory of the process and its children every second."""
    size = os.fstat(file.fileno()).st_size
    service = psutil.Process(pid)
    with _repeated(1.0, lambda: result.samples.append(_memory(service, file.tell() / size))):
        yield


@contextmanager
def _others(port: int, target: str, headers: dict[str, str], result: Result) -> Iterator[None]:
    """Somebody else writes a row ten times a second: an import that is only begun."""
    content = {"content": b"", "headers": {**headers, "Content-Type": TYPES["ndjson"], "Import-Complete": "?0"}}
    with httpx.Client(base_url=f"http://127.0.0.1:{port}", timeout=60, trust_env=False) as client:

        def write() -> None:
            began = time.perf_counter()
            client.post(target, **content).raise_for_status()  # type: ignore[arg-type]
            result.others.append(time.perf_counter() - began)

        with _repeated(OTHERS_EVERY_S, write):
            yield


@contextmanager
def _repeated(every_s: float, do: Callable[[], None]) -> Iterator[None]:
    stop = threading.Event()

    def run() -> None:
        while not stop.is_set():
            do()
            stop.wait(every_s)

    thread = threading.Thread(target=run, daemon=True)
    thread.start()
    try:
        yield
    finally:
        stop.set()
        thread.join()


def _memory(service: psutil.Process, share: float) -> Sample:
    rss = pss = 0.0
    for each in (service, *service.children(recursive=True)):
        try:
            full = each.memory_full_info()
        except psutil.Error:
            continue
        rss += full.rss / MIB
        pss += getattr(full, "pss", full.uss) / MIB
    return Sample(share, rss, pss)


def _processor(service: int, broker: int | None) -> dict[str, float]:
    """Seconds so far."""
    asked = {"service": [psutil.Process(service)], "broker": [psutil.Process(broker)] if broker else []}
    asked["second process"] = asked["service"][0].children(recursive=True)
    return {what: sum(sum(each.cpu_times()[:2]) for each in found) for what, found in asked.items()}


def _told(url: str) -> float:
    """Wait until nothing is owed to the broker; how long that took."""
    began = time.monotonic()
    engine = create_engine(normalised(url))
    try:
        while time.monotonic() - began < TOLD_WITHIN_S:
            with engine.connect() as connection:
                if connection.scalar(select(Outbox.id).limit(1)) is None:
                    break
            time.sleep(0.2)
    finally:
        engine.dispose()
    return time.monotonic() - began


def _slope(samples: Sequence[Sample]) -> float:
    """MiB of PSS for the whole file, by least squares."""
    count = len(samples)
    mean_x = sum(each.share for each in samples) / count
    mean_y = sum(each.pss for each in samples) / count
    spread = sum((each.share - mean_x) ** 2 for each in samples)
    if spread == 0:
        return 0.0
    return sum((each.share - mean_x) * (each.pss - mean_y) for each in samples) / spread


def _floor(path: Path, form: Form, database: Path) -> float:
    """Seconds the barest code takes."""
    import orjson

    began = time.perf_counter()
    connection = sqlite3.connect(database, isolation_level=None)
    for pragma in ("journal_mode=WAL", "synchronous=FULL"):
        connection.execute(f"PRAGMA {pragma}")
    with path.open(encoding="utf-8-sig", errors="replace", newline="") as file:
        if form == "csv":
            rows: Iterator[list[Any]] = csv.reader(file)
            width = len(next(rows))
        else:
            rows = (_values(orjson, line) for line in file)
            width = 16
        connection.execute(f"CREATE TABLE rows ({', '.join(f'c{number}' for number in range(width))})")
        insert = f"INSERT INTO rows VALUES ({', '.join('?' * width)})"
        padding = [None] * width
        while chunk := list(islice(rows, FLOOR_CHUNK)):
            connection.execute("BEGIN IMMEDIATE")
            connection.executemany(insert, [(row + padding)[:width] for row in chunk])
            connection.execute("COMMIT")
    connection.close()
    return time.perf_counter() - began


def _values(orjson: Any, line: str) -> list[Any]:
    try:
        values = orjson.loads(line).values()
        return [orjson.dumps(value) if isinstance(value, dict | list) else value for value in values]
    except ValueError:
        return [line]
