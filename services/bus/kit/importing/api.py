"""Routes of bulk imports: a file comes in one request or in several, and goes on where it broke off.

    POST  /v1/imports?kind=          the file, or its first bytes         ──► 201, Location, Import-Offset
    PATCH /v1/imports/{id}           from Import-Offset on                ──► 200, Import-Offset
    GET   /v1/imports/{id}           how far it has come                  GET …/errors  what was not taken

`Import-Complete: ?0` says that more will follow; without it the file ends with the request. A request that breaks
off leaves the import where its last committed piece ended.
"""

from typing import Annotated, Any, Final

from fastapi import APIRouter, Header, Path, Query, Request, Response
from pydantic_core import to_json
from starlette.requests import ClientDisconnect

from contracts.imports import BadRow, ImportView
from contracts.population.values import Line
from contracts.problems import UNSUPPORTED_MEDIA_TYPE, Problem
from services.bus.kit.api import JSON, read_answer, requires, service_of
from services.bus.kit.importing import queries
from services.bus.kit.importing.commands import check_position
from services.bus.kit.importing.intake import Intake
from services.bus.kit.importing.lines import CSV, JSON_LINES
from services.bus.kit.importing.registry import Registry
from services.bus.kit.paging import Page
from services.bus.kit.tokens import Caller

FORMATS: Final = {"text/csv": CSV, "application/x-ndjson": JSON_LINES}
_FILE: Final[dict[str, Any]] = {
    "requestBody": {
        "required": True,
        "content": {name: {"schema": {"type": "string", "format": "binary"}} for name in FORMATS},
    }
}
ImportId = Annotated[Line, Path(min_length=1, max_length=36)]
Complete = Annotated[str, Header(pattern=r"^\?[01]$", description="`?0`: more will follow in another request")]
Offset = Annotated[int, Header(ge=0, lt=2**62, description="The byte of the file this request begins with")]
_KIND_NEEDED: Any = ...


def import_router(registry: Registry) -> APIRouter:
    """The routes of a registry's imports. Without the bound on bodies: what is sent here is never held whole."""
    router = APIRouter(prefix="/v1/imports", tags=["imports"])
    importer = requires(registry.scope)
    kinds: Any = registry.kinds
    usual: Any = registry.only if registry.only is not None else _KIND_NEEDED

    @router.post("", status_code=201, response_model=ImportView, openapi_extra=_FILE)
    async def start_import(
        request: Request,
        caller: Annotated[Caller, importer],
        kind: kinds = Query(usual),  # noqa: B008 - how FastAPI is told
        import_complete: Complete = "?1",
    ) -> Response:
        """Begin to take in a file of one kind: CSV with a header, or JSON Lines with the same names."""
        form = _format(request)
        intake = Intake(service_of(request), request.stream(), complete=import_complete == "?1")
        try:
            view, columns = await intake.begin(kind.value, form, caller.client_id)
            view = await intake.go_on(view, columns)
        except ClientDisconnect:
            return Response(status_code=400)
        headers = {"Location": f"/v1/imports/{view.id}", "Import-Offset": str(view.offset)}
        return Response(to_json(view), 201, headers, JSON)

    @router.patch("/{import_id}", response_model=ImportView, openapi_extra=_FILE)
    async def continue_import(
        request: Request,
        import_id: ImportId,
        caller: Annotated[Caller, importer],
        import_offset: Offset,
        import_complete: Complete = "?1",
    ) -> Response:
        """Go on from the byte the import stands at."""
        form = _format(request)
        service = service_of(request)
        await service.store.read(
            lambda tx: check_position(tx.find(registry.imports, import_id), registry, import_id, import_offset)
        )
        view, columns = await service.store.read(lambda tx: queries.columns(tx, registry, import_id))
        if form != view.format:
            expected = next(name for name, each in FORMATS.items() if each == view.format)
            received = request.headers["content-type"][:100]
            raise Problem(UNSUPPORTED_MEDIA_TYPE, received=received, expected=expected)
        try:
            view = await Intake(service, request.stream(), complete=import_complete == "?1").go_on(view, columns)
        except ClientDisconnect:
            return Response(status_code=400)
        return Response(to_json(view), 200, {"Import-Offset": str(view.offset)}, JSON)

    @router.get("/{import_id}", response_model=ImportView)
    async def show_import(request: Request, import_id: ImportId, caller: Annotated[Caller, importer]) -> Response:
        """How far an import has come, and how many lines were taken and refused."""
        return await read_answer(
            request,
            lambda tx: queries.progress(tx, registry, import_id),
            headers=lambda view: {"Import-Offset": str(view.offset)},
        )

    @router.get("/{import_id}/errors", response_model=Page[BadRow])
    async def list_bad_rows(
        request: Request,
        import_id: ImportId,
        caller: Annotated[Caller, importer],
        limit: Annotated[int, Query(ge=1, le=1_000)] = 100,
        cursor: str | None = None,
    ) -> Response:
        """The lines that were not taken, in the order of the file: line number, field and reason."""
        return await read_answer(
            request, lambda tx: queries.bad_rows(tx, registry, import_id, limit=limit, cursor=cursor)
        )

    return router


def _format(request: Request) -> str:
    received = request.headers.get("content-type", "nothing")
    form = FORMATS.get(received.partition(";")[0].strip().lower())
    if form is None:
        raise Problem(UNSUPPORTED_MEDIA_TYPE, received=received[:100], expected=" / ".join(FORMATS))
    return form
