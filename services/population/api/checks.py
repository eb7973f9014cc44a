"""Routes of the checks: one or up to 1,000 a call, answered in the order asked, logged before the answer."""

from __future__ import annotations

from typing import Annotated

from fastapi import APIRouter, Request, Response
from pydantic import Field

from contracts import scopes
from contracts.population import (
    HouseholdConfirmation,
    HouseholdConfirmationResults,
    IdCardCheck,
    IdCardCheckResults,
    IdentityCheck,
    IdentityCheckResults,
)
from services.bus.kit.api import requires, service_of, write_answer
from services.bus.kit.requests import AxisRoute
from services.bus.kit.tokens import Caller
from services.population.api.parts import MAX_BATCH, as_list, one_or_many
from services.population.commands import checks

router = APIRouter(prefix="/v1", tags=["checks"], route_class=AxisRoute)

Checker = Annotated[Caller, requires(scopes.POPULATION_CHECK)]
_Size = Field(min_length=1, max_length=MAX_BATCH)
_Identities = Annotated[list[IdentityCheck], _Size]
_IdCards = Annotated[list[IdCardCheck], _Size]
_Confirmations = Annotated[list[HouseholdConfirmation], _Size]


@router.post("/identity-checks", response_model=IdentityCheckResults)
async def check_identities(
    request: Request,
    caller: Checker,
    body: Annotated[IdentityCheck | _Identities, one_or_many(IdentityCheck, _Identities)],
) -> Response:
    """Is this the person? Number, name and birth date must all agree; which one does not is never said."""
    now, asked = service_of(request).clock.now(), as_list(body)
    return await write_answer(
        request,
        caller,
        lambda tx: checks.check_identities(tx, asked, client_id=caller.client_id, now=now),
    )


@router.post("/id-card-checks", response_model=IdCardCheckResults)
async def check_id_cards(
    request: Request,
    caller: Checker,
    body: Annotated[IdCardCheck | _IdCards, one_or_many(IdCardCheck, _IdCards)],
) -> Response:
    """Does this 9-digit card (CMND) belong to the holder of this 12-digit number (CCCD)?"""
    now, asked = service_of(request).clock.now(), as_list(body)
    return await write_answer(
        request,
        caller,
        lambda tx: checks.check_id_cards(tx, asked, client_id=caller.client_id, now=now),
    )


@router.post("/household-confirmations", response_model=HouseholdConfirmationResults)
async def confirm_households(
    request: Request,
    caller: Checker,
    body: Annotated[HouseholdConfirmation | _Confirmations, one_or_many(HouseholdConfirmation, _Confirmations)],
) -> Response:
    """Does this person belong to that household, and as what? The paper book is never asked for."""
    now, asked = service_of(request).clock.now(), as_list(body)
    return await write_answer(
        request,
        caller,
        lambda tx: checks.confirm_households(tx, asked, client_id=caller.client_id, now=now),
    )
