"""The papers of a dossier in single requests, on both databases: add, list, read, reuse, take back."""

from __future__ import annotations

import asyncio
import hashlib
from pathlib import Path
from typing import Any
from urllib.parse import unquote

import httpx
import pytest

from services.bus.kit.testing import TestIssuer, running
from services.dossier.app import build
from services.dossier.settings import DossierSettings
from tests.services.dossier.conftest import new_dossier
from tests.services.dossier.files import PDF, act, add, rule, taken

pytestmark = pytest.mark.anyio

OTHER_PERSON = {**new_dossier()["applicant"], "personal_id": "052190000456", "full_name": "Trần Thị Bình"}


def on_disk(settings: DossierSettings) -> list[Path]:
    return sorted(settings.upload_folder.iterdir())


async def test_a_small_file_becomes_an_attachment(client: httpx.AsyncClient, settings: DossierSettings) -> None:
    code = await taken(client)
    response = await add(client, code, component="Đơn", digitised=True)
    assert response.status_code == 201, response.text
    paper = response.json()
    assert paper["sha256"] == hashlib.sha256(PDF).hexdigest()
    assert (paper["size"], paper["media_type"]) == (len(PDF), "application/pdf")
    assert (paper["digitised"], paper["reused"], paper["component"]) == (True, False, "Đơn")
    assert response.headers["Location"] == f"/v1/dossiers/{code}/attachments/{paper['id']}"
    view = (await client.get(f"/v1/dossiers/{code}")).json()
    assert view["version"] == 1
    keys = ("id", "name", "component", "sha256", "size", "digitised", "reused", "media_type")
    assert view["attachments"] == [{key: paper[key] for key in keys}]
    assert view["results"] == []
    assert (await client.get(response.headers["Location"])).json() == paper
    assert (await client.get(f"/v1/dossiers/{code}/attachments")).json() == {"items": [paper]}
    assert (await client.get(f"/v1/dossiers/{code}/results")).json() == {"items": []}
    assert [each.name for each in on_disk(settings)] == [paper["id"]]


async def test_content_comes_back_under_its_name_whole_or_in_part(client: httpx.AsyncClient) -> None:
    code = await taken(client)
    name = 'Đơn "đề nghị" số 1.pdf'
    paper = (await add(client, code, name=name)).json()
    url = f"/v1/dossiers/{code}/attachments/{paper['id']}/content"
    whole = await client.get(url)
    assert whole.content == PDF
    assert whole.headers["content-type"] == "application/pdf"
    assert whole.headers["x-content-type-options"] == "nosniff"
    assert whole.headers["etag"] == f'"{paper["sha256"]}"'
    plain, extended = whole.headers["content-disposition"].split("; ")[1:]
    assert plain == 'filename="Don _de nghi_ so 1.pdf"'
    assert unquote(extended.removeprefix("filename*=UTF-8''")) == name
    part = await client.get(url, headers={"Range": "bytes=5-8"})
    assert (part.status_code, part.content) == (206, PDF[5:9])
    assert part.headers["content-range"] == f"bytes 5-8/{len(PDF)}"
    behind = await client.get(url, headers={"Range": "bytes=9999-"})
    assert (behind.status_code, behind.headers["content-type"]) == (416, "application/problem+json")
    for odd in ("bytes=8-5", "lines=1-2", "bytes=0-1,3-4"):
        assert (await client.get(url, headers={"Range": odd})).content == PDF
    known = await client.get(url, headers={"If-None-Match": whole.headers["etag"]})
    assert (known.status_code, known.content) == (304, b"")


@pytest.mark.parametrize(
    ("data", "query", "broken"),
    [
        (b"MZ not a document", {}, "content"),
        (PDF, {"name": "đơn.exe"}, "media_type"),
        (PDF, {"name": "đơn.png"}, "media_type"),
        (PDF, {"name": "../../"}, "name"),
        (b"", {}, "empty"),
    ],
)
async def test_what_is_not_accepted_leaves_nothing(
    client: httpx.AsyncClient, settings: DossierSettings, data: bytes, query: dict[str, Any], broken: str
) -> None:
    code = await taken(client)
    response = await add(client, code, data, **query)
    assert (response.status_code, rule(response)) == (422, broken)
    assert (await client.get(f"/v1/dossiers/{code}")).json()["attachments"] == []
    assert on_disk(settings) == []


