"""The papers of a dossier: its attachments, and its results. Files too large for one request: `uploads.py`.

Both lists have the same addresses but for their name; what differs is the scope that changes them.
"""

from __future__ import annotations

import asyncio
import hashlib
import re
import unicodedata
from typing import Annotated, Any, Final
from urllib.parse import quote

from fastapi import APIRouter, HTTPException, Query, Request, Response
from fastapi.responses import FileResponse

from contracts import scopes
from contracts.identifiers import DossierCode
from contracts.problems import NOT_FOUND, Problem
from services.bus.kit.api import read_answer, requires, respond, service_of, write_answer, write_reply
from services.bus.kit.ids import new_id
from services.bus.kit.requests import AxisRoute
from services.bus.kit.tokens import Caller
from services.dossier import metrics, schemas
from services.dossier.commands.attachments import AttachWhole, RemovePaper, ReusePaper
from services.dossier.keeper import Keeper
from services.dossier.media_types import HEAD_BYTES, check_content
from services.dossier.models import Upload
from services.dossier.queries import papers as queries

_BYTES: Final = {
    "requestBody": {
        "required": True,
        "content": {"application/octet-stream": {"schema": {"type": "string", "format": "binary"}}},
        "description": "The file itself; Content-Type is its media type",
    }
}
_FILE: Final[dict[int | str, dict[str, Any]]] = {
    200: {
        "description": "The file",
        "content": {"application/octet-stream": {"schema": {"type": "string", "format": "binary"}}},
    },
    206: {"description": "The part of it that Range asks for"},
    304: {"description": "If-None-Match names it"},
    416: {"description": "Range lies behind its end"},
}


Reader = Annotated[Caller, requires(scopes.DOSSIER_READ)]


def papers_of(purpose: schemas.Purpose, scope: str) -> APIRouter:
    """The routes of one of the two lists; `scope` is what changing it needs."""
    many = f"{purpose}s"
    router = APIRouter(prefix=f"/v1/dossiers/{{code}}/{many}", tags=[many], route_class=AxisRoute)
    changer = requires(scope)

    @router.get("", response_model=schemas.Papers, name=f"list_{many}")
    async def list_papers(
        request: Request, code: DossierCode, caller: Reader, include_removed: bool = False
    ) -> Response:
        """What the dossier holds; with `include_removed` also what was taken back, by whom and when."""
        return await read_answer(request, queries.papers(code, purpose, include_removed=include_removed))

    @router.post("", status_code=201, response_model=schemas.Paper, name=f"add_{purpose}", openapi_extra=_BYTES)
    async def add(
        request: Request,
        code: DossierCode,
        name: Annotated[schemas.FileName, Query()],
        component: Annotated[schemas.Component | None, Query()] = None,
        digitised: bool = False,
        reused: bool = False,
        caller: Caller = changer,
    ) -> Response:
        """Add a small file: the body is the file, up to the size any request may have."""
        keeper = _keeper(request)
        about = {
            "code": code,
            "purpose": purpose,
            "component": component,
            "digitised": digitised,
            "reused": reused,
        }
        body = await request.body()
        declared = request.headers.get("content-type", "")
        row = keeper.describe(name, declared, len(body), caller=caller.client_id, about=about)
        check_content(body[:HEAD_BYTES], row["media_type"])
        digest = hashlib.sha256(body).digest()
        whole = {**row, "state": "complete", "sha256": digest, "completed_at": row["created_at"]}
        await asyncio.to_thread(keeper.files.create, row["id"], body)
        try:
            command = AttachWhole(whole, max_papers=keeper.settings.max_papers)
            reply = await write_reply(
                request,
                caller,
                command,
                status=201,
                headers=lambda paper: {"Location": f"/v1/dossiers/{code}/{many}/{paper.id}"},
            )
        except Problem:
            await keeper.let_go(row["id"])
            raise
        if reply.replayed:
            await keeper.let_go(row["id"])
        else:
            metrics.record_paper(purpose, "uploaded")
        return respond(reply)

    @router.get("/{id}", response_model=schemas.Paper, name=f"show_{purpose}")
    async def show(request: Request, code: DossierCode, id: schemas.UploadId, caller: Reader) -> Response:
        """What is known of one file."""
        return await read_answer(request, queries.paper(code, purpose, id))

    @router.get("/{id}/content", response_class=FileResponse, responses=_FILE, name=f"{purpose}_content")
    async def content(request: Request, code: DossierCode, id: schemas.UploadId, caller: Reader) -> Response:
        """The file, as it was sent. `ETag` is its SHA-256; `Range` is understood."""
        found = await service_of(request).store.read(lambda tx: queries.find_paper(tx, code, purpose, id))
        return await _content(request, _keeper(request), found)

    @router.delete("/{id}", status_code=204, name=f"remove_{purpose}")
    async def remove(
        request: Request, code: DossierCode, id: schemas.UploadId, caller: Caller = changer
    ) -> Response:
        """Take a file back. That it was here, and who took it back when, stays."""
        now = service_of(request).clock.now()
        command = RemovePaper(code, purpose, id, now=now, caller=caller.client_id)
        response = await write_answer(request, caller, command, status=204)
        gone = await service_of(request).store.read(queries.upload(id))
        if gone is not None:
            await _keeper(request).let_go(gone.file)
        return response

    return router


