"""Bytes as they come off the wire, cut into lines; memory stays flat whatever comes."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Final, NamedTuple

MAX_LINE: Final = 65_536


class Line(NamedTuple):
    """A line without its end, and how many bytes it took with it. `text` is None if it is longer than MAX_LINE;
    `whole` is False for a last line that nothing ends."""

    size: int
    text: bytes | None
    whole: bool = True


class Cutter:
    """Cuts chunks of bytes into lines."""

    def __init__(self) -> None:
        self._rest = b""
        self._dropped = 0

    def feed(self, chunk: bytes) -> Iterator[Line]:
        """The lines that end within this chunk."""
        pieces = (self._rest + chunk).split(b"\n")
        self._rest = pieces.pop()
        for piece in pieces:
            size = self._dropped + len(piece) + 1
            too_long = self._dropped or len(piece) > MAX_LINE
            yield Line(size, None if too_long else piece.removesuffix(b"\r"))
            self._dropped = 0
        if len(self._rest) > MAX_LINE:
            self._dropped += len(self._rest)
            self._rest = b""

    def end(self) -> Iterator[Line]:
        """What is left when nothing more comes: a line that may have been cut off."""
        size = self._dropped + len(self._rest)
        if size:
            yield Line(size, None if self._dropped else self._rest, whole=False)
        self._rest, self._dropped = b"", 0