async def test_too_large_unknown_and_closed(client: httpx.AsyncClient, settings: DossierSettings) -> None:
    code = await taken(client, channel="online")
    assert (await add(client, code, PDF + b"x" * settings.max_body_bytes)).status_code == 413
    missing = await add(client, "H08-230301-0999")
    assert (missing.status_code, missing.json()["errors"][0]["field"]) == (404, "path.code")
    refused = await client.post(f"/v1/dossiers/{code}/actions", json={"action": "refuse", "note": "trùng"})
    assert refused.status_code == 200
    closed = await add(client, code)
    assert (closed.status_code, closed.json()["type"]) == (409, "urn:truc:problem:dossier-closed")
    assert on_disk(settings) == []


async def test_a_name_with_folders_is_only_a_name(client: httpx.AsyncClient, settings: DossierSettings) -> None:
    code = await taken(client)
    paper = (await add(client, code, name="../../../tmp/a\r\nb.pdf")).json()
    assert paper["name"] == "ab.pdf"
    assert [each.name for each in on_disk(settings)] == [paper["id"]]


@pytest.mark.parametrize("id", ["..%2f..%2fetc%2fpasswd", "%2e%2e", "%2e%2e%2fdossier.db", "x" * 36])
async def test_an_id_is_never_a_path(client: httpx.AsyncClient, id: str) -> None:
    code = await taken(client)
    for tail in ("", "/content"):
        response = await client.get(f"/v1/dossiers/{code}/attachments/{id}{tail}")
        assert response.status_code in (404, 422)
        assert response.headers["content-type"] == "application/problem+json"


async def test_scopes(settings: DossierSettings, issuer: TestIssuer, client: httpx.AsyncClient) -> None:
    code = await taken(client)
    paper = (await add(client, code)).json()
    url = f"/v1/dossiers/{code}/attachments/{paper['id']}"

    async def status(method: str, path: str, *scopes: str) -> int:
        headers = {"Authorization": f"Bearer {issuer.token(*scopes)}", "Content-Type": "application/pdf"}
        params = {"name": "a.pdf"} if method == "POST" else {}
        content = PDF if method == "POST" else None
        return (await client.request(method, path, params=params, content=content, headers=headers)).status_code

    assert await status("POST", f"/v1/dossiers/{code}/attachments", "dossier:act") == 403
    assert await status("POST", f"/v1/dossiers/{code}/results", "dossier:write") == 403
    assert await status("POST", f"/v1/dossiers/{code}/results", "dossier:act") == 201
    assert await status("GET", f"{url}/content", "dossier:write") == 403
    assert await status("DELETE", url, "dossier:read") == 403
    assert await status("GET", f"{url}/content", "dossier:read") == 200


async def test_the_same_key_adds_once(client: httpx.AsyncClient, settings: DossierSettings) -> None:
    code = await taken(client)
    url, headers = (
        f"/v1/dossiers/{code}/attachments",
        {"Idempotency-Key": "k", "Content-Type": "application/pdf"},
    )
    first, again = [
        await client.post(url, params={"name": "a.pdf"}, content=PDF, headers=headers) for _ in range(2)
    ]
    assert first.json() == again.json()
    assert again.headers["Idempotency-Replayed"] == "true"
    assert len((await client.get(url)).json()["items"]) == 1
    assert len(on_disk(settings)) == 1


async def test_many_at_once_lose_nothing(client: httpx.AsyncClient) -> None:
    code = await taken(client)
    answers = await asyncio.gather(
        *(
            add(client, code, PDF + bytes([65 + n]), many=many)
            for n in range(20)
            for many in ("attachments", "results")
        )
    )
    assert {each.status_code for each in answers} == {201}
    view = (await client.get(f"/v1/dossiers/{code}")).json()
    for many in ("attachments", "results"):
        assert len({each["sha256"] for each in view[many]}) == 20


async def test_a_dossier_holds_so_many_and_no_more(settings: DossierSettings, issuer: TestIssuer) -> None:
    async with running(build(settings.model_copy(update={"max_papers": 2})), issuer.token()) as client:
        code = await taken(client)
        answers = await asyncio.gather(*(add(client, code) for _ in range(4)))
        assert sorted(each.status_code for each in answers) == [201, 201, 422, 422]
        assert {rule(each) for each in answers if each.status_code == 422} == {"too_many"}
    assert len(on_disk(settings)) == 2


