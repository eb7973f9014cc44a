"""Resumable uploads through the HTTP app, on both databases: the protocol, its refusals, and being cut off."""

from __future__ import annotations

import asyncio
import base64
import hashlib
import os
from collections.abc import AsyncIterator
from datetime import UTC, datetime
from email.utils import parsedate_to_datetime
from pathlib import Path
from typing import Any

import httpx
import pytest
from fastapi import FastAPI

from services.bus.kit.testing import TestIssuer, running
from services.dossier.app import build
from services.dossier.keeper import Keeper
from services.dossier.settings import DossierSettings
from tests.services.dossier.files import (
    BYTES,
    DOCX_TYPE,
    PDF,
    PNG,
    TUS,
    act,
    begin,
    begun,
    metadata,
    patch,
    rule,
    taken,
)

pytestmark = pytest.mark.anyio

BIG = PDF + os.urandom(3_000_000)


@pytest.fixture
def app(settings: DossierSettings) -> FastAPI:
    return build(settings)


@pytest.fixture
async def client(app: FastAPI, issuer: TestIssuer) -> AsyncIterator[httpx.AsyncClient]:
    async with running(app, issuer.token()) as client:
        yield client


def keeper_of(app: FastAPI) -> Keeper:
    keeper: Keeper = app.state.service.extra["keeper"]
    return keeper


def on_disk(settings: DossierSettings) -> list[Path]:
    return sorted(settings.upload_folder.iterdir())


async def attachments(client: httpx.AsyncClient, code: str, many: str = "attachments") -> list[dict[str, Any]]:
    held: list[dict[str, Any]] = (await client.get(f"/v1/dossiers/{code}")).json()[many]
    return held


async def offset(client: httpx.AsyncClient, url: str) -> int:
    response = await client.head(url, headers=TUS)
    assert response.status_code == 200
    return int(response.headers["Upload-Offset"])


async def cut_off(
    app: FastAPI, url: str, token: str, at: int, *parts: bytes, silent: asyncio.Event | None = None
) -> None:
    """A PATCH that sends less than it could, straight at the ASGI app: then the client hangs up or, with an
    event to set at that moment, falls silent."""
    messages = [{"type": "http.request", "body": part, "more_body": True} for part in parts]

    async def receive() -> dict[str, Any]:
        if messages:
            return messages.pop(0)
        if silent is not None:
            silent.set()
            await asyncio.Event().wait()
        return {"type": "http.disconnect"}

    async def send(message: Any) -> None:
        pass

    headers = {**BYTES, "Upload-Offset": str(at), "Authorization": f"Bearer {token}"}
    scope = {
        "type": "http",
        "asgi": {"version": "3.0", "spec_version": "2.3"},
        "http_version": "1.1",
        "method": "PATCH",
        "scheme": "http",
        "path": url,
        "raw_path": url.encode(),
        "query_string": b"",
        "root_path": "",
        "headers": [(name.lower().encode(), value.encode()) for name, value in headers.items()],
        "client": ("127.0.0.1", 1),
        "server": ("test", 80),
    }
    await app(scope, receive, send)


async def test_a_file_in_pieces_becomes_an_attachment(client: httpx.AsyncClient) -> None:
    code = await taken(client)
    created = await begin(client, code, len(BIG), component="Đơn", digitised="true")
    assert created.status_code == 201, created.text
    url = created.headers["Location"]
    assert parsedate_to_datetime(created.headers["Upload-Expires"]) > datetime.now(UTC)
    for start in range(0, len(BIG), 1_300_000):
        assert await offset(client, url) == start
        assert await attachments(client, code) == []
        sent = await patch(client, url, start, BIG[start : start + 1_300_000])
        assert sent.status_code == 204, sent.text
        assert sent.headers["Tus-Resumable"] == "1.0.0"
    assert sent.headers["Upload-Offset"] == str(len(BIG))
    (paper,) = await attachments(client, code)
    assert paper == {
        "id": url.rsplit("/", 1)[1],
        "name": "đơn.pdf",
        "component": "Đơn",
        "sha256": hashlib.sha256(BIG).hexdigest(),
        "size": len(BIG),
        "digitised": True,
        "reused": False,
        "media_type": "application/pdf",
    }
    content = await client.get(f"/v1/dossiers/{code}/attachments/{paper['id']}/content")
    assert content.content == BIG
    again = await patch(client, url, len(BIG), b"")
    assert again.status_code == 204
    assert len(await attachments(client, code)) == 1
    assert (await client.delete(url, headers=TUS)).status_code == 404


