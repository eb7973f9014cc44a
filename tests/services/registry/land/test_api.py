"""The service over HTTP: what it answers, and what it refuses by field and rule."""

from __future__ import annotations

from typing import Any

import httpx
import pytest

from contracts import scopes
from services.bus.kit.testing import TestIssuer
from tests.services.registry.land.parcels import (
    AN,
    BINH,
    COMMUNE,
    KEY,
    OLD_COMMUNE,
    block,
    handover,
    mortgage,
    parcel,
    person,
    split,
)

pytestmark = pytest.mark.anyio


def fields(answer: httpx.Response, status: int = 422) -> list[tuple[str, str]]:
    assert answer.status_code == status, answer.text
    assert answer.headers["content-type"] == "application/problem+json"
    return [(error["field"], error["rule"]) for error in answer.json().get("errors", [])]


async def register(client: httpx.AsyncClient, **changes: Any) -> dict[str, Any]:
    answer = await client.post("/v1/parcels", json=parcel(**changes))
    assert answer.status_code == 201, answer.text
    made: dict[str, Any] = answer.json()
    return made


async def file(client: httpx.AsyncClient, body: dict[str, Any], key: str = KEY) -> httpx.Response:
    return await client.post(f"/v1/parcels/{key}/changes", json={"effective_on": "2026-11-21", **body})


async def test_a_parcel_goes_in_and_comes_out(client: httpx.AsyncClient) -> None:
    answer = await client.post("/v1/parcels", json=parcel())
    assert (answer.status_code, answer.headers["location"], answer.headers["etag"]) == (
        201,
        f"/v1/parcels/{KEY}",
        '"2"',
    )
    shown = await client.get(f"/v1/parcels/{KEY}")
    assert (shown.status_code, shown.headers["etag"]) == (200, '"2"')
    told = shown.json()
    assert (told["area_m2"], told["unit_name"]) == ("250.50", "Xã Tuy Phước Bắc, Tỉnh Gia Lai")
    assert told["rights"][0]["holders"] == [
        {"name": "Nguyễn Văn An", "personal_id": AN, "tax_code": None, "share": "1/1"}
    ]
    serial = told["certificate"]["serial"]
    certificate = await client.get(f"/v1/certificates/{serial}")
    assert (certificate.json()["parcel_key"], certificate.json()["state"]) == (KEY, "live")
    assert fields(await client.post("/v1/parcels", json=parcel()), 409) == [
        ("body.parcel_number", "already-exists")
    ]


BAD_PARCELS: list[tuple[dict[str, Any], list[tuple[str, str]]]] = [
    (parcel(geohash="s6u2mpv1x0ke"), [("body.geohash", "parcel_geohash.outside_vietnam")]),
    (parcel(geohash="wzzzzzzzzzzz"), [("body.geohash", "parcel.outside_vietnam")]),
    (parcel(geohash="w6u2"), [("body.geohash", "parcel_geohash.format")]),
    (parcel(area_m2="0"), [("body.area_m2", "greater_than")]),
    (parcel(area_m2="1.234"), [("body.area_m2", "decimal_max_places")]),
    (parcel(area_m2="NaN"), [("body.area_m2", "finite_number")]),
    (parcel(land_uses=[{"code": "XYZ", "area_m2": 1}]), [("body.land_uses[0].code", "land_use.unknown")]),
    (parcel(land_uses=[{"code": "ONT", "area_m2": 1}]), [("body.land_uses", "land-uses.area")]),
    (parcel(holders=[person(AN, share="1/2")]), [("body.holders", "shares.sum")]),
    (parcel(holders=[person(AN, share="2/3"), person(BINH, share="1/2")]), [("body.holders", "shares.sum")]),
    (parcel(holders=[person(AN, share="0.5")]), [("body.holders[0].share", "share.format")]),
    (parcel(holders=[person(AN, share="3/2")]), [("body.holders[0].share", "share.range")]),
    (
        parcel(holders=[person(AN, share="1/2"), person(AN, share="1/2")]),
        [("body.holders[1]", "parties.distinct")],
    ),
    (parcel(holders=[{**person(AN), "tax_code": "0100233488"}]), [("body.holders[0]", "party.two_numbers")]),
    (parcel(holders=[]), [("body.holders", "too_short")]),
    (parcel(unit_code="99999"), [("body.unit_code", "unit.unknown")]),
    (parcel(unit_code=OLD_COMMUNE), [("body.unit_code", "unit.wrong_period")]),
    (parcel(unit_code="52"), [("body.unit_code", "unit.wrong_level")]),
    (parcel(registered_on="2026-12-01"), [("body.registered_on", "effective.not-future")]),
    (parcel(map_sheet=0), [("body.map_sheet", "greater_than_equal")]),
    (
        parcel(certificate={"serial": "AA1", "issue_number": "1", "issued_on": "2020-01-01"}),
        [("body.certificate.serial", "certificate_serial.format")],
    ),
    (parcel(colour="red"), [("body.colour", "extra_forbidden")]),
]