async def test_taking_back_is_recorded_and_the_bytes_go(
    client: httpx.AsyncClient, settings: DossierSettings
) -> None:
    code = await taken(client)
    paper = (await add(client, code)).json()
    url = f"/v1/dossiers/{code}/attachments/{paper['id']}"
    assert (await client.delete(f"/v1/dossiers/{code}/results/{paper['id']}")).status_code == 404
    assert (await client.delete(url)).status_code == 204
    assert (await client.delete(url)).status_code == 404
    assert (await client.get(f"{url}/content")).status_code == 404
    assert (await client.get(f"/v1/dossiers/{code}")).json()["attachments"] == []
    assert on_disk(settings) == []
    (record,) = (await client.get(f"/v1/dossiers/{code}/attachments", params={"include_removed": True})).json()[
        "items"
    ]
    assert (record["id"], record["state"], record["removed_by"]) == (paper["id"], "removed", "test")
    assert record["removed_at"] is not None


async def test_an_attachment_stays_once_work_has_begun_and_a_result_until_it_is_returned(
    client: httpx.AsyncClient,
) -> None:
    code = await taken(client)
    paper = (await add(client, code)).json()
    wrong, right = [(await add(client, code, many="results")).json() for _ in range(2)]
    await act(client, code, "start")
    kept = await client.delete(f"/v1/dossiers/{code}/attachments/{paper['id']}")
    assert (kept.status_code, kept.json()["type"]) == (409, "urn:truc:problem:dossier-closed")
    await act(client, code, "complete")
    assert (await client.delete(f"/v1/dossiers/{code}/results/{wrong['id']}")).status_code == 204
    await act(client, code, "return_result")
    assert (await client.delete(f"/v1/dossiers/{code}/results/{right['id']}")).status_code == 409
    assert [each["id"] for each in (await client.get(f"/v1/dossiers/{code}")).json()["results"]] == [right["id"]]


async def test_a_result_opens_the_last_step_of_a_procedure_that_needs_one(client: httpx.AsyncClient) -> None:
    business = {"business_name": "Quán Bà Tư", "address": "12 Lê Lợi", "lines_of_business": ["Ăn uống"]}
    code = await taken(client, procedure_code="1.001612", form=business)
    await act(client, code, "start", "complete")
    await client.post(f"/v1/dossiers/{code}/payments", json={})
    held = await client.post(f"/v1/dossiers/{code}/actions", json={"action": "return_result"})
    assert held.json()["guard"] == "result_attached"
    assert (await add(client, code, many="results")).status_code == 201
    assert (await client.get(f"/v1/dossiers/{code}")).json()["status"] == 9
    await act(client, code, "return_result")


async def test_a_paper_of_the_same_person_is_used_again(
    client: httpx.AsyncClient, settings: DossierSettings
) -> None:
    earlier, later = await taken(client), await taken(client)
    result = (await add(client, earlier, many="results", digitised=True, component="Giấy phép")).json()
    url, asked = (
        f"/v1/dossiers/{later}/attachments/reuse",
        {"from_dossier": earlier, "upload_id": result["id"]},
    )
    response = await client.post(url, json=asked)
    assert response.status_code == 201, response.text
    paper = response.json()
    assert (paper["reused"], paper["digitised"], paper["reused_from"]) == (True, True, result["id"])
    assert (paper["sha256"], paper["component"]) == (result["sha256"], "Giấy phép")
    assert (await client.post(url, json=asked)).status_code == 409
    source = f"/v1/dossiers/{earlier}/results/{result['id']}"
    assert (await client.get(source)).json()["times_reused"] == 1
    assert (await client.get(f"/v1/dossiers/{later}")).json()["attachments"][0]["reused"] is True
    assert len(on_disk(settings)) == 1
    assert (await client.delete(source)).status_code == 204
    content = await client.get(f"{response.headers['Location']}/content")
    assert content.content == PDF
    assert (await client.delete(response.headers["Location"])).status_code == 204
    assert on_disk(settings) == []


async def test_nobody_uses_the_papers_of_another_person(client: httpx.AsyncClient) -> None:
    theirs, mine = await taken(client, applicant=OTHER_PERSON), await taken(client)
    paper = (await add(client, theirs)).json()
    own = (await add(client, mine)).json()
    url = f"/v1/dossiers/{mine}/attachments/reuse"
    answers = [
        await client.post(url, json={"from_dossier": code, "upload_id": paper["id"]})
        for code in (theirs, "H08-230301-0999")
    ]
    assert {rule(each) for each in answers} == {"same_person"}
    assert answers[0].json()["detail"] == answers[1].json()["detail"]
    itself = await client.post(url, json={"from_dossier": mine, "upload_id": own["id"]})
    assert rule(itself) == "same_person"
    second = await taken(client)
    other = await client.post(url, json={"from_dossier": second, "upload_id": paper["id"]})
    assert (other.status_code, other.json()["errors"][0]["field"]) == (404, "body.upload_id")
    assert len((await client.get(f"/v1/dossiers/{mine}")).json()["attachments"]) == 1
