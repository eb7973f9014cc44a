"""Tables to take away, for whoever has a session: the same figures as the API's."""

from __future__ import annotations

from fastapi import APIRouter, Request, Response

from services.bus.hub.console.asking import asked
from services.bus.hub.console.console import console_of
from services.bus.hub.indicators import sheets
from services.bus.hub.indicators.room import room_of
from services.bus.hub.indicators.tables import table
from services.bus.hub.web.browser import language_for
from services.bus.kit.api import service_of

router = APIRouter(include_in_schema=False)


@router.get("/console/download/table.{kind}")
async def download(request: Request, kind: str) -> Response:
    """The table the page shows, whole."""
    console = console_of(request)
    if await console.sessions.current(request) is None:
        return Response(status_code=303, headers={"Location": "/console/login"})
    book, now = room_of(request).book, service_of(request).clock.now()
    what, language = asked(request.query_params, book, now), language_for(request)
    chosen = "csv" if kind == "csv" else "xlsx"
    write, media = (sheets.as_csv, sheets.CSV) if chosen == "csv" else (sheets.as_xlsx, sheets.XLSX)
    made = await service_of(request).store.read(
        lambda tx: write(table(tx, book, what.where, rows=what.rows, grain=what.grain, now=now), language)
    )
    name = f"{what.rows}-{what.where.since}-{what.where.last}.{chosen}"
    headers = {"Content-Disposition": f'attachment; filename="{name}"', "Cache-Control": "no-store"}
    return Response(made, 200, headers, media)
