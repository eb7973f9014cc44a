"""Bytes as they come off the wire, cut into pieces of whole lines. No more is held than a piece and a line."""

from __future__ import annotations

from collections.abc import AsyncIterator
from typing import Final

from contracts.problems import MALFORMED_BODY, Problem, Text
from services.bus.kit.importing.lines import LONGEST_LINE

_TOO_LONG: Final = Text(f"một dòng dài hơn {LONGEST_LINE} byte", f"a line is longer than {LONGEST_LINE} bytes")


class Pieces:
    """Whole lines of a stream, about `size` bytes at a time. `rest`: what is behind the last line end."""

    def __init__(self, stream: AsyncIterator[bytes], size: int) -> None:
        self._stream = stream
        self._size = size
        self.rest = bytearray()

    async def header(self) -> bytes:
        """The first line with its end; nothing if none ends within the longest line there may be."""
        while b"\n" not in self.rest and len(self.rest) <= LONGEST_LINE:
            chunk = await anext(self._stream, None)
            if chunk is None:
                break
            self.rest += chunk
        return self._cut(self.rest.find(b"\n") + 1)

    async def __aiter__(self) -> AsyncIterator[bytes]:
        """Each piece as soon as it is there. Raises MALFORMED_BODY for a line without an end."""
        while piece := self._whole_lines(self._size):
            yield piece
        async for chunk in self._stream:
            self.rest += chunk
            while piece := self._whole_lines(self._size):
                yield piece
        while piece := self._whole_lines(1):
            yield piece

    def _whole_lines(self, least: int) -> bytes:
        if len(self.rest) < least:
            return b""
        end = self.rest.rfind(b"\n", 0, self._size) + 1 or self.rest.find(b"\n", self._size) + 1
        if end == 0 and len(self.rest) > LONGEST_LINE + self._size:
            raise Problem(MALFORMED_BODY, reason=_TOO_LONG)
        return self._cut(end)

    def _cut(self, end: int) -> bytes:
        piece = bytes(self.rest[:end])
        del self.rest[:end]
        return piece
