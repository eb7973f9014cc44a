"""Routes of likely duplicates (nghi trùng): of a registered birth, and of one that is not yet."""

from __future__ import annotations

from typing import Annotated

from fastapi import APIRouter, Query, Request, Response

from contracts.civil import Duplicates, DuplicateSearch
from services.bus.kit.requests import AxisRoute
from services.registry.civil.api.parts import ForPurpose, Reader, RecordIdPath, look
from services.registry.civil.queries import duplicates

router = APIRouter(prefix="/v1", tags=["duplicates"], route_class=AxisRoute)


@router.get("/records/{record_id}/duplicates", response_model=Duplicates)
async def show_duplicates(
    request: Request,
    record_id: RecordIdPath,
    caller: Reader,
    purpose: ForPurpose,
    limit: Annotated[int, Query(ge=1, le=50)] = 10,
) -> Response:
    """Births that may be the same as this one, with a score from 0 to 1 and the reasons."""
    return await look(
        request,
        caller,
        purpose,
        "duplicates",
        lambda tx: duplicates.of_record(tx, record_id, limit=limit),
        record_id=record_id,
    )


@router.post("/duplicates", response_model=Duplicates)
async def find_duplicates(
    request: Request, caller: Reader, purpose: ForPurpose, body: DuplicateSearch
) -> Response:
    """Births that may be the same as one that is not registered yet. Nothing is changed."""
    return await look(
        request,
        caller,
        purpose,
        "duplicates",
        lambda tx: duplicates.search(tx, body.birth, limit=body.limit),
        personal_id=body.birth.mother.personal_id if body.birth.mother else None,
    )
