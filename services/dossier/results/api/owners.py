"""Routes of somebody's own store (kho dữ liệu cá nhân, tổ chức): for a purpose, and every look is logged."""

from __future__ import annotations

from typing import Annotated

from fastapi import APIRouter, Query, Request, Response
from pydantic_core import to_json

from contracts import scopes
from contracts.identifiers import ProcedureCode, ResultCode
from contracts.results import OwnerId, ResultKindName
from contracts.results.views import Offers, ResultLine, ResultLookupEntry
from services.bus.kit.api import JSON, read_answer, requires, service_of
from services.bus.kit.paging import Page
from services.bus.kit.requests import AxisRoute
from services.bus.kit.tokens import Caller
from services.dossier.results import queries
from services.dossier.results.lookups import ForPurpose, look_up_offers, look_up_results

router = APIRouter(prefix="/v1/owners/{owner}", tags=["electronic results"], route_class=AxisRoute)

Reader = Annotated[Caller, requires(scopes.DOSSIER_READ)]
Auditor = Annotated[Caller, requires(scopes.RESULT_AUDIT)]
Cursor = Annotated[str | None, Query(max_length=300)]
Limit = Annotated[int, Query(ge=1, le=200)]


@router.get("/results", response_model=Page[ResultLine])
async def list_results_of_owner(
    request: Request,
    owner: OwnerId,
    caller: Reader,
    purpose: ForPurpose,
    kind: ResultKindName | None = None,
    code: ResultCode | None = None,
    valid_only: bool = False,
    cursor: Cursor = None,
    limit: Limit = 50,
) -> Response:
    """What lies in the store of a citizen or an organisation, newest first; `code` is MaKetQua."""
    service = service_of(request)
    now = service.clock.now()
    wanted = queries.Wanted(kind, code, valid_only)
    found = await service.store.write(
        lambda tx: look_up_results(
            tx, owner, wanted, purpose, caller=caller.client_id, now=now, cursor=cursor, limit=limit
        )
    )
    return Response(to_json(found), media_type=JSON)


@router.get("/offers", response_model=Offers)
async def list_offers(
    request: Request, owner: OwnerId, caller: Reader, purpose: ForPurpose, procedure_code: ProcedureCode
) -> Response:
    """Which papers of a procedure need not be handed in, because results that hold stand in their place."""
    service = service_of(request)
    now = service.clock.now()
    found = await service.store.write(
        lambda tx: look_up_offers(tx, owner, procedure_code, purpose, caller=caller.client_id, now=now)
    )
    return Response(to_json(found), media_type=JSON)


@router.get("/lookups", response_model=Page[ResultLookupEntry])
async def list_lookups_of_owner(
    request: Request, owner: OwnerId, caller: Auditor, cursor: Cursor = None, limit: Limit = 50
) -> Response:
    """Who looked into the store, for which procedure and dossier, newest first."""
    return await read_answer(request, queries.lookups(owner, cursor, limit))
