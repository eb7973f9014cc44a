"""Routes of administrative units: who lives, or lived, in a commune."""

from __future__ import annotations

from typing import Annotated

from fastapi import APIRouter, Path, Request, Response
from pydantic_core import to_json

from contracts import scopes
from contracts.identifiers import UnitCode
from contracts.population import ResidenceKind, UnitResident
from services.bus.kit.api import JSON, requires, service_of
from services.bus.kit.paging import Page
from services.bus.kit.requests import AxisRoute
from services.bus.kit.tokens import Caller
from services.population.api.parts import AskedPeriod, ForPurpose, PageLimit
from services.population.commands import lookups
from services.population.queries.residents import refuse_unit

router = APIRouter(prefix="/v1/units", tags=["units"], route_class=AxisRoute)

Reader = Annotated[Caller, requires(scopes.POPULATION_READ)]


@router.get("/{code}/residents", response_model=Page[UnitResident])
async def show_unit_residents(
    request: Request,
    code: Annotated[UnitCode, Path()],
    caller: Reader,
    purpose: ForPurpose,
    asked: AskedPeriod,
    kind: ResidenceKind | None = None,
    limit: PageLimit = 100,
    cursor: str | None = None,
) -> Response:
    """Who lived in the commune on a day or in a period, for a purpose; logged under everybody shown. The code is
    that of the day asked for. Stays begun in a unit that has become part of it are told too; where that unit was
    divided they are not `certain`."""
    service = service_of(request)
    now = service.clock.now()
    access, period = purpose.access(caller), asked.period(now)
    refuse_unit(code, period)
    found = await service.store.write(
        lambda tx: lookups.look_up_unit_residents(
            tx, code, period, access, kind=kind, limit=limit, cursor=cursor, now=now
        )
    )
    return Response(to_json(found), 200, media_type=JSON)
