"""Residences, absences and splits over HTTP: what they answer, and what they make of bad input."""

from __future__ import annotations

from typing import Any

import httpx
import pytest

from contracts import scopes
from services.bus.kit.testing import TestIssuer
from tests.services.population.people import (
    AN,
    BINH,
    CHI,
    ELSEWHERE_NOW,
    NEW_COMMUNE,
    NOBODY,
    PURPOSE,
    an,
    binh,
    chi,
    family,
    home,
)

pytestmark = pytest.mark.anyio

STAYS, AWAY = f"/v1/citizens/{AN}/residences", f"/v1/citizens/{AN}/absences"
GUEST = {"kind": "temporary", "unit_code": ELSEWHERE_NOW, "valid_from": "2026-06-01", "valid_to": "2027-06-01"}


async def errors(answer: httpx.Response, status: int = 422) -> list[tuple[str, str]]:
    assert answer.status_code == status, answer.text
    assert answer.headers["content-type"] == "application/problem+json"
    return [(each["field"], each["rule"]) for each in answer.json()["errors"]]


async def test_the_way_of_a_temporary_residence(client: httpx.AsyncClient) -> None:
    await client.post("/v1/citizens", json=an(residences=[home()]))
    entered = await client.post(STAYS, json=GUEST, headers={"Idempotency-Key": "K1"})
    assert (entered.status_code, entered.headers["etag"]) == (201, '"2"')
    stay = f"{STAYS}/{entered.json()['residence_id']}"
    again = await client.post(STAYS, json=GUEST, headers={"Idempotency-Key": "K1"})
    assert again.json() == entered.json()
    overlapping = await client.post(STAYS, json={**GUEST, "unit_code": "21952", "valid_from": "2026-09-01"})
    assert await errors(overlapping, 409) == [("body.valid_from", "residence.overlaps")]
    assert "2026-06-01 – 2027-06-01" in overlapping.json()["detail"]
    stale = await client.post(f"{stay}/renewal", json={"valid_to": "2028-01-01"}, headers={"If-Match": '"1"'})
    assert await errors(stale, 412) == [("header.If-Match", "stale-version")]
    renewed = await client.post(f"{stay}/renewal", json={"valid_to": "2028-01-01"}, headers={"If-Match": '"2"'})
    assert (renewed.status_code, renewed.json()["version"]) == (200, 3)
    ended = await client.post(f"{stay}/deregistration", json={"on": "2026-11-01", "reason": "housing_ended"})
    assert (ended.status_code, ended.headers["etag"]) == (200, '"4"')
    shown = (await client.get(STAYS, headers=PURPOSE)).json()
    (temporary,) = [each for each in shown if each["kind"] == "temporary"]
    assert (temporary["valid_to"], temporary["end_reason"]) == ("2026-11-01", "housing_ended")
    today = (await client.get(f"/v1/citizens/{AN}", headers=PURPOSE)).json()
    assert [each["kind"] for each in today["residences"]] == ["permanent"]


async def test_absences(client: httpx.AsyncClient) -> None:
    await client.post("/v1/citizens", json=an(residences=[home()]))
    away = {"reason": "military", "valid_from": "2026-11-01", "unit_code": "79", "detail": "Đơn vị X"}
    made = await client.post(AWAY, json=away)
    assert (made.status_code, made.headers["etag"]) == (201, '"2"')
    back = await client.post(f"{AWAY}/{made.json()['absence_id']}/return", json={"valid_to": "2026-11-20"})
    assert (back.status_code, back.json()["version"]) == (200, 3)
    shown = (await client.get(AWAY, headers=PURPOSE)).json()
    assert [(each["valid_to"], each["unit_name"]) for each in shown] == [("2026-11-20", "Thành phố Hồ Chí Minh")]
    assert (await client.get(f"/v1/citizens/{NOBODY}/absences", headers=PURPOSE)).status_code == 404
    log = (await client.get("/v1/lookups")).json()["items"]
    assert [(each["kind"], each["outcome"]) for each in log] == [
        ("absences", "not_found"),
        ("absences", "shown"),
    ]


