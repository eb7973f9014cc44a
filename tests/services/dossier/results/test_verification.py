"""Anybody who holds a code: what they are told, and what guessing gets them."""

from __future__ import annotations

import base64
import hashlib
import re
from datetime import timedelta
from typing import Any

import httpx
import pytest
from fastapi import FastAPI
from sqlalchemy import update

from contracts.results import Owner, new_verification_code
from services.bus.kit.clock import FixedClock
from services.bus.kit.service import Service
from services.dossier.results.limits import Allowance, address_of
from services.dossier.results.models import IssuedResult
from services.dossier.results.page import headers as page_headers
from services.dossier.results.verify import verify
from tests.services.dossier.results.conftest import PERSON, SINGLE, Settings, issued

pytestmark = pytest.mark.anyio


@pytest.fixture
async def anybody(client: httpx.AsyncClient) -> httpx.AsyncClient:
    """A client without a token."""
    del client.headers["Authorization"]
    return client


async def test_what_is_needed_to_compare_and_no_more(app: FastAPI, anybody: httpx.AsyncClient) -> None:
    row = await issued(app)
    response = await anybody.get(f"/v1/verifications/{row.verification_code.lower().replace('-', '')}")
    assert response.json() == {
        "verification_code": row.verification_code,
        "state": "valid",
        "signature_valid": True,
        "kind": "marital-status-certificate",
        "title": {"vi": "Giấy xác nhận tình trạng hôn nhân", "en": "Certificate of marital status"},
        "number": "12/2023",
        "agency": {"code": "H08.31.21", "name": "Ủy ban nhân dân phường Nhơn Bình"},
        "issued_on": "2023-03-01",
        "valid_until": "2023-09-01",
        "owner": {"name": "N.V.A.", "id": "••••••••0123"},
        "revoked_on": None,
        "checked_at": "2023-03-01T02:00:00Z",
    }
    page = (await anybody.get(f"/verify/{row.verification_code}")).text
    for text in (response.text, page):
        assert PERSON not in text
        assert "Văn" not in text
        assert "Kết hôn" not in text
        assert row.id not in text
        assert row.dossier_code not in text


async def test_an_organisation_is_public(app: FastAPI, anybody: httpx.AsyncClient) -> None:
    row = await issued(app, owner=Owner(id="0100233488", name="Công ty Quy Nhơn"))
    told = (await anybody.get(f"/v1/verifications/{row.verification_code}")).json()
    assert told["owner"] == {"name": "Công ty Quy Nhơn", "id": "0100233488"}


@pytest.mark.parametrize(
    ("path", "body", "state", "vi"),
    [
        ("revocation", {"reason": "Cấp nhầm cho Nguyễn Văn B"}, "revoked", "Kết quả đã bị thu hồi"),
        ("correction", {"reason": "Sai tên", "content": SINGLE}, "superseded", "Kết quả đã được thay thế"),
        (None, None, "expired", "Kết quả đã hết hạn"),
    ],
)
async def test_what_does_not_hold_any_more_says_so(
    app: FastAPI, client: httpx.AsyncClient, clock: FixedClock, path: str | None, body: Any, state: str, vi: str
) -> None:
    row = await issued(app)
    new = ""
    if path is None:
        clock.advance(timedelta(days=185))
    else:
        answer = await client.post(f"/v1/results/{row.id}/{path}", json=body)
        assert answer.status_code in (200, 201), answer.text
        new = answer.json()["verification_code"] if path == "correction" else ""
    told = await client.get(f"/v1/verifications/{row.verification_code}")
    assert (told.json()["state"], told.json()["signature_valid"]) == (state, True)
    page = await client.get(f"/verify/{row.verification_code}?lang=vi")
    assert f"<h1>{vi}</h1>" in page.text
    for text in (told.text, page.text):
        assert "nhầm" not in text, "the reason may name persons"
        assert not new or new not in text, "the code of the corrected one is for its owner"


