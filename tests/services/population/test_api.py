"""The service over HTTP: what it answers, what it refuses, and that a look is in the log before its answer."""

from __future__ import annotations

import json
from typing import Any

import httpx
import pytest

from contracts import scopes
from services.bus.kit.testing import TestIssuer
from tests.services.population.people import (
    AN,
    BINH,
    NEW_COMMUNE,
    NOBODY,
    PURPOSE,
    an,
    binh,
    check,
    chi,
    family,
    home,
)

pytestmark = pytest.mark.anyio


async def fields(answer: httpx.Response, status: int = 422) -> list[tuple[str, str]]:
    assert answer.status_code == status, answer.text
    assert answer.headers["content-type"] == "application/problem+json"
    return [(error["field"], error["rule"]) for error in answer.json().get("errors", [])]


async def log(client: httpx.AsyncClient, **wanted: str) -> list[dict[str, Any]]:
    answer = await client.get("/v1/lookups", params=wanted)
    assert answer.status_code == 200, answer.text
    items: list[dict[str, Any]] = answer.json()["items"]
    return items


async def test_one_or_many_citizens_go_in(client: httpx.AsyncClient) -> None:
    one = await client.post("/v1/citizens", json=an())
    assert (one.status_code, one.json()) == (201, {"personal_id": AN, "version": 1})
    assert (one.headers["location"], one.headers["etag"]) == (f"/v1/citizens/{AN}", '"1"')
    many = await client.post("/v1/citizens", json=[binh(), chi()])
    assert many.status_code == 201
    assert [each["version"] for each in many.json()] == [1, 1]
    again = await client.post("/v1/citizens", json=[binh(personal_id="052191000457"), an()])
    assert await fields(again, 409) == [
        ("body[1].personal_id", "already-exists"),
        ("body[1].id_card", "already-exists"),
    ]
    assert (await client.post("/v1/identity-checks", json=check(personal_id="052191000457"))).json() == {
        "results": [{"request_id": "R1", "outcome": "not_found", "life_status": None}]
    }


BAD_CITIZENS: list[tuple[Any, list[tuple[str, str]]]] = [
    (an(personal_id="99"), [("body.personal_id", "personal_id.format")]),
    ([an(), binh(full_name=7)], [("body[1].full_name", "string_type")]),
    ([an(residences=[home(kind="summer")])], [("body[0].residences[0].kind", "enum")]),
    (an(date_of_birth=19900430), [("body.date_of_birth", "date_type")]),
    (an(date_of_birth="1990-02-30"), [("body.date_of_birth", "date_from_datetime_parsing")]),
    (an(shoe_size=42), [("body.shoe_size", "extra_forbidden")]),
    (an(eid_level=True), [("body.eid_level", "int_type")]),
    (an(ethnicity="77"), [("body.ethnicity", "string_pattern_mismatch")]),
    (an(birth_place={"detail": "dòng\nmới"}), [("body.birth_place.detail", "string_pattern_mismatch")]),
    (an(sex="female"), [("body.sex", "personal_id.sex_mismatch")]),
    (
        [an(residences=[home(valid_from="2025-07-01")])],
        [("body[0].residences[0].unit_code", "unit.wrong_period")],
    ),
    ([], [("body", "too_short")]),
    ([an()] * 1001, [("body", "too_long")]),
    ("An", [("body", "model_type")]),
    (None, [("body", "missing")]),
]


async def test_bad_citizens_are_named_by_field_and_rule(client: httpx.AsyncClient) -> None:
    for body, expected in BAD_CITIZENS:
        assert await fields(await client.post("/v1/citizens", json=body)) == expected
    assert (await client.post("/v1/citizens", json=an())).status_code == 201


async def test_a_lookup_needs_a_purpose_and_a_dossier(client: httpx.AsyncClient) -> None:
    await client.post("/v1/citizens", json=an())
    for path in (f"/v1/citizens/{AN}", f"/v1/citizens/{AN}/residences", "/v1/households/any"):
        bare = await client.get(path)
        assert await fields(bare, 403) == [("header.X-Purpose", "purpose-required")]
        no_dossier = await client.get(path, headers={"X-Purpose": "1.001193"})
        assert await fields(no_dossier, 403) == [("header.X-Dossier", "purpose-required")]
        nonsense = await client.get(path, headers={**PURPOSE, "X-Purpose": "curiosity"})
        assert await fields(nonsense) == [("header.x-purpose", "procedure_code.format")]
    assert await log(client) == []


