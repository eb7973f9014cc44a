"""Routes of the bulk import: announce a file, send it (in one go or piece by piece), see how far it is.

A piece is read as it comes and committed chunk by chunk. Where a sending broke off, `offset` says from which byte
to go on; `Import-Offset` has to be that very byte, so that nothing is taken twice or left out.
"""

from __future__ import annotations

import asyncio
from typing import Annotated, Literal

from fastapi import APIRouter, Header, Query, Request, Response
from pydantic import Field
from pydantic_core import to_json
from sqlalchemy import select, tuple_

from contracts.catalogue.land_rules import land_rules
from contracts.land import ImportErrorView, ImportView
from contracts.population.values import Line
from contracts.problems import BODY_TOO_LARGE, IMPORT_OFFSET, Language, Problem
from contracts.rules import explain
from contracts.times import vn_date
from services.bus.kit.api import JSON, Body, read_answer, service_of, write_answer
from services.bus.kit.errors import language_of
from services.bus.kit.paging import Cursor, Page
from services.bus.kit.requests import AxisRoute
from services.bus.kit.service import Service
from services.bus.kit.tx import Tx
from services.registry.land.api.parts import IdPath, Importer
from services.registry.land.importing import commands
from services.registry.land.importing.lines import Cutter
from services.registry.land.importing.lines import Line as CutLine
from services.registry.land.importing.texts import TEXTS
from services.registry.land.models import RefusedLine
from services.registry.land.settings import LandSettings

router = APIRouter(prefix="/v1/imports", tags=["imports"], route_class=AxisRoute)
pieces = APIRouter(prefix="/v1/imports", tags=["imports"])
"""Without the bound on bodies: what is sent here is never held whole."""


class NewImport(Body):
    """A file to take in: UTF-8, one line a parcel, every line ended by a line feed."""

    format: Literal["csv", "jsonl"]
    name: Annotated[Line, Field(min_length=1, max_length=200)]
    total_bytes: Annotated[int, Field(strict=True, ge=1, le=10**12)]


@router.post("", status_code=201, response_model=ImportView)
async def begin_import(request: Request, caller: Importer, new: NewImport) -> Response:
    """Announce a file."""
    now = service_of(request).clock.now()
    return await write_answer(
        request,
        caller,
        lambda tx: commands.begin(tx, file_format=new.format, name=new.name, total_bytes=new.total_bytes, now=now),
        status=201,
        headers=lambda made: {"Location": f"/v1/imports/{made.id}"},
    )


@router.get("/{import_id}", response_model=ImportView)
async def show_import(request: Request, import_id: IdPath, caller: Importer) -> Response:
    """How far an import is."""
    return await read_answer(request, lambda tx: commands.view(commands.found(tx, import_id)))


@router.get("/{import_id}/errors", response_model=Page[ImportErrorView])
async def list_import_errors(
    request: Request,
    import_id: IdPath,
    caller: Importer,
    limit: Annotated[int, Query(ge=1, le=1_000)] = 200,
    cursor: Annotated[str | None, Query(max_length=300)] = None,
) -> Response:
    """The lines that were not taken, each with the field at fault and the rule it breaks."""
    language = language_of(request)

    def query(tx: Tx) -> Page[ImportErrorView]:
        commands.found(tx, import_id)
        order = (RefusedLine.line, RefusedLine.place)
        wanted = select(RefusedLine).where(RefusedLine.import_id == import_id)
        if cursor is not None:
            wanted = wanted.where(tuple_(*order) > tuple_(*Cursor.decode(cursor, (int, int))))
        rows = list(tx.scalars(wanted.order_by(*order).limit(limit + 1)))
        last = rows[limit - 1] if len(rows) > limit else None
        following = None if last is None else Cursor.encode([last.line, last.place])
        return Page(items=[_error(row, language) for row in rows[:limit]], next_cursor=following)

    return await read_answer(request, query)


@pieces.patch(
    "/{import_id}",
    response_model=ImportView,
    openapi_extra={
        "requestBody": {
            "content": {"application/octet-stream": {"schema": {"type": "string", "format": "binary"}}}
        }
    },
)
async def send_piece(
    request: Request,
    import_id: IdPath,
    caller: Importer,
    import_offset: Annotated[int, Header(ge=0, le=10**12)],
) -> Response:
    """Send bytes of the file from `Import-Offset` on."""
    service = service_of(request)
    told = await service.store.read(lambda tx: _stand(tx, import_id))
    view, header = told
    if view.offset != import_offset:
        raise Problem(
            IMPORT_OFFSET,
            field="header.Import-Offset",
            given=import_offset,
            offset=view.offset,
            extra={"offset": view.offset},
        )
    intake = _Intake(service, view, header)
    async for chunk in request.stream():
        await intake.feed(chunk)
    return Response(to_json(await intake.finish()), 200, media_type=JSON)


def _stand(tx: Tx, import_id: str) -> tuple[ImportView, list[str]]:
    row = commands.found(tx, import_id)
    return commands.view(row), list(row.header)


class _Intake:
    """One sending on its way: bytes in, chunks of lines committed one after another."""

    def __init__(self, service: Service, view: ImportView, header: list[str]) -> None:
        assert isinstance(service.settings, LandSettings)
        self.service = service
        self.view = view
        self.header = header
        self.size = service.settings.import_chunk
        self.cutter = Cutter()
        self.lines: list[CutLine] = []
        self.received = view.offset

    async def feed(self, chunk: bytes) -> None:
        """Take bytes, and commit whole chunks. Raises BODY_TOO_LARGE for more than was announced."""
        self.received += len(chunk)
        if self.received > self.view.total_bytes:
            raise Problem(BODY_TOO_LARGE, limit=self.view.total_bytes)
        self.lines += self.cutter.feed(chunk)
        while len(self.lines) >= self.size:
            now, self.lines = self.lines[: self.size], self.lines[self.size :]
            await self._commit(now)

    async def finish(self) -> ImportView:
        """Commit what is left; a last line that nothing ends only if no more bytes are to come."""
        if self.received == self.view.total_bytes:
            self.lines += self.cutter.end()
        if self.lines:
            await self._commit(self.lines)
        return self.view

    async def _commit(self, lines: list[CutLine]) -> None:
        view, clock = self.view, self.service.clock
        read = await asyncio.to_thread(
            commands.read,
            lines,
            first=view.lines + 1,
            file_format=view.format,
            header=self.header,
            today=vn_date(clock.now()),
        )
        if read.header is not None:
            self.header = read.header
        self.view = await self.service.store.write(
            lambda tx: commands.take(tx, view.id, view.offset, read, now=clock.now())
        )


def _error(row: RefusedLine, language: Language) -> ImportErrorView:
    if row.rule in TEXTS:
        detail = TEXTS[row.rule].render(language, row.context)
    elif row.rule in land_rules():
        detail = land_rules()[row.rule].text.render(language, row.context)
    else:
        detail = explain(row.rule, row.context).render(language, {})
    return ImportErrorView(line=row.line, field=row.field, rule=row.rule, detail=detail)
