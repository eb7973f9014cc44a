"""`truc bench intake`: complete dossiers per second into one dossier process, against the same endpoint written
with one async session per request, on SQLite and on PostgreSQL.

Complete means: dossier, step, outbox event, stored answer of the Idempotency-Key and the day's sequence, all
durable before the answer.
"""

from __future__ import annotations

import gc
import tempfile
from dataclasses import dataclass
from pathlib import Path

from bench.dossiers import new_dossiers
from bench.load import Load, drive, percentile
from bench.load import run as drive_now
from bench.processes import process
from bench.report import Figure
from services.bus.kit.testing import NatsServer, PostgresServer, TestIssuer, free_port, nats_server

CLIENTS = 32
PER_SECOND, TIMES_PEER, P99_MS = 1_000, 3, 150


@dataclass
class Side:
    """One side of the comparison."""

    name: str
    load: Load

    def ms(self, share: float) -> float:
        return percentile(self.load.latencies, share) * 1000


Results = list[tuple[str, Side, Side]]


def figures(results: Results) -> list[Figure]:
    """On each database: dossiers a second, their ratio to the peer's, and how long an answer takes."""
    lines = []
    for database, ours, theirs in results:
        mine, others = ours.load.per_second, theirs.load.per_second
        lines += [
            Figure(f"{database}, dossiers", mine, "per s", others, PER_SECOND, "at least"),
            Figure(f"{database}, times the peer", mine / others, "", bound=TIMES_PEER, sense="at least"),
            Figure(f"{database}, answer p50", ours.ms(0.5), "ms", theirs.ms(0.5)),
            Figure(f"{database}, answer p99", ours.ms(0.99), "ms", theirs.ms(0.99), P99_MS),
        ]
    return lines


def measure(port: int, token: str, count: int, clients: int) -> Load:
    """Warm up, then drive `count` requests; every one must be answered 201."""
    prepared = list(new_dossiers(token, count + count // 10))
    drive_now(drive(port, iter(prepared[: count // 10]), clients))
    gc.collect()
    load = drive_now(drive(port, iter(prepared[count // 10 :]), clients))
    load.require(201)
    return load


def ours(folder: Path, database_url: str, broker: NatsServer, count: int, clients: int) -> Load:
    """The dossier service, alone but for a broker that takes its events."""
    issuer = TestIssuer(folder)
    port = free_port()
    environment = {
        "TRUC_DOSSIER_PORT": str(port),
        "TRUC_DOSSIER_DATABASE_URL": database_url,
        "TRUC_DOSSIER_DATA_DIR": str(folder),
        "TRUC_DOSSIER_POPULATION_URL": "http://127.0.0.1:1",
        "TRUC_NATS_URL": broker.url,
        "TRUC_JWKS_FILE": str(issuer.jwks_file),
        "TRUC_HUB_URL": "http://127.0.0.1:8000",
    }
    with process("services.dossier", environment, f"http://127.0.0.1:{port}/readyz", folder):
        return measure(port, issuer.token(), count, clients)


def peer(folder: Path, database_url: str, count: int, clients: int) -> Load:
    """The same endpoint with one async session per request."""
    port = free_port()
    environment = {"TRUC_PEER_DATABASE_URL": database_url, "TRUC_PEER_PORT": str(port)}
    with process("bench.peer_intake", environment, f"http://127.0.0.1:{port}/openapi.json", folder):
        return measure(port, "none", count, clients)


def run(
    count: int = 10_000, clients: int = CLIENTS, databases: tuple[str, ...] = ("sqlite", "postgresql")
) -> Results:
    """Both sides on each database. The peer takes a fifth as many requests: it is slower."""
    results = []
    with tempfile.TemporaryDirectory(prefix="truc-bench-") as name:
        folder = Path(name)
        folder.chmod(0o755)
        with nats_server(folder / "nats") as broker:
            for database in databases:
                results.append((database, *_on(database, folder, broker, count, clients)))
    return results


def _on(database: str, folder: Path, broker: NatsServer, count: int, clients: int) -> tuple[Side, Side]:
    if database == "sqlite":
        mine = ours(folder, f"sqlite:///{folder / 'ours.db'}", broker, count, clients)
        theirs = peer(folder, f"sqlite+aiosqlite:///{folder / 'peer.db'}", count // 5, clients)
    else:
        server = PostgresServer(folder / "postgres")
        server.start()
        try:
            mine = ours(folder, server.new_database(), broker, count, clients)
            url = server.new_database().replace("postgresql://", "postgresql+psycopg://")
            theirs = peer(folder, url, count // 5, clients)
        finally:
            server.stop()
    return Side("group commit", mine), Side("session per request", theirs)