async def test_a_look_is_logged_before_it_is_answered_also_in_vain(client: httpx.AsyncClient) -> None:
    await client.post("/v1/citizens", json=an())
    headers = {**PURPOSE, "X-Officer": "officer-7", "X-Channel": "online"}
    found = await client.get(f"/v1/citizens/{AN}", headers=headers)
    assert (found.status_code, found.json()["full_name"], found.headers["etag"]) == (
        200,
        "Nguyễn Văn An",
        '"1"',
    )
    assert (await client.get(f"/v1/citizens/{NOBODY}", headers=headers)).status_code == 404
    assert (await client.get(f"/v1/citizens/{NOBODY}/residences", headers=headers)).status_code == 404
    assert (await client.get("/v1/households/none", headers=headers)).status_code == 404
    newest, *_, oldest = await log(client)
    assert len(await log(client)) == 4
    assert (newest["kind"], newest["outcome"], newest["household_id"]) == ("household", "not_found", "none")
    assert oldest["request_id"]
    assert {key: oldest[key] for key in ("at", "kind", "outcome", "personal_id", "client_id")} == {
        "at": "2026-11-22T02:00:00Z",
        "kind": "citizen",
        "outcome": "shown",
        "personal_id": AN,
        "client_id": "one-stop",
    }
    assert [oldest[key] for key in ("agency", "officer", "channel", "procedure_code", "dossier")] == [
        "H08.21",
        "officer-7",
        "online",
        "1.001193",
        "H08.21-230617-0001",
    ]
    in_vain = [entry["personal_id"] for entry in await log(client, personal_id=NOBODY)]
    assert in_vain == [NOBODY, NOBODY]


async def test_the_national_message_on_request(client: httpx.AsyncClient) -> None:
    await client.post("/v1/citizens", json=an())
    answer = await client.get(f"/v1/citizens/{AN}", headers={**PURPOSE, "Accept": "application/xml"})
    assert answer.headers["content-type"].startswith("application/xml")
    assert b"<dc:SoDinhDanh>052090000123</dc:SoDinhDanh>" in answer.content
    assert len(await log(client)) == 1


async def test_change_and_move(client: httpx.AsyncClient) -> None:
    await client.post("/v1/citizens", json=an(residences=[home()]))
    changed = await client.patch(f"/v1/citizens/{AN}", json={"eid_level": 2}, headers={"If-Match": '"1"'})
    assert (changed.status_code, changed.json(), changed.headers["etag"]) == (
        200,
        {"personal_id": AN, "version": 2},
        '"2"',
    )
    stale = await client.patch(f"/v1/citizens/{AN}", json={"eid_level": 1}, headers={"If-Match": '"1"'})
    assert await fields(stale, 412) == [("header.If-Match", "stale-version")]
    moved = await client.post(
        f"/v1/citizens/{AN}/residences", json=home(unit_code=NEW_COMMUNE, valid_from="2025-08-01")
    )
    assert (moved.status_code, moved.json()["version"]) == (201, 3)
    stays = (await client.get(f"/v1/citizens/{AN}/residences", headers=PURPOSE)).json()
    assert [(stay["valid_from"], stay["valid_to"]) for stay in stays] == [
        ("2025-08-01", None),
        ("2016-05-01", "2025-08-01"),
    ]
    assert (stays[0]["after_reform"], stays[1]["after_reform"]["equivalent"]["code"]) == (None, NEW_COMMUNE)
    assert await fields(await client.patch(f"/v1/citizens/{AN}", json={"full_name": None})) == [
        ("body.full_name", "string_type")
    ]
    assert await fields(await client.patch(f"/v1/citizens/{AN}", json={"status": "deceased"})) == [
        ("body.status", "extra_forbidden")
    ]


async def test_households(client: httpx.AsyncClient) -> None:
    await client.post("/v1/citizens", json=[an(), binh(), chi()])
    made = await client.post("/v1/households", json=family(members=family()["members"][:2]))
    assert (made.status_code, made.headers["etag"]) == (201, '"1"')
    household_id = made.json()["household_id"]
    assert made.headers["location"] == f"/v1/households/{household_id}"
    child = {"personal_id": chi()["personal_id"], "relation": "child", "valid_from": "2016-05-01"}
    joined = await client.post(f"/v1/households/{household_id}/members", json=child)
    assert (joined.status_code, joined.json()["version"]) == (201, 2)
    shown = await client.get(f"/v1/households/{household_id}", headers=PURPOSE)
    assert [member["relation"] for member in shown.json()["members"]] == ["head", "spouse", "child"]
    assert [entry["kind"] for entry in await log(client, personal_id=BINH)] == ["household"]
    hers = check(personal_id=BINH, full_name="Trần Thị Bình", date_of_birth="1991-09-02", head_personal_id=AN)
    confirmed = await client.post("/v1/household-confirmations", json=hers)
    assert confirmed.json() == {
        "results": [{"request_id": "R1", "outcome": "matched", "relation_to_head": "spouse"}]
    }
    assert await fields(await client.post("/v1/household-confirmations", json=check())) == [
        ("body.head_personal_id", "missing")
    ]
    again = await client.post("/v1/households", json=[family()])
    assert ("body[0].members[0].personal_id", "household.member_elsewhere") in await fields(again, 409)


