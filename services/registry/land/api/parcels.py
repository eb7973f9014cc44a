"""Routes of parcels: register, show as of a day, find."""

from __future__ import annotations

from datetime import date
from typing import Annotated

from fastapi import APIRouter, Query, Request, Response
from pydantic import Field

from contracts.identifiers import PersonalId, TaxCode, UnitCode
from contracts.land import NewParcel, ParcelLine, ParcelView, RegisteredParcel
from contracts.population.values import Day, Line
from contracts.times import vn_date
from services.bus.kit.api import read_answer, service_of, write_answer
from services.bus.kit.paging import Page
from services.bus.kit.requests import AxisRoute
from services.registry.land.api.parts import IF_MATCH, ParcelKeyPath, Reader, Writer, tag
from services.registry.land.commands import registration
from services.registry.land.queries import parcels as queries

router = APIRouter(prefix="/v1/parcels", tags=["parcels"], route_class=AxisRoute)

AsOf = Annotated[Day | None, Query(description="The day to look at; without it, now")]
Name = Annotated[Annotated[Line, Field(min_length=2, max_length=200)] | None, Query()]


@router.post("", status_code=201, response_model=RegisteredParcel, openapi_extra=IF_MATCH)
async def register_parcel(request: Request, caller: Writer, new: NewParcel) -> Response:
    """Register a parcel for the first time, with its right, its holders and its certificate."""
    now = service_of(request).clock.now()
    return await write_answer(
        request,
        caller,
        lambda tx: registration.register(tx, new, now=now),
        status=201,
        headers=lambda made: {"Location": f"/v1/parcels/{made.key}", **tag(made)},
    )


@router.get("/{key}", response_model=ParcelView)
async def show_parcel(request: Request, key: ParcelKeyPath, caller: Reader, as_of: AsOf = None) -> Response:
    """A parcel with its rights, restrictions and certificate, as they were at the end of a day."""
    today = _today(request)
    return await read_answer(request, lambda tx: queries.parcel(tx, key, as_of, today), headers=tag)


@router.get("", response_model=Page[ParcelLine])
async def find_parcels(
    request: Request,
    caller: Reader,
    unit: UnitCode | None = None,
    sheet: Annotated[int | None, Query(ge=1, le=99_999)] = None,
    owner: Annotated[PersonalId | TaxCode | None, Query(description="Personal id or tax code")] = None,
    name: Name = None,
    limit: Annotated[int, Query(ge=1, le=500)] = 100,
    cursor: Annotated[str | None, Query(max_length=300)] = None,
) -> Response:
    """Parcels by commune, sheet, holder's number and holder's name (whole, accents optional)."""
    wanted = queries.Wanted(unit, sheet, owner, name)
    return await read_answer(request, lambda tx: queries.find(tx, wanted, limit=limit, cursor=cursor))


def _today(request: Request) -> date:
    return vn_date(service_of(request).clock.now())