async def test_creation_with_the_whole_file_and_a_bare_flag(client: httpx.AsyncClient) -> None:
    code = await taken(client)
    told = metadata(dossier=code, purpose="result", filename="giấy phép.docx", filetype=DOCX_TYPE) + ", digitised"
    from_zip = b"PK\x03\x04" + b"\x00" * 22 + (19).to_bytes(2, "little") + b"\x00\x00[Content_Types].xml<x/>"
    headers = {**BYTES, "Upload-Length": str(len(from_zip)), "Upload-Metadata": told}
    response = await client.post("/v1/uploads", headers=headers, content=from_zip)
    assert (response.status_code, response.headers["Upload-Offset"]) == (201, str(len(from_zip)))
    (result,) = await attachments(client, code, "results")
    assert (result["name"], result["digitised"]) == ("giấy phép.docx", True)


async def test_what_came_before_the_line_broke_stays(
    app: FastAPI, client: httpx.AsyncClient, issuer: TestIssuer
) -> None:
    code = await taken(client)
    url = await begun(client, code, len(BIG))
    await cut_off(app, url, issuer.token(), 0, BIG[:1000], BIG[1000:1500])
    assert await offset(client, url) == 1500
    wrong = await patch(client, url, 1000, BIG[1000:])
    assert (wrong.status_code, wrong.json()["type"]) == (409, "urn:truc:problem:offset-mismatch")
    assert wrong.headers["Tus-Resumable"] == "1.0.0"
    assert (await patch(client, url, 1500, BIG[1500:])).status_code == 204
    (paper,) = await attachments(client, code)
    assert paper["sha256"] == hashlib.sha256(BIG).hexdigest()


async def test_a_silent_sender_lets_go_and_one_at_a_time_writes(
    settings: DossierSettings, issuer: TestIssuer
) -> None:
    app = build(settings.model_copy(update={"upload_idle_s": 0.5}))
    async with running(app, issuer.token()) as client:
        code = await taken(client)
        url = await begun(client, code, len(PDF))
        silent = asyncio.Event()
        sender = asyncio.create_task(cut_off(app, url, issuer.token(), 0, PDF[:10], silent=silent))
        await silent.wait()
        locked = await patch(client, url, 0, PDF)
        assert (locked.status_code, locked.json()["type"]) == (423, "urn:truc:problem:upload-locked")
        assert (await client.delete(url, headers=TUS)).status_code == 423
        await sender
        assert await offset(client, url) == 10
        assert (await patch(client, url, 10, PDF[10:])).status_code == 204
        assert len(await attachments(client, code)) == 1


async def test_too_large_is_refused_before_a_byte(client: httpx.AsyncClient, settings: DossierSettings) -> None:
    code = await taken(client)
    response = await begin(client, code, settings.max_upload_bytes + 1)
    assert (response.status_code, response.json()["type"]) == (413, "urn:truc:problem:body-too-large")
    assert on_disk(settings) == []
    url = await begun(client, code, 10)
    assert (await patch(client, url, 0, PDF)).status_code == 413

    async def endless() -> AsyncIterator[bytes]:
        for _ in range(100):
            yield b"x" * 8

    headers = {**BYTES, "Upload-Offset": "0", "Transfer-Encoding": "chunked"}
    assert (await client.patch(url, headers=headers, content=endless())).status_code == 413
    assert await offset(client, url) <= 10


