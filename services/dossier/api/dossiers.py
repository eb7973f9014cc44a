"""Dossiers: take in, find, read."""

from __future__ import annotations

import re
from datetime import datetime
from typing import Annotated

from fastapi import APIRouter, Query, Request, Response
from fastapi.responses import StreamingResponse

from contracts import scopes
from contracts.extents import Extents, ExtentsWanted
from contracts.identifiers import AgencyCode, DossierCode, PersonalId, PersonName, ProcedureCode
from contracts.retold import RetoldDossier
from contracts.status import Channel, DossierStatus
from contracts.times import VN
from services.bus.kit.api import read_answer, requires, respond, service_of, write_reply
from services.bus.kit.errors import language_of
from services.bus.kit.idempotency import Reply
from services.bus.kit.paging import Page
from services.bus.kit.requests import AxisRoute
from services.bus.kit.tokens import Caller
from services.dossier import schemas
from services.dossier.commands.intake import TakeIn, check_new
from services.dossier.queries import dossiers as queries
from services.dossier.queries.export import export
from services.dossier.queries.extents import held, retold
from services.dossier.queries.search import Filters, search
from services.dossier.settings import DossierSettings
from services.dossier.verifier import Applicant, Verifier

router = APIRouter(prefix="/v1", tags=["dossiers"], route_class=AxisRoute)

MAX_WAIT_S = 30


@router.post(
    "/dossiers",
    status_code=201,
    response_model=schemas.DossierAccepted,
    openapi_extra={
        "parameters": [
            {
                "name": "Prefer",
                "in": "header",
                "required": False,
                "schema": {"type": "string"},
                "description": "`wait=N`: wait for the verification, at most N seconds (RFC 7240)",
            },
            {"name": "Idempotency-Key", "in": "header", "required": False, "schema": {"type": "string"}},
        ]
    },
)
async def take_in(
    request: Request, new: schemas.NewDossier, caller: Annotated[Caller, requires(scopes.DOSSIER_WRITE)]
) -> Response:
    """Take in a dossier (tiếp nhận hồ sơ). The applicant is checked in the population data right afterwards."""
    check_new(new)
    service = service_of(request)
    settings = service.settings
    assert isinstance(settings, DossierSettings)
    verifier: Verifier = service.extra["verifier"]
    reply = await write_reply(
        request,
        caller,
        TakeIn(new, now=service.clock.now(), caller=caller.client_id, handling=settings.handling),
        status=201,
        headers=lambda taken: {"Location": f"/v1/dossiers/{taken.code}", "ETag": f'"{taken.version}"'},
    )
    if reply.result is not None:
        verifier.submit(_applicant(new, reply.result.code))
        wait = _preferred_wait(request)
        if wait is not None:
            await verifier.outcome(reply.result.code, wait)
            reply = await _after_waiting(request, reply, wait)
    return respond(reply)


async def _after_waiting(request: Request, reply: Reply, wait: int) -> Reply:
    now = await service_of(request).store.read(queries.accepted(reply.result.code))
    headers = {**reply.headers, "Preference-Applied": f"wait={wait}"}
    return Reply(reply.status, headers, now.model_dump_json().encode())


def _preferred_wait(request: Request) -> int | None:
    match = re.search(r"(?:^|[,;\s])wait\s*=\s*\"?(\d{1,6})\"?", request.headers.get("prefer", ""))
    return min(int(match[1]), MAX_WAIT_S) if match else None


def _applicant(new: schemas.NewDossier, code: str) -> Applicant:
    who = new.applicant
    return Applicant(
        code=code,
        procedure_code=new.procedure_code,
        agency=new.receiving_agency,
        channel=new.channel.value,
        personal_id=who.personal_id,
        full_name=who.full_name,
        date_of_birth=who.date_of_birth,
    )


@router.get("/dossiers", response_model=Page[schemas.DossierLine])
async def find_dossiers(
    request: Request,
    caller: Annotated[Caller, requires(scopes.DOSSIER_READ)],
    status: DossierStatus | None = None,
    receiving_agency: AgencyCode | None = None,
    procedure_code: ProcedureCode | None = None,
    channel: Channel | None = None,
    personal_id: PersonalId | None = None,
    verification: schemas.Verification | None = None,
    name: PersonName | None = None,
    created_from: datetime | None = None,
    created_to: datetime | None = None,
    overdue: bool = False,
    cursor: Annotated[str | None, Query(max_length=300)] = None,
    limit: Annotated[int, Query(ge=1, le=500)] = 50,
) -> Response:
    """Find dossiers, newest first. All filters given have to match."""
    filters = Filters(
        status=status.value if status else None,
        receiving_agency=receiving_agency,
        procedure_code=procedure_code,
        channel=channel.value if channel else None,
        personal_id=personal_id,
        verification=verification,
        name=name,
        created_from=_aware(created_from),
        created_to=_aware(created_to),
        overdue_at=service_of(request).clock.now() if overdue else None,
    )
    return await read_answer(request, search(filters, cursor, limit))


def _aware(value: datetime | None) -> datetime | None:
    """A time without a zone is Vietnamese time."""
    return value.replace(tzinfo=VN) if value is not None and value.tzinfo is None else value


@router.get(
    "/export",
    response_class=StreamingResponse,
    responses={200: {"content": {"application/x-ndjson": {}}, "description": "One line a dossier"}},
)
async def export_all(
    request: Request,
    caller: Annotated[Caller, requires(scopes.DOSSIER_READ)],
    since: Annotated[str, Query(alias="from", max_length=61)] = "",
    below: Annotated[str | None, Query(max_length=61)] = None,
) -> StreamingResponse:
    """Every dossier with its steps, or those with codes from `from` to before `below`, sorted by code, as NDJSON:
    for reconciliation."""
    lines = export(service_of(request).store, since, below)
    return StreamingResponse(lines, media_type="application/x-ndjson")


@router.post("/extents", response_model=Extents)
async def count_extents(
    request: Request, wanted: ExtentsWanted, caller: Annotated[Caller, requires(scopes.DOSSIER_READ)]
) -> Response:
    """How many steps there are in ranges of dossiers, with a digest of each range: for reconciliation."""
    return await read_answer(request, held(wanted))


@router.get("/dossiers/{code}/retold", response_model=RetoldDossier)
async def tell_again(
    request: Request, code: DossierCode, caller: Annotated[Caller, requires(scopes.DOSSIER_READ)]
) -> Response:
    """All that was announced of a dossier's steps, for an axis that has lost it."""
    return await read_answer(request, retold(code))


@router.get("/dossiers/{code}", response_model=schemas.DossierView)
async def show(
    request: Request, code: DossierCode, caller: Annotated[Caller, requires(scopes.DOSSIER_READ)]
) -> Response:
    """The whole dossier. `ETag` is its version."""
    return await read_answer(request, queries.dossier(code), headers=lambda d: {"ETag": f'"{d.version}"'})


@router.get("/dossiers/{code}/timeline", response_model=schemas.Timeline)
async def timeline(
    request: Request, code: DossierCode, caller: Annotated[Caller, requires(scopes.DOSSIER_READ)]
) -> Response:
    """Every step, each with its own way to the portal: state, times, latency, attempts."""
    return await read_answer(request, queries.timeline(code))


@router.get("/dossiers/{code}/actions", response_model=schemas.Actions)
async def actions(
    request: Request, code: DossierCode, caller: Annotated[Caller, requires(scopes.DOSSIER_READ)]
) -> Response:
    """What is possible now, and why the rest is not."""
    now = service_of(request).clock.now()
    return await read_answer(request, queries.actions(code, now, language_of(request)))
