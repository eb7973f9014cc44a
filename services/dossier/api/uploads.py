"""Resumable uploads by the tus protocol 1.0.0 (https://tus.io/protocols/resumable-upload).

    POST /v1/uploads ─► PATCH ─► PATCH ─► ... ─► the last byte: checked, hashed, part of the dossier
                          ▲        │
                         HEAD ◄── cut off     DELETE, or a day without an end: nothing is left

The core and the extensions creation, creation-with-upload, expiration, checksum and termination. Each request
needs the scope of what is uploaded, and an upload is known only to the member that began it. The id of the
upload is the id of the paper it becomes.
"""

from __future__ import annotations

import asyncio
import base64
import binascii
import re
from collections.abc import Callable, Coroutine
from email.utils import format_datetime
from typing import Annotated, Any, Final

from fastapi import APIRouter, Request, Response
from fastapi.routing import APIRoute
from pydantic import ValidationError
from starlette.requests import ClientDisconnect

from contracts import scopes
from contracts.problems import (
    BAD_UPLOAD_HEADER,
    METHOD_NOT_ALLOWED,
    NOT_FOUND,
    UNSUPPORTED_MEDIA_TYPE,
    UPLOAD_EXPIRED,
    UPLOAD_VERSION,
    Problem,
)
from services.bus.kit.api import requires, service_of
from services.bus.kit.errors import validation_problem
from services.bus.kit.tokens import Caller, require
from services.dossier import schemas
from services.dossier.files import is_id
from services.dossier.keeper import CHECKSUMS, Checksum, Keeper
from services.dossier.models import Upload
from services.dossier.queries.papers import upload as upload_query

VERSION: Final = "1.0.0"
EXTENSIONS: Final = "creation,creation-with-upload,expiration,checksum,termination"
OFFSET_TYPE: Final = "application/offset+octet-stream"
SCOPES: Final = {"attachment": scopes.DOSSIER_WRITE, "result": scopes.DOSSIER_ACT}
MAX_METADATA: Final = 8192


class TusRoute(APIRoute):
    """Every answer names the protocol's version, refusals too."""

    def get_route_handler(self) -> Callable[[Request], Coroutine[Any, Any, Response]]:
        handler = super().get_route_handler()

        async def handle(request: Request) -> Response:
            try:
                response = await handler(request)
            except Problem as problem:
                problem.headers.setdefault("Tus-Resumable", VERSION)
                raise
            response.headers["Tus-Resumable"] = VERSION
            return response

        return handle


router = APIRouter(prefix="/v1", tags=["uploads"], route_class=TusRoute)
Sender = Annotated[Caller, requires()]


@router.options("/uploads", status_code=204)
async def tus_options(request: Request, caller: Sender) -> Response:
    """What of the protocol is spoken here."""
    _sender(caller)
    headers = {
        "Tus-Version": VERSION,
        "Tus-Extension": EXTENSIONS,
        "Tus-Max-Size": str(_keeper(request).settings.max_upload_bytes),
        "Tus-Checksum-Algorithm": ",".join(CHECKSUMS),
    }
    return Response(status_code=204, headers=headers)


@router.post("/uploads", status_code=201)
async def tus_create(request: Request, caller: Sender) -> Response:
    """Begin an upload, with its first bytes if there are any.

    `Upload-Metadata`: dossier, filename; also purpose (attachment, result), filetype, component, digitised,
    reused.
    """
    _sender(caller)
    _speaks_tus(request)
    announced = _metadata(request)
    require(caller, SCOPES[announced.purpose])
    size = _number(request, "Upload-Length")
    checksum = _checksum(request)
    keeper = _keeper(request)
    with_bytes = request.headers.get("content-type") == OFFSET_TYPE
    upload = await keeper.open(announced, size, caller=caller.client_id)
    offset = await _append(request, upload, 0, checksum) if with_bytes else 0
    return Response(
        status_code=201,
        headers={"Location": f"/v1/uploads/{upload.id}", "Upload-Offset": str(offset), **_expires(upload, offset)},
    )


@router.head("/uploads/{id}")
async def tus_offset(request: Request, id: str, caller: Sender) -> Response:
    """Where to go on: `Upload-Offset`."""
    _sender(caller)
    _speaks_tus(request)
    upload = await _find(request, id, caller)
    headers = {
        "Upload-Offset": str(await _keeper(request).offset(upload)),
        "Upload-Length": str(upload.size),
        "Upload-Metadata": _described(upload),
        "Cache-Control": "no-store",
        **_expires(upload),
    }
    return Response(status_code=200, headers=headers)


@router.patch("/uploads/{id}", status_code=204)
async def tus_append(request: Request, id: str, caller: Sender) -> Response:
    """Send the bytes from `Upload-Offset` on. With the last one the file becomes part of its dossier."""
    _sender(caller)
    _speaks_tus(request)
    received = request.headers.get("content-type", "nothing")
    if received != OFFSET_TYPE:
        raise Problem(UNSUPPORTED_MEDIA_TYPE, received=received[:100], expected=OFFSET_TYPE)
    offset = _number(request, "Upload-Offset")
    checksum = _checksum(request)
    upload = await _find(request, id, caller)
    if upload.state == "open" or offset != upload.size:
        offset = await _append(request, upload, offset, checksum)
    return Response(status_code=204, headers={"Upload-Offset": str(offset), **_expires(upload, offset)})


@router.delete("/uploads/{id}", status_code=204)
async def tus_terminate(request: Request, id: str, caller: Sender) -> Response:
    """Give up an unfinished upload. A finished one is a paper: take it back at its dossier."""
    _sender(caller)
    _speaks_tus(request)
    upload = await _find(request, id, caller)
    if upload.state != "open" or not await _keeper(request).terminate(upload.id):
        raise _unknown(id)
    return Response(status_code=204)


