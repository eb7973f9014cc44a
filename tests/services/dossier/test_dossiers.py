"""Dossiers through the HTTP app, on both databases: intake, steps, guards, search, bad input."""

from __future__ import annotations

import asyncio
import json
from typing import Any

import httpx
import pytest

from contracts.status import DossierStatus, is_legal_history
from tests.services.dossier.conftest import new_dossier

pytestmark = pytest.mark.anyio


async def taken(client: httpx.AsyncClient, **changes: Any) -> str:
    response = await client.post("/v1/dossiers", json=new_dossier(**changes))
    assert response.status_code == 201, response.text
    code: str = response.json()["code"]
    return code


async def act(client: httpx.AsyncClient, code: str, action: str, **more: Any) -> httpx.Response:
    return await client.post(f"/v1/dossiers/{code}/actions", json={"action": action, **more})


async def test_a_dossier_handed_in_at_the_counter_is_received_at_once(client: httpx.AsyncClient) -> None:
    response = await client.post("/v1/dossiers", json=new_dossier())
    assert response.status_code == 201
    body = response.json()
    assert body["status"] == DossierStatus.RECEIVED
    assert body["version"] == 1
    assert body["verification"] == "pending"
    assert body["due_at"] is not None
    assert body["code"].startswith("H08-")
    assert response.headers["Location"] == f"/v1/dossiers/{body['code']}"


async def test_an_online_dossier_waits_to_be_received_and_its_time_runs_from_then(
    client: httpx.AsyncClient,
) -> None:
    body = (await client.post("/v1/dossiers", json=new_dossier(channel="online"))).json()
    assert (body["status"], body["due_at"]) == (DossierStatus.SUBMITTED, None)
    received = (await act(client, body["code"], "receive")).json()
    assert received["status"] == DossierStatus.RECEIVED
    assert received["due_at"] is not None


async def test_codes_of_a_day_have_no_gap_under_concurrency(client: httpx.AsyncClient) -> None:
    good = [client.post("/v1/dossiers", json=new_dossier()) for _ in range(60)]
    bad = [client.post("/v1/dossiers", json=new_dossier(channel="pigeon")) for _ in range(10)]
    answers = await asyncio.gather(*good, *bad)
    numbers = sorted(int(r.json()["code"].rsplit("-", 1)[1]) for r in answers if r.status_code == 201)
    assert numbers == list(range(1, 61))


async def test_the_whole_way_with_supplement_payment_and_suspension(client: httpx.AsyncClient) -> None:
    code = await taken(client, channel="online")
    way = [
        ("receive", 2), ("request_supplement", 5), ("supplement", 2), ("start", 4),
        ("request_payment", 6), ("confirm_payment", 4), ("suspend", 8), ("resume", 4),
        ("request_supplement", 5), ("supplement", 4), ("complete", 9), ("return_result", 10),
    ]  # fmt: skip
    for version, (action, status) in enumerate(way, start=2):
        body = (await act(client, code, action, note="lý do")).json()
        assert (body["status"], body["version"]) == (status, version), action
    timeline = (await client.get(f"/v1/dossiers/{code}/timeline")).json()
    statuses = [step["status"] for step in timeline["steps"]]
    assert statuses == [1, *(status for _, status in way)]
    assert is_legal_history(statuses)
    assert {step["sync"]["state"] for step in timeline["steps"]} == {"pending"}
    view = (await client.get(f"/v1/dossiers/{code}")).json()
    assert len(view["supplements"]) == 2
    assert view["supplements"][0]["due_after"] >= view["supplements"][0]["due_before"]
    assert any(reason["kind"] == "suspended" for reason in view["deadline"]["reasons"])


async def test_an_illegal_step_is_refused_with_the_reason_and_changes_nothing(
    client: httpx.AsyncClient,
) -> None:
    code = await taken(client)
    response = await act(client, code, "return_result")
    assert response.status_code == 409
    assert response.headers["content-type"] == "application/problem+json"
    assert response.json()["type"] == "urn:truc:problem:illegal-transition"
    assert (await client.get(f"/v1/dossiers/{code}")).json()["version"] == 1


