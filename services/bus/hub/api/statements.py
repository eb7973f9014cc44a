"""Signed statements: "province and portal agree on these n dossiers at this time", for a dossier and for a day.

What the sides hold is asked of sync, which compares them; the hub signs. A statement that they do not agree is
one, too.
"""

from __future__ import annotations

from datetime import date
from typing import Annotated, Any

from fastapi import APIRouter, Path, Request, Response
from pydantic import BaseModel

from contracts import scopes
from contracts.problems import NOT_FOUND, UNAVAILABLE, Problem
from contracts.statements import Agreement, SignedStatement, Statement
from services.bus.hub import queries
from services.bus.hub.hub import hub_of
from services.bus.hub.statements import said
from services.bus.kit.api import JSON, requires, service_of
from services.bus.kit.attest import attest
from services.bus.kit.http_errors import CallError, RefusedError
from services.bus.kit.requests import AxisRoute
from services.bus.kit.tokens import Caller

router = APIRouter(prefix="/v1/statements", tags=["statements"], route_class=AxisRoute)

Observer = Annotated[Caller, requires(scopes.AXIS_OBSERVE)]
RETRY_AFTER_S = 5


class StatementKeys(BaseModel):
    """A JWK set (RFC 7517)."""

    keys: list[dict[str, Any]]


@router.get("/keys", response_model=StatementKeys)
async def statement_keys(request: Request) -> Response:
    """Every public key statements were ever signed with: a statement can be checked for as long as it is kept."""
    rows = await service_of(request).store.read(queries.signing_key_rows)
    return Response(StatementKeys(keys=[row.public_jwk for row in rows]).model_dump_json(), media_type=JSON)


@router.get("/dossiers/{code}", response_model=SignedStatement)
async def state_dossier(
    request: Request,
    code: Annotated[str, Path(min_length=1, max_length=60, pattern=r"^[0-9A-Z.\-]+$")],
    caller: Observer,
) -> Response:
    """What province and portal hold of one dossier now, and whether it is the same; signed."""
    return await _stated(request, f"dossiers/{code}", code)


@router.get("/days/{day}", response_model=SignedStatement)
async def state_day(request: Request, day: date, caller: Observer) -> Response:
    """The same of all dossiers numbered on one day; signed."""
    return await _stated(request, f"days/{day.isoformat()}", day.isoformat())


async def _stated(request: Request, what: str, id: str) -> Response:
    service, hub = service_of(request), hub_of(request)
    if not hub.settings.sync_url:
        raise Problem(UNAVAILABLE, what="sync", retry_after=RETRY_AFTER_S)
    try:
        url = f"{hub.settings.sync_url.rstrip('/')}/v1/reconciliation/agreements/{what}"
        answer = await service.http.get(url, budget=30.0)
    except RefusedError as error:
        if error.status == NOT_FOUND.status:
            raise Problem(NOT_FOUND, field="path.code", what="dossier", id=id) from error
        raise Problem(UNAVAILABLE, what="sync", retry_after=RETRY_AFTER_S) from error
    except CallError as error:
        raise Problem(UNAVAILABLE, what="sync", retry_after=RETRY_AFTER_S) from error
    agreement = Agreement.model_validate_json(answer.content)
    vi, en = said(agreement)
    statement = Statement(**agreement.model_dump(), issuer=hub.settings.issuer, says_vi=vi, says_en=en)
    return Response(attest(hub.ring.active, statement).model_dump_json(), media_type=JSON)
