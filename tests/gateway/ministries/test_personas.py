"""Personas over HTTP: shown, set, taken back, and what makes no sense."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import pytest

from services.bus.kit.clock import FixedClock
from services.bus.kit.testing import TestIssuer
from tests.gateway.ministries.office import Office, open_office, problem, settings_for

pytestmark = pytest.mark.anyio

CARD = "insurance.issue-card"
REFUSED = {"kind": "refused", "refusal": {"code": "no", "vi": "Không.", "en": "No."}}


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
