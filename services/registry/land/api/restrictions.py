"""Routes of restrictions: an authority enters a block, and lifts it."""

from __future__ import annotations

from fastapi import APIRouter, Request, Response

from contracts.land import Lifting, NewRestriction, RegisteredChange
from services.bus.kit.api import expected_version, service_of, write_answer
from services.bus.kit.requests import AxisRoute
from services.registry.land.api.parts import IF_MATCH, IdPath, ParcelKeyPath, Writer, tag
from services.registry.land.commands import restrictions

router = APIRouter(prefix="/v1/parcels/{key}/restrictions", tags=["restrictions"], route_class=AxisRoute)


@router.post("", status_code=201, response_model=RegisteredChange, openapi_extra=IF_MATCH)
async def enter_restriction(request: Request, key: ParcelKeyPath, caller: Writer, new: NewRestriction) -> Response:
    """Enter a dispute, a distraint, an emergency measure or an easement."""
    now, expected = service_of(request).clock.now(), expected_version(request)
    return await write_answer(
        request,
        caller,
        lambda tx: restrictions.restrict(tx, key, new, expected=expected, now=now),
        status=201,
        headers=tag,
    )


@router.post("/{restriction_id}/lift", response_model=RegisteredChange, openapi_extra=IF_MATCH)
async def lift_restriction(
    request: Request, key: ParcelKeyPath, restriction_id: IdPath, caller: Writer, lifting: Lifting
) -> Response:
    """Lift a block. A mortgage is not lifted but deleted, by a change."""
    now, expected = service_of(request).clock.now(), expected_version(request)
    return await write_answer(
        request,
        caller,
        lambda tx: restrictions.lift(tx, key, restriction_id, lifting, expected=expected, now=now),
        headers=tag,
    )
