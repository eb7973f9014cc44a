"""The route of the log of lookups."""

from __future__ import annotations

from typing import Annotated

from fastapi import APIRouter, Query, Request, Response
from pydantic import Field

from contracts.civil import LookupLine
from contracts.identifiers import PersonalId
from contracts.population.values import Line
from services.bus.kit.api import read_answer
from services.bus.kit.paging import Page
from services.bus.kit.requests import AxisRoute
from services.registry.civil.api.parts import Auditor
from services.registry.civil.queries.lookups import lookups

router = APIRouter(prefix="/v1", tags=["log"], route_class=AxisRoute)

_Line = Annotated[Annotated[Line, Field(max_length=40)] | None, Query()]


@router.get("/lookups", response_model=Page[LookupLine])
async def list_lookups(
    request: Request,
    caller: Auditor,
    record_id: _Line = None,
    personal_id: PersonalId | None = None,
    dossier: _Line = None,
    limit: Annotated[int, Query(ge=1, le=500)] = 100,
    cursor: str | None = None,
) -> Response:
    """Who looked at what, when and why, newest first."""
    return await read_answer(
        request,
        lambda tx: lookups(
            tx, record_id=record_id, personal_id=personal_id, dossier=dossier, limit=limit, cursor=cursor
        ),
    )
