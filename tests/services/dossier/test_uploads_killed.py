"""An upload outlives kill -9 of the service: a real process, a real socket."""

from __future__ import annotations

import hashlib
import os
import socket
import subprocess
import sys
import time
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

import httpx
import pytest

from services.bus.kit.testing import TestIssuer, free_port
from services.dossier.files import BLOCK
from tests.services.dossier.files import BYTES, PDF, TUS, begun, patch, taken

pytestmark = [pytest.mark.anyio, pytest.mark.chaos, pytest.mark.timeout(90)]  # two starts of a process


@contextmanager
def process(folder: Path, port: int, issuer: TestIssuer) -> Iterator[subprocess.Popen[bytes]]:
    """The dossier service as `truc up` starts it, on a database of its own; no broker."""
    environment = {
        **os.environ,
        "TRUC_DOSSIER_PORT": str(port),
        "TRUC_DOSSIER_DATA_DIR": str(folder),
        "TRUC_DOSSIER_POPULATION_URL": "http://127.0.0.1:1",
        "TRUC_JWKS_FILE": str(issuer.jwks_file),
        "TRUC_NATS_URL": "nats://127.0.0.1:1",
    }
    with (folder / "service.log").open("ab") as log:
        running = subprocess.Popen(
            [sys.executable, "-m", "services.dossier"], env=environment, stdout=log, stderr=log
        )
    try:
        deadline = time.monotonic() + 30
        while True:
            try:
                httpx.get(f"http://127.0.0.1:{port}/healthz").raise_for_status()
                break
            except httpx.TransportError:
                assert running.poll() is None and time.monotonic() < deadline, (folder / "service.log").read_text()
                time.sleep(0.05)
        yield running
    finally:
        running.kill()
        running.wait()


async def test_killed_in_the_middle_it_goes_on_where_the_disk_ends(tmp_path: Path, issuer: TestIssuer) -> None:
    port = free_port()
    body = PDF + os.urandom(4 * BLOCK)
    headers = {"Authorization": f"Bearer {issuer.token()}"}
    async with httpx.AsyncClient(base_url=f"http://127.0.0.1:{port}", headers=headers) as client:
        with process(tmp_path, port, issuer) as service:
            code = await taken(client)
            url = await begun(client, code, len(body))
            with socket.create_connection(("127.0.0.1", port)) as line:
                fields = {**BYTES, **headers, "Host": "x", "Upload-Offset": "0", "Content-Length": str(len(body))}
                head = f"PATCH {url} HTTP/1.1\r\n" + "".join(f"{k}: {v}\r\n" for k, v in fields.items()) + "\r\n"
                line.sendall(head.encode() + body[: 3 * BLOCK])
                while int((await client.head(url, headers=TUS)).headers["Upload-Offset"]) < 2 * BLOCK:
                    pass
                service.kill()
                service.wait()
        with process(tmp_path, port, issuer):
            async with httpx.AsyncClient(base_url=f"http://127.0.0.1:{port}", headers=headers) as again:
                offset = int((await again.head(url, headers=TUS)).headers["Upload-Offset"])
                assert 2 * BLOCK <= offset <= 3 * BLOCK
                assert (await patch(again, url, offset, body[offset:])).status_code == 204
                (paper,) = (await again.get(f"/v1/dossiers/{code}/attachments")).json()["items"]
                assert paper["sha256"] == hashlib.sha256(body).hexdigest()
                content = await again.get(f"/v1/dossiers/{code}/attachments/{paper['id']}/content")
                assert content.content == body
