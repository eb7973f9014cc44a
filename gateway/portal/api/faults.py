"""Faults at run time: put a plan in force, look at it, take it away. They strike the wire only."""

from __future__ import annotations

from typing import Annotated

from fastapi import APIRouter, Request, Response

from contracts import scopes
from gateway.portal.faults import FaultPlan
from gateway.portal.portal import Portal, portal_of
from gateway.portal.schemas import FaultState
from services.bus.kit.access_token import Caller
from services.bus.kit.api import requires, service_of
from services.bus.kit.requests import AxisRoute

router = APIRouter(prefix="/v1/faults", tags=["faults"], route_class=AxisRoute)

MayInject = Annotated[Caller, requires(scopes.PORTAL_FAULTS)]


@router.get("")
async def show_faults(request: Request, caller: MayInject) -> FaultState:
    """The plan in force, and what it has injected since it was set."""
    return _state(portal_of(request))


@router.put("")
async def set_faults(request: Request, plan: FaultPlan, caller: MayInject) -> FaultState:
    """Replace the plan: the same plan and the same order of calls give the same faults."""
    portal = portal_of(request)
    portal.faults.set(plan, service_of(request).clock.now())
    return _state(portal)


@router.delete("", status_code=204)
async def clear_faults(request: Request, caller: MayInject) -> Response:
    """Nothing goes wrong any more."""
    portal_of(request).faults.clear()
    return Response(status_code=204)


def _state(portal: Portal) -> FaultState:
    box = portal.faults
    return FaultState(
        plan=box.plan,
        since=box.since,
        outage_until=box.outage_until,
        calls=box.calls,
        injected=dict(box.injected),
    )
