"""Whatever is sent: a problem that names the field and the rule in both languages, never a 500, nothing done."""

from __future__ import annotations

from typing import Any

import httpx
import pytest
from fastapi import FastAPI
from sqlalchemy import func, select

from services.bus.kit.service import Service
from services.bus.kit.tables import Outbox
from services.dossier.results.models import IssuedResult, ResultReuse
from tests.services.dossier.results.conftest import PERSON, PROCEDURE, PURPOSE, SINGLE, issued

pytestmark = pytest.mark.anyio

OWNERS = "/v1/owners"
MISSING = "01a202cd-a60c-77bc-840b-8ea4d022f79a"


async def count(app: FastAPI) -> list[int]:
    service: Service = app.state.service
    models: list[Any] = [IssuedResult, ResultReuse, Outbox]
    return await service.store.read(
        lambda tx: [tx.scalar(select(func.count()).select_from(model)) or 0 for model in models]
    )


ADDRESSES = [
    (f"{OWNERS}/12/results", "path.owner", "tax_code.format"),
    (f"{OWNERS}/x/results", "path.owner", "owner_id.format"),
    (f"{OWNERS}/999090000123/results", "path.owner", "personal_id.province_unknown"),
    (f"{OWNERS}/0100233487/results", "path.owner", "tax_code.check_digit"),
    (f"{OWNERS}/٠٥٢٠٩٠٠٠٠١٢٣/results", "path.owner", "personal_id.format"),
    (f"{OWNERS}/{PERSON}/results?kind=nobility", "query.kind", "result_kind.unknown"),
    (f"{OWNERS}/{PERSON}/results?code=KQ", "query.code", "result_code.format"),
    (f"{OWNERS}/{PERSON}/results?limit=0", "query.limit", "greater_than_equal"),
    (f"{OWNERS}/{PERSON}/results?limit=201", "query.limit", "less_than_equal"),
    (f"{OWNERS}/{PERSON}/results?cursor=x", "query.cursor", "bad-cursor"),
    (f"{OWNERS}/{PERSON}/results?valid_only=maybe", "query.valid_only", "bool_parsing"),
    (f"{OWNERS}/{PERSON}/offers", "query.procedure_code", "missing"),
    (f"{OWNERS}/{PERSON}/offers?procedure_code=x", "query.procedure_code", "procedure_code.format"),
    (f"{OWNERS}/{PERSON}/lookups?cursor=W10", "query.cursor", "bad-cursor"),
    (f"{OWNERS}/{PERSON}/lookups?cursor=WzkyMjMzNzIwMzY4NTQ3NzU4MDcsIngiXQ", "query.cursor", "bad-cursor"),
    ("/v1/results/x", "path.id", "string_pattern_mismatch"),
    (f"/v1/results/{MISSING}", "path.id", "not-found"),
    (f"/v1/results/{MISSING}/document", "path.id", "not-found"),
    (f"/v1/results/{MISSING}/paper.pdf", "path.id", "not-found"),
    ("/v1/results/reuse-counts?from=yesterday", "query.from", "datetime_from_date_parsing"),
    ("/v1/results/reuse-counts?to=2023-03-01T00:00:00", "query.to", "timezone_aware"),
    ("/v1/verifications/x", "path.code", "verification_code.format"),
    ("/v1/dossiers/x/electronic-results", "path.code", "dossier_code.format"),
]


async def test_addresses(client: httpx.AsyncClient) -> None:
    for path, field, rule in ADDRESSES:
        texts = set()
        for language in ("vi", "en"):
            response = await client.get(path, headers={**PURPOSE, "Accept-Language": language})
            assert response.status_code in (400, 404, 422), (path, response.text)
            assert response.headers["content-type"] == "application/problem+json"
            (error,) = response.json()["errors"]
            assert (error["field"], error["rule"]) == (field, rule), path
            texts.add(error["detail"])
        assert len(texts) == 2, path


PURPOSES = [
    ("X-Purpose", "x"),
    ("X-Dossier", "x" * 61),
    ("X-Agency", "??"),
    ("X-Officer", "x" * 51),
    ("X-Dossier", "a\tb"),
]


async def test_purposes(client: httpx.AsyncClient) -> None:
    for name, value in PURPOSES:
        response = await client.get(f"{OWNERS}/{PERSON}/results", headers={**PURPOSE, name: value})
        assert response.status_code == 422
        assert response.json()["errors"][0]["field"].lower() == f"header.{name}".lower()
    assert (await client.get(f"{OWNERS}/{PERSON}/lookups")).json()["items"] == []


REUSES: list[tuple[dict[str, Any], str]] = [
    ({}, "body.component"),
    ({"component": "", "result_id": MISSING}, "body.component"),
    ({"component": "a\u0007", "result_id": MISSING}, "body.component"),
    ({"component": "x" * 61, "result_id": MISSING}, "body.component"),
    ({"component": "a", "result_id": "1"}, "body.result_id"),
    ({"component": "a", "result_id": MISSING, "more": 1}, "body.more"),
    ({"component": "a", "result_id": MISSING}, "body.result_id"),
]


async def test_reuse(app: FastAPI, client: httpx.AsyncClient) -> None:
    for body, field in REUSES:
        response = await client.post("/v1/dossiers/H08-230301-0001/reuse", json=body)
        assert response.status_code in (404, 422), body
        assert response.json()["errors"][0]["field"] == field, body
    assert await count(app) == [0, 0, 0]


