"""Lanes: where each dossier is on its way, and sending one again."""

from __future__ import annotations

from typing import Annotated

import structlog
from fastapi import APIRouter, Request, Response

from contracts import scopes
from contracts.identifiers import find_dossier_code
from gateway.sync.api.common import Code, CursorText, Limit, alone_with
from gateway.sync.commands import operator as commands
from gateway.sync.engine import engine_of
from gateway.sync.queries import operator as queries
from gateway.sync.queries.operator import LaneDetail, LaneState, LaneView
from services.bus.kit.api import read_answer, requires, service_of, write_answer
from services.bus.kit.paging import Page
from services.bus.kit.requests import AxisRoute
from services.bus.kit.tokens import Caller

log = structlog.get_logger(__name__)
router = APIRouter(prefix="/v1/lanes", tags=["lanes"], route_class=AxisRoute)


@router.get("", response_model=Page[LaneView])
async def lanes(
    request: Request,
    caller: Annotated[Caller, requires(scopes.SYNC_READ)],
    state: LaneState | None = None,
    cursor: CursorText = None,
    limit: Limit = 50,
) -> Response:
    """Lanes by dossier code; with `state=waiting`, those that wait, the longest first."""
    return await read_answer(request, lambda tx: queries.lanes(tx, state, cursor, limit))


@router.get("/{code}", response_model=LaneDetail)
async def lane(request: Request, code: Code, caller: Annotated[Caller, requires(scopes.SYNC_READ)]) -> Response:
    """One dossier: every status with the time of each hop."""
    return await read_answer(request, lambda tx: queries.lane(tx, code))


@router.post("/{code}/resync", response_model=LaneDetail, status_code=202)
async def resync(
    request: Request, code: Code, caller: Annotated[Caller, requires(scopes.SYNC_REPAIR)]
) -> Response:
    """Send the whole dossier again: its newest state and every row. What the portal has, it ignores."""
    now = service_of(request).clock.now()
    log.info("lane.resync", dossier=find_dossier_code(code), by=caller.subject)
    async with alone_with(engine_of(request), code):
        return await write_answer(request, caller, lambda tx: commands.resync(tx, code, now=now), status=202)
