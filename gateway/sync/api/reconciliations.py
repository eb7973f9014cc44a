"""Reconciliations: start one, see what it found, repair what can be repaired."""

from __future__ import annotations

import asyncio
from functools import partial
from typing import Annotated, Literal

import structlog
from fastapi import APIRouter, Request, Response
from pydantic import BaseModel, Field

from contracts import scopes
from contracts.identifiers import find_dossier_code
from gateway.sync.api.common import CursorText, Id, Limit, alone_with
from gateway.sync.commands import reconciliations as commands
from gateway.sync.engine import Engine, engine_of
from gateway.sync.queries import reconciliations as queries
from gateway.sync.queries.reconciliations import ReconciliationDetail, ReconciliationView
from gateway.sync.reconcile.job import Job
from services.bus.kit.api import Body, read_answer, requires, service_of, write_answer
from services.bus.kit.ids import new_id
from services.bus.kit.paging import Page
from services.bus.kit.requests import AxisRoute
from services.bus.kit.service import Service
from services.bus.kit.tokens import Caller
from services.bus.kit.tx import Tx

log = structlog.get_logger(__name__)
router = APIRouter(prefix="/v1/reconciliations", tags=["reconciliation"], route_class=AxisRoute)

Reader = Annotated[Caller, requires(scopes.SYNC_READ)]
Repairer = Annotated[Caller, requires(scopes.SYNC_REPAIR)]


class RepairOrder(Body):
    """Which findings to repair, by their place; without, all that can be repaired."""

    places: Annotated[list[Annotated[int, Field(ge=1, lt=2**31)]], Field(max_length=1_000)] | None = None


class RepairTaken(BaseModel):
    """How many dossiers are being put in line to be sent again."""

    dossiers: int


@router.post("", response_model=ReconciliationView, status_code=202)
async def start(request: Request, caller: Repairer) -> Response:
    """Compare province, axis and portal; `Location` tells where the result will be."""
    service, engine = service_of(request), engine_of(request)
    now = service.clock.now()
    started: list[str] = []

    def command(tx: Tx) -> ReconciliationView:
        begun = commands.start(tx, new_id(), by=caller.subject, now=now)
        started[:] = [begun.id]
        return begun

    response = await write_answer(
        request,
        caller,
        command,
        status=202,
        headers=lambda begun: {"Location": f"/v1/reconciliations/{begun.id}"},
    )
    for id in started:  # empty if the answer was a stored one
        engine.background(Job(service, engine, id).run())
    return response


@router.get("", response_model=Page[ReconciliationView])
async def reconciliations(
    request: Request, caller: Reader, cursor: CursorText = None, limit: Limit = 50
) -> Response:
    """All of them, the newest first."""
    return await read_answer(request, lambda tx: queries.reconciliations(tx, cursor, limit))


@router.get("/{id}", response_model=ReconciliationDetail)
async def reconciliation(
    request: Request,
    id: Id,
    caller: Reader,
    kind: Literal["missing", "extra", "different", "out_of_order", "duplicated"] | None = None,
    cursor: CursorText = None,
    limit: Limit = 50,
) -> Response:
    """Counts, and a page of findings."""
    return await read_answer(request, lambda tx: queries.reconciliation(tx, id, kind, cursor, limit))


@router.post("/{id}/repair", response_model=RepairTaken, status_code=202)
async def repair(request: Request, id: Id, order: RepairOrder, caller: Repairer) -> Response:
    """Send the dossiers of these findings again. What the portal has too much stays a finding."""
    service, engine = service_of(request), engine_of(request)
    codes: list[str] = []

    def command(tx: Tx) -> RepairTaken:
        codes[:] = commands.dossiers_to_repair(tx, id, order.places)
        return RepairTaken(dossiers=len(codes))

    response = await write_answer(request, caller, command, status=202)
    log.info("reconciliation.repair", id=id, dossiers=len(codes), by=caller.subject)
    if codes:
        engine.background(_repair(service, engine, id, codes))
    return response


async def _repair(service: Service, engine: Engine, id: str, codes: list[str]) -> None:
    for code in codes:
        try:
            async with alone_with(engine, code):
                await service.store.write(partial(commands.repair, id=id, code=code, now=service.clock.now()))
        except Exception as error:  # its findings stay open: the next order takes them up again
            told = find_dossier_code(code)
            log.warning("reconciliation.not-repaired", dossier=told, error=type(error).__name__)
        await asyncio.sleep(0)
