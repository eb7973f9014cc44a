"""`truc bench console`: how soon each page of the console answers in a province with a million dossiers, ten
million hop records and a million dead letters, beside the same page in one with a single dossier.

The hub stands on SQLite and then on PostgreSQL; whom it asks beside stands on SQLite. Each page is asked for so
many times in turn, by somebody who is signed in: a page is the whole document with everything it shows.
"""

from __future__ import annotations

import contextlib
import time
from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass, field
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Final, Literal

import httpx
from sqlalchemy import create_engine, func, select

from bench.consoles import province
from bench.consoles.visitor import signed_in
from bench.dossiers import act, take_in
from bench.filling import code_of, fill
from bench.load import drive, percentile, run
from bench.mesh import Mesh, folder, mesh
from bench.report import Figure
from contracts.times import vn_date
from deploy.local.errors import RunnerError
from services.bus.hub.ledger.models import Record
from services.bus.kit.engines import normalised
from services.bus.kit.testing import PostgresServer

BOUND_MS: Final = 300.0
ASKED: Final = 20
SHARE: Final = 0.95
REFUSED: Final = "-4"
FILLING: Final = timedelta(minutes=10)
"""The newest rows are so far ahead that there are still some of this hour when the pages are asked for."""
LINK: Final = "dossier:dossier.status-changed:portal:CapNhatTienDoHoSoMC"

Database = Literal["sqlite", "postgresql"]
Say = Callable[[str], None]


@dataclass
class Asked:
    """How long one page took, each time, in the small province and in the full one; seconds."""

    page: str
    small: list[float] = field(default_factory=list)
    full: list[float] = field(default_factory=list)

    def figure(self, database: str) -> Figure:
        small, full = (percentile(times, SHARE) * 1000 for times in (self.small, self.full))
        return Figure(f"{database}, {self.page}", full, "ms", small, BOUND_MS)


@dataclass(frozen=True)
class Result:
    pages: dict[Database, list[Asked]]

    def figures(self) -> list[Figure]:
        return [asked.figure(database) for database, pages in self.pages.items() for asked in pages]

    def notes(self) -> list[str]:
        slowest = [
            f"{database} {max(pages, key=lambda each: max(each.full)).page}"
            f" {max(max(each.full) for each in pages) * 1000:.0f} ms"
            for database, pages in self.pages.items()
        ]
        return [
            f"The 95th percentile of {ASKED} answers; beside it in a province with one dossier.",
            f"The slowest answer of all: {', '.join(slowest)}.",
        ]


def pages_of(code: str, letter: str, today: str, first: str) -> dict[str, str]:
    """Every page of the console, and the ways to look at it that cost most, by a name to show."""
    table = f"/indicators?part=table&from={first}&to={today}"
    return {
        "overview": "/",
        "a link, 5 minutes": f"/links/{LINK}?window=5m",
        "a link, an hour": f"/links/{LINK}?window=1h",
        "a link, a day": f"/links/{LINK}?window=24h",
        "a link, a week": f"/links/{LINK}?window=7d",
        "a dossier": f"/dossiers/{code}",
        "dead letters": "/stuck",
        "dead letters, of an error": f"/stuck?error={REFUSED}",
        "dead letters, of another error": "/stuck?error=-99",
        "dead letters, of a dossier": f"/stuck?key={code}",
        "dead letters, in any state": "/stuck?state=",
        "a dead letter": f"/stuck/letters/{letter}",
        "retrying": "/stuck?tab=retrying",
        "parked": "/stuck?tab=parked",
        "held events": "/stuck?tab=held&process=civil",
        "reconciliation": "/reconciliation",
        "service levels": "/levels",
        "indicators, this year": "/indicators",
        "indicators, all years": f"/indicators?from={first}&to={today}",
        "a table by unit": f"{table}&rows=unit",
        "a table by unit and month": f"{table}&rows=unit&period=month",
        "a table by procedure": f"{table}&rows=procedure",
        "identity checks": f"/indicators?part=checks&from={first}&to={today}",
        "communes without online dossiers": f"/indicators?part=without&from={first}&to={today}",
        "the dossiers behind a figure": f"/indicators/on-time?side=numerator&from={first}&to={today}",
        "legal clock, overdue": "/clock",
        "legal clock, by procedure": "/clock?state=running&by=procedure",
        "actions": "/actions",
    }