async def test_a_kept_document_that_was_changed_is_not_confirmed(app: FastAPI, anybody: httpx.AsyncClient) -> None:
    row = await issued(app)
    service: Service = app.state.service
    forged = row.document.replace("single", "married")
    await service.store.write(lambda tx: tx.execute(update(IssuedResult).values(document=forged)))
    assert (await anybody.get(f"/v1/verifications/{row.verification_code}")).json()["signature_valid"] is False
    page = await anybody.get(f"/verify/{row.verification_code}?lang=en")
    assert "The signature is not good" in page.text
    assert "The result is valid" not in page.text


async def test_a_changed_row_is_not_confirmed_either(app: FastAPI, anybody: httpx.AsyncClient) -> None:
    row = await issued(app)
    service: Service = app.state.service
    await service.store.write(lambda tx: tx.execute(update(IssuedResult).values(number="13/2023")))
    assert (await anybody.get(f"/v1/verifications/{row.verification_code}")).json()["signature_valid"] is False


async def test_unknown_and_mistyped_codes(app: FastAPI, anybody: httpx.AsyncClient) -> None:
    row = await issued(app)
    code = new_verification_code()
    unknown = await anybody.get(f"/v1/verifications/{code}")
    assert (unknown.status_code, unknown.json()["detail"]) == (404, f"There is no electronic result {code}.")
    page = await anybody.get(f"/verify/{code}")
    assert page.status_code == 404
    assert "There is no result with this code" in page.text
    last = row.verification_code[-1]
    wrong = row.verification_code[:-1] + ("2" if last != "2" else "3")
    mistyped = await anybody.get(f"/v1/verifications/{wrong}")
    assert mistyped.status_code == 422
    assert mistyped.json()["errors"][0]["rule"] == "verification_code.check"
    page = await anybody.get(f"/verify/{wrong}?lang=vi")
    assert page.status_code == 422
    assert "gõ sai" in page.text


async def test_whoever_holds_the_code_gets_the_paper_and_the_document(
    app: FastAPI, anybody: httpx.AsyncClient
) -> None:
    row = await issued(app)
    paper = await anybody.get(f"/verify/{row.verification_code}/paper.pdf")
    assert paper.content.startswith(b"%PDF-")
    assert paper.headers["content-security-policy"] == "default-src 'none'; sandbox"
    document = await anybody.get(f"/verify/{row.verification_code}/document")
    keys = (await anybody.get("/v1/results/keys")).json()
    assert verify(document.content, keys).result.owner.id == PERSON
    assert document.headers["etag"] == f'"{hashlib.sha256(document.content).hexdigest()}"'
    for path in ("", "/document", "/paper.pdf"):
        assert (await anybody.get(f"/v1/results/{row.id}{path}")).status_code == 401


async def test_guessing_is_stopped(app: FastAPI, anybody: httpx.AsyncClient, settings: Settings) -> None:
    row = await issued(app)
    app.state.service.extra["results"].limits.wrong = Allowance(settings.wrong_codes_per_minute, clock=lambda: 7.0)
    answers = [await anybody.get(f"/v1/verifications/{new_verification_code()}") for _ in range(11)]
    assert [each.status_code for each in answers] == [404] * settings.wrong_codes_per_minute + [429]
    assert answers[-1].headers["Retry-After"] == "6"
    for path in (f"/v1/verifications/{row.verification_code}", f"/verify/{row.verification_code}/paper.pdf"):
        assert (await anybody.get(path)).status_code == 429, "then nothing is told, right or wrong"
    page = await anybody.get(f"/verify/{row.verification_code}?lang=vi")
    assert page.status_code == 429
    assert "quá nhiều lần" in page.text
    assert page.headers["Retry-After"]
    app.state.service.extra["results"].limits.wrong = Allowance(0)
    assert (await anybody.get(f"/verify/{row.verification_code}")).status_code == 200


async def test_looking_is_limited_too(app: FastAPI, anybody: httpx.AsyncClient, settings: Settings) -> None:
    row = await issued(app)
    app.state.service.extra["results"].limits.looks = Allowance(
        settings.verifications_per_minute, clock=lambda: 7.0
    )
    answers = [await anybody.get(f"/v1/verifications/{row.verification_code}") for _ in range(61)]
    assert [each.status_code for each in answers] == [200] * settings.verifications_per_minute + [429]


