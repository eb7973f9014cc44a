"""What real systems offer besides tasks: the business register, payment lists."""

from __future__ import annotations

from typing import Any

import pytest

from tests.gateway.ministries.office import Office, problem, requested

pytestmark = pytest.mark.anyio

CARD = "insurance.issue-card"
REFUSED = {"kind": "refused", "refusal": {"code": "no", "vi": "Không.", "en": "No."}}


# -- the business register ---------------------------------------------------------------------------------


async def test_a_company_is_the_same_whenever_it_is_looked_up(office: Office) -> None:
    first = await office.client.get("/v1/business-register/4100271829")
    assert first.json()["name"] == "Công ty Cổ phần Chế biến gỗ Phú Tài Xanh"
    made = await office.client.get("/v1/business-register/0100233488")
    if made.status_code == 200:
        assert made.json() == (await office.client.get("/v1/business-register/0100233488")).json()
    problem(await office.client.get("/v1/business-register/0100233488-999"), 404, "not-found")


@pytest.mark.parametrize(
    ("tax_code", "rule"),
    [
        ("123", "tax_code.format"),
        ("4100271820", "tax_code.check_digit"),
        ("0100000000", "tax_code.stem_empty"),
        ("0100233488-000", "tax_code.branch_zero"),
        ("052090000123", "tax_code.format"),
    ],
)
async def test_a_tax_code_that_cannot_be(office: Office, tax_code: str, rule: str) -> None:
    response = await office.client.get(f"/v1/business-register/{tax_code}")
    assert problem(response, 422, "validation") == [("path.tax_code", rule)]


async def test_lookups_suffer_the_persona_of_their_system(office: Office) -> None:
    path = "/v1/business-register/4100271829"
    await office.persona("business-register", lie_rate=1)
    lie = await office.client.get(path)
    assert (lie.status_code, sorted(lie.json())) == (200, ["error_code", "message"])
    await office.persona("business-register", outage={"for_seconds": 90})
    away = await office.client.get(path)
    problem(away, 503, "system-away")
    assert away.headers["retry-after"] == "90"
    await office.persona("business-register", lie_rate=0.5, seed=3)
    first = [(await office.client.get(path)).json().get("name") for _ in range(20)]
    await office.persona("business-register", lie_rate=0.5, seed=3)
    assert [(await office.client.get(path)).json().get("name") for _ in range(20)] == first
    assert 0 < first.count(None) < 20


# -- payment lists -----------------------------------------------------------------------------------------

LISTS = "/v1/welfare/payment-lists"


async def payments(office: Office, month: str = "2023-05", unit: str = "H08.31.21") -> dict[str, Any]:
    response = await office.client.get(LISTS, params={"month": month, "unit": unit})
    assert response.status_code == 200, response.text
    found: dict[str, Any] = response.json()
    return found


async def test_a_payment_list_adds_up_and_hides_who_it_is_about(office: Office) -> None:
    found = await payments(office)
    totals, entries = found["totals"], found["entries"]
    assert found["id"] == "H08.31.21-202305"
    assert found == await payments(office)
    assert totals["beneficiaries"] == len(entries) > 10
    assert totals["amount_vnd"] == sum(each["amount_vnd"] for each in entries)
    assert totals["paid_without_cash"] + totals["paid_in_cash"] + totals["not_yet"] == len(entries)
    assert all(each["personal_id"].startswith("********") for each in entries)
    assert len({each["id"] for each in entries}) == len(entries)
    assert (await payments(office, "2023-06"))["totals"]["not_yet"] > totals["not_yet"]  # the month goes on


async def test_payments_are_marked_all_or_none_and_once(office: Office) -> None:
    found = await payments(office, "2023-06")
    open_, paid = (
        [each["id"] for each in found["entries"] if (each["state"] == "not-yet") is wanted]
        for wanted in (True, False)
    )
    path = f"{LISTS}/{found['id']}/payments"
    mixed = await office.client.post(path, json={"entries": [open_[0], paid[0]], "method": "account"})
    assert problem(mixed, 409, "payment-made") == [("body.entries[1]", "payment-made")]
    assert await payments(office, "2023-06") == found
    done = await office.client.post(path, json={"entries": [open_[0]], "method": "account"})
    assert done.status_code == 201
    assert done.json()["totals"]["not_yet"] == found["totals"]["not_yet"] - 1
    assert done.json() == await payments(office, "2023-06")
    twice = await office.client.post(path, json={"entries": [open_[0]], "method": "account"})
    problem(twice, 409, "payment-made")


@pytest.mark.parametrize(
    ("body", "field"),
    [
        ({"entries": ["999"], "method": "cash"}, "body.entries[0]"),
        ({"entries": ["001", "001"], "method": "cash"}, "body.entries[1]"),
        ({"entries": [], "method": "cash"}, "body.entries"),
        ({"entries": ["001"], "method": "gold"}, "body.method"),
        ({"entries": ["001"]}, "body.method"),
    ],
)
async def test_payments_that_cannot_be(office: Office, body: dict[str, Any], field: str) -> None:
    response = await office.client.post(f"{LISTS}/H08.31.21-202306/payments", json=body)
    assert field in [each for each, _ in problem(response, 422, "validation")]


@pytest.mark.parametrize(
    "list_id", ["x", "H08.31.21-202313", "H08-202305", "H08.31.21-202307", "H08.31.99-202305"]
)
async def test_a_list_that_is_not_there(office: Office, list_id: str) -> None:
    response = await office.client.post(f"{LISTS}/{list_id}/payments", json={"entries": ["001"], "method": "cash"})
    assert problem(response, 404, "not-found") == [("path.list_id", "not-found")]


@pytest.mark.parametrize(
    ("month", "unit", "field"),
    [
        ("2023-13", "H08.31.21", "query.month"),
        ("2023-5", "H08.31.21", "query.month"),
        ("2023-07", "H08.31.21", "query.month"),
        ("2021-12", "H08.31.21", "query.month"),
        ("2023-05", "H08", "query.unit"),
        ("2023-05", "H08.31.99", "query.unit"),
        ("2023-05", "!", "query.unit"),
    ],
)
async def test_a_list_that_cannot_be_asked_for(office: Office, month: str, unit: str, field: str) -> None:
    response = await office.client.get(LISTS, params={"month": month, "unit": unit})
    assert [each for each, _ in problem(response, 422, "validation")] == [field]


async def test_what_a_task_grants_is_on_the_list_until_it_is_stopped(office: Office) -> None:
    before = (await payments(office, "2023-06"))["totals"]["beneficiaries"]
    await office.hear(requested("t-1", "welfare.funeral-allowance"), requested("t-2", "welfare.monthly-allowance"))
    june = await payments(office, "2023-06")
    assert june["totals"]["beneficiaries"] == before + 1
    assert june["entries"][-1]["allowance"] == "funeral"
    await office.pass_time(days=15)
    july = await payments(office, "2023-07")
    (monthly,) = [each for each in july["entries"] if each["id"].startswith("g")]
    assert (monthly["amount_vnd"], monthly["method"], monthly["state"]) == (360_000, "account", "not-yet")
    assert monthly["beneficiary"] == "L. V. T."
    form = {**requested("x", "welfare.monthly-allowance").data["form"], "request": "stop"}
    await office.hear(requested("t-3", "welfare.monthly-allowance", form=form))
    await office.pass_time(days=40)
    august = await payments(office, "2023-08")
    assert [each for each in august["entries"] if each["id"].startswith("g")] == []