async def test_a_wrong_type_or_content_leaves_nothing(
    client: httpx.AsyncClient, settings: DossierSettings
) -> None:
    code = await taken(client)
    assert rule(await begin(client, code, 10, filename="a.exe", filetype="")) == "media_type"
    assert rule(await begin(client, code, 10, filetype="image/png")) == "media_type"
    assert rule(await begin(client, code, 10, filename="../")) == "name"
    assert rule(await begin(client, code, 0)) == "empty"
    url = await begun(client, code, len(PNG))
    assert rule(await patch(client, url, 0, PNG)) == "content"
    assert (await client.head(url, headers=TUS)).status_code == 404
    assert await attachments(client, code) == []
    assert on_disk(settings) == []


async def test_names_and_ids_are_never_paths(client: httpx.AsyncClient, settings: DossierSettings) -> None:
    code = await taken(client)
    url = await begun(client, code, len(PDF), filename="../../../../tmp/x.pdf")
    assert (await patch(client, url, 0, PDF)).status_code == 204
    assert (await attachments(client, code))[0]["name"] == "x.pdf"
    assert [each.name for each in on_disk(settings)] == [url.rsplit("/", 1)[1]]
    for id in ("%2e%2e", "..%2f..%2fdossier.db", "x" * 36, "x" * 3000, "%00"):
        for method in ("HEAD", "PATCH", "DELETE"):
            headers = {**BYTES, "Upload-Offset": "0"}
            response = await client.request(method, f"/v1/uploads/{id}", headers=headers)
            assert response.status_code in (400, 404), (method, id)


async def test_unknown_and_closed_dossiers(client: httpx.AsyncClient, settings: DossierSettings) -> None:
    unknown = await begin(client, "H08-230301-0999", 10)
    assert unknown.status_code == 404
    assert unknown.json()["errors"][0]["field"] == "header.Upload-Metadata.dossier"
    code = await taken(client)
    url = await begun(client, code, len(PDF))
    await act(client, code, "complete", "return_result")
    closed = await begin(client, code, 10)
    assert (closed.status_code, closed.json()["type"]) == (409, "urn:truc:problem:dossier-closed")
    late = await patch(client, url, 0, PDF)
    assert (late.status_code, late.json()["type"]) == (409, "urn:truc:problem:dossier-closed")
    assert on_disk(settings) == []


async def test_who_may_and_who_may_not(client: httpx.AsyncClient, issuer: TestIssuer, tmp_path: Path) -> None:
    code = await taken(client)
    mine = await begun(client, code, len(PDF))
    result = await begun(client, code, len(PDF), purpose="result")
    (tmp_path / "foreign").mkdir()
    tokens = {
        401: ["", TestIssuer(tmp_path / "foreign").token(), issuer.token(lifetime_s=-60)],
        403: [issuer.token("dossier:read"), issuer.token("dossier:act")],
        404: [issuer.token(client_id="somebody-else")],
    }
    for status, each in ((status, each) for status, some in tokens.items() for each in some):
        authorization = {"Authorization": f"Bearer {each}"}
        for method in ("HEAD", "PATCH", "DELETE"):
            headers = {**BYTES, "Upload-Offset": "0", **authorization}
            content = PDF if method == "PATCH" else None
            response = await client.request(method, mine, headers=headers, content=content)
            assert response.status_code == status, (method, status)
            assert response.headers["Tus-Resumable"] == "1.0.0"
        if status != 404:
            told = metadata(dossier=code, filename="a.pdf")
            headers = {**TUS, "Upload-Length": "5", "Upload-Metadata": told, **authorization}
            assert (await client.post("/v1/uploads", headers=headers)).status_code == status
    writer = {"Authorization": f"Bearer {issuer.token('dossier:write')}"}
    assert (await patch(client, result, 0, PDF, **writer)).status_code == 403
    assert await offset(client, mine) == await offset(client, result) == 0
    assert (await client.options("/v1/uploads", headers={"Authorization": ""})).status_code == 401


