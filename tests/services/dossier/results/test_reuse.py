"""A result instead of a paper, on both databases: offered, taken, counted, or refused with the reason."""

from __future__ import annotations

import asyncio
import io
from datetime import date, timedelta
from typing import Any

import httpx
import orjson
import pypdf
import pytest
from fastapi import FastAPI
from sqlalchemy import select, update

from contracts.events.result import ResultReused
from contracts.results import Owner
from services.bus.kit.clock import FixedClock
from services.bus.kit.service import Service
from services.bus.kit.tables import Outbox
from services.dossier.models import Dossier
from services.dossier.results.models import IssuedResult
from services.dossier.results.verify import verify
from tests.services.dossier.results.conftest import (
    OTHER,
    PERSON,
    PROCEDURE,
    PURPOSE,
    SINGLE,
    Settings,
    issued,
    new_dossier,
)

pytestmark = [pytest.mark.anyio, pytest.mark.usefixtures("planned")]


async def taken_in(client: httpx.AsyncClient, **changes: Any) -> str:
    response = await client.post("/v1/dossiers", json=new_dossier(**changes))
    assert response.status_code == 201, response.text
    return str(response.json()["code"])


async def reuse(
    client: httpx.AsyncClient, code: str, result_id: str, component: str = "giay-xac-nhan", **headers: str
) -> httpx.Response:
    body = {"component": component, "result_id": result_id}
    return await client.post(f"/v1/dossiers/{code}/reuse", json=body, headers=headers)


def on_disk(settings: Settings) -> int:
    return len(list(settings.upload_folder.iterdir()))


async def refused(client: httpx.AsyncClient, settings: Settings, code: str, *args: str) -> dict[str, Any]:
    """The problem; nothing of the attempt is left."""
    before = on_disk(settings)
    response = await reuse(client, code, *args)
    assert response.status_code in (404, 409, 422), response.text
    assert on_disk(settings) == before
    assert (await client.get("/v1/results/reuse-counts")).json()["times"] == 0
    assert (await client.get(f"/v1/dossiers/{code}")).json()["attachments"] == []
    return dict(response.json())


async def test_a_result_stands_in_for_a_paper_and_is_counted(app: FastAPI, client: httpx.AsyncClient) -> None:
    row = await issued(app)
    code = await taken_in(client)
    offers = await client.get(f"/v1/owners/{PERSON}/offers?procedure_code={PROCEDURE}", headers=PURPOSE)
    (offer,) = offers.json()["items"]
    assert (offer["component"], [each["id"] for each in offer["results"]]) == ("giay-xac-nhan", [row.id])
    response = await reuse(client, code, row.id)
    assert response.status_code == 201, response.text
    paper = response.json()
    assert (paper["reused"], paper["reused_from"], paper["component"]) == (True, row.id, "giay-xac-nhan")
    assert paper["name"] == "Giấy xác nhận tình trạng hôn nhân 12-2023.pdf"
    view = (await client.get(f"/v1/dossiers/{code}")).json()
    assert [each["id"] for each in view["attachments"]] == [paper["id"]]
    content = await client.get(f"{response.headers['Location']}/content")
    assert content.headers["content-type"] == "application/pdf"
    attached = pypdf.PdfReader(io.BytesIO(content.content)).attachments["ket-qua.json"][0]
    keys = (await client.get("/v1/results/keys")).json()
    assert verify(attached, keys).result.id == row.id, "the officer can check it offline"
    assert (await client.get(f"/v1/results/{row.id}")).json()["times_reused"] == 1
    assert (await client.get("/v1/results/reuse-counts")).json() == {
        "times": 1,
        "dossiers": 1,
        "items": [
            {
                "kind": "marital-status-certificate",
                "code": "H08-KQ000104",
                "procedure_code": PROCEDURE,
                "times": 1,
                "dossiers": 1,
            }
        ],
    }
    service: Service = app.state.service
    payloads = await service.store.read(lambda tx: list(tx.scalars(select(Outbox.payload).order_by(Outbox.id))))
    event = orjson.loads(payloads[-1])
    told = ResultReused.model_validate(event["data"])
    assert (event["key"], event["version"], told.times, told.dossier_code) == (row.id, 2, 1, code)


