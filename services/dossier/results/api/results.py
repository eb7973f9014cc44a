"""Routes of single results, of the keys that sign them, and of how often they are reused."""

from __future__ import annotations

from datetime import date
from typing import Annotated, Any

from fastapi import APIRouter, Query, Request, Response
from pydantic import AwareDatetime, Field, StringConstraints
from pydantic_core import to_json

from contracts import scopes
from contracts.catalogue.result_kinds import result_kinds
from contracts.results.documents import Line
from contracts.results.views import JwkSet, ResultKeyView, ResultKindView, ResultView, ReuseCounts
from services.bus.kit.api import JSON, Body, read_answer, requires, service_of, write_answer
from services.bus.kit.requests import AxisRoute
from services.bus.kit.tokens import Caller
from services.bus.kit.tx import Tx
from services.dossier.results import commands, queries, views
from services.dossier.results.api.parts import ResultId, paper, signed_document
from services.dossier.results.models import IssuedResult
from services.dossier.results.room import room_of, signing_keys

router = APIRouter(prefix="/v1/results", tags=["electronic results"], route_class=AxisRoute)

Reader = Annotated[Caller, requires(scopes.DOSSIER_READ)]
Manager = Annotated[Caller, requires(scopes.RESULT_MANAGE)]
Reason = Annotated[str, StringConstraints(min_length=1, max_length=2000, pattern=r"^[^\x00]*\S[^\x00]*$")]

_PDF: dict[int | str, dict[str, Any]] = {
    200: {
        "description": "The paper",
        "content": {"application/pdf": {"schema": {"type": "string", "format": "binary"}}},
    }
}


class Revocation(Body):
    """Why a result does not hold any more. Shown to officials only."""

    reason: Reason


class Correction(Body):
    """What the corrected result says; what is left out stays as it was, but for `content`, which is given
    whole."""

    content: Annotated[dict[str, Any], Field(min_length=1)]
    reason: Reason
    owner_name: Line | None = None
    valid_until: date | None = None


@router.get("/kinds", response_model=list[ResultKindView])
async def list_result_kinds(request: Request, caller: Reader) -> Response:
    """Every kind of result there is, with what stands on it."""
    return Response(to_json([views.kind(each) for each in result_kinds()]), media_type=JSON)


@router.get("/keys", response_model=JwkSet)
async def show_public_keys(request: Request) -> Response:
    """The public keys (JWKS) to check results with, also those that sign no more. Open to everybody."""
    return await read_answer(
        request, queries.public_keys, headers=lambda _: {"Cache-Control": "public, max-age=300"}
    )


@router.get("/signing-keys", response_model=list[ResultKeyView])
async def list_result_keys(request: Request, caller: Manager) -> Response:
    """When each key was made and retired, newest first."""
    return await read_answer(request, signing_keys)


@router.post("/signing-keys", status_code=201, response_model=ResultKeyView)
async def rotate_result_key(request: Request, caller: Manager) -> Response:
    """A new key signs from now on. Results signed before stay good: their public keys stay published."""
    view = await room_of(request).rotate(service_of(request))
    return Response(to_json(view), 201, media_type=JSON)


@router.get("/reuse-counts", response_model=ReuseCounts)
async def count_reuse(
    request: Request,
    caller: Reader,
    since: Annotated[AwareDatetime | None, Query(alias="from", description="Not before")] = None,
    until: Annotated[AwareDatetime | None, Query(alias="to", description="Before")] = None,
) -> Response:
    """How often results were used again instead of papers, by kind and procedure."""
    return await read_answer(request, queries.reuse_counts(since, until))


@router.get("/{id}", response_model=ResultView)
async def show_electronic_result(request: Request, id: ResultId, caller: Reader) -> Response:
    """A result with its signed document, and whether it holds."""
    return await read_answer(request, queries.result(id, service_of(request).clock.now()))


@router.get("/{id}/document", responses={200: {"content": {JSON: {}}, "description": "The signed document"}})
async def show_signed_document(request: Request, id: ResultId, caller: Reader) -> Response:
    """The signed document, byte for byte: for checking offline."""
    return signed_document(await _row(request, id))


@router.get("/{id}/paper.pdf", response_class=Response, responses=_PDF)
async def print_result(request: Request, id: ResultId, caller: Reader) -> Response:
    """The result on paper (PDF/A), the signed document attached to it."""
    return await paper(request, await _row(request, id))


@router.post("/{id}/revocation", response_model=ResultView)
async def revoke_result(request: Request, id: ResultId, caller: Manager, body: Revocation) -> Response:
    """Revoke a result (thu hồi). It stays readable, and everybody who checks it is told."""
    now = service_of(request).clock.now()

    def command(tx: Tx) -> ResultView:
        return views.whole(commands.revoke(tx, id, reason=body.reason, by=caller.client_id, now=now), now)

    return await write_answer(request, caller, command)


@router.post("/{id}/correction", status_code=201, response_model=ResultView)
async def correct_result(request: Request, id: ResultId, caller: Manager, body: Correction) -> Response:
    """Issue a corrected result in the place of this one (cấp lại bản đã sửa)."""
    now, ring = service_of(request).clock.now(), room_of(request).ring

    def command(tx: Tx) -> ResultView:
        new = commands.supersede(
            tx,
            ring,
            id,
            content=body.content,
            reason=body.reason,
            by=caller.client_id,
            now=now,
            owner_name=body.owner_name,
            valid_until=body.valid_until,
        )
        return views.whole(new, now)

    return await write_answer(
        request, caller, command, status=201, headers=lambda new: {"Location": f"/v1/results/{new.id}"}
    )


async def _row(request: Request, id: str) -> IssuedResult:
    return await service_of(request).store.read(lambda tx: queries.find_result(tx, id))
