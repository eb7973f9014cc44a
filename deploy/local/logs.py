"""The log file of each process: kept from growing without bound, marked at each start, quoted when one dies.

A process writes to its file by itself (the file is its stdout and stderr); nothing it says passes through
here.
"""

from __future__ import annotations

import json
import os
from collections.abc import Iterable, Iterator
from datetime import UTC, datetime
from pathlib import Path
from typing import Any, BinaryIO

MAX_BYTES = 5 * 1024 * 1024
KEEP = 3
TAIL_BYTES = 64 * 1024
FRAME = {"event", "level", "timestamp", "service", "exception", "trace"}
"""Parts of a structured log entry that say nothing to a person who looks at the end of one process's log."""


def rotate(path: Path, *, max_bytes: int = MAX_BYTES, keep: int = KEEP) -> None:
    """Move a file that has grown past `max_bytes` aside: .1 is the newest, at most `keep` are kept."""
    if not path.exists() or path.stat().st_size <= max_bytes:
        return
    for number in range(keep - 1, 0, -1):
        older = _numbered(path, number)
        if older.exists():
            older.replace(_numbered(path, number + 1))
    path.replace(_numbered(path, 1))


def open_log(path: Path, name: str) -> tuple[BinaryIO, int]:
    """Rotate if due and open for appending.

    Returns the file and the offset at which this run's lines begin.
    """
    rotate(path)
    stream = path.open("ab", buffering=0)
    stream.write(f"--- {name} starts at {datetime.now(UTC):%Y-%m-%dT%H:%M:%SZ}\n".encode())
    return stream, stream.tell()


def last_lines(path: Path, *, since: int = 0, count: int = 12) -> list[str]:
    """The last lines written after the offset `since`; empty when there are none."""
    try:
        with path.open("rb") as stream:
            size = stream.seek(0, os.SEEK_END)
            stream.seek(max(since, size - TAIL_BYTES))
            lines = stream.read().decode("utf-8", errors="replace").splitlines()
    except OSError:
        return []
    shown = (readable(line) for line in without_frames(lines))
    return [line for line in shown if line.strip()][-count:]


def readable(line: str) -> str:
    """A line for a person: a structured entry as its event, its values and what was raised."""
    try:
        entry = json.loads(line)
    except ValueError:
        return line.rstrip()
    if not isinstance(entry, dict) or "event" not in entry:
        return line.rstrip()
    values = [f"{key}={value}" for key, value in entry.items() if key not in FRAME]
    return ": ".join(filter(None, [" ".join([_gist(entry["event"]), *values]), _gist(entry.get("exception", ""))]))


def without_frames(lines: Iterable[str]) -> Iterator[str]:
    """The lines without the frames of Python tracebacks: what was raised stays."""
    inside = False
    for line in lines:
        if line.lstrip().startswith("Traceback (most recent call last)"):
            inside = True
        elif not (inside and line.startswith("  ")):
            inside = False
            yield line


def _gist(text: Any) -> str:
    """The last thing a text with a traceback says, on one line."""
    return " ".join(line.strip() for line in without_frames(str(text).splitlines()) if line.strip())


def _numbered(path: Path, number: int) -> Path:
    return path.with_name(f"{path.name}.{number}")