CHANGES: list[tuple[str, Any, str]] = [
    ("revocation", {}, "body.reason"),
    ("revocation", {"reason": ""}, "body.reason"),
    ("revocation", {"reason": " \n "}, "body.reason"),
    ("revocation", {"reason": "x" * 2001}, "body.reason"),
    ("revocation", {"reason": "x", "by": "me"}, "body.by"),
    ("correction", {"reason": "x"}, "body.content"),
    ("correction", {"reason": "x", "content": {}}, "body.content"),
    ("correction", {"reason": "x", "content": []}, "body.content"),
    ("correction", {"reason": "x", "content": {"number": "1"}}, "body.content.full_name"),
    ("correction", {"reason": "x", "content": {**SINGLE, "more": 2**60 + 1}}, "body.content"),
    ("correction", {"reason": "x", "content": {**SINGLE, "more": "ă" * 60_000}}, "body.content"),
    ("correction", {"reason": "x", "content": {**SINGLE, "number": "x" * 300}}, "body.number"),
    ("correction", {"reason": "x", "content": SINGLE, "owner_name": ""}, "body.owner_name"),
    ("correction", {"reason": "x", "content": SINGLE, "valid_until": "soon"}, "body.valid_until"),
]


async def test_changes(app: FastAPI, client: httpx.AsyncClient) -> None:
    row = await issued(app)
    before = await count(app)
    for path, body, field in CHANGES:
        response = await client.post(f"/v1/results/{row.id}/{path}", json=body)
        assert response.status_code == 422, (body, response.text)
        assert field in [each["field"] for each in response.json()["errors"]]
    assert await count(app) == before
    assert (await client.get(f"/v1/results/{row.id}")).json()["state"] == "valid"


NO_JSON = [b"", b"{", b"[]", b"\xff", b'{"reason": "\\u0000"}', b"[" * 5_000]


async def test_bodies_that_are_no_json(app: FastAPI, client: httpx.AsyncClient) -> None:
    row = await issued(app)
    headers = {"Content-Type": "application/json"}
    for content in NO_JSON:
        for path in ("revocation", "correction"):
            response = await client.post(f"/v1/results/{row.id}/{path}", content=content, headers=headers)
            assert response.status_code in (400, 422)
            assert response.headers["content-type"] == "application/problem+json"


async def test_a_closed_result_cannot_be_changed(app: FastAPI, client: httpx.AsyncClient) -> None:
    row = await issued(app)
    first = await client.post(f"/v1/results/{row.id}/revocation", json={"reason": "Cấp nhầm"})
    assert (first.json()["state"], first.json()["revoked_by"]) == ("revoked", "one-stop")
    for path, body in (("revocation", {"reason": "x"}), ("correction", {"reason": "x", "content": SINGLE})):
        again = await client.post(f"/v1/results/{row.id}/{path}", json=body)
        assert (again.status_code, again.json()["type"]) == (409, "urn:truc:problem:result-closed")
        missing = await client.post(f"/v1/results/{MISSING}/{path}", json=body)
        assert missing.status_code == 404


async def test_a_correction_is_answered_once_for_a_repeated_request(
    app: FastAPI, client: httpx.AsyncClient
) -> None:
    row = await issued(app)
    body = {"reason": "Sai tên", "content": {**SINGLE, "full_name": "Nguyễn Văn Ân"}, "valid_until": "2023-04-01"}
    headers = {"Idempotency-Key": "c1"}
    first = await client.post(f"/v1/results/{row.id}/correction", json=body, headers=headers)
    assert first.status_code == 201, first.text
    assert first.headers["Location"] == f"/v1/results/{first.json()['id']}"
    assert (first.json()["supersedes"], first.json()["valid_until"]) == (row.id, "2023-04-01")
    again = await client.post(f"/v1/results/{row.id}/correction", json=body, headers=headers)
    assert again.json() == first.json()
    assert (await count(app))[0] == 2


async def test_the_kinds_are_told(client: httpx.AsyncClient) -> None:
    kinds = {each["kind"]: each for each in (await client.get("/v1/results/kinds")).json()}
    assert kinds["marital-status-certificate"]["valid_months"] == 6
    assert next(iter(kinds["birth-certificate"]["fields"])) == "full_name"


async def test_paths_of_papers_are_for_readers_of_dossiers(
    app: FastAPI, client: httpx.AsyncClient, issuer: Any
) -> None:
    row = await issued(app)
    paper = await client.get(f"/v1/results/{row.id}/paper.pdf")
    assert (paper.status_code, paper.headers["content-type"]) == (200, "application/pdf")
    stranger = {"Authorization": f"Bearer {issuer.token('population:read')}", **PURPOSE}
    for path in (
        f"/v1/results/{row.id}",
        f"/v1/results/{row.id}/paper.pdf",
        f"/v1/results/{row.id}/document",
        f"/v1/owners/{PERSON}/results",
        f"/v1/owners/{PERSON}/offers?procedure_code={PROCEDURE}",
        f"/v1/dossiers/{row.dossier_code}/electronic-results",
        "/v1/results/reuse-counts",
    ):
        assert (await client.get(path, headers=stranger)).status_code == 403, path
