"""What several routes share: an id in a path, a paper or a document as a response."""

from __future__ import annotations

import hashlib
from typing import Annotated

from fastapi import Path, Request, Response

from services.bus.kit.api import service_of
from services.dossier.api.attachments import disposition
from services.dossier.results.models import IssuedResult
from services.dossier.results.press import PDF_TYPE, Job
from services.dossier.results.room import room_of
from services.dossier.results.verify import signed_result
from services.dossier.results.views import DOCUMENT_TYPE, document_of, state_of, title_of

ResultId = Annotated[str, Path(pattern=r"^[0-9a-f]{8}(-[0-9a-f]{4}){3}-[0-9a-f]{12}$")]

_SAFE = {
    "Cache-Control": "private, no-cache",
    "Content-Security-Policy": "default-src 'none'; sandbox",
    "Referrer-Policy": "no-referrer",
}


async def printed(request: Request, row: IssuedResult) -> bytes:
    """The paper of a result as it stands now."""
    document = document_of(row)
    state = state_of(row, service_of(request).clock.now())
    return await room_of(request).press.print(Job(signed_result(document), state, row.key_id, document))


async def paper(request: Request, row: IssuedResult) -> Response:
    body = await printed(request, row)
    headers = {**_SAFE, "Content-Disposition": disposition(f"{title_of(row)}.pdf")}
    return Response(body, headers=headers, media_type=PDF_TYPE)


def signed_document(row: IssuedResult) -> Response:
    """The document byte for byte; `ETag` is its SHA-256."""
    body = document_of(row)
    headers = {
        **_SAFE,
        "Content-Disposition": disposition(f"{title_of(row)}.json"),
        "ETag": f'"{hashlib.sha256(body).hexdigest()}"',
    }
    return Response(body, headers=headers, media_type=DOCUMENT_TYPE)