async def test_checks(client: httpx.AsyncClient) -> None:
    await client.post("/v1/citizens", json=an())
    many = await client.post("/v1/identity-checks", json=[check(), check(request_id="R2", full_name="Ai Đó")])
    assert [each["outcome"] for each in many.json()["results"]] == ["matched", "mismatched"]
    card = {"request_id": "R3", "procedure_code": "1.001193", "dossier": "D", "personal_id": AN}
    cards = await client.post("/v1/id-card-checks", json=[{**card, "id_card": "211234567"}])
    assert cards.json() == {"results": [{"request_id": "R3", "outcome": "matched"}]}
    assert await fields(await client.post("/v1/identity-checks", json=[check(personal_id=None)])) == [
        ("body[0].personal_id", "missing")
    ]
    counted = (await client.get("/v1/lookups/summary")).json()
    assert (counted["events"], counted["dossiers"]) == (3, 2)


async def test_the_log_is_paged_and_filtered_by_query(client: httpx.AsyncClient) -> None:
    await client.post("/v1/identity-checks", json=[check(request_id=f"R{n}") for n in range(5)])
    first = (await client.get("/v1/lookups", params={"limit": 3, "agency": "000.00.21.H08"})).json()
    rest = (await client.get("/v1/lookups", params={"limit": 3, "cursor": first["next_cursor"]})).json()
    assert [entry["request_id"] for entry in first["items"] + rest["items"]] == ["R4", "R3", "R2", "R1", "R0"]
    assert rest["next_cursor"] is None
    assert await log(client, **{"from": "2026-11-22T09:00:01+07:00"}) == []
    assert await fields(await client.get("/v1/lookups", params={"from": "yesterday"})) == [
        ("query.from", "datetime_type")
    ]
    assert await fields(await client.get("/v1/lookups", params={"to": "0.5"})) == [("query.to", "datetime_type")]
    assert await fields(await client.get("/v1/lookups", params={"to": "2026-11-22T00:00:00"})) == [
        ("query.to", "timezone_aware")
    ]
    assert await fields(await client.get("/v1/lookups", params={"cursor": "x"}), 400) == [
        ("query.cursor", "bad-cursor")
    ]


async def test_a_repeat_with_the_same_key_is_the_same_answer(client: httpx.AsyncClient) -> None:
    headers = {"Idempotency-Key": "K1"}
    first = await client.post("/v1/citizens", json=[an()], headers=headers)
    again = await client.post("/v1/citizens", json=[an()], headers=headers)
    assert (first.status_code, again.status_code, again.json()) == (201, 201, first.json())
    assert again.headers["idempotency-replayed"] == "true"


SCOPES = [
    ("POST", "/v1/citizens", scopes.POPULATION_WRITE),
    ("GET", f"/v1/citizens/{AN}", scopes.POPULATION_READ),
    ("PATCH", f"/v1/citizens/{AN}", scopes.POPULATION_WRITE),
    ("POST", f"/v1/citizens/{AN}/residences", scopes.POPULATION_WRITE),
    ("GET", f"/v1/citizens/{AN}/residences", scopes.POPULATION_READ),
    ("POST", "/v1/households", scopes.POPULATION_WRITE),
    ("GET", "/v1/households/h", scopes.POPULATION_READ),
    ("POST", "/v1/households/h/members", scopes.POPULATION_WRITE),
    ("POST", "/v1/identity-checks", scopes.POPULATION_CHECK),
    ("POST", "/v1/id-card-checks", scopes.POPULATION_CHECK),
    ("POST", "/v1/household-confirmations", scopes.POPULATION_CHECK),
    ("GET", "/v1/lookups", scopes.POPULATION_AUDIT),
    ("GET", "/v1/lookups/summary", scopes.POPULATION_AUDIT),
]


async def test_each_route_wants_its_scope(client: httpx.AsyncClient, issuer: TestIssuer) -> None:
    for method, path, scope in SCOPES:
        others = issuer.token(*(scopes.ALL - {scope}))
        headers = {"Authorization": f"Bearer {others}", "Content-Type": "application/json", **PURPOSE}
        answer = await client.request(method, path, headers=headers, content=json.dumps(an()))
        assert answer.status_code == 403, path
        assert scope in answer.json()["detail"]
        anonymous = await client.request(method, path, headers={"Authorization": ""}, content=json.dumps(an()))
        assert anonymous.status_code == 401, path


async def test_nothing_personal_in_the_metrics(client: httpx.AsyncClient) -> None:
    await client.post("/v1/citizens", json=an())
    await client.get(f"/v1/citizens/{AN}", headers=PURPOSE)
    metrics = (await client.get("/metrics")).text
    assert "/v1/citizens/{personal_id}" in metrics
    assert AN not in metrics
