"""Nothing is lost: whether all sides hold the same, what differs, and putting it right."""

from __future__ import annotations

from datetime import date
from typing import Annotated

import structlog
from fastapi import APIRouter, Query, Request, Response

from contracts import scopes
from contracts.retold import RetoldDossier
from contracts.statements import Agreement
from gateway.sync.api.common import Code, CursorText, Id, Limit, alone_with
from gateway.sync.commands import differences as commands
from gateway.sync.engine import engine_of
from gateway.sync.queries import differences as queries
from gateway.sync.queries.differences import DifferenceView, ReconciliationState, RepairOrder, State
from gateway.sync.reconcile.agreements import of_day, of_dossier
from gateway.sync.reconcile.watch import Watch, watch_of
from services.bus.kit.api import read_answer, requires, service_of, write_answer
from services.bus.kit.paging import Page
from services.bus.kit.requests import AxisRoute
from services.bus.kit.service import Service
from services.bus.kit.tokens import Caller
from services.bus.kit.tx import Tx

log = structlog.get_logger(__name__)
router = APIRouter(prefix="/v1/reconciliation", tags=["nothing is lost"], route_class=AxisRoute)

Reader = Annotated[Caller, requires(scopes.SYNC_READ)]
Repairer = Annotated[Caller, requires(scopes.SYNC_REPAIR)]


@router.get("", response_model=ReconciliationState)
async def reconciliation_state(request: Request, caller: Reader) -> Response:
    """When all sides were last compared, how much each holds, and whether that is the same."""
    watch = watch_of(request)
    return await read_answer(
        request,
        lambda tx: queries.state(
            tx, comparing=watch.comparing, error=watch.error, asks_portal=watch.sides.asks_portal
        ),
    )


@router.post("/compare", response_model=ReconciliationState, status_code=202)
async def compare_now(request: Request, caller: Repairer) -> Response:
    """Compare everything now, without pauses."""
    watch_of(request).wake()
    log.info("comparison.asked-for", by=caller.subject)
    response = await reconciliation_state(request, caller)
    response.status_code = 202
    return response


@router.get("/differences", response_model=Page[DifferenceView])
async def list_differences(
    request: Request,
    caller: Reader,
    state: State | None = None,
    code: Annotated[str | None, Query(max_length=60)] = None,
    cursor: CursorText = None,
    limit: Limit = 50,
) -> Response:
    """What differs, or has differed, with its cause as far as it is known. What is no more ("repaired", "gone")
    comes newest first if that state is asked for."""
    return await read_answer(request, lambda tx: queries.differences(tx, state, code, cursor, limit))


@router.post("/differences/repair", response_model=RepairOrder, status_code=202)
async def repair_all(request: Request, caller: Repairer) -> Response:
    """The same for every difference that can be put right, a thousand dossiers at most at once."""
    service, watch = service_of(request), watch_of(request)
    now = service.clock.now()
    taken: list[DifferenceView] = []

    def command(tx: Tx) -> RepairOrder:
        taken[:], order = commands.all_to_repair(tx, by=caller.subject, now=now)
        return order

    response = await write_answer(request, caller, command, status=202)
    if taken:  # empty also if the answer was a stored one
        log.warning("differences.repair", dossiers=len(taken), by=caller.subject)
        engine_of(request).background(_repair_all(service, watch, list(taken)))
    return response


@router.post("/differences/{id}/repair", response_model=DifferenceView, status_code=202)
async def repair_difference(request: Request, id: Id, caller: Repairer) -> Response:
    """Put the dossier right: what the axis has lost is told again by the province, then all of it is sent again.
    Who asked for it, and when, is kept with the difference."""
    service, watch = service_of(request), watch_of(request)
    now = service.clock.now()
    taken: list[DifferenceView] = []

    def command(tx: Tx) -> DifferenceView:
        taken[:] = [commands.to_repair(tx, id, by=caller.subject, now=now)]
        return taken[0]

    response = await write_answer(request, caller, command, status=202)
    for each in taken:  # empty if the answer was a stored one
        log.warning("difference.repair", id=id, code=each.code, by=caller.subject)
        engine_of(request).background(_repair(service, watch, each))
    return response


@router.get("/agreements/dossiers/{code}", response_model=Agreement)
async def dossier_agreement(request: Request, code: Code, caller: Reader) -> Response:
    """What the three sides hold of one dossier, and whether it is the same: what the hub's statements are made
    of."""
    found = await of_dossier(watch_of(request).sides, service_of(request), code)
    return Response(found.model_dump_json(), media_type="application/json")


@router.get("/agreements/days/{day}", response_model=Agreement)
async def day_agreement(request: Request, day: date, caller: Reader) -> Response:
    """What they hold of all dossiers numbered on one day."""
    found = await of_day(watch_of(request).sides, service_of(request), day)
    return Response(found.model_dump_json(), media_type="application/json")


async def _repair(service: Service, watch: Watch, difference: DifferenceView) -> None:
    if await _put_right(service, watch, difference):
        await watch.look_again(difference.code)


async def _repair_all(service: Service, watch: Watch, differences: list[DifferenceView]) -> None:
    for each in differences:
        await _put_right(service, watch, each)
    watch.wake()


async def _put_right(service: Service, watch: Watch, difference: DifferenceView) -> bool:
    """Whether that went well. If not it stays as it is, and the next order takes it up again."""
    code = difference.code
    try:
        retold = None
        if difference.side == "axis":
            retold = RetoldDossier.model_validate_json(await watch.sides.retold(code))
        async with alone_with(watch.engine, code):
            now = service.clock.now()
            if retold is None:
                await service.store.write(lambda tx: commands.send_again(tx, code, now=now))
            else:
                await service.store.write(lambda tx: commands.restore(tx, retold, now=now))
    except Exception as error:
        log.warning("difference.not-repaired", code=code, error=f"{type(error).__name__}: {error}")
        return False
    return True
