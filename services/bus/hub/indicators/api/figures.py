"""Routes of the figures: definitions, values, the dossiers behind them, tables, communes, identity checks."""

from __future__ import annotations

from typing import Annotated

from fastapi import APIRouter, Path, Query, Request, Response

from contracts.catalogue.indicators import groups, indicators, on_time_rule
from contracts.problems import NOT_FOUND, Problem
from services.bus.hub.indicators import schemas, sheets
from services.bus.hub.indicators.api.parts import (
    Asked,
    ForPeriod,
    Observer,
    PageCursor,
    PageLimit,
)
from services.bus.hub.indicators.counting import Grain
from services.bus.hub.indicators.listing import SideName, behind
from services.bus.hub.indicators.room import room_of
from services.bus.hub.indicators.tables import Rows, table
from services.bus.hub.indicators.units import identity_checks, without_online
from services.bus.hub.indicators.values import values
from services.bus.kit.api import JSON, read_answer, service_of
from services.bus.kit.errors import language_of
from services.bus.kit.paging import Page
from services.bus.kit.requests import AxisRoute

router = APIRouter(prefix="/v1", tags=["indicators"], route_class=AxisRoute)

GroupId = Annotated[str | None, Query(pattern=r"^[a-z]{1,30}$", description="One group of indicators")]


@router.get("/indicators", response_model=schemas.Definitions)
async def list_indicators(request: Request, caller: Observer) -> Response:
    """How every figure is made: formulas, weights, thresholds, sources, open points, and what somebody has to
    give."""
    given = list(room_of(request).book.inputs.values())
    told = schemas.Definitions(groups=groups(), on_time=on_time_rule(), inputs=given)
    return Response(told.model_dump_json(by_alias=True), 200, media_type=JSON)


@router.get("/indicators/values", response_model=schemas.Values)
async def show_values(request: Request, caller: Observer, asked: ForPeriod, group: GroupId = None) -> Response:
    """Every indicator of a period with numerator, denominator, points and the query for the dossiers behind."""
    if group is not None and group not in {each.id for each in groups()}:
        raise Problem(NOT_FOUND, field="query.group", what="group of indicators", id=group)
    return await read_answer(
        request, lambda tx: values(tx, asked.book, asked.where, now=asked.now, link=asked.query, group=group)
    )


@router.get("/indicators/table", response_model=schemas.Table)
async def show_table(
    request: Request, caller: Observer, asked: ForPeriod, rows: Rows = "unit", period: Grain = "total"
) -> Response:
    """Figures by unit, district, procedure, field or channel and by month, quarter or year."""
    return await read_answer(
        request, lambda tx: table(tx, asked.book, asked.where, rows=rows, grain=period, now=asked.now)
    )


@router.get(
    "/indicators/table.csv",
    response_class=Response,
    responses={200: {"content": {"text/csv": {}}, "description": "The table; UTF-8 with a byte-order mark"}},
)
async def download_csv(
    request: Request, caller: Observer, asked: ForPeriod, rows: Rows = "unit", period: Grain = "total"
) -> Response:
    """The table as CSV, its header in the caller's language."""
    made = await _sheet(request, asked, rows, period, "csv")
    return Response(made, 200, _attachment(asked, rows, "csv"), sheets.CSV)


@router.get(
    "/indicators/table.xlsx",
    response_class=Response,
    responses={200: {"content": {sheets.XLSX: {}}, "description": "The table, and how its figures are defined"}},
)
async def download_xlsx(
    request: Request, caller: Observer, asked: ForPeriod, rows: Rows = "unit", period: Grain = "total"
) -> Response:
    """The table as an Excel workbook, in the caller's language."""
    made = await _sheet(request, asked, rows, period, "xlsx")
    return Response(made, 200, _attachment(asked, rows, "xlsx"), sheets.XLSX)


@router.get("/indicators/{indicator_id}/dossiers", response_model=Page[schemas.DossierLine])
async def list_dossiers_behind(
    request: Request,
    indicator_id: Annotated[str, Path(pattern=r"^[a-z0-9][a-z0-9-]{1,59}$")],
    caller: Observer,
    asked: ForPeriod,
    side: SideName = "numerator",
    cursor: PageCursor = None,
    limit: PageLimit = 100,
) -> Response:
    """The dossiers a side of an indicator counts, in the order they were received."""
    definition = indicators().get(indicator_id)
    if definition is None:
        raise Problem(NOT_FOUND, field="path.indicator_id", what="indicator", id=indicator_id)
    return await read_answer(
        request, behind(definition, side, asked.where, now=asked.now, cursor=cursor, limit=limit)
    )


@router.get("/communes/without-online", response_model=schemas.WithoutOnline)
async def list_communes_without_online(request: Request, caller: Observer, asked: ForPeriod) -> Response:
    """The communes that took in no online dossier in the period, of one procedure, of a field, or of any."""
    return await read_answer(request, lambda tx: without_online(tx, asked.book, asked.where))


@router.get("/identity-checks", response_model=schemas.IdentityChecks)
async def show_identity_checks(request: Request, caller: Observer, asked: ForPeriod) -> Response:
    """Checks of identities by kind, channel and outcome: checks and distinct dossiers, never made equal."""
    return await read_answer(request, lambda tx: identity_checks(tx, asked.where))


async def _sheet(request: Request, asked: Asked, rows: Rows, period: Grain, kind: str) -> bytes:
    """In the thread that reads: a workbook of a thousand rows takes its time."""
    language = language_of(request)
    write = sheets.as_csv if kind == "csv" else sheets.as_xlsx
    return await service_of(request).store.read(
        lambda tx: write(table(tx, asked.book, asked.where, rows=rows, grain=period, now=asked.now), language)
    )


def _attachment(asked: Asked, rows: Rows, kind: str) -> dict[str, str]:
    name = f"{rows}-{asked.where.since}-{asked.where.last}.{kind}"
    return {"Content-Disposition": f'attachment; filename="{name}"'}