def test_an_allowance_is_filled_again() -> None:
    now = 0.0
    allowance = Allowance(6, clock=lambda: now)
    for _ in range(6):
        assert allowance.wait("a") == 0
        allowance.spend("a")
    assert (allowance.wait("a"), allowance.wait("b")) == (10, 0)
    now = 9.9
    assert allowance.wait("a") == 1
    now = 10.0
    assert allowance.wait("a") == 0
    now = 3600.0
    assert allowance.wait("a") == 0
    for _ in range(6):
        allowance.spend("a")
    assert allowance.wait("a") == 10


@pytest.mark.parametrize(
    ("host", "counted"),
    [
        ("10.0.0.7", "10.0.0.7"),
        ("2001:db8:1:2:3:4:5:6", "2001:db8:1:2::/64"),
        ("::ffff:10.0.0.7", "10.0.0.7"),
        ("testclient", "testclient"),
    ],
)
def test_who_is_counted(host: str, counted: str) -> None:
    class Request:
        client = type("Client", (), {"host": host})

    assert address_of(Request()) == counted  # type: ignore[arg-type]


# -- the page ----------------------------------------------------------------------------------------------
async def test_the_page_loads_nothing_and_runs_nothing(app: FastAPI, anybody: httpx.AsyncClient) -> None:
    row = await issued(app)
    for path in ("/verify", f"/verify/{row.verification_code}", f"/verify/{new_verification_code()}", "/verify/x"):
        page = await anybody.get(path)
        assert page.headers["content-type"] == "text/html; charset=utf-8"
        assert page.headers["referrer-policy"] == "no-referrer"
        assert "<script" not in page.text
        (style,) = re.findall(r"<style>(.*?)</style>", page.text, re.S)
        digest = base64.b64encode(hashlib.sha256(style.encode()).digest()).decode()
        assert page.headers["content-security-policy"] == (
            f"default-src 'none'; style-src 'sha256-{digest}'; img-src data:; form-action 'self'; "
            "frame-ancestors 'none'; base-uri 'none'"
        )
        assert not re.findall(r'(?:src|href)="https?:', page.text)
    assert page_headers()["Cache-Control"] == "no-store"


async def test_languages(app: FastAPI, anybody: httpx.AsyncClient) -> None:
    row = await issued(app)
    url = f"/verify/{row.verification_code}"
    del anybody.headers["Accept-Language"]
    page = await anybody.get(url)
    assert '<html lang="vi">' in page.text
    assert f'href="{url}?lang=en"' in page.text
    assert "Kết quả có hiệu lực" in page.text
    english = await anybody.get(f"{url}?lang=en")
    assert '<html lang="en">' in english.text
    assert "The result is valid" in english.text
    preferred = await anybody.get(url, headers={"Accept-Language": "en"})
    assert '<html lang="en">' in preferred.text


async def test_a_code_that_is_entered_goes_to_its_own_address(app: FastAPI, anybody: httpx.AsyncClient) -> None:
    row = await issued(app)
    typed = row.verification_code.lower().replace("-", " ")
    response = await anybody.get("/verify", params={"code": typed, "lang": "en"})
    assert (response.status_code, response.headers["location"]) == (
        303,
        f"/verify/{row.verification_code}?lang=en",
    )
    wrong = await anybody.get("/verify", params={"code": '"><script>alert(1)</script>', "lang": "en"})
    assert wrong.status_code == 422
    assert "<script" not in wrong.text
    assert "&lt;script&gt;" in wrong.text, "what was entered is in the field again"
    assert (await anybody.get("/verify", params={"code": "  "})).status_code == 200


async def test_no_code_breaks_the_page(anybody: httpx.AsyncClient) -> None:
    for code in ("%00", "x" * 5_000, "%F0%9F%98%80", "..%2f..", "%E2%80%8B", "a%0Ab"):
        for path in ("/verify/{}", "/v1/verifications/{}", "/verify/{}/paper.pdf", "/verify/{}/document"):
            assert (await anybody.get(path.format(code))).status_code in (400, 404, 422)
        assert (await anybody.get(f"/verify?code={code}")).status_code in (400, 422)
