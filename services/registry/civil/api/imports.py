"""Routes of digitised books: a file comes in one request or in several, and goes on where it broke off.

    POST  /v1/imports?kind=birth     the file, or its first bytes         ──► 201, Location, Import-Offset
    PATCH /v1/imports/{id}           from Import-Offset on                ──► 200, Import-Offset
    GET   /v1/imports/{id}           how far it has come                  GET …/errors  what was not taken

`Import-Complete: ?0` says that more will follow; without it the file ends with the request. A request that breaks
off leaves the import where its last committed piece ended.
"""

from __future__ import annotations

from typing import Annotated, Any, Final

from fastapi import APIRouter, Header, Query, Request, Response
from pydantic_core import to_json
from starlette.requests import ClientDisconnect

from contracts.civil import ROWS, BadRow, ImportView, RecordKind
from contracts.problems import UNSUPPORTED_MEDIA_TYPE, VALIDATION, FieldError, Problem
from contracts.rules import explain
from services.bus.kit.api import JSON, read_answer, service_of
from services.bus.kit.paging import Page
from services.registry.civil.api.parts import Importer, RecordIdPath, settings_of
from services.registry.civil.commands.imports import check_position
from services.registry.civil.importing.intake import Intake
from services.registry.civil.importing.reader import CSV, JSON_LINES
from services.registry.civil.models import Import
from services.registry.civil.queries import imports

router = APIRouter(prefix="/v1", tags=["imports"])

FORMATS: Final = {"text/csv": CSV, "application/x-ndjson": JSON_LINES}
_FILE: Final[dict[str, Any]] = {
    "requestBody": {
        "required": True,
        "content": {name: {"schema": {"type": "string", "format": "binary"}} for name in FORMATS},
    }
}
Complete = Annotated[str, Header(pattern=r"^\?[01]$", description="`?0`: more will follow in another request")]
Offset = Annotated[int, Header(ge=0, lt=2**62, description="The byte of the file this request begins with")]


@router.post("/imports", status_code=201, response_model=ImportView, openapi_extra=_FILE)
async def start_import(
    request: Request, caller: Importer, kind: Annotated[RecordKind, Query()], import_complete: Complete = "?1"
) -> Response:
    """Begin to take in a digitised book: births, deaths or marriages, as CSV with a header or as JSON Lines."""
    if kind not in ROWS:
        expected = " or ".join(f"'{each.value}'" for each in ROWS)
        error = FieldError("query.kind", "enum", explain("enum", {"expected": expected}))
        raise Problem(VALIDATION, errors=[error], count=1)
    form = _format(request)
    intake = _intake(request, import_complete)
    try:
        view, columns = await intake.begin(kind, form, caller.client_id)
        view = await intake.go_on(view, columns)
    except ClientDisconnect:
        return Response(status_code=400)
    headers = {"Location": f"/v1/imports/{view.id}", "Import-Offset": str(view.offset)}
    return Response(to_json(view), 201, headers, JSON)


@router.patch("/imports/{import_id}", response_model=ImportView, openapi_extra=_FILE)
async def continue_import(
    request: Request,
    import_id: RecordIdPath,
    caller: Importer,
    import_offset: Offset,
    import_complete: Complete = "?1",
) -> Response:
    """Go on from the byte the import stands at."""
    form = _format(request)
    store = service_of(request).store
    await store.read(lambda tx: check_position(tx.find(Import, import_id), import_id, import_offset))
    view, columns = await store.read(lambda tx: imports.columns(tx, import_id))
    if form != view.format:
        expected = next(name for name, each in FORMATS.items() if each == view.format)
        raise Problem(UNSUPPORTED_MEDIA_TYPE, received=request.headers["content-type"][:100], expected=expected)
    try:
        view = await _intake(request, import_complete).go_on(view, columns)
    except ClientDisconnect:
        return Response(status_code=400)
    return Response(to_json(view), 200, {"Import-Offset": str(view.offset)}, JSON)


@router.get("/imports/{import_id}", response_model=ImportView)
async def show_import(request: Request, import_id: RecordIdPath, caller: Importer) -> Response:
    """How far an import has come, and how many lines were taken and refused."""
    return await read_answer(
        request,
        lambda tx: imports.progress(tx, import_id),
        headers=lambda view: {"Import-Offset": str(view.offset)},
    )


@router.get("/imports/{import_id}/errors", response_model=Page[BadRow])
async def list_bad_rows(
    request: Request,
    import_id: RecordIdPath,
    caller: Importer,
    limit: Annotated[int, Query(ge=1, le=1_000)] = 100,
    cursor: str | None = None,
) -> Response:
    """The lines that were not taken, in the order of the file: line number, field and reason."""
    return await read_answer(request, lambda tx: imports.bad_rows(tx, import_id, limit=limit, cursor=cursor))


def _intake(request: Request, complete: str) -> Intake:
    piece = settings_of(request).import_piece_bytes
    return Intake(service_of(request), request.stream(), piece=piece, complete=complete == "?1")


def _format(request: Request) -> str:
    received = request.headers.get("content-type", "nothing")
    form = FORMATS.get(received.partition(";")[0].strip().lower())
    if form is None:
        raise Problem(UNSUPPORTED_MEDIA_TYPE, received=received[:100], expected=" / ".join(FORMATS))
    return form
