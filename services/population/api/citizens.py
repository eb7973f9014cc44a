"""Routes of citizens: register, show (for a purpose, logged), change."""

from __future__ import annotations

from typing import Annotated, Any

from fastapi import APIRouter, Request, Response
from pydantic import Field
from pydantic_core import to_json

from contracts import scopes
from contracts.population import (
    Citizen,
    CitizenChange,
    NewCitizen,
    RegisteredCitizen,
)
from services.bus.kit.api import JSON, expected_version, requires, service_of, write_answer
from services.bus.kit.requests import AxisRoute
from services.bus.kit.tokens import Caller
from services.population import qcvn109
from services.population.api.parts import (
    MAX_BATCH,
    ForPurpose,
    PersonalIdPath,
    one_or_many,
    version_tag,
)
from services.population.commands import changes, lookups, registration
from services.population.queries.citizens import citizen_not_found

router = APIRouter(prefix="/v1/citizens", tags=["citizens"], route_class=AxisRoute)

_Batch = Annotated[list[NewCitizen], Field(min_length=1, max_length=MAX_BATCH)]
NewCitizens = Annotated[NewCitizen | _Batch, one_or_many(NewCitizen, _Batch)]
Reader = Annotated[Caller, requires(scopes.POPULATION_READ)]
Writer = Annotated[Caller, requires(scopes.POPULATION_WRITE)]


@router.post("", status_code=201, response_model=RegisteredCitizen | list[RegisteredCitizen])
async def register_citizens(request: Request, caller: Writer, body: NewCitizens) -> Response:
    """Register one citizen, or up to 1,000 in an array: all of them or none."""
    now = service_of(request).clock.now()
    if isinstance(body, list):
        many = body
        return await write_answer(
            request, caller, lambda tx: registration.register(tx, many, batch=True, now=now), status=201
        )
    one = body
    return await write_answer(
        request,
        caller,
        lambda tx: registration.register(tx, [one], batch=False, now=now)[0],
        status=201,
        headers=lambda made: {"Location": f"/v1/citizens/{one.personal_id}", **version_tag(made.version)},
    )


@router.get(
    "/{personal_id}",
    response_model=Citizen,
    responses={200: {"content": {qcvn109.MEDIA_TYPE: {"schema": {"type": "string"}}}}},
)
async def show_citizen(
    request: Request, personal_id: PersonalIdPath, caller: Reader, purpose: ForPurpose
) -> Response:
    """Look up a citizen for a purpose. The access is in the log before the answer is given, also when there
    is no such citizen. `Accept: application/xml` gives the message of QCVN 109:2017/BTTTT."""
    service = service_of(request)
    now = service.clock.now()
    access = purpose.access(caller)
    found = await service.store.write(lambda tx: lookups.look_up_citizen(tx, personal_id, access, now=now))
    if found is None:
        raise citizen_not_found(personal_id)
    if qcvn109.is_wanted(request.headers.get("accept", "")):
        return Response(qcvn109.message([found], at=now), 200, media_type=qcvn109.MEDIA_TYPE)
    return Response(to_json(found), 200, version_tag(found.version), JSON)


@router.patch("/{personal_id}", response_model=RegisteredCitizen)
async def change_citizen(
    request: Request, personal_id: PersonalIdPath, caller: Writer, body: CitizenChange
) -> Response:
    """Change the fields named; with `If-Match`, only if nobody has changed the citizen since."""
    now, expected = service_of(request).clock.now(), expected_version(request)
    return await write_answer(
        request,
        caller,
        lambda tx: changes.change(tx, personal_id, body, expected=expected, now=now),
        headers=_tag,
    )


def _tag(result: Any) -> dict[str, str]:
    return version_tag(result.version)
