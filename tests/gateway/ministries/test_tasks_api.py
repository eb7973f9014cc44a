"""The tasks a stand-in has in hand, and answers by hand."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import pytest

from services.bus.kit.clock import FixedClock
from services.bus.kit.testing import TestIssuer
from tests.gateway.ministries.office import DOSSIER, NOW, Office, open_office, problem, requested, settings_for

pytestmark = pytest.mark.anyio

CARD = "insurance.issue-card"
REFUSED = {"kind": "refused", "refusal": {"code": "no", "vi": "Không.", "en": "No."}}


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
        ({"kind": "completed", "results": {}}, "results-unfit", "body.results.criminal_record"),
        ({"kind": "completed", "results": {"number": 7}}, "results-unfit", "body.results.number"),
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