async def test_counts_are_by_kind_procedure_and_time(
    app: FastAPI, client: httpx.AsyncClient, clock: FixedClock
) -> None:
    row, other = await issued(app), await issued(app)
    code = await taken_in(client)
    assert (await reuse(client, code, row.id)).status_code == 201
    assert (await reuse(client, code, other.id)).status_code == 201
    clock.advance(timedelta(days=1))
    assert (await reuse(client, await taken_in(client), row.id)).status_code == 201
    plain = await taken_in(client, procedure_code="1.001266")
    assert (await reuse(client, plain, row.id, "anything the officer names")).status_code == 201
    counts = (await client.get("/v1/results/reuse-counts")).json()
    assert (counts["times"], counts["dossiers"]) == (4, 3)
    assert [(each["procedure_code"], each["times"], each["dossiers"]) for each in counts["items"]] == [
        ("1.001266", 1, 1),
        (PROCEDURE, 3, 2),
    ]
    later = await client.get("/v1/results/reuse-counts", params={"from": "2023-03-02T00:00:00+07:00"})
    assert later.json()["times"] == 2
    earlier = await client.get("/v1/results/reuse-counts", params={"to": "2023-03-02T00:00:00+07:00"})
    assert earlier.json()["times"] == 2


async def test_what_does_not_hold_is_refused(
    app: FastAPI, client: httpx.AsyncClient, settings: Settings, clock: FixedClock
) -> None:
    code = await taken_in(client)
    expired = await issued(app, valid_until=date(2023, 2, 28))
    assert (await refused(client, settings, code, expired.id))["rule"] == "expired"
    revoked = await issued(app)
    await client.post(f"/v1/results/{revoked.id}/revocation", json={"reason": "Cấp nhầm"})
    assert (await refused(client, settings, code, revoked.id))["rule"] == "revoked"
    old = await issued(app)
    corrected = await client.post(f"/v1/results/{old.id}/correction", json={"content": SINGLE, "reason": "Sai"})
    assert (await refused(client, settings, code, old.id))["rule"] == "superseded"
    offers = await client.get(f"/v1/owners/{PERSON}/offers?procedure_code={PROCEDURE}", headers=PURPOSE)
    (offer,) = offers.json()["items"]
    assert [each["id"] for each in offer["results"]] == [corrected.json()["id"]], "only what holds is offered"
    assert (await reuse(client, code, corrected.json()["id"])).status_code == 201


async def test_somebody_elses_result_is_refused(
    app: FastAPI, client: httpx.AsyncClient, settings: Settings
) -> None:
    row = await issued(app)
    code = await taken_in(client, person=OTHER)
    problem = await refused(client, settings, code, row.id)
    assert problem["rule"] == "other_owner"
    assert "Nguyễn" not in str(problem)
    assert PERSON not in str(problem)
    shared = await issued(app, holders=[OTHER])
    assert (await reuse(client, code, shared.id)).status_code == 201


async def test_an_organisations_result_needs_its_tax_code_on_the_form(
    app: FastAPI, client: httpx.AsyncClient, settings: Settings
) -> None:
    row = await issued(app, owner=Owner(id="0100233488", name="Công ty Quy Nhơn"))
    person = {"personal_id": PERSON, "full_name": "Nguyễn Văn An", "date_of_birth": "1990-05-17"}
    form = {"tax_code": "0100233488"}
    private = await taken_in(client, form=form)
    assert (await refused(client, settings, private, row.id))["rule"] == "other_owner"
    code = await taken_in(client, applicant={**person, "kind": 2}, form=form)
    assert (await reuse(client, code, row.id)).status_code == 201


