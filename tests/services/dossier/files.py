"""Small true-to-type files, and shortcuts to bring them to a dossier."""

from __future__ import annotations

import base64
import io
import zipfile
from typing import Any

import httpx

from tests.services.dossier.conftest import new_dossier

PDF = b"%PDF-1.7\n1 0 obj\n<< /Type /Catalog >>\nendobj\n%%EOF\n"
PNG = b"\x89PNG\r\n\x1a\n" + b"\x00" * 40
TUS = {"Tus-Resumable": "1.0.0"}
BYTES = {**TUS, "Content-Type": "application/offset+octet-stream"}
DOCX_TYPE = "application/vnd.openxmlformats-officedocument.wordprocessingml.document"


def zipped(first: str) -> bytes:
    """A ZIP whose first entry has this name."""
    buffer = io.BytesIO()
    with zipfile.ZipFile(buffer, "w") as archive:
        archive.writestr(first, "<x/>")
    return buffer.getvalue()


def metadata(**values: str) -> str:
    return ",".join(f"{key} {base64.b64encode(value.encode()).decode()}" for key, value in values.items())


async def taken(client: httpx.AsyncClient, **changes: Any) -> str:
    response = await client.post("/v1/dossiers", json=new_dossier(**changes))
    assert response.status_code == 201, response.text
    code: str = response.json()["code"]
    return code


async def act(client: httpx.AsyncClient, code: str, *actions: str) -> None:
    for action in actions:
        response = await client.post(f"/v1/dossiers/{code}/actions", json={"action": action})
        assert response.status_code == 200, response.text


async def begin(client: httpx.AsyncClient, code: str, size: int, **about: str) -> httpx.Response:
    """Create an upload of `size` bytes."""
    told = {"dossier": code, "filename": "đơn.pdf", "filetype": "application/pdf", **about}
    headers = {**TUS, "Upload-Length": str(size), "Upload-Metadata": metadata(**told)}
    return await client.post("/v1/uploads", headers=headers)


async def begun(client: httpx.AsyncClient, code: str, size: int, **about: str) -> str:
    response = await begin(client, code, size, **about)
    assert response.status_code == 201, response.text
    return response.headers["Location"]


async def patch(client: httpx.AsyncClient, url: str, offset: int, data: bytes, **headers: str) -> httpx.Response:
    return await client.patch(url, headers={**BYTES, "Upload-Offset": str(offset), **headers}, content=data)


async def add(
    client: httpx.AsyncClient, code: str, data: bytes = PDF, *, many: str = "attachments", **query: Any
) -> httpx.Response:
    """Add a small file in one request."""
    params = {"name": "đơn đề nghị.pdf", **query}
    headers = {"Content-Type": "application/pdf"}
    return await client.post(f"/v1/dossiers/{code}/{many}", params=params, content=data, headers=headers)


def rule(response: httpx.Response) -> str:
    """The rule a refused upload broke."""
    assert response.headers["content-type"] == "application/problem+json"
    assert response.json()["type"] == "urn:truc:problem:upload-refused"
    named: str = response.json()["rule"]
    return named
