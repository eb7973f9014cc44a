"""Actions and payments: one step of a dossier at a time."""

from __future__ import annotations

from typing import Annotated

from fastapi import APIRouter, Request, Response

from contracts import scopes
from contracts.identifiers import DossierCode
from services.bus.kit.api import expected_version, requires, service_of, write_answer
from services.bus.kit.requests import AxisRoute
from services.bus.kit.tokens import Caller
from services.dossier import schemas
from services.dossier.commands.actions import Act, pay
from services.dossier.results.room import room_of
from services.dossier.settings import DossierSettings

router = APIRouter(prefix="/v1", tags=["actions"], route_class=AxisRoute)

_IF_MATCH = {
    "parameters": [
        {
            "name": "If-Match",
            "in": "header",
            "required": False,
            "schema": {"type": "string"},
            "description": 'The version you have seen, such as `"3"`; another one is answered with 412',
        },
        {"name": "Idempotency-Key", "in": "header", "required": False, "schema": {"type": "string"}},
    ]
}


@router.post("/dossiers/{code}/actions", response_model=schemas.DossierAccepted, openapi_extra=_IF_MATCH)
async def act(
    request: Request,
    code: DossierCode,
    asked: schemas.ActionRequest,
    caller: Annotated[Caller, requires(scopes.DOSSIER_ACT)],
) -> Response:
    """Take one step. What is possible now is listed by GET."""
    service = service_of(request)
    assert isinstance(service.settings, DossierSettings)
    command = Act(
        code,
        asked,
        now=service.clock.now(),
        caller=caller.client_id,
        expected_version=expected_version(request),
        supplement_days=service.settings.supplement_working_days,
        signer=room_of(request).ring,
    )
    return await write_answer(request, caller, command, headers=lambda done: {"ETag": f'"{done.version}"'})


@router.post("/dossiers/{code}/payments", response_model=schemas.DossierAccepted)
async def record_payment(
    request: Request,
    code: DossierCode,
    payment: schemas.Payment,
    caller: Annotated[Caller, requires(scopes.DOSSIER_ACT)],
) -> Response:
    """Record that a fee, or every unpaid one, was paid."""
    now, ring = service_of(request).clock.now(), room_of(request).ring
    return await write_answer(request, caller, lambda tx: pay(tx, code, payment, now=now, signer=ring))