@pytest.mark.parametrize(
    ("component", "rule"),
    [("giay-cu-tru", "component_differs"), ("to-khai", "component_differs"), ("khac", "component_unknown")],
)
async def test_a_result_fits_only_the_paper_the_plan_says(
    app: FastAPI, client: httpx.AsyncClient, settings: Settings, component: str, rule: str
) -> None:
    row = await issued(app)
    problem = await refused(client, settings, await taken_in(client), row.id, component)
    assert problem["rule"] == rule
    assert problem["errors"][0]["field"] == "body.component"


async def test_a_result_is_taken_once_also_when_asked_for_many_times_at_once(
    app: FastAPI, client: httpx.AsyncClient, settings: Settings
) -> None:
    row = await issued(app)
    code = await taken_in(client)
    answers = await asyncio.gather(*(reuse(client, code, row.id) for _ in range(6)))
    assert sorted(answer.status_code for answer in answers) == [201, 409, 409, 409, 409, 409]
    assert on_disk(settings) == 1
    assert (await client.get("/v1/results/reuse-counts")).json()["times"] == 1
    (paper,) = (await client.get(f"/v1/dossiers/{code}/attachments")).json()["items"]
    await client.delete(f"/v1/dossiers/{code}/attachments/{paper['id']}")
    assert (await reuse(client, code, row.id)).status_code == 201, "after it was taken back"


async def test_a_repeated_request_is_answered_alike(
    app: FastAPI, client: httpx.AsyncClient, settings: Settings
) -> None:
    row = await issued(app)
    code = await taken_in(client)
    first = await reuse(client, code, row.id, **{"Idempotency-Key": "k1"})
    again = await reuse(client, code, row.id, **{"Idempotency-Key": "k1"})
    assert again.json() == first.json()
    assert again.headers["Idempotency-Replayed"] == "true"
    assert on_disk(settings) == 1
    assert (await client.get("/v1/results/reuse-counts")).json()["times"] == 1


async def test_a_closed_dossier_and_a_full_one_take_nothing(
    app: FastAPI, client: httpx.AsyncClient, settings: Settings
) -> None:
    row = await issued(app)
    code = await taken_in(client)
    service: Service = app.state.service

    def close(tx: Any) -> None:
        tx.find(Dossier, code).status = 10

    await service.store.write(close)
    assert (await refused(client, settings, code, row.id))["type"].endswith("dossier-closed")
    settings.max_papers = 0
    assert (await refused(client, settings, await taken_in(client), row.id))["rule"] == "too_many"


async def test_a_result_whose_kept_document_was_changed_is_refused(
    app: FastAPI, client: httpx.AsyncClient, settings: Settings
) -> None:
    row = await issued(app)
    service: Service = app.state.service
    forged = row.document.replace("single", "married")
    await service.store.write(lambda tx: tx.execute(update(IssuedResult).values(document=forged)))
    assert (await refused(client, settings, await taken_in(client), row.id))["rule"] == "signature"


async def test_what_is_not_there(app: FastAPI, client: httpx.AsyncClient, settings: Settings) -> None:
    missing = "01a202cd-a60c-77bc-840b-8ea4d022f79a"
    problem = await refused(client, settings, await taken_in(client), missing)
    assert problem["errors"][0]["field"] == "body.result_id"
    row = await issued(app)
    response = await reuse(client, "H08-230301-9999", row.id)
    assert response.status_code == 404
    assert on_disk(settings) == 0


async def test_a_dossier_tells_what_it_left(app: FastAPI, client: httpx.AsyncClient) -> None:
    code = await taken_in(client)
    row = await issued(app, dossier_code=code)
    (line,) = (await client.get(f"/v1/dossiers/{code}/electronic-results")).json()
    assert line["id"] == row.id
    assert (await client.get("/v1/dossiers/H08-230301-9999/electronic-results")).status_code == 404
