"""Routes of the latency ledger: links, their hops and series, and the records of one dossier."""

from __future__ import annotations

from datetime import timedelta
from typing import Annotated, Final, Literal

from fastapi import APIRouter, Path, Query, Request, Response
from pydantic import AwareDatetime

from contracts import scopes
from services.bus.hub.ledger import queries
from services.bus.hub.ledger.agreed import ServiceLevels, agreed
from services.bus.hub.ledger.ledger import ledger_of
from services.bus.hub.ledger.views import DossierRecords, LinkDetail, Links, LinkSeries
from services.bus.hub.ledger.windows import Window
from services.bus.kit.api import read_answer, requires, service_of
from services.bus.kit.requests import AxisRoute
from services.bus.kit.tokens import Caller

router = APIRouter(prefix="/v1", tags=["latency ledger"], route_class=AxisRoute)

Observer = Annotated[Caller, requires(scopes.AXIS_OBSERVE)]
LinkId = Annotated[str, Path(min_length=1, max_length=200)]
Hop = Literal["publish", "broker", "lane", "errors", "call", "total"]
Step = Literal["second", "minute", "hour"]
LOOK_BACK: Final = {"second": timedelta(minutes=5), "minute": timedelta(hours=1), "hour": timedelta(days=1)}
"""Where a series begins if nobody says."""


@router.get("/links", response_model=Links)
async def list_links(request: Request, caller: Observer, window: Window = "1h") -> Response:
    """Every link: how long its events took over the window, and what has waited longest."""
    ledger, now = ledger_of(request), service_of(request).clock.now()
    return await read_answer(request, lambda tx: queries.links(tx, ledger, window, now))


@router.get("/links/{id}", response_model=LinkDetail)
async def show_link(request: Request, id: LinkId, caller: Observer, window: Window = "1h") -> Response:
    """One link, hop by hop, and by agency and procedure."""
    ledger, now = ledger_of(request), service_of(request).clock.now()
    return await read_answer(request, lambda tx: queries.link(tx, ledger, id, window, now))


@router.get("/links/{id}/series", response_model=LinkSeries)
async def show_series(
    request: Request,
    id: LinkId,
    caller: Observer,
    hop: Hop = "total",
    step: Step = "minute",
    since: Annotated[AwareDatetime | None, Query(alias="from")] = None,
    until: Annotated[AwareDatetime | None, Query(alias="to")] = None,
) -> Response:
    """One hop over time, a histogram a step: seconds of the last hour, minutes of the last week, hours of two
    years. At most 4,000 of them."""
    ledger, now = ledger_of(request), service_of(request).clock.now()
    end = until or now + timedelta(seconds=1)
    start = since or end - LOOK_BACK[step]
    return await read_answer(request, lambda tx: queries.link_series(tx, ledger, id, hop, step, start, end))


@router.get("/ledger/dossiers/{code}", response_model=DossierRecords)
async def show_dossier(
    request: Request, code: Annotated[str, Path(min_length=1, max_length=60)], caller: Observer
) -> Response:
    """Every hop of one dossier's events in the last seven days, each with a sentence that explains its delay."""
    return await read_answer(request, lambda tx: queries.dossier(tx, code))


@router.get("/service-levels", response_model=ServiceLevels)
async def list_service_levels(request: Request, caller: Observer) -> Response:
    """Each service level over its period: what is left of the error budget, and how fast it burns."""
    ledger, now = ledger_of(request), service_of(request).clock.now()
    return await read_answer(request, lambda tx: agreed(tx, ledger, now))