async def test_options_tell_what_is_spoken(client: httpx.AsyncClient, settings: DossierSettings) -> None:
    response = await client.options("/v1/uploads")
    assert response.status_code == 204
    assert response.headers["Tus-Version"] == "1.0.0"
    assert response.headers["Tus-Max-Size"] == str(settings.max_upload_bytes)
    assert "termination" in response.headers["Tus-Extension"]


@pytest.mark.parametrize(
    ("changes", "status", "field"),
    [
        ({"Tus-Resumable": "0.2.2"}, 412, "header.Tus-Resumable"),
        ({"Upload-Length": "-1"}, 400, "header.Upload-Length"),
        ({"Upload-Length": "1e3"}, 400, "header.Upload-Length"),
        ({"Upload-Length": ""}, 400, "header.Upload-Length"),
        ({"Upload-Metadata": "dossier !!!"}, 400, "header.Upload-Metadata"),
        ({"Upload-Metadata": "filename /w=="}, 400, "header.Upload-Metadata"),
        ({"Upload-Metadata": metadata(filename="a" * 9000)}, 400, "header.Upload-Metadata"),
        ({"Upload-Metadata": ""}, 422, "header.Upload-Metadata.dossier"),
        ({"Upload-Metadata": metadata(dossier="x", filename="a.pdf")}, 422, "header.Upload-Metadata.dossier"),
        ({"Upload-Metadata": metadata(surprise="x")}, 422, "header.Upload-Metadata.surprise"),
        ({"Upload-Metadata": metadata(purpose="gift")}, 422, "header.Upload-Metadata.purpose"),
        ({"Upload-Metadata": metadata(reused="maybe")}, 422, "header.Upload-Metadata.reused"),
        ({"Upload-Checksum": "md5 AAAA"}, 400, "header.Upload-Checksum"),
        ({"Upload-Checksum": "sha1 ***"}, 400, "header.Upload-Checksum"),
    ],
)
async def test_bad_headers_are_named(
    client: httpx.AsyncClient, settings: DossierSettings, changes: dict[str, str], status: int, field: str
) -> None:
    code = await taken(client)
    headers = {
        **TUS,
        "Upload-Length": "10",
        "Upload-Metadata": metadata(dossier=code, filename="a.pdf"),
        **changes,
    }
    response = await client.post("/v1/uploads", headers=headers)
    assert response.status_code == status
    assert response.headers["content-type"] == "application/problem+json"
    assert field in [error["field"] for error in response.json()["errors"]]
    assert on_disk(settings) == []


async def test_patch_needs_its_type_and_offset(client: httpx.AsyncClient) -> None:
    url = await begun(client, await taken(client), len(PDF))
    assert (await patch(client, url, 0, PDF, **{"Content-Type": "application/pdf"})).status_code == 415
    assert (await client.patch(url, headers=BYTES, content=PDF)).status_code == 400
    assert (await patch(client, url, 0, PDF, **{"Tus-Resumable": "2.0.0"})).status_code == 412
    assert await offset(client, url) == 0


async def test_a_chunk_with_a_checksum_counts_whole_or_not_at_all(
    app: FastAPI, client: httpx.AsyncClient, settings: DossierSettings
) -> None:
    code = await taken(client)
    url = await begun(client, code, len(PDF))
    sums = {name: base64.b64encode(hashlib.new(name, PDF[:20]).digest()).decode() for name in ("sha1", "sha256")}
    bad = await patch(client, url, 0, PDF[5:25], **{"Upload-Checksum": f"sha1 {sums['sha1']}"})
    assert (bad.status_code, bad.json()["type"]) == (460, "urn:truc:problem:checksum-mismatch")
    assert await offset(client, url) == 0
    good = await patch(client, url, 0, PDF[:20], **{"Upload-Checksum": f"sha256 {sums['sha256']}"})
    assert (good.status_code, good.headers["Upload-Offset"]) == (204, "20")
    assert (await patch(client, url, 20, PDF[20:])).status_code == 204
    assert (await attachments(client, code))[0]["sha256"] == hashlib.sha256(PDF).hexdigest()
    assert len(on_disk(settings)) == 1