async def test_bad_parcels_are_named_by_field_and_rule(client: httpx.AsyncClient) -> None:
    for body, expected in BAD_PARCELS:
        assert fields(await client.post("/v1/parcels", json=body)) == expected
    assert (await client.get(f"/v1/parcels/{KEY}")).status_code == 404
    vi = await client.post("/v1/parcels", json=BAD_PARCELS[8][0], headers={"Accept-Language": "vi"})
    assert vi.json()["errors"][0]["detail"] == "Tổng phần quyền là 1/2, phải bằng 1/1."


BAD_CHANGES: list[tuple[dict[str, Any], list[tuple[str, str]]]] = [
    ({"kind": "wish"}, [("body", "union_tag_invalid")]),
    ({}, [("body", "union_tag_not_found")]),
    (handover(recipients=[person(BINH, share="1/2")]), [("body.recipients", "shares.sum")]),
    (
        handover(givers=[{"personal_id": BINH}]),
        [("body.givers[0]", "giver.holds"), ("body.recipients", "shares.sum")],
    ),
    (handover(effective_on="2026-12-01"), [("body.effective_on", "effective.not-future")]),
    (handover(recipients=[person("123")]), [("body.recipients[0].personal_id", "personal_id.format")]),
    (split("100", "100"), [("body.pieces", "area.conserved")]),
    ({"kind": "merge", "others": ["21964-12-9"], "parcel_number": 7, "area_m2": 1}, []),
    ({"kind": "mortgage-deletion", "mortgage": "x"}, [("body.mortgage", "mortgage.known")]),
    ({"kind": "correction"}, [("body", "details.something")]),
]


async def test_bad_changes_are_named_by_field_and_rule(client: httpx.AsyncClient) -> None:
    await register(client)
    for body, expected in BAD_CHANGES:
        found = fields(await file(client, body))
        assert found == expected or (not expected and ("body.others[0]", "merge.known") in found)
    assert (await client.get(f"/v1/parcels/{KEY}")).headers["etag"] == '"2"'
    history = (await client.get(f"/v1/parcels/{KEY}/changes")).json()["items"]
    assert [each["kind"] for each in history] == ["registration"]


async def test_an_unknown_parcel_is_not_found(client: httpx.AsyncClient) -> None:
    assert (await client.get(f"/v1/parcels/{KEY}")).status_code == 404
    assert (await client.get("/v1/parcels/nonsense")).status_code == 422
    assert (await file(client, handover())).status_code == 404
    assert (await client.post(f"/v1/parcels/{KEY}/restrictions", json=block())).status_code == 404
    assert (await client.get("/v1/certificates/AA12345678")).status_code == 404
    assert (await client.get("/v1/changes/none")).status_code == 404
    assert (await client.post("/v1/changes/none/confirm", json={})).status_code == 404
    assert (await client.get(f"/v1/parcels/{KEY}/changes")).status_code == 404


async def test_a_change_waits_for_its_tax_and_locks_the_right(client: httpx.AsyncClient) -> None:
    await register(client)
    filed = await file(client, handover())
    assert (filed.status_code, filed.json()["state"], filed.json()["number"]) == (201, "pending", None)
    change_id = filed.json()["id"]
    assert (await client.get(f"/v1/parcels/{KEY}")).json()["pending"] == change_id
    for other in (handover("gift"), mortgage(), split("100", "150.5")):
        refused = await file(client, other)
        assert (refused.status_code, refused.json()["type"]) == (409, "urn:truc:problem:change-pending")
        assert refused.json()["change_id"] == change_id
    confirmed = await client.post(f"/v1/changes/{change_id}/confirm", json={"notice": "TB-1", "amount_vnd": 5})
    assert (confirmed.status_code, confirmed.json()["state"]) == (200, "registered")
    assert confirmed.headers["etag"] == '"4"'
    again = await client.post(f"/v1/changes/{change_id}/confirm", json={})
    assert (again.status_code, again.json()["type"]) == (409, "urn:truc:problem:change-closed")
    shown = (await client.get(f"/v1/changes/{change_id}")).json()
    assert (shown["effects"]["tax"]["notice"], shown["number"]) == ("TB-1", "BD-2026-000002")


