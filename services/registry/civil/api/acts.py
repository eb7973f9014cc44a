"""Routes that register: births, deaths, marriages, recognitions, guardianships, certificates, and any of the first
three once more.
"""

from __future__ import annotations

from fastapi import APIRouter, Request, Response

from contracts.civil import (
    Entered,
    NewBirth,
    NewDeath,
    NewGuardianship,
    NewMaritalStatusCertificate,
    NewMarriage,
    NewRecognition,
    NewReRegistration,
)
from services.bus.kit.api import write_answer
from services.bus.kit.requests import AxisRoute
from services.registry.civil.api.parts import Writer, act_of, made
from services.registry.civil.commands.births import register_birth
from services.registry.civil.commands.deaths import register_death
from services.registry.civil.commands.marriages import register_marriage
from services.registry.civil.commands.relations import (
    certify_marital_status,
    recognise_parent,
    register_guardianship,
)
from services.registry.civil.commands.reregistrations import register_again

router = APIRouter(prefix="/v1", tags=["acts"], route_class=AxisRoute)


@router.post("/births", status_code=201, response_model=Entered)
async def enter_birth(request: Request, caller: Writer, body: NewBirth) -> Response:
    """Register a birth (khai sinh). The child's personal id comes from the population data, a moment later."""
    act = act_of(request)
    return await write_answer(request, caller, lambda tx: register_birth(tx, body, act), status=201, headers=made)


@router.post("/deaths", status_code=201, response_model=Entered)
async def enter_death(request: Request, caller: Writer, body: NewDeath) -> Response:
    """Register a death (khai tử)."""
    act = act_of(request)
    return await write_answer(request, caller, lambda tx: register_death(tx, body, act), status=201, headers=made)


@router.post("/marriages", status_code=201, response_model=Entered)
async def enter_marriage(request: Request, caller: Writer, body: NewMarriage) -> Response:
    """Register a marriage (kết hôn)."""
    act = act_of(request)
    return await write_answer(
        request, caller, lambda tx: register_marriage(tx, body, act), status=201, headers=made
    )


@router.post("/recognitions", status_code=201, response_model=Entered)
async def enter_recognition(request: Request, caller: Writer, body: NewRecognition) -> Response:
    """Recognise a father or mother (nhận cha, mẹ, con); the child's birth record names them from then on."""
    act = act_of(request)
    return await write_answer(
        request, caller, lambda tx: recognise_parent(tx, body, act), status=201, headers=made
    )


@router.post("/guardianships", status_code=201, response_model=Entered)
async def enter_guardianship(request: Request, caller: Writer, body: NewGuardianship) -> Response:
    """Register a guardianship (giám hộ)."""
    act = act_of(request)
    return await write_answer(
        request, caller, lambda tx: register_guardianship(tx, body, act), status=201, headers=made
    )


@router.post("/marital-status-certificates", status_code=201, response_model=Entered)
async def issue_marital_status(request: Request, caller: Writer, body: NewMaritalStatusCertificate) -> Response:
    """Certify a marital status (xác nhận tình trạng hôn nhân), valid for six months."""
    act = act_of(request)
    return await write_answer(
        request, caller, lambda tx: certify_marital_status(tx, body, act), status=201, headers=made
    )


@router.post("/re-registrations", status_code=201, response_model=Entered)
async def enter_again(request: Request, caller: Writer, body: NewReRegistration) -> Response:
    """Register a birth, a death or a marriage again (đăng ký lại), because its book is lost."""
    act = act_of(request)
    return await write_answer(request, caller, lambda tx: register_again(tx, body, act), status=201, headers=made)