async def test_a_split_and_where_it_is_found(client: httpx.AsyncClient) -> None:
    await client.post("/v1/citizens", json=[an(), binh(), chi()])
    old = (await client.post("/v1/households", json=family())).json()["household_id"]
    members = [{"personal_id": BINH, "relation": "head"}, {"personal_id": CHI, "relation": "child"}]
    body = {"members": members, "valid_from": "2026-11-22", "unit_code": NEW_COMMUNE}
    made = await client.post(f"/v1/households/{old}/splits", json=body)
    assert (made.status_code, made.headers["etag"]) == (201, '"1"')
    shown = await client.get(made.headers["location"], headers=PURPOSE)
    assert [each["personal_id"] for each in shown.json()["members"]] == [BINH, CHI]
    again = await client.post(f"/v1/households/{old}/splits", json=body)
    assert await errors(again, 409) == [
        ("body.members[0].personal_id", "household.not_a_member"),
        ("body.members[1].personal_id", "household.not_a_member"),
    ]


BAD: list[tuple[str, Any, tuple[str, str]]] = [
    (STAYS, {**GUEST, "valid_to": 20270601}, ("body.valid_to", "date_type")),
    (STAYS, {**GUEST, "valid_to": None}, ("body.valid_to", "residence.end_required")),
    (STAYS, {**GUEST, "kind": "permanent"}, ("body.valid_to", "residence.end_unfit")),
    (f"{STAYS}/x/renewal", {}, ("body.valid_to", "missing")),
    (f"{STAYS}/x/renewal", {"valid_to": "2027-13-01"}, ("body.valid_to", "date_from_datetime_parsing")),
    (f"{STAYS}/{'x' * 37}/renewal", {"valid_to": "2027-01-01"}, ("path.residence_id", "string_too_long")),
    (f"{STAYS}/x/deregistration", {"on": "2026-01-01", "reason": "moved"}, ("body.reason", "literal_error")),
    (
        f"{STAYS}/x/deregistration",
        {"on": "2026-01-01", "reason": "other", "note": "a\nb"},
        ("body.note", "string_pattern_mismatch"),
    ),
    (AWAY, {"reason": "other"}, ("body.valid_from", "missing")),
    (AWAY, {"reason": "holiday", "valid_from": "2026-01-01"}, ("body.reason", "enum")),
    (AWAY, {"reason": "other", "valid_from": "2026-01-01", "who": AN}, ("body.who", "extra_forbidden")),
    (f"{AWAY}/x/return", {"valid_to": True}, ("body.valid_to", "date_type")),
    ("/v1/households/x/splits", {"members": [], "valid_from": "2026-01-01"}, ("body.members", "too_short")),
    (
        "/v1/households/x/splits",
        {"members": [{"personal_id": "1", "relation": "head"}], "valid_from": "2026-01-01"},
        ("body.members[0].personal_id", "personal_id.format"),
    ),
    ("/v1/households/x/head", {"personal_id": AN}, ("body.valid_from", "missing")),
]


async def test_bad_input_names_the_field_and_the_rule(client: httpx.AsyncClient) -> None:
    await client.post("/v1/citizens", json=an(residences=[home()]))
    for path, body, wrong in BAD:
        assert wrong in await errors(await client.post(path, json=body)), (path, body)
    for path in (f"{STAYS}/x/renewal", f"{AWAY}/x/return"):
        assert (await client.post(path, json={"valid_to": "2026-12-01"})).status_code == 404
    assert (await client.get(f"/v1/citizens/{AN}", headers=PURPOSE)).json()["version"] == 1


async def test_each_route_wants_its_scope(client: httpx.AsyncClient, issuer: TestIssuer) -> None:
    write, read = scopes.POPULATION_WRITE, scopes.POPULATION_READ
    for method, path, scope in [
        ("POST", f"{STAYS}/x/renewal", write),
        ("POST", f"{STAYS}/x/deregistration", write),
        ("POST", AWAY, write),
        ("POST", f"{AWAY}/x/return", write),
        ("GET", AWAY, read),
        ("POST", "/v1/households/x/splits", write),
        ("POST", "/v1/households/x/head", write),
        ("GET", "/v1/households/x/residents", read),
        ("GET", f"/v1/units/{NEW_COMMUNE}/residents", read),
    ]:
        token = issuer.token(*(scopes.ALL - {scope}))
        headers = {"Authorization": f"Bearer {token}", "Content-Type": "application/json", **PURPOSE}
        answer = await client.request(method, path, headers=headers, content="{}")
        assert answer.status_code == 403, path
        assert scope in answer.json()["detail"]
