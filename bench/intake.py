"""`truc bench intake`: complete dossiers per second into one dossier process, against the same endpoint written
with one async session per request, on SQLite and on PostgreSQL.

Complete means: dossier, step, outbox event, stored answer of the Idempotency-Key and the day's sequence, all
durable before the answer.
"""

from __future__ import annotations

import asyncio
import gc
import tempfile
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path

import orjson

from bench.load import Load, drive, percentile, post
from bench.processes import process
from services.bus.kit.ids import new_id
from services.bus.kit.testing import NatsServer, PostgresServer, TestIssuer, free_port, nats_server

CLIENTS = 32


@dataclass
class Figures:
    """One side of the comparison."""

    name: str
    load: Load

    def row(self) -> list[str]:
        p50, p99 = (percentile(self.load.latencies, share) * 1000 for share in (0.5, 0.99))
        return [self.name, f"{self.load.per_second:,.0f}", f"{p50:.1f}", f"{p99:.1f}"]


def requests(token: str, count: int) -> Iterator[bytes]:
    """`count` complete dossiers, each with a key of its own, over a hundred applicants."""
    for number in range(count):
        body = {
            "procedure_code": "1.001570",
            "receiving_agency": "H08",
            "channel": "direct",
            "applicant": {
                "personal_id": f"052090{number % 1_000_000:06d}",
                "full_name": "Nguyễn Văn An",
                "date_of_birth": "1990-05-17",
                "phone": "0905123456",
                "email": "an@example.vn",
            },
            "form": {},
        }
        yield post("/v1/dossiers", orjson.dumps(body), token, Idempotency_Key=new_id())


def measure(port: int, token: str, count: int, clients: int) -> Load:
    """Warm up, then drive `count` requests; every one must be answered 201."""
    prepared = list(requests(token, count + count // 10))
    asyncio.run(drive(port, iter(prepared[: count // 10]), clients))
    gc.collect()
    load = asyncio.run(drive(port, iter(prepared[count // 10 :]), clients))
    if set(load.statuses) != {201}:
        raise RuntimeError(f"not every dossier was taken: {load.statuses}")
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
) -> list[tuple[str, Figures, Figures]]:
    """Both sides on each database. The peer takes a fifth as many requests: it is slower."""
    results = []
    with tempfile.TemporaryDirectory(prefix="truc-bench-") as name:
        folder = Path(name)
        folder.chmod(0o755)
        with nats_server(folder / "nats") as broker:
            for database in databases:
                results.append((database, *_on(database, folder, broker, count, clients)))
    return results


def _on(database: str, folder: Path, broker: NatsServer, count: int, clients: int) -> tuple[Figures, Figures]:
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
    return Figures("group commit", mine), Figures("session per request", theirs)


def main() -> None:
    for database, mine, theirs in run():
        ratio = mine.load.per_second / theirs.load.per_second
        print(f"{database}: {mine.row()} | {theirs.row()} | ratio {ratio:.1f}")


if __name__ == "__main__":
    main()
