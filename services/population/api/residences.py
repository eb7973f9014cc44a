"""Routes of a citizen's residences and absences: enter, renew, deregister, declare, return, show (logged)."""

from __future__ import annotations

from typing import Annotated, Any

from fastapi import APIRouter, Request, Response
from pydantic_core import to_json

from contracts import scopes
from contracts.population import (
    Absence,
    Deregistration,
    EnteredResidence,
    NewAbsence,
    NewResidence,
    RecordedAbsence,
    Renewal,
    Residence,
    Return,
)
from services.bus.kit.api import JSON, expected_version, requires, service_of, write_answer
from services.bus.kit.requests import AxisRoute
from services.bus.kit.tokens import Caller
from services.population.api.parts import (
    AbsenceIdPath,
    ForPurpose,
    PersonalIdPath,
    ResidenceIdPath,
    version_tag,
)
from services.population.commands import lookups
from services.population.commands.residences import absence, deregistration, entry, renewal
from services.population.queries.citizens import citizen_not_found

router = APIRouter(prefix="/v1/citizens/{personal_id}", tags=["residences"], route_class=AxisRoute)

Reader = Annotated[Caller, requires(scopes.POPULATION_READ)]
Writer = Annotated[Caller, requires(scopes.POPULATION_WRITE)]


@router.post("/residences", status_code=201, response_model=EnteredResidence)
async def move_citizen(
    request: Request, personal_id: PersonalIdPath, caller: Writer, body: NewResidence
) -> Response:
    """Enter a new residence; the present one of its kind ends on the day the new one begins."""
    now, expected = service_of(request).clock.now(), expected_version(request)
    return await write_answer(
        request,
        caller,
        lambda tx: entry.move(tx, personal_id, body, expected=expected, now=now),
        status=201,
        headers=_tag,
    )


@router.get("/residences", response_model=list[Residence])
async def show_residences(
    request: Request, personal_id: PersonalIdPath, caller: Reader, purpose: ForPurpose
) -> Response:
    """Where the citizen lives and has lived, for a purpose, logged. Addresses from before July 2025 come
    with what their unit became: one equivalent, or all candidates."""
    service = service_of(request)
    now = service.clock.now()
    access = purpose.access(caller)
    found = await service.store.write(lambda tx: lookups.look_up_residences(tx, personal_id, access, now=now))
    if found is None:
        raise citizen_not_found(personal_id)
    return Response(to_json(found), 200, media_type=JSON)


@router.post("/residences/{residence_id}/renewal", response_model=EnteredResidence)
async def renew_residence(
    request: Request,
    personal_id: PersonalIdPath,
    residence_id: ResidenceIdPath,
    caller: Writer,
    body: Renewal,
) -> Response:
    """Put off the end of a temporary residence (gia hạn tạm trú)."""
    now, expected = service_of(request).clock.now(), expected_version(request)
    return await write_answer(
        request,
        caller,
        lambda tx: renewal.renew(tx, personal_id, residence_id, body, expected=expected, now=now),
        headers=_tag,
    )


@router.post("/residences/{residence_id}/deregistration", response_model=EnteredResidence)
async def deregister_residence(
    request: Request,
    personal_id: PersonalIdPath,
    residence_id: ResidenceIdPath,
    caller: Writer,
    body: Deregistration,
) -> Response:
    """End a residence without another in its place (xóa đăng ký); with a permanent one the citizen also leaves
    their household."""
    now, expected = service_of(request).clock.now(), expected_version(request)
    return await write_answer(
        request,
        caller,
        lambda tx: deregistration.deregister(tx, personal_id, residence_id, body, expected=expected, now=now),
        headers=_tag,
    )


@router.post("/absences", status_code=201, response_model=RecordedAbsence)
async def declare_absence(
    request: Request, personal_id: PersonalIdPath, caller: Writer, body: NewAbsence
) -> Response:
    """Say that the citizen will be away (khai báo tạm vắng)."""
    now, expected = service_of(request).clock.now(), expected_version(request)
    return await write_answer(
        request,
        caller,
        lambda tx: absence.declare_absence(tx, personal_id, body, expected=expected, now=now),
        status=201,
        headers=_tag,
    )


@router.post("/absences/{absence_id}/return", response_model=RecordedAbsence)
async def end_absence(
    request: Request, personal_id: PersonalIdPath, absence_id: AbsenceIdPath, caller: Writer, body: Return
) -> Response:
    """Say that the citizen is back."""
    now, expected = service_of(request).clock.now(), expected_version(request)
    return await write_answer(
        request,
        caller,
        lambda tx: absence.end_absence(tx, personal_id, absence_id, body, expected=expected, now=now),
        headers=_tag,
    )


@router.get("/absences", response_model=list[Absence])
async def show_absences(
    request: Request, personal_id: PersonalIdPath, caller: Reader, purpose: ForPurpose
) -> Response:
    """When the citizen was, is or will be away, for a purpose, logged."""
    service = service_of(request)
    now = service.clock.now()
    access = purpose.access(caller)
    found = await service.store.write(lambda tx: lookups.look_up_absences(tx, personal_id, access, now=now))
    if found is None:
        raise citizen_not_found(personal_id)
    return Response(to_json(found), 200, media_type=JSON)


def _tag(result: Any) -> dict[str, str]:
    return version_tag(result.version)
