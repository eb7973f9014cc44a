"""Bytes of a request become pieces of whole lines, read in a thread while the piece before is being committed.

However long the file, no more of it is in memory than two pieces and a line.
"""

from __future__ import annotations

import asyncio
from collections.abc import AsyncIterator
from functools import partial

from contracts.civil import ImportView, RecordKind
from contracts.problems import MALFORMED_BODY, Problem, Text
from contracts.times import vn_date
from services.bus.kit.service import Service
from services.bus.kit.tasks import end
from services.registry.civil.commands.imports import begin_import, take_lines
from services.registry.civil.importing.reader import (
    CSV,
    LONGEST_LINE,
    Lines,
    read_header,
    read_lines,
    truncated,
)

_TOO_LONG = Text(f"một dòng dài hơn {LONGEST_LINE} byte", f"a line is longer than {LONGEST_LINE} bytes")


class Intake:
    """One request's share of an import."""

    def __init__(self, service: Service, stream: AsyncIterator[bytes], *, piece: int, complete: bool) -> None:
        self._service = service
        self._stream = stream
        self._piece = piece
        self._complete = complete
        self._buffer = bytearray()
        self._committing: asyncio.Task[ImportView] | None = None

    async def begin(self, kind: RecordKind, form: str, client_id: str) -> tuple[ImportView, list[str]]:
        """Begin an import, with its header line if it is CSV. Raises BAD_IMPORT_HEADER, with nothing begun."""
        columns: list[str] = []
        header = 0
        if form == CSV:
            while b"\n" not in self._buffer and len(self._buffer) <= LONGEST_LINE:
                piece = await anext(self._stream, None)
                if piece is None:
                    break
                self._buffer += piece
            header = self._buffer.find(b"\n") + 1
            columns = read_header(bytes(self._buffer[:header]), kind)
            del self._buffer[:header]
        now = self._service.clock.now()
        begun = await self._service.store.write(
            partial(
                begin_import, kind=kind, form=form, columns=columns, header=header, client_id=client_id, now=now
            )
        )
        return begun, columns

    async def go_on(self, view: ImportView, columns: list[str]) -> ImportView:
        """Take what comes, from where the import stands; where it stands when the stream has ended."""
        self._view, self._columns = view, columns
        self._offset, self._lines = view.offset, view.lines
        try:
            await self._take_whole_lines(self._piece)
            async for piece in self._stream:
                self._buffer += piece
                await self._take_whole_lines(self._piece)
            await self._take_whole_lines(1)
            if self._complete:
                await self._finish()
            return await self._committed(view)
        finally:
            if self._committing is not None:  # the request broke off: what is being committed may well be
                await end(self._committing)

    async def _take_whole_lines(self, least: int) -> None:
        """Take what is there up to its last line end, if it is so much."""
        if len(self._buffer) < least:
            return
        cut = self._buffer.rfind(b"\n") + 1
        if cut == 0:
            if len(self._buffer) > LONGEST_LINE + self._piece:
                raise Problem(MALFORMED_BODY, reason=_TOO_LONG)
            return
        data = bytes(self._buffer[:cut])
        del self._buffer[:cut]
        today = vn_date(self._service.clock.now())
        lines = await asyncio.to_thread(
            read_lines,
            data,
            self._view.kind,
            self._view.format,
            self._columns,
            first_line=self._lines + 1,
            today=today,
        )
        await self._commit(lines, len(data), complete=False)

    async def _finish(self) -> None:
        """The file has ended: bytes behind the last line end are a line cut off."""
        lines = Lines()
        if self._buffer:
            lines.count = 1
            lines.bad.append(truncated(self._lines + 1))
        await self._commit(lines, len(self._buffer), complete=True)

    async def _commit(self, lines: Lines, size: int, *, complete: bool) -> None:
        await self._committed(self._view)
        command = partial(
            take_lines,
            import_id=self._view.id,
            lines=lines,
            given=self._offset,
            upto=self._offset + size,
            complete=complete,
            now=self._service.clock.now(),
        )
        self._offset += size
        self._lines += lines.count
        self._committing = asyncio.create_task(self._service.store.write(command))

    async def _committed(self, before: ImportView) -> ImportView:
        """What the last commit has led to."""
        if self._committing is None:
            return before
        task, self._committing = self._committing, None
        self._view = await task
        return self._view
