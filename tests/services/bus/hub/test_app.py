"""The hub as a process: served over real sockets, killed, started again; and its schema beside its models."""

from __future__ import annotations

import json
import os
import subprocess
import sys
import time
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

import httpx
import pytest
from sqlalchemy import create_engine

from contracts.problems import Problem
from services.bus.hub.app import VERSIONS
from services.bus.hub.models import metadata
from services.bus.kit.engines import normalised
from services.bus.kit.http import HttpClient
from services.bus.kit.migrations import differences
from services.bus.kit.testing import free_port
from services.bus.kit.tokens import TokenSource, TokenVerifier
from tests.services.bus.hub.conftest import MEMBERS, ONE_STOP


def test_the_migrations_make_what_the_models_say(database_url: str) -> None:
    engine = create_engine(normalised(database_url))
    try:
        assert differences(engine, VERSIONS, metadata) == []
    finally:
        engine.dispose()


@contextmanager
def process(folder: Path, port: int) -> Iterator[subprocess.Popen[bytes]]:
    """A hub process that answers, until the end of the block or until it is killed."""
    environment = {
        **os.environ,
        "TRUC_HUB_PORT": str(port),
        "TRUC_HUB_DATA_DIR": str(folder),
        "TRUC_HUB_MEMBERS_FILE": str(folder / "members.json"),
        "TRUC_HUB_URL": f"http://127.0.0.1:{port}",
    }
    with (folder / "hub.log").open("ab") as log:
        hub = subprocess.Popen([sys.executable, "-m", "services.bus.hub"], env=environment, stderr=log)
    try:
        deadline = time.monotonic() + 30
        while True:
            try:
                assert httpx.get(f"http://127.0.0.1:{port}/readyz", timeout=1, trust_env=False).is_success
                break
            except httpx.TransportError:
                assert hub.poll() is None, (folder / "hub.log").read_text()
                assert time.monotonic() < deadline
        yield hub
    finally:
        hub.terminate()
        hub.wait(10)


@pytest.mark.anyio
async def test_killed_and_started_again_it_gives_and_honours_the_same_tokens(tmp_path: Path) -> None:
    (tmp_path / "members.json").write_text(json.dumps(MEMBERS))
    port = free_port()
    url = f"http://127.0.0.1:{port}"
    async with HttpClient() as http:
        with process(tmp_path, port) as hub:
            first = await TokenSource(http, url, *ONE_STOP.values()).token()
            hub.kill()
        verifier = TokenVerifier(http, hub_url=url, jwks_file=tmp_path / "jwks.json")
        caller = await verifier.verify(f"Bearer {first}")  # the hub is down, its file is not
        assert (caller.client_id, "dossier:act" in caller.scopes) == ("one-stop", True)
        with process(tmp_path, port):
            second = await TokenSource(http, url, *ONE_STOP.values()).token()
            fresh = TokenVerifier(http, hub_url=url)
            assert await fresh.verify(f"Bearer {first}") == caller
            assert (await fresh.verify(f"Bearer {second}")).client_id == "one-stop"
            stranger = TokenVerifier(http, hub_url=url, issuer="http://127.0.0.1:1")
            with pytest.raises(Problem):
                await stranger.verify(f"Bearer {second}")
