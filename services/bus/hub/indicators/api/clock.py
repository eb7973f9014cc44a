"""Routes of the legal clock: how much is due, overdue and suspended, and which dossiers those are."""

from __future__ import annotations

from typing import Annotated

from fastapi import APIRouter, Query, Request, Response

from contracts.identifiers import AgencyCode, ProcedureCode
from services.bus.hub.indicators import schemas
from services.bus.hub.indicators.api.parts import Observer, PageCursor, PageLimit, chosen
from services.bus.hub.indicators.clock import By, dossiers_in, legal_clock
from services.bus.hub.indicators.room import room_of
from services.bus.kit.api import read_answer, service_of
from services.bus.kit.paging import Page
from services.bus.kit.requests import AxisRoute

router = APIRouter(prefix="/v1/legal-clock", tags=["legal clock"], route_class=AxisRoute)

Unit = Annotated[AgencyCode | None, Query(description="An agency, with all below it")]


@router.get("", response_model=schemas.LegalClock)
async def show_legal_clock(
    request: Request,
    caller: Observer,
    by: By = "both",
    unit: Unit = None,
    procedure_code: ProcedureCode | None = None,
) -> Response:
    """Everything in hand now, by office and procedure: due today, overdue, suspended. Not sync lateness."""
    book, now = room_of(request).book, service_of(request).clock.now()
    agencies, procedures = chosen(book, unit, procedure_code)
    return await read_answer(
        request, lambda tx: legal_clock(tx, book, now=now, by=by, agencies=agencies, procedures=procedures)
    )


@router.get("/dossiers", response_model=Page[schemas.ClockDossier])
async def list_dossiers_on_the_clock(
    request: Request,
    caller: Observer,
    state: schemas.ClockState = "overdue",
    unit: Unit = None,
    procedure_code: ProcedureCode | None = None,
    cursor: PageCursor = None,
    limit: PageLimit = 100,
) -> Response:
    """The dossiers in one state, earliest deadline first, each with the reasons of its deadline."""
    book, now = room_of(request).book, service_of(request).clock.now()
    agencies, procedures = chosen(book, unit, procedure_code)
    query = dossiers_in(state, now=now, agencies=agencies, procedures=procedures, cursor=cursor, limit=limit)
    return await read_answer(request, query)
