"""Routes of a dossier's results: those it left, and those it takes instead of papers."""

from __future__ import annotations

import asyncio
import hashlib
from typing import Annotated

from fastapi import APIRouter, Request, Response

from contracts import scopes
from contracts.identifiers import DossierCode
from contracts.problems import Problem
from contracts.results.views import ResultLine
from services.bus.kit.api import Body, read_answer, requires, respond, service_of, write_reply
from services.bus.kit.requests import AxisRoute
from services.bus.kit.tokens import Caller
from services.dossier import metrics, schemas
from services.dossier.keeper import Keeper
from services.dossier.results import queries
from services.dossier.results.api.parts import printed
from services.dossier.results.press import PDF_TYPE
from services.dossier.results.reuse import ReuseResult
from services.dossier.results.views import title_of

router = APIRouter(prefix="/v1/dossiers/{code}", tags=["electronic results"], route_class=AxisRoute)


class ResultReuseRequest(Body):
    """Which result stands for which paper of the dossier."""

    component: schemas.Component
    result_id: schemas.UploadId


@router.get("/electronic-results", response_model=list[ResultLine])
async def list_results_of_dossier(
    request: Request, code: DossierCode, caller: Annotated[Caller, requires(scopes.DOSSIER_READ)]
) -> Response:
    """The electronic results a dossier left, corrected ones too, in the order they were issued."""
    return await read_answer(request, queries.of_dossier(code, service_of(request).clock.now()))


@router.post("/reuse", status_code=201, response_model=schemas.Paper)
async def reuse_result(
    request: Request,
    code: DossierCode,
    body: ResultReuseRequest,
    caller: Annotated[Caller, requires(scopes.DOSSIER_WRITE)],
) -> Response:
    """Take a result from the applicant's store instead of asking for the paper; counted. It becomes an
    attachment: the printed result, with the signed document inside."""
    service = service_of(request)
    keeper: Keeper = service.extra["keeper"]
    result = await service.store.read(lambda tx: queries.find_result(tx, body.result_id, "body.result_id"))
    pdf = await printed(request, result)
    about = {
        "code": code,
        "purpose": "attachment",
        "component": body.component,
        "digitised": True,
        "reused": True,
    }
    row = keeper.describe(f"{title_of(result)}.pdf", PDF_TYPE, len(pdf), caller=caller.client_id, about=about)
    row |= {
        "state": "complete",
        "sha256": hashlib.sha256(pdf).digest(),
        "completed_at": row["created_at"],
        "reused_from": result.id,
    }
    await asyncio.to_thread(keeper.files.create, row["id"], pdf)
    command = ReuseResult(
        code, body.component, result.id, row, now=row["created_at"], max_papers=keeper.settings.max_papers
    )
    try:
        reply = await write_reply(
            request,
            caller,
            command,
            status=201,
            headers=lambda paper: {"Location": f"/v1/dossiers/{code}/attachments/{paper.id}"},
        )
    except Problem:
        await keeper.let_go(row["id"])
        raise
    if reply.replayed:
        await keeper.let_go(row["id"])
    else:
        metrics.record_paper("attachment", "reused")
    return respond(reply)