async def test_guards_reason_fee_and_result(client: httpx.AsyncClient) -> None:
    business = {"business_name": "Quán Bà Tư", "address": "12 Lê Lợi", "lines_of_business": ["Ăn uống"]}
    code = await taken(client, procedure_code="1.001612", form=business, channel="online")
    assert (await act(client, code, "refuse")).json()["guard"] == "reason_given"
    for action in ("receive", "start", "complete"):
        assert (await act(client, code, action)).status_code == 200
    assert (await act(client, code, "return_result")).json()["guard"] == "fees_paid"
    paid = await client.post(f"/v1/dossiers/{code}/payments", json={"online": True})
    assert paid.status_code == 200
    assert (await act(client, code, "return_result")).json()["guard"] == "result_attached"
    view = (await client.get(f"/v1/dossiers/{code}")).json()
    assert view["fees"][0]["paid"] is True
    assert view["fees"][0]["online"] is True


async def test_actions_say_what_is_possible_and_why_the_rest_is_not(client: httpx.AsyncClient) -> None:
    code = await taken(client)
    response = await client.get(f"/v1/dossiers/{code}/actions", headers={"Accept-Language": "en"})
    choices = {each["action"]: each for each in response.json()["actions"]}
    assert {name for name, each in choices.items() if each["possible"]} == {
        "start", "request_supplement", "withdraw", "complete",
    }  # fmt: skip
    assert choices["start"]["leads_to"] == 4
    assert "only possible from status 9" in choices["return_result"]["why_not"]
    assert len(choices) == 12


async def test_if_match_and_idempotency(client: httpx.AsyncClient) -> None:
    code = await taken(client)
    url, body = f"/v1/dossiers/{code}/actions", {"action": "start"}
    stale = await client.post(url, json=body, headers={"If-Match": '"7"'})
    assert (stale.status_code, stale.json()["errors"][0]["field"]) == (412, "header.If-Match")
    headers = {"If-Match": '"1"', "Idempotency-Key": "start-once"}
    first = await client.post(url, json=body, headers=headers)
    again = await client.post(url, json=body, headers=headers)
    assert (first.status_code, again.status_code) == (200, 200)
    assert first.json() == again.json()
    assert again.headers["Idempotency-Replayed"] == "true"
    other = await client.post(url, json={"action": "complete"}, headers={"Idempotency-Key": "start-once"})
    assert other.status_code == 422
    assert (await client.get(f"/v1/dossiers/{code}")).json()["version"] == 2


async def test_search_pages_through_everything_once(client: httpx.AsyncClient) -> None:
    codes = {await taken(client, channel=channel) for channel in ("direct", "online", "post") * 3}
    found: list[str] = []
    cursor = None
    for _ in range(10):
        params = {"limit": "2", **({"cursor": cursor} if cursor else {})}
        page = (await client.get("/v1/dossiers", params=params)).json()
        found += [item["code"] for item in page["items"]]
        cursor = page["next_cursor"]
        if cursor is None:
            break
    assert sorted(found) == sorted(codes)
    assert len((await client.get("/v1/dossiers?channel=online")).json()["items"]) == 3
    assert len((await client.get("/v1/dossiers?name=nguyen van")).json()["items"]) == 9
    assert (await client.get("/v1/dossiers?status=9")).json()["items"] == []


async def test_export_holds_every_step(client: httpx.AsyncClient) -> None:
    codes = [await taken(client) for _ in range(3)]
    await act(client, codes[1], "start")
    lines = (await client.get("/v1/export")).text.splitlines()
    assert [len(json.loads(line)["steps"]) for line in lines] == [1, 2, 1]


def applicant(**changes: str) -> dict[str, Any]:
    return {"applicant": {**new_dossier()["applicant"], **changes}}


@pytest.mark.parametrize(
    ("change", "status", "field"),
    [
        ({"surprise": 1}, 422, "body.surprise"),
        ({"channel": "pigeon"}, 422, "body.channel"),
        ({"procedure_code": "9.999999"}, 422, "body.procedure_code"),
        ({"procedure_code": 5}, 422, "body.procedure_code"),
        ({"receiving_agency": "H20"}, 422, "body.receiving_agency"),
        (applicant(personal_id="999090000123"), 422, "body.applicant.personal_id"),
        (applicant(date_of_birth="1990-02-30"), 422, "body.applicant.date_of_birth"),
        (applicant(date_of_birth="1790-02-03"), 422, "body.applicant.date_of_birth"),
        ({"procedure_code": "2.000815", "form": {"copies": 0}}, 422, "body.form.copies"),
    ],
)  # fmt: skip
async def test_bad_input_names_the_field(
    client: httpx.AsyncClient, change: dict[str, Any], status: int, field: str
) -> None:
    response = await client.post("/v1/dossiers", json=new_dossier(**change))
    assert response.status_code == status
    assert response.headers["content-type"] == "application/problem+json"
    assert field in [error["field"] for error in response.json()["errors"]]
    assert (await client.get("/v1/dossiers")).json()["items"] == []
