"""Routes of households: form, show (for a purpose, logged), join, split, another head, who lived there."""

from __future__ import annotations

from typing import Annotated

from fastapi import APIRouter, Request, Response
from pydantic import Field
from pydantic_core import to_json

from contracts import scopes
from contracts.population import (
    Household,
    HouseholdResident,
    JoiningMember,
    NewHead,
    NewHousehold,
    RecordedHousehold,
    SplitHousehold,
)
from services.bus.kit.api import JSON, requires, service_of, write_answer
from services.bus.kit.paging import Page
from services.bus.kit.requests import AxisRoute
from services.bus.kit.tokens import Caller
from services.population.api.parts import (
    MAX_BATCH,
    AskedPeriod,
    ForPurpose,
    HouseholdIdPath,
    PageLimit,
    one_or_many,
    version_tag,
)
from services.population.commands import household_changes, households, lookups
from services.population.queries.households import household_not_found

router = APIRouter(prefix="/v1/households", tags=["households"], route_class=AxisRoute)

_Batch = Annotated[list[NewHousehold], Field(min_length=1, max_length=MAX_BATCH)]
NewHouseholds = Annotated[NewHousehold | _Batch, one_or_many(NewHousehold, _Batch)]
Reader = Annotated[Caller, requires(scopes.POPULATION_READ)]
Writer = Annotated[Caller, requires(scopes.POPULATION_WRITE)]


@router.post("", status_code=201, response_model=RecordedHousehold | list[RecordedHousehold])
async def form_households(request: Request, caller: Writer, body: NewHouseholds) -> Response:
    """Form one household, or up to 1,000 in an array: all of them or none. Members are registered citizens
    who belong to no household."""
    now = service_of(request).clock.now()
    if isinstance(body, list):
        many = body
        return await write_answer(
            request, caller, lambda tx: households.form(tx, many, batch=True, now=now), status=201
        )
    one = body
    return await write_answer(
        request,
        caller,
        lambda tx: households.form(tx, [one], batch=False, now=now)[0],
        status=201,
        headers=lambda made: {"Location": f"/v1/households/{made.household_id}", **version_tag(1)},
    )


@router.get("/{household_id}", response_model=Household)
async def show_household(
    request: Request, household_id: HouseholdIdPath, caller: Reader, purpose: ForPurpose
) -> Response:
    """Look up a household for a purpose; the access is logged under every member shown."""
    service = service_of(request)
    now = service.clock.now()
    access = purpose.access(caller)
    found = await service.store.write(lambda tx: lookups.look_up_household(tx, household_id, access, now=now))
    if found is None:
        raise household_not_found(household_id)
    return Response(to_json(found), 200, version_tag(found.version), JSON)


@router.post("/{household_id}/members", status_code=201, response_model=RecordedHousehold)
async def join_household(
    request: Request, household_id: HouseholdIdPath, caller: Writer, body: JoiningMember
) -> Response:
    """Take a citizen into the household, and out of the one they are in."""
    now = service_of(request).clock.now()
    return await write_answer(
        request,
        caller,
        lambda tx: households.join(tx, household_id, body, now=now),
        status=201,
        headers=lambda made: version_tag(made.version),
    )


@router.post("/{household_id}/splits", status_code=201, response_model=RecordedHousehold)
async def split_household(
    request: Request, household_id: HouseholdIdPath, caller: Writer, body: SplitHousehold
) -> Response:
    """Let members leave to form a household of their own (tách hộ); the answer is the new one."""
    now = service_of(request).clock.now()
    return await write_answer(
        request,
        caller,
        lambda tx: household_changes.split(tx, household_id, body, now=now),
        status=201,
        headers=lambda made: {"Location": f"/v1/households/{made.household_id}", **version_tag(made.version)},
    )


@router.post("/{household_id}/head", response_model=RecordedHousehold)
async def change_head(request: Request, household_id: HouseholdIdPath, caller: Writer, body: NewHead) -> Response:
    """Make a member of age the head (thay đổi chủ hộ)."""
    now = service_of(request).clock.now()
    return await write_answer(
        request,
        caller,
        lambda tx: household_changes.change_head(tx, household_id, body, now=now),
        headers=lambda made: version_tag(made.version),
    )


@router.get("/{household_id}/residents", response_model=Page[HouseholdResident])
async def show_household_residents(
    request: Request,
    household_id: HouseholdIdPath,
    caller: Reader,
    purpose: ForPurpose,
    asked: AskedPeriod,
    limit: PageLimit = 100,
    cursor: str | None = None,
) -> Response:
    """Who lived in the household on a day or in a period, for a purpose; logged under everybody shown. Somebody
    whose relation to the head changed has a line for each."""
    service = service_of(request)
    now = service.clock.now()
    access, period = purpose.access(caller), asked.period(now)
    found = await service.store.write(
        lambda tx: lookups.look_up_household_residents(
            tx, household_id, period, access, limit=limit, cursor=cursor, now=now
        )
    )
    if found is None:
        raise household_not_found(household_id)
    return Response(to_json(found), 200, media_type=JSON)
