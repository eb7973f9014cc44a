"""Files on disk: one a finished or unfinished upload, named by its id and never by what the sender calls it.

The length of a file is the offset of its upload: what was written counts, even by a process that was killed a
moment later. Everything here blocks; call it in a thread.
"""

from __future__ import annotations

import errno
import fcntl
import hashlib
import os
import re
import time
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path
from typing import Final

from contracts.problems import UNAVAILABLE, UPLOAD_LOCKED, Problem
from services.dossier.media_types import HEAD_BYTES

BLOCK: Final = 1 << 20
_ID: Final = re.compile(r"[0-9a-f]{8}(?:-[0-9a-f]{4}){3}-[0-9a-f]{12}")
_FULL: Final = {errno.ENOSPC, errno.EDQUOT, errno.EIO, errno.EROFS}


def is_id(text: str) -> bool:
    """Whether this can be the id of an upload at all."""
    return _ID.fullmatch(text) is not None


@dataclass(frozen=True, slots=True)
class Examined:
    """What a file turned out to be."""

    size: int
    sha256: bytes
    head: bytes


class Part:
    """The growing file of one upload, held by one writer: a lock of the operating system, which a killed
    process gives up. Raises Problem UPLOAD_LOCKED if another holds it."""

    def __init__(self, path: Path, *, empty: bool = False) -> None:
        with _disk():
            self._fd = os.open(path, os.O_RDWR | os.O_CREAT | os.O_CLOEXEC, 0o600)
        try:
            fcntl.flock(self._fd, fcntl.LOCK_EX | fcntl.LOCK_NB)
        except BlockingIOError:
            os.close(self._fd)
            raise Problem(UPLOAD_LOCKED, headers={"Retry-After": "1"}) from None
        if empty:
            os.ftruncate(self._fd, 0)
        self.size = os.fstat(self._fd).st_size

    def append(self, data: bytes | bytearray) -> None:
        """Write at the end. Raises Problem UNAVAILABLE if the disk takes no more."""
        rest = memoryview(data)
        with _disk():
            while rest:
                written = os.pwrite(self._fd, rest, self.size)
                self.size += written
                rest = rest[written:]

    def append_file(self, other: Part) -> None:
        """Write all of `other` at the end."""
        place = 0
        while block := os.pread(other._fd, BLOCK, place):
            self.append(block)
            place += len(block)

    def sync(self) -> None:
        """What was written survives a power failure."""
        with _disk():
            os.fsync(self._fd)

    def close(self) -> None:
        os.close(self._fd)


class Files:
    """The folder of uploads."""

    def __init__(self, folder: Path) -> None:
        self.folder = folder
        folder.mkdir(parents=True, exist_ok=True, mode=0o700)

    def path(self, id: str) -> Path:
        """Where the bytes of this upload lie. `id` is one of ours: all else is a fault of the program."""
        if not is_id(id):
            raise ValueError("not an upload id")
        return self.folder / id

    def part(self, id: str) -> Part:
        return Part(self.path(id))

    def spool(self, id: str) -> Part:
        """An empty file beside the upload, for bytes that count only once their checksum is known."""
        return Part(self._spool(id), empty=True)

    def drop_spool(self, id: str) -> None:
        self._spool(id).unlink(missing_ok=True)

    def _spool(self, id: str) -> Path:
        return self.path(id).with_suffix(".chunk")

    def create(self, id: str, content: bytes = b"") -> None:
        """Begin a file, durably: the name too."""
        part = self.part(id)
        try:
            part.append(content)
            part.sync()
        finally:
            part.close()
        with _disk():
            folder = os.open(self.folder, os.O_RDONLY | os.O_DIRECTORY)
            try:
                os.fsync(folder)
            finally:
                os.close(folder)

    def size(self, id: str) -> int:
        """Bytes that are here; 0 without a file."""
        try:
            return self.path(id).stat().st_size
        except FileNotFoundError:
            return 0

    def exists(self, id: str) -> bool:
        return self.path(id).is_file()

    def examine(self, id: str) -> Examined:
        """Size, SHA-256 and first bytes, with flat memory."""
        with self.path(id).open("rb") as file:
            head = file.read(HEAD_BYTES)
            file.seek(0)
            digest = hashlib.file_digest(file, "sha256").digest()
            return Examined(file.tell(), digest, head)

    def remove(self, id: str) -> None:
        self.path(id).unlink(missing_ok=True)
        self.drop_spool(id)

    def older_than(self, seconds: float) -> Iterator[str]:
        """Ids of the files untouched for so long; spools among them are deleted on the way."""
        limit = time.time() - seconds
        with os.scandir(self.folder) as entries:
            for entry in entries:
                if entry.stat().st_mtime >= limit:
                    continue
                if is_id(entry.name):
                    yield entry.name
                elif entry.name.endswith(".chunk"):
                    Path(entry.path).unlink(missing_ok=True)


@contextmanager
def _disk() -> Iterator[None]:
    """A disk that is full or broken is no error of the caller, nor ours: it may work later."""
    try:
        yield
    except OSError as error:
        if error.errno not in _FULL:
            raise
        raise Problem(UNAVAILABLE, what="storage", retry_after=60) from error