async def test_termination_also_without_delete(client: httpx.AsyncClient, settings: DossierSettings) -> None:
    code = await taken(client)
    first, second = [await begun(client, code, 100) for _ in range(2)]
    assert (await patch(client, first, 0, PDF[:10])).status_code == 204
    assert (await client.delete(first, headers=TUS)).status_code == 204
    overridden = await client.post(second, headers={**TUS, "X-HTTP-Method-Override": "DELETE"})
    assert overridden.status_code == 204
    assert (await client.post(second, headers=TUS)).status_code == 405
    for url in (first, second):
        assert (await client.head(url, headers=TUS)).status_code == 404
    assert on_disk(settings) == []


async def test_uploads_at_once_to_one_dossier_lose_nothing(client: httpx.AsyncClient) -> None:
    code = await taken(client)
    bodies = [PDF + os.urandom(200_000) for _ in range(10)]

    async def upload(body: bytes) -> None:
        url = await begun(client, code, len(body))
        for start in range(0, len(body), 90_000):
            assert (await patch(client, url, start, body[start : start + 90_000])).status_code == 204

    await asyncio.gather(*map(upload, bodies))
    held = {each["sha256"] for each in await attachments(client, code)}
    assert held == {hashlib.sha256(body).hexdigest() for body in bodies}


async def test_an_unfinished_upload_expires(settings: DossierSettings, issuer: TestIssuer) -> None:
    app = build(settings.model_copy(update={"upload_expires_hours": 1e-9}))
    async with running(app, issuer.token()) as client:
        code = await taken(client)
        url = await begun(client, code, 100)
        gone = await client.head(url, headers=TUS)
        assert gone.status_code == 410
        await keeper_of(app).tidy()
        assert (await client.head(url, headers=TUS)).status_code == 404
    assert on_disk(settings) == []


async def test_what_arrived_whole_is_finished_on_the_next_start(
    settings: DossierSettings, issuer: TestIssuer
) -> None:
    """As after a crash between the last byte and the commit: every byte is on disk, and the row is open."""
    async with running(build(settings), issuer.token()) as client:
        code = await taken(client)
        whole, broken = [await begun(client, code, len(PDF)) for _ in range(2)]
    for url, data in ((whole, PDF), (broken, b"x" * len(PDF))):
        (settings.upload_folder / url.rsplit("/", 1)[1]).write_bytes(data)
    for _ in range(2):
        app = build(settings)
        async with running(app, issuer.token()) as client:
            await keeper_of(app).tidy()
            (paper,) = await attachments(client, code)
            assert paper["sha256"] == hashlib.sha256(PDF).hexdigest()
            assert (await client.head(broken, headers=TUS)).status_code == 404
    assert [each.name for each in on_disk(settings)] == [whole.rsplit("/", 1)[1]]


async def test_files_nobody_knows_are_swept_up(settings: DossierSettings, issuer: TestIssuer) -> None:
    app = build(settings)
    async with running(app, issuer.token()) as client:
        kept = (await begun(client, await taken(client), 100)).rsplit("/", 1)[1]
        folder = settings.upload_folder
        stray, spool, fresh = (
            folder / "0198c0de-0000-7000-8000-000000000001",
            folder / f"{kept}.chunk",
            folder / "0198c0de-0000-7000-8000-000000000002",
        )
        for path in (stray, spool, fresh):
            path.write_bytes(b"x")
        for path in (stray, spool, folder / kept):
            os.utime(path, (1, 1))
        await keeper_of(app).sweep()
    assert [each.name for each in on_disk(settings)] == sorted([kept, fresh.name])