def measure(dossiers: int, records: int, databases: Sequence[Database], say: Say) -> Result:
    """Fill, then ask for every page."""
    with folder() as place, contextlib.ExitStack() as stack:
        place.chmod(0o755)
        data = place / "data"
        urls = {each: stack.enter_context(_database(each, place, data)) for each in databases}
        found: dict[Database, list[Asked]] = {}
        code = None
        for database, url in urls.items():
            with mesh(data, [f"TRUC_HUB_DATABASE_URL={url}"]) as running:
                code = code or _refused_dossier(running)
                _wait_heard(url)
                found[database] = [Asked(name) for name in _pages(running, code, 1)]
                _ask(running, found[database], _pages(running, code, 1), lambda asked: asked.small)
        assert code is not None
        began = time.perf_counter()
        fill(data, code, dossiers)
        say(f"{dossiers:,} dossiers on every table of the way ({time.perf_counter() - began:.0f} s).")
        for database, url in urls.items():
            began = time.perf_counter()
            province.fill(url, dossiers, records, datetime.now(UTC) + FILLING)
            say(f"{database}: {records:,} hop records ({time.perf_counter() - began:.0f} s).")
        for database, url in urls.items():
            with mesh(data, [f"TRUC_HUB_DATABASE_URL={url}"]) as running:
                pages = _pages(running, code_of(dossiers // 2), dossiers)
                _ask(running, found[database], pages, lambda asked: asked.full)
        return Result(found)


@contextlib.contextmanager
def _database(database: Database, place: Path, data: Path) -> Iterator[str]:
    """Where the hub's rows are."""
    if database == "sqlite":
        yield f"sqlite:///{data / 'hub' / 'hub.db'}"
        return
    server = PostgresServer(place / "postgres")
    server.start()
    try:
        yield server.new_database()
    finally:
        server.stop()


def _refused_dossier(running: Mesh) -> str:
    """A dossier of whose second step the portal will not hear: it leaves a dead letter."""
    [code] = take_in(running, 1)
    with running.client("portal") as portal:
        refused = {"field": "MaHoSo", "equals": code, "error_code": REFUSED, "message": "Nội dung không hợp lệ"}
        portal.put("/v1/faults", json={"seed": 1, "refuse": [refused]}).raise_for_status()
    run(drive(running.port("dossier"), iter([act(code, "start", running.token)]), 1)).require(200)
    deadline = time.monotonic() + 30
    while not _letters(running, code):
        if time.monotonic() > deadline:
            raise RunnerError(f"The portal did not refuse {code}")
        time.sleep(0.05)
    return code


def _letters(running: Mesh, code: str) -> list[str]:
    with running.client("sync") as sync:
        told = sync.get("/v1/dead-letters", params={"key": code, "state": "open"}).raise_for_status().json()
        return [each["id"] for each in told["items"]]


def _wait_heard(url: str) -> None:
    """The hub has taken in what happened so far."""
    engine = create_engine(normalised(url))
    deadline = time.monotonic() + 60
    try:
        before = -1
        while True:
            with engine.connect() as connection:
                records = connection.scalar(select(func.count()).select_from(Record)) or 0
            if records and records == before:
                return
            if time.monotonic() > deadline:
                raise RunnerError("The hub heard nothing")
            before = records
            time.sleep(3)
    finally:
        engine.dispose()


def _pages(running: Mesh, code: str, dossiers: int) -> dict[str, str]:
    today = vn_date(datetime.now(UTC))
    first = today - timedelta(days=dossiers // province.A_DAY + 1)
    return pages_of(code, _letters(running, code)[0], today.isoformat(), first.isoformat())


def _ask(
    running: Mesh, asked: Sequence[Asked], pages: dict[str, str], where: Callable[[Asked], list[float]]
) -> None:
    """Once to be ready for it, then page after page in turn, so that a slow moment strikes all."""
    with signed_in(running.url("hub"), running.layout.administrator) as visitor:
        for turn in range(ASKED + 1):
            for each in asked:
                began = time.perf_counter()
                answer = visitor.get(f"/console{pages[each.page]}")
                took = time.perf_counter() - began
                if answer.status_code != httpx.codes.OK:
                    raise RunnerError(f"{each.page}: {answer.status_code} of {answer.url}")
                if turn:
                    where(each).append(took)
