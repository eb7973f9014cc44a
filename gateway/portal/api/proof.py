"""What the portal holds, for whoever has to prove that nothing got lost, repeated or reordered."""

from __future__ import annotations

from collections.abc import AsyncIterator
from functools import partial
from typing import Annotated

from fastapi import APIRouter, Query, Request, Response
from fastapi.responses import StreamingResponse

from contracts import scopes
from contracts.extents import Extents, ExtentsWanted
from gateway.portal.queries import proof
from gateway.portal.schemas import DossierProof, DossierRow, Summary
from services.bus.kit.access_token import Caller
from services.bus.kit.api import read_answer, requires, service_of
from services.bus.kit.paging import Page
from services.bus.kit.store import Store

router = APIRouter(prefix="/v1", tags=["proof"])

MayLook = Annotated[Caller, requires(scopes.PORTAL_READ)]
NDJSON = "application/x-ndjson"


@router.get("/dossiers", response_model=Page[DossierRow])
async def list_dossiers(
    request: Request,
    caller: MayLook,
    cursor: Annotated[str | None, Query(max_length=200)] = None,
    limit: Annotated[int, Query(ge=1, le=1000)] = 100,
) -> Response:
    """Every dossier in short, by code."""
    return await read_answer(request, lambda tx: proof.dossier_list(tx, cursor, limit))


@router.get("/dossiers/{code}", response_model=DossierProof)
async def show_dossier(request: Request, code: str, caller: MayLook) -> Response:
    """One dossier with its progress rows in order of arrival."""
    return await read_answer(request, lambda tx: proof.dossier_proof(tx, code))


@router.get("/summary", response_model=Summary)
async def show_summary(request: Request, caller: MayLook) -> Response:
    """Counts of everything, and the lag from a step to its arrival."""
    return await read_answer(request, proof.summary)


@router.get("/export", response_class=StreamingResponse, responses={200: {"content": {NDJSON: {}}}})
async def export(
    request: Request,
    caller: MayLook,
    since: Annotated[str, Query(alias="from", max_length=61)] = "",
    below: Annotated[str | None, Query(max_length=61)] = None,
) -> Response:
    """Every dossier, or those with codes from `from` to before `below`, a JSON line each: {code, status, steps:
    [[ThoiDiemXuLy, TrangThai, arrival], ...]}. Read page by page: memory stays flat, and what is written meanwhile
    may or may not be in it."""
    return StreamingResponse(_pages(service_of(request).store, since, below), media_type=NDJSON)


@router.post("/extents", response_model=Extents)
async def count_extents(request: Request, wanted: ExtentsWanted, caller: MayLook) -> Response:
    """How many rows there are in ranges of dossiers, with a digest of each range. No real portal has this: it is
    the stand-in's own."""
    return await read_answer(request, lambda tx: proof.held(tx, wanted))


async def _pages(store: Store, since: str, below: str | None) -> AsyncIterator[bytes]:
    after: str | None = since
    first = True
    while after is not None:
        page, after = await store.read(partial(proof.export_page, after=after, below=below, including=first))
        first = False
        if page:
            yield page
