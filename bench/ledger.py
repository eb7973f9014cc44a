"""`truc bench ledger`: how many events a second one core takes into the latency ledger, beside as many bare rows
in as many commits; and what a year of a province takes on the disk.

Receipts come as they come over HTTP, a page of JSON for each second of load; each is recorded and rolled up
before the next, on a clock that goes on by a second. So every second of load costs all the rows it costs in real
life.
"""

from __future__ import annotations

import asyncio
import random
import sqlite3
import tempfile
import time
from collections.abc import Iterator
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any, Final

import orjson

from bench.report import Figure
from services.bus.hub.ledger.ledger import PARTS_EVERY_S
from services.bus.hub.ledger.numbers import Numbers
from services.bus.hub.ledger.recording import TakeReceipts
from services.bus.hub.ledger.rolling import PARTS_AT_ONCE, RollUp, RollUpParts
from services.bus.hub.models import metadata
from services.bus.kit.columns import to_micros
from services.bus.kit.store import Store
from services.bus.kit.testing import PostgresServer

PER_SECOND: Final = 2_000
BATCH: Final = 250
BEGAN: Final = datetime(2026, 11, 23, 2, 0, tzinfo=UTC)
KINDS: Final = (
    ("dossier", "dossier.status-changed", "sync-dossiers"),
    ("sync", "portal.status-acknowledged", "dossier-portal"),
    ("sync", "portal.status-acknowledged", "hub-ledger"),
    ("dossier", "task.requested", "civil-tasks"),
    ("civil", "answer.given", "dossier-answers"),
    ("dossier", "dossier.status-changed", "portal"),
)
"""Links a status of a province passes: so many events each."""
AGENCIES: Final = tuple(f"H08.{number}" for number in range(155))
PROCEDURES: Final = tuple(f"1.{number:06d}" for number in range(100))
NOTHING: Final[dict[str, Any]] = {"owed": [], "held": []}

DOSSIERS_A_YEAR: Final = 1_000_000
"""Four to five times those of Bình Định in 2023."""
STATUSES: Final = 5
HOURS_A_YEAR: Final = 250 * 9
"""Working hours; what comes at night is added by `NIGHTS`."""
NIGHTS: Final = 1.3
EVENTS_AN_HOUR: Final = DOSSIERS_A_YEAR * STATUSES * len(KINDS) // HOURS_A_YEAR
YEAR_BOUND: Final = 2_000_000_000


