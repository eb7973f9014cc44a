"""Starting what is measured: a process of ours on a free port, waited for, and stopped whatever happens."""

from __future__ import annotations

import contextlib
import os
import subprocess
import sys
import time
from collections.abc import Iterator
from pathlib import Path

import httpx


@contextlib.contextmanager
def process(
    module: str, environment: dict[str, str], ready_url: str, folder: Path
) -> Iterator[subprocess.Popen[bytes]]:
    """`python -m module` with this environment on top of ours, for the length of the block."""
    with (folder / f"{module}.log").open("ab") as log:
        running = subprocess.Popen(
            [sys.executable, "-m", module], env={**os.environ, **environment}, stdout=log, stderr=log
        )
    try:
        _wait(running, ready_url, folder / f"{module}.log")
        yield running
    finally:
        running.terminate()
        try:
            running.wait(15)
        except subprocess.TimeoutExpired:
            running.kill()
            running.wait()


def _wait(running: subprocess.Popen[bytes], url: str, log: Path) -> None:
    deadline = time.monotonic() + 30
    while time.monotonic() < deadline:
        if running.poll() is not None:
            break
        with contextlib.suppress(httpx.HTTPError):
            if httpx.get(url, timeout=2).status_code < 500:
                return
        time.sleep(0.05)
    raise RuntimeError(f"{log.name} did not become ready:\n{log.read_text()[-2000:]}")
