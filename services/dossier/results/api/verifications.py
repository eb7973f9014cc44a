"""Checking a result by its code, as JSON. Open to everybody who holds the code, and to no guessing."""

from __future__ import annotations

from fastapi import APIRouter, Request, Response
from pydantic_core import to_json

from contracts.results import VerificationCode
from contracts.results.views import Verification
from services.bus.kit.api import JSON
from services.bus.kit.requests import AxisRoute
from services.dossier.results import queries
from services.dossier.results.checking import checked

router = APIRouter(prefix="/v1/verifications", tags=["verification"], route_class=AxisRoute)


@router.get("/{code}", response_model=Verification)
async def verify_by_code(request: Request, code: VerificationCode) -> Response:
    """What is needed to compare a paper with what was issued: kind, number, agency, dates, the owner by
    initials, and whether it holds. No token is needed."""
    told = await checked(request, queries.verification, code)
    return Response(to_json(told), headers={"Cache-Control": "no-store"}, media_type=JSON)
