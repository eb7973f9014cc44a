"""One request's share of an import: pieces are cut, read in the second process and committed, all at once."""

from __future__ import annotations

import asyncio
from collections import deque
from collections.abc import AsyncIterator
from dataclasses import dataclass
from functools import partial
from typing import Final

from contracts.imports import ImportView
from contracts.times import vn_date
from services.bus.kit.importing.commands import begin_import, take_piece
from services.bus.kit.importing.lines import CSV, read_header
from services.bus.kit.importing.pieces import Pieces
from services.bus.kit.importing.registry import Importing
from services.bus.kit.importing.sheet import NOTHING, Piece, truncated
from services.bus.kit.service import Service
from services.bus.kit.tasks import end

AHEAD: Final = 2
"""Pieces being read while one is committed."""


@dataclass(frozen=True, slots=True)
class _Reading:
    """A piece on its way through the second process."""

    size: int
    task: asyncio.Task[Piece]


class Intake:
    """One request's share of an import."""

    def __init__(self, service: Service, stream: AsyncIterator[bytes], *, complete: bool) -> None:
        self._service = service
        self._importing = Importing.of(service)
        self._registry = self._importing.registry
        self._pieces = Pieces(stream, self._importing.piece_bytes)
        self._complete = complete
        self._reading: deque[_Reading] = deque()
        self._committing: asyncio.Task[ImportView] | None = None

    async def begin(self, kind: str, form: str, client_id: str) -> tuple[ImportView, list[str]]:
        """Begin an import, with its header line if it is CSV. Raises BAD_IMPORT_HEADER, with nothing begun."""
        columns: list[str] = []
        header = b""
        if form == CSV:
            sheet = self._registry.by_kind[kind]
            header = await self._pieces.header()
            columns = read_header(header, sheet.known, sheet.required)
        command = partial(
            begin_import,
            registry=self._registry,
            kind=kind,
            form=form,
            columns=columns,
            header=len(header),
            client_id=client_id,
            now=self._service.clock.now(),
        )
        return await self._service.store.write(command), columns

    async def go_on(self, view: ImportView, columns: list[str]) -> ImportView:
        """Take what comes, from where the import stands; where it stands when the stream has ended."""
        self._view = view
        self._offset, self._line = view.offset, view.lines + 1
        try:
            async for data in self._pieces:
                self._read(data, columns)
                if len(self._reading) > AHEAD:
                    await self._commit_next()
            while self._reading:
                await self._commit_next()
            if self._complete:
                rest = len(self._pieces.rest)  # bytes behind the last line end are a line cut off
                await self._commit(truncated(self._line) if rest else NOTHING, rest, complete=True)
            return await self._committed()
        finally:
            for each in self._reading:
                await end(each.task)
            if self._committing is not None:  # the request broke off; where it stands is known once this is done
                await asyncio.wait((self._committing,))
                if not self._committing.cancelled():
                    self._committing.exception()  # looked at, so that nobody misses it

    def _read(self, data: bytes, columns: list[str]) -> None:
        now = self._service.clock.now()
        reading = self._importing.second.read(
            data,
            self._view.kind,
            self._view.format,
            columns,
            import_id=self._view.id,
            first_line=self._line,
            today=vn_date(now),
            now=now,
            dialect=self._service.store.writer.dialect.name,
        )
        self._line += data.count(b"\n")
        self._reading.append(_Reading(len(data), asyncio.create_task(reading)))

    async def _commit_next(self) -> None:
        piece = await self._reading[0].task
        await self._commit(piece, self._reading.popleft().size, complete=False)

    async def _commit(self, piece: Piece, size: int, *, complete: bool) -> None:
        await self._committed()
        command = partial(
            take_piece,
            registry=self._registry,
            import_id=self._view.id,
            piece=piece,
            given=self._offset,
            upto=self._offset + size,
            complete=complete,
            now=self._service.clock.now(),
        )
        self._offset += size
        self._committing = asyncio.create_task(self._service.store.write(command))

    async def _committed(self) -> ImportView:
        """What the last commit has led to."""
        if self._committing is not None:
            task, self._committing = self._committing, None
            self._view = await task
        return self._view