attachments = papers_of("attachment", scopes.DOSSIER_WRITE)
results = papers_of("result", scopes.DOSSIER_ACT)


@attachments.post("/reuse", status_code=201, response_model=schemas.Paper)
async def reuse_paper(
    request: Request,
    code: DossierCode,
    asked: schemas.Reuse,
    caller: Annotated[Caller, requires(scopes.DOSSIER_WRITE)],
) -> Response:
    """Use a paper or result of an earlier dossier of the same person again, without another upload."""
    command = ReusePaper(
        code,
        asked,
        new_id(),
        now=service_of(request).clock.now(),
        caller=caller.client_id,
        max_papers=_keeper(request).settings.max_papers,
    )
    reply = await write_reply(
        request,
        caller,
        command,
        status=201,
        headers=lambda paper: {"Location": f"/v1/dossiers/{code}/attachments/{paper.id}"},
    )
    if not reply.replayed:
        metrics.record_paper("attachment", "reused")
    return respond(reply)


async def _content(request: Request, keeper: Keeper, paper: Upload) -> Response:
    assert paper.sha256 is not None
    headers = {
        "ETag": f'"{paper.sha256.hex()}"',
        "Cache-Control": "private, no-cache",
        "Content-Disposition": disposition(paper.name),
        "Content-Security-Policy": "default-src 'none'; sandbox",
    }
    wanted = request.headers.get("if-none-match", "")
    if wanted.strip() == "*" or headers["ETag"] in wanted:
        return Response(status_code=304, headers=headers)
    if not await asyncio.to_thread(keeper.files.exists, paper.file):
        raise Problem(NOT_FOUND, field="path.id", what="content", id=paper.id)
    _one_range_or_none(request, paper.size)
    return FileResponse(keeper.files.path(paper.file), headers=headers, media_type=paper.media_type)


def _one_range_or_none(request: Request, size: int) -> None:
    """Leave a `Range` in the request only if it is one simple range: any other may be ignored (RFC 9110,
    14.2), and one behind the end is refused."""
    given = request.headers.get("range")
    if given is None:
        return
    one = re.fullmatch(r"bytes=(?:(\d{1,15})-(\d{0,15})|-(\d{1,15}))", given.strip())
    usable = one is not None and not (one[1] and one[2] and int(one[2]) < int(one[1]))
    if not usable:
        request.scope["headers"] = [each for each in request.scope["headers"] if each[0] != b"range"]
    elif one is not None and ((one[1] and int(one[1]) >= size) or (one[3] and int(one[3]) == 0)):
        raise HTTPException(416, "the range lies behind the end", {"Content-Range": f"bytes */{size}"})


def disposition(name: str) -> str:
    """`Content-Disposition` that saves under `name`: for everybody in UTF-8, for the very old without accents
    (RFC 6266, appendix D; RFC 8187). Always an attachment: no citizen's file runs in an officer's browser."""
    plain = unicodedata.normalize("NFKD", name.replace("đ", "d").replace("Đ", "D"))
    ascii_name = re.sub(r"[^ !#$&+\-.0-9A-Z^_`a-z{}~()]", "_", plain.encode("ascii", "ignore").decode())
    return f"attachment; filename=\"{ascii_name}\"; filename*=UTF-8''{quote(name, safe='')}"


def _keeper(request: Request) -> Keeper:
    keeper: Keeper = service_of(request).extra["keeper"]
    return keeper
