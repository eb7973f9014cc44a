"""The routes: what they show, and that bad input is refused by field and rule."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import httpx
import pytest

from services.bus.kit.clock import FixedClock
from services.bus.kit.testing import TestIssuer
from tests.gateway.ministries.office import DOSSIER, NOW, Office, open_office, requested, settings_for

pytestmark = pytest.mark.anyio

CARD = "insurance.issue-card"
REFUSED = {"kind": "refused", "refusal": {"code": "no", "vi": "Không.", "en": "No."}}


def problem(response: httpx.Response, status: int, slug: str) -> list[tuple[str, str]]:
    """Check that this is the problem expected; its fields with their rules."""
    assert response.status_code == status, response.text
    assert response.headers["content-type"] == "application/problem+json"
    document = response.json()
    assert document["type"] == f"urn:truc:problem:{slug}"
    return [(each["field"], each["rule"]) for each in document.get("errors", ())]


# -- personas ----------------------------------------------------------------------------------------------


async def test_the_personas_are_shown_set_and_taken_back(office: Office) -> None:
    items = (await office.client.get("/v1/personas")).json()["items"]
    assert [each["system"] for each in items] == [
        "tax",
        "social-insurance",
        "welfare",
        "judicial-records",
        "business-register",
        "health",
    ]
    assert not any(each["is_set"] for each in items)
    assert items[3]["persona"]["latency"]["distribution"] == "lognormal"
    set_ = await office.persona("tax", refusal_rate=0.5, outage={"for_seconds": 60})
    assert (set_["version"], set_["is_set"], set_["set_by"]) == (1, True, "sandbox")
    assert set_["outage_until"] == "2023-06-20T02:01:00Z"
    own = await office.persona("tax", "tax.assess", slow=2)
    assert own["kind"] == "tax.assess"
    items = (await office.client.get("/v1/personas")).json()["items"]
    assert [(each["system"], each["kind"]) for each in items[:3]] == [
        ("tax", None),
        ("tax", "tax.assess"),
        ("social-insurance", None),
    ]
    response = await office.client.delete("/v1/personas/tax")
    assert (response.status_code, response.json()["is_set"], response.json()["version"]) == (200, False, 2)
    assert response.json()["persona"]["refusal_rate"] == 0


async def test_a_persona_survives_a_restart(
    database_url: str, tmp_path: Path, issuer: TestIssuer, clock: FixedClock
) -> None:
    settings = settings_for(database_url, issuer, tmp_path)
    async with open_office(settings, issuer, clock) as office:
        await office.persona("tax", refusal_rate=1)
    async with open_office(settings, issuer, clock) as office:
        response = await office.client.get("/v1/personas/tax")
        assert (response.json()["persona"]["refusal_rate"], response.headers["etag"]) == (1, '"1"')


async def test_if_match_keeps_two_directors_apart(office: Office) -> None:
    await office.persona("tax")
    stale = await office.client.put("/v1/personas/tax", json={}, headers={"If-Match": '"0"'})
    assert problem(stale, 412, "stale-version") == [("header.If-Match", "stale-version")]
    fresh = await office.client.put("/v1/personas/tax", json={}, headers={"If-Match": '"1"'})
    assert (fresh.status_code, fresh.headers["etag"]) == (200, '"2"')
    nonsense = await office.client.delete("/v1/personas/tax", headers={"If-Match": "x"})
    problem(nonsense, 412, "stale-version")


async def test_a_persona_that_comes_again_with_its_key_is_set_once(office: Office) -> None:
    for _ in range(2):
        response = await office.client.put(
            "/v1/personas/tax", json={"slow": 2}, headers={"Idempotency-Key": "once"}
        )
        assert response.json()["version"] == 1


@pytest.mark.parametrize(
    ("persona", "field", "rule"),
    [
        ({"unknown": 1}, "body.unknown", "extra_forbidden"),
        ({"seed": -1}, "body.seed", "greater_than_equal"),
        ({"refusal_rate": 1.1}, "body.refusal_rate", "less_than_equal"),
        ({"refusal_rate": "0.5"}, "body.refusal_rate", "float_type"),
        ({"lie_rate": None}, "body.lie_rate", "float_type"),
        ({"slow": 0}, "body.slow", "greater_than"),
        ({"reasons": []}, "body.reasons", "too_short"),
        ({"reasons": [{"code": "A B", "vi": "a", "en": "b"}]}, "body.reasons[0].code", "string_pattern_mismatch"),
        (
            {"reasons": [{"code": "a", "vi": "a", "en": "b", "weight": 0}]},
            "body.reasons[0].weight",
            "greater_than",
        ),
        ({"latency": {"distribution": "pareto"}}, "body.latency.distribution", "literal_error"),
        ({"latency": {"seconds": -1}}, "body.latency.seconds", "greater_than_equal"),
        (
            {"latency": {"distribution": "uniform", "seconds": 1, "min_seconds": 2}},
            "body.latency",
            "persona.latency_order",
        ),
        ({"outage": {}}, "body.outage", "persona.one_end"),
        ({"outage": {"for_seconds": 1, "until": "2023-06-21T00:00:00Z"}}, "body.outage", "persona.one_end"),
        ({"outage": {"until": "2023-06-21T00:00:00"}}, "body.outage.until", "timezone_aware"),
        ({"outage": {"until": 1687300000}}, "body.outage.until", "datetime_type"),
        ({"outage": {"until": "9999-12-31T23:59:59-14:00"}}, "body.outage", "persona.outage_too_long"),
        ({"script": [{"answer": {"kind": "refused"}}]}, "body.script[0].answer", "task_answer.part_missing"),
        ({"script": [{"answer": {"kind": "maybe"}}]}, "body.script[0].answer.kind", "enum"),
        (
            {"script": [{"dossier": "x", "answer": {"kind": "accepted"}}]},
            "body.script[0].dossier",
            "dossier_code.format",
        ),
    ],
)
async def test_a_persona_that_makes_no_sense(
    office: Office, persona: dict[str, Any], field: str, rule: str
) -> None:
    response = await office.client.put("/v1/personas/tax", json=persona)
    assert problem(response, 422, "validation") == [(field, rule)]
    assert (await office.client.get("/v1/personas/tax")).json()["version"] == 0


async def test_an_outage_that_is_over_before_it_begins_is_none(office: Office) -> None:
    shown = await office.persona("tax", outage={"until": "0001-01-01T00:00:00+14:00"})
    assert shown["outage_until"] is None


@pytest.mark.parametrize("method", ["GET", "PUT", "DELETE"])
async def test_personas_of_what_is_not_played(office: Office, method: str) -> None:
    body: dict[str, Any] | None = {} if method == "PUT" else None
    client = office.client
    problem(await client.request(method, "/v1/personas/civil", json=body), 404, "not-found")
    unknown = await client.request(method, "/v1/personas/treasury", json=body)
    assert problem(unknown, 422, "validation") == [("path.system", "enum")]
    kind = await client.request(method, "/v1/personas/tax?kind=insurance.issue-card", json=body)
    assert problem(kind, 404, "not-found") == [("query.kind", "not-found")]


async def test_a_body_that_is_no_json(office: Office) -> None:
    response = await office.client.put(
        "/v1/personas/tax", content=b'{"seed": ', headers={"Content-Type": "application/json"}
    )
    problem(response, 400, "malformed-body")


# -- tasks -------------------------------------------------------------------------------------------------


async def test_tasks_are_listed_page_by_page_and_filtered(office: Office) -> None:
    for n in range(5):
        office.clock.at = NOW.replace(minute=n)
        await office.hear(requested(f"t-{n}", CARD))
    await office.hear(requested("j-1"))
    shown: list[str] = []
    cursor = None
    while True:
        page = (
            await office.client.get("/v1/tasks", params={"limit": 4, **({"cursor": cursor} if cursor else {})})
        ).json()
        shown += [each["id"] for each in page["items"]]
        if (cursor := page["next_cursor"]) is None:
            break
    assert shown[1:] == ["t-4", "t-3", "t-2", "t-1", "t-0"] or shown[0] == "t-4"
    assert sorted(shown) == ["j-1", *(f"t-{n}" for n in range(5))]

    async def found(**query: str) -> int:
        return len((await office.client.get("/v1/tasks", params=query)).json()["items"])

    assert await found(system="judicial-records") == 1
    assert await found(state="completed") == 5
    assert await found(state="open", kind="judicial.issue-certificate", dossier=DOSSIER) == 1
    assert await found(dossier="H08.31.21-230620-0002") == 0
    line = (await office.client.get("/v1/tasks", params={"limit": 1})).json()["items"][0]
    assert "request" not in line


@pytest.mark.parametrize(
    ("query", "field"),
    [
        ("system=treasury", "query.system"),
        ("state=lost", "query.state"),
        ("limit=0", "query.limit"),
        ("limit=501", "query.limit"),
        ("kind=%01", "query.kind"),
        ("dossier=" + "x" * 61, "query.dossier"),
    ],
)
async def test_a_list_that_cannot_be(office: Office, query: str, field: str) -> None:
    response = await office.client.get(f"/v1/tasks?{query}")
    assert [each for each, _ in problem(response, 422, "validation")] == [field]


@pytest.mark.parametrize("cursor", ["x", "W10", "WyJhIiwxXQ", "WzksImEiXQ=="])
async def test_a_cursor_of_somebody_else(office: Office, cursor: str) -> None:
    response = await office.client.get("/v1/tasks", params={"cursor": cursor})
    if cursor != "WzksImEiXQ==":  # [9, "a"] is one of ours
        problem(response, 400, "bad-cursor")


async def test_who_may_only_read_sees_no_personal_data(
    tmp_path: Path, issuer: TestIssuer, clock: FixedClock
) -> None:
    settings = settings_for(f"sqlite:///{tmp_path / 'm.db'}", issuer, tmp_path)
    async with open_office(settings, issuer, clock, "ministries:read") as office:
        await office.hear(requested("t-1", CARD))
        task = await office.task("t-1")
        assert task["request"] is None
        problem(await office.client.post("/v1/tasks/t-1/answers", json=REFUSED), 403, "forbidden")
        problem(await office.client.get("/v1/personas"), 403, "forbidden")
        problem(await office.client.put("/v1/personas/tax", json={}), 403, "forbidden")
        payments = "/v1/welfare/payment-lists/H08.31.21-202305/payments"
        problem(await office.client.post(payments, json={"entries": ["001"], "method": "cash"}), 403, "forbidden")
        del office.client.headers["Authorization"]
        for path in ("/v1/tasks", "/v1/tasks/t-1", "/v1/business-register/4100271829", "/v1/personas"):
            problem(await office.client.get(path), 401, "unauthenticated")


async def test_an_answer_to_a_task_that_is_not_there_or_is_closed(office: Office) -> None:
    problem(await office.client.get("/v1/tasks/nowhere"), 404, "not-found")
    missing = await office.client.post("/v1/tasks/nowhere/answers", json=REFUSED)
    assert problem(missing, 404, "not-found") == [("path.task_id", "not-found")]
    await office.hear(requested("t-1", CARD))
    closed = await office.client.post("/v1/tasks/t-1/answers", json=REFUSED)
    assert problem(closed, 409, "task-closed") == [("path.task_id", "task-closed")]
    assert await office.kinds_said("t-1") == ["accepted", "completed"]


@pytest.mark.parametrize(
    ("answer", "slug", "field"),
    [
        ({}, "validation", "body.kind"),
        ({"kind": "completed", "results": {}}, "results-unfit", "body.results"),
        ({"kind": "completed", "results": {"number": 7}}, "results-unfit", "body.results"),
        ({"kind": "needs_payment"}, "validation", "body"),
        ({"kind": "accepted", "results": {"a": 1}}, "validation", "body"),
        ({"kind": "refused", "refusal": {"code": "x", "vi": "a"}}, "validation", "body.refusal.en"),
        (
            {"kind": "needs_payment", "payments": [{"code": "a", "name": "b", "amount_vnd": 0}]},
            "validation",
            "body.payments[0].amount_vnd",
        ),
        ({"kind": "progress", "note": "x" * 2001}, "validation", "body.note"),
    ],
)
async def test_an_answer_that_makes_no_sense(
    office: Office, answer: dict[str, Any], slug: str, field: str
) -> None:
    await office.persona("judicial-records", manual=True)
    await office.hear(requested("t-1"))
    response = await office.client.post("/v1/tasks/t-1/answers", json=answer)
    assert field in [each for each, _ in problem(response, 422, slug)]
    assert await office.said() == []


async def test_an_answer_by_hand_that_comes_again_is_given_once(office: Office) -> None:
    await office.persona("judicial-records", manual=True)
    await office.hear(requested("t-1"))
    headers = {"Idempotency-Key": "answer-1"}
    first = await office.client.post("/v1/tasks/t-1/answers", json=REFUSED, headers=headers)
    again = await office.client.post("/v1/tasks/t-1/answers", json=REFUSED, headers=headers)
    assert (first.status_code, again.status_code) == (201, 201)
    assert first.json() == again.json()
    assert await office.kinds_said() == ["refused"]


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


# -- switched off ------------------------------------------------------------------------------------------


async def test_a_system_that_is_switched_off_is_somebody_elses(
    database_url: str, tmp_path: Path, issuer: TestIssuer, clock: FixedClock
) -> None:
    settings = settings_for(database_url, issuer, tmp_path)
    async with open_office(settings, issuer, clock) as office:
        await office.persona("social-insurance", latency={"seconds": 60}, accepts_first=False)
        await office.hear(requested("t-1", CARD))
    off = settings_for(database_url, issuer, tmp_path, on="tax, welfare")
    async with open_office(off, issuer, clock) as office:
        assert [each.spec.name for each in office.service.consumers] == ["ministries-tax", "ministries-welfare"]
        await office.pass_time(seconds=120)  # what it had in mind is not said, either
        assert await office.said() == []
        problem(await office.client.get("/v1/personas/social-insurance"), 409, "system-off")
        problem(await office.client.put("/v1/personas/health", json={}), 409, "system-off")
        problem(await office.client.post("/v1/tasks/t-1/answers", json=REFUSED), 409, "system-off")
        problem(await office.client.get("/v1/business-register/4100271829"), 409, "system-off")
        assert [each["system"] for each in (await office.client.get("/v1/personas")).json()["items"]] == [
            "tax",
            "welfare",
        ]
    async with open_office(settings, issuer, clock) as office:
        await office.until("t-1", "completed")


@pytest.mark.parametrize("names", ["civil", "tax,nobody"])
def test_only_what_has_a_stand_in_can_be_switched_on(
    monkeypatch: pytest.MonkeyPatch, names: str, tmp_path: Path, issuer: TestIssuer
) -> None:
    with pytest.raises(ValueError, match="on"):
        settings_for("sqlite://", issuer, tmp_path, on=names)


def test_the_setting_comes_from_the_environment(
    monkeypatch: pytest.MonkeyPatch, tmp_path: Path, issuer: TestIssuer
) -> None:
    monkeypatch.setenv("TRUC_MINISTRIES_ON", "health,tax,health")
    settings = settings_for("sqlite://", issuer, tmp_path)
    assert [each.value for each in settings.on] == ["health", "tax"]