async def test_a_pending_change_can_be_given_up(client: httpx.AsyncClient) -> None:
    await register(client)
    change_id = (await file(client, handover())).json()["id"]
    assert fields(await client.post(f"/v1/changes/{change_id}/give-up", json={"reason": "no"})) == [
        ("body.reason", "string_too_short")
    ]
    given_up = await client.post(f"/v1/changes/{change_id}/give-up", json={"reason": "withdrawn"})
    assert given_up.json()["state"] == "given-up"
    assert (await file(client, handover("gift"))).status_code == 201


async def test_if_match_and_idempotency(client: httpx.AsyncClient) -> None:
    await register(client)
    stale = await client.post(f"/v1/parcels/{KEY}/changes", json=mortgage(), headers={"If-Match": '"1"'})
    assert fields(stale, 412) == [("header.If-Match", "stale-version")]
    headers = {"If-Match": '"2"', "Idempotency-Key": "m-1"}
    first = await client.post(f"/v1/parcels/{KEY}/changes", json=mortgage(), headers=headers)
    second = await client.post(f"/v1/parcels/{KEY}/changes", json=mortgage(), headers=headers)
    assert (first.status_code, first.json(), second.headers["idempotency-replayed"]) == (
        201,
        second.json(),
        "true",
    )
    assert len((await client.get(f"/v1/parcels/{KEY}")).json()["restrictions"]) == 1


async def test_blocks_come_and_go(client: httpx.AsyncClient) -> None:
    await register(client)
    entered = await client.post(f"/v1/parcels/{KEY}/restrictions", json=block("distraint"))
    assert entered.status_code == 201
    restriction = entered.json()["restriction"]
    refused = await file(client, handover())
    assert fields(refused) == [("parcel.restrictions", "distraint.none")]
    lifting = {"authority": "Thi hành án", "document_number": "9", "document_date": "2026-11-19"}
    path = f"/v1/parcels/{KEY}/restrictions/{restriction}/lift"
    assert fields(await client.post(path, json=lifting)) == [("body.document_date", "lifting.before-block")]
    lifted = await client.post(path, json={**lifting, "document_date": "2026-11-22"})
    assert lifted.status_code == 200
    assert (await client.post(path, json=lifting)).status_code == 404
    assert (await file(client, handover())).status_code == 201


async def test_a_mortgage_is_deleted_not_lifted(client: httpx.AsyncClient) -> None:
    await register(client)
    restriction = (await file(client, mortgage())).json()["restriction"]
    path = f"/v1/parcels/{KEY}/restrictions/{restriction}/lift"
    lifting = {"authority": "Ngân hàng", "document_number": "9", "document_date": "2026-11-22"}
    assert fields(await client.post(path, json=lifting)) == [("path.restriction_id", "restriction.mortgage")]


async def test_parcels_are_found_by_sheet_owner_and_name(client: httpx.AsyncClient) -> None:
    for number in range(1, 6):
        await register(client, parcel_number=number, holders=[person(AN if number % 2 else BINH)])
    await register(client, map_sheet=13, parcel_number=1)

    async def found(**wanted: str) -> list[str]:
        answer = await client.get("/v1/parcels", params=wanted)
        assert answer.status_code == 200, answer.text
        keys = [each["key"].removeprefix(f"{COMMUNE}-") for each in answer.json()["items"]]
        if cursor := answer.json()["next_cursor"]:
            keys += await found(**{**wanted, "cursor": cursor})
        return keys

    assert await found(owner=AN) == ["12-1", "12-3", "12-5", "13-1"]
    assert await found(owner=AN, sheet="12", limit="2") == ["12-1", "12-3", "12-5"]
    assert await found(name="tran thi binh") == ["12-2", "12-4"]
    assert await found(name="Trần Thị Bình", owner=AN) == []
    assert await found(unit=COMMUNE, limit="4") == ["12-1", "12-2", "12-3", "12-4", "12-5", "13-1"]
    await file(client, handover(), f"{COMMUNE}-13-1")
    assert fields(await client.get("/v1/parcels", params={"cursor": "x"}), 400) == [("query.cursor", "bad-cursor")]
    assert fields(await client.get("/v1/parcels", params={"owner": "12"}))[0][0].startswith("query.owner")


async def test_a_scope_is_needed(client: httpx.AsyncClient, issuer: TestIssuer) -> None:
    headers = {"Authorization": f"Bearer {issuer.token(scopes.LAND_READ)}"}
    assert (await client.post("/v1/parcels", json=parcel(), headers=headers)).status_code == 403
    assert (await client.get("/v1/parcels", headers=headers)).status_code == 200
    assert (await client.get("/v1/imports/x", headers=headers)).status_code == 403