@router.post("/uploads/{id}", include_in_schema=False)
async def tus_overridden(request: Request, id: str, caller: Sender) -> Response:
    """PATCH and DELETE for those who cannot send them (header X-HTTP-Method-Override, part of the core)."""
    match request.headers.get("x-http-method-override", "").upper():
        case "PATCH":
            return await tus_append(request, id, caller)
        case "DELETE":
            return await tus_terminate(request, id, caller)
        case _:
            allowed = "HEAD, PATCH, DELETE"
            raise Problem(
                METHOD_NOT_ALLOWED,
                path=request.url.path,
                method="POST",
                allowed=allowed,
                headers={"Allow": allowed},
            )


async def _append(request: Request, upload: Upload, offset: int, checksum: Checksum | None) -> int:
    """Take the body in; the new offset. Who hangs up in the middle hears nothing and finds it all by HEAD."""
    keeper = _keeper(request)
    length = request.headers.get("content-length", "0")
    try:
        now_at = await keeper.append(
            upload, offset, int(length) if length.isdigit() else 0, request.stream(), checksum
        )
    except ClientDisconnect:
        return await keeper.offset(upload)
    if now_at == upload.size:
        await asyncio.shield(keeper.finish(upload))
    return now_at


async def _find(request: Request, id: str, caller: Caller) -> Upload:
    """The upload, if this member began it. Raises NOT_FOUND, FORBIDDEN without the scope, UPLOAD_EXPIRED."""
    upload = await service_of(request).store.read(upload_query(id)) if is_id(id) else None
    if upload is None or upload.created_by != caller.client_id or upload.state == "removed":
        raise _unknown(id)
    require(caller, SCOPES[upload.purpose])
    if upload.expires_at is not None and upload.expires_at <= service_of(request).clock.now():
        raise Problem(UPLOAD_EXPIRED)
    return upload


def _unknown(id: str) -> Problem:
    return Problem(NOT_FOUND, field="path.id", what="upload", id=id[:50])


def _sender(caller: Caller) -> None:
    """Nothing about uploads is told to who can send none."""
    if not caller.scopes.intersection(SCOPES.values()):
        require(caller, scopes.DOSSIER_WRITE)


def _keeper(request: Request) -> Keeper:
    keeper: Keeper = service_of(request).extra["keeper"]
    return keeper


def _speaks_tus(request: Request) -> None:
    if request.headers.get("tus-resumable") != VERSION:
        raise Problem(
            UPLOAD_VERSION, field="header.Tus-Resumable", version=VERSION, headers={"Tus-Version": VERSION}
        )


def _number(request: Request, header: str) -> int:
    text = request.headers.get(header, "")
    if not re.fullmatch(r"[0-9]{1,15}", text):
        raise _bad(header, "một số nguyên không âm", "a whole number, not negative")
    return int(text)


def _checksum(request: Request) -> Checksum | None:
    text = request.headers.get("upload-checksum")
    if text is None:
        return None
    algorithm, _, encoded = text.partition(" ")
    if algorithm in CHECKSUMS:
        try:
            return Checksum(algorithm, base64.b64decode(encoded, validate=True))
        except binascii.Error:
            pass
    known = ", ".join(CHECKSUMS)
    raise _bad(
        "Upload-Checksum",
        f"một thuật toán ({known}), dấu cách và giá trị base64",
        f"an algorithm ({known}), a space and the value in base64",
    )


def _metadata(request: Request) -> schemas.UploadAnnounced:
    """`Upload-Metadata`: pairs of a key and a value in base64, parted by commas. A bare flag is set."""
    text = request.headers.get("upload-metadata", "")
    values: dict[str, Any] = {}
    try:
        if len(text) > MAX_METADATA:
            raise ValueError
        for pair in filter(None, map(str.strip, text.split(","))):
            key, _, encoded = pair.partition(" ")
            if key in values:
                raise ValueError
            values[key] = base64.b64decode(encoded, validate=True).decode() if encoded else None
    except ValueError:
        raise _bad(
            "Upload-Metadata",
            f"các cặp khóa, giá trị base64 (UTF-8), không quá {MAX_METADATA} ký tự",
            f"pairs of a key and a UTF-8 value in base64, at most {MAX_METADATA} characters",
        ) from None
    for flag in ("digitised", "reused"):
        if flag in values:
            values[flag] = values[flag] is None or values[flag]
    filled = {key: value for key, value in values.items() if value is not None}
    try:
        return schemas.UploadAnnounced.model_validate(filled)
    except ValidationError as error:
        located = [{**each, "loc": ("header", "Upload-Metadata", *each["loc"])} for each in error.errors()]
        raise validation_problem(located) from None


def _bad(header: str, expected_vi: str, expected_en: str) -> Problem:
    return Problem(
        BAD_UPLOAD_HEADER,
        field=f"header.{header}",
        header=header,
        expected_vi=expected_vi,
        expected_en=expected_en,
    )


def _described(upload: Upload) -> str:
    """`Upload-Metadata` of an upload, for who takes it up again."""
    told = {
        "dossier": upload.code,
        "purpose": upload.purpose,
        "filename": upload.name,
        "filetype": upload.media_type,
    }
    return ",".join(f"{key} {base64.b64encode(value.encode()).decode()}" for key, value in told.items())


def _expires(upload: Upload, offset: int = 0) -> dict[str, str]:
    if upload.expires_at is None or offset == upload.size:
        return {}
    return {"Upload-Expires": format_datetime(upload.expires_at, usegmt=True)}