def page(number: int, at: datetime, events: int, chance: random.Random) -> dict[str, Any]:
    """The receipts of one second: events of every link, agency and procedure, some late and most not."""
    receipts = []
    end = to_micros(at)
    for first in range(0, events, BATCH):
        source, type_, consumer = KINDS[(number + first // BATCH) % len(KINDS)]
        kinds: dict[tuple[str, str], int] = {}
        told = []
        for _ in range(min(BATCH, events - first)):
            place = kinds.setdefault((chance.choice(PROCEDURES), chance.choice(AGENCIES)), len(kinds))
            hops = [int(chance.lognormvariate(8.0, 1.2)) for _ in range(3)]
            received = end - hops[2]
            published = received - hops[1]
            code = f"H08-261123-{chance.randrange(1_000_000):06d}"
            told.append([place, chance.randrange(1, 9), 0, published - hops[0], published, received, code])
        receipts.append(
            {
                "id": number * 1_000 + first // BATCH + 1,
                "consumer": consumer,
                "at": at.isoformat(),
                "kinds": [[f"/truc/{source}", f"vn.truc.{type_}.v1", *kind] for kind in kinds],
                "events": told,
            }
        )
    return {"receipts": receipts, "standing": NOTHING}


def pages(seconds: int, events: int) -> Iterator[tuple[datetime, bytes]]:
    """A page for each second, as it comes over the wire."""
    chance = random.Random(766)
    for number in range(seconds):
        at = BEGAN + timedelta(seconds=number)
        yield at, orjson.dumps(page(number, at, events, chance))


async def take(store: Store, load: list[tuple[datetime, bytes]]) -> tuple[float, float]:
    """Take these in, page by page; CPU seconds of this process, and seconds by the clock."""
    numbers = Numbers()
    began, cpu = time.perf_counter(), time.process_time()
    for number, (at, written) in enumerate(load, start=1):
        told = orjson.loads(written)
        await asyncio.gather(
            store.write(TakeReceipts(numbers, "bench", told["receipts"], told["standing"], at)),
            store.write(RollUp(numbers, at)),
        )
        if number % round(PARTS_EVERY_S) == 0 or number == len(load):
            await _roll_up_parts(store, numbers, at)
    return time.process_time() - cpu, time.perf_counter() - began


async def _roll_up_parts(store: Store, numbers: Numbers, at: datetime) -> None:
    while await store.write(RollUpParts(numbers, at)) == PARTS_AT_ONCE:
        pass


def bare(path: Path, load: list[tuple[datetime, bytes]]) -> float:
    """CPU seconds for as many rows in as many commits, and nothing else."""
    database = sqlite3.connect(path, isolation_level=None)
    for pragma in ("journal_mode=WAL", "synchronous=FULL"):
        database.execute(f"PRAGMA {pragma}")
    database.execute("CREATE TABLE events (id INTEGER PRIMARY KEY, a, b, c, d, e, f, g)")
    cpu = time.process_time()
    for _, written in load:
        rows = [event for receipt in orjson.loads(written)["receipts"] for event in receipt["events"]]
        for _ in range(2):
            database.execute("BEGIN IMMEDIATE")
            database.executemany("INSERT INTO events (a,b,c,d,e,f,g) VALUES (?,?,?,?,?,?,?)", rows)
            database.execute("COMMIT")
            rows = []
    return time.process_time() - cpu


@dataclass(frozen=True)
class Result:
    """One run on one database."""

    database: str
    events: int
    cpu_s: float
    wall_s: float
    bare_s: float

    def figures(self) -> list[Figure]:
        return [
            Figure(
                f"{self.database}, events of one core",
                self.events / self.cpu_s,
                "per s",
                self.events / self.bare_s,
                PER_SECOND,
                "at least",
            ),
            Figure(f"{self.database}, events by the clock", self.events / self.wall_s, "per s"),
        ]


def measure(seconds: int, databases: tuple[str, ...]) -> list[Result]:
    """So many seconds of 2,000 events each into an empty ledger. On PostgreSQL the server's own time is not in
    the CPU figure."""
    load = list(pages(seconds, PER_SECOND))
    results = []
    with tempfile.TemporaryDirectory(prefix="truc-bench-") as name:
        folder = Path(name)
        folder.chmod(0o755)
        bare_s = bare(folder / "bare.db", load)
        for database in databases:
            server = PostgresServer(folder / "postgres") if database == "postgresql" else None
            if server is not None:
                server.start()
            try:
                url = server.new_database() if server is not None else f"sqlite:///{folder / 'ledger.db'}"
                cpu_s, wall_s = asyncio.run(_fresh(url, load))
            finally:
                if server is not None:
                    server.stop()
            results.append(Result(database, seconds * PER_SECOND, cpu_s, wall_s, bare_s))
    return results


async def _fresh(url: str, load: list[tuple[datetime, bytes]]) -> tuple[float, float]:
    store = Store(url, source="/truc/hub")
    store.create_tables(metadata)
    async with store:
        return await take(store, load)


# -- size ------------------------------------------------------------------------------------------------------

WEEK_HOURS: Final = 5 * 9 * NIGHTS
DAY_HOURS: Final = 9 * NIGHTS
LOOSE: Final = 2
"""Rows of a series are added at its end, in the middle of the table: its pages are at least half full."""


def year_of(hour: dict[str, float]) -> dict[str, float]:
    """The bytes of each table after a year, from those an hour of a province takes in each."""
    hours = HOURS_A_YEAR * NIGHTS
    return {
        "ledger_hours": hour["ledger_hours"] * hours * LOOSE,
        "ledger_minutes": hour["ledger_minutes"] * WEEK_HOURS * 8 / 7 * LOOSE,
        "ledger_seconds": hour["ledger_seconds"],
        "ledger_records": hour["ledger_records"] * WEEK_HOURS,
    }


async def fill_an_hour(path: Path) -> dict[str, float]:
    """An hour of a province in an empty ledger on SQLite; the bytes of each table with its indexes."""
    store = Store(f"sqlite:///{path}", source="/truc/hub")
    store.create_tables(metadata)
    async with store:
        chance = random.Random(766)
        numbers = Numbers()
        owed, id = 0.0, 0
        for number in range(3600):
            at = BEGAN + timedelta(seconds=number)
            owed += EVENTS_AN_HOUR / 3600
            receipts = []
            while owed >= 1:  # one by one, as they come on a quiet axis: each a receipt of its own
                owed, id = owed - 1, id + 1
                [receipt] = page(id, at, 1, chance)["receipts"]
                receipts.append({**receipt, "id": id})
            await store.write(TakeReceipts(numbers, "bench", receipts, NOTHING, at))
            if number % 20 == 19:
                await store.write(RollUp(numbers, at))
                await _roll_up_parts(store, numbers, at)
    return sizes(path)


def sizes(path: Path) -> dict[str, float]:
    """The bytes of each table with its indexes, after tidying up."""
    with sqlite3.connect(path) as database:
        database.execute("PRAGMA wal_checkpoint(TRUNCATE)")
        owner = dict(database.execute("SELECT name, tbl_name FROM sqlite_master").fetchall())
        found: dict[str, float] = {}
        for name, size in database.execute("SELECT name, SUM(pgsize) FROM dbstat GROUP BY name"):
            table = owner.get(name, name)
            found[table] = found.get(table, 0) + size
    return found
