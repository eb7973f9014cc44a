"""Somebody's own store: for a purpose, logged, page by page."""

from __future__ import annotations

from datetime import date, timedelta
from typing import Any

import httpx
import pytest
from fastapi import FastAPI

from contracts.results import Owner
from services.bus.kit.clock import FixedClock
from tests.services.dossier.results.conftest import NOW, OTHER, PERSON, PROCEDURE, PURPOSE, issued

pytestmark = pytest.mark.anyio


async def shown(client: httpx.AsyncClient, owner: str = PERSON, **params: Any) -> dict[str, Any]:
    response = await client.get(f"/v1/owners/{owner}/results", params=params, headers=PURPOSE)
    assert response.status_code == 200, response.text
    return dict(response.json())


async def test_newest_first_page_by_page(app: FastAPI, client: httpx.AsyncClient, clock: FixedClock) -> None:
    ids = []
    for day in range(5):
        row = await issued(app, now=NOW + timedelta(days=day // 2))
        ids.append(row.id)
    await issued(app, owner=Owner(id=OTHER, name="Trần Thị Bình"))
    seen: list[str] = []
    cursor = None
    while True:
        page = await shown(client, limit=2, **({"cursor": cursor} if cursor else {}))
        seen += [each["id"] for each in page["items"]]
        cursor = page["next_cursor"]
        if cursor is None:
            break
    assert seen == ids[::-1]


async def test_filters(app: FastAPI, client: httpx.AsyncClient) -> None:
    good = await issued(app)
    expired = await issued(app, valid_until=date(2022, 1, 1))
    assert {each["state"] for each in (await shown(client))["items"]} == {"valid", "expired"}
    assert [each["id"] for each in (await shown(client, valid_only=True))["items"]] == [good.id]
    assert len((await shown(client, kind="marital-status-certificate"))["items"]) == 2
    assert (await shown(client, kind="birth-certificate"))["items"] == []
    assert len((await shown(client, code="H08-KQ000104"))["items"]) == 2, "by MaKetQua"
    assert (await shown(client, code="KQ.G15.000031"))["items"] == []
    assert expired.id in {each["id"] for each in (await shown(client))["items"]}


async def test_a_shared_result_lies_in_both_stores(app: FastAPI, client: httpx.AsyncClient) -> None:
    row = await issued(app, holders=[OTHER])
    for owner in (PERSON, OTHER):
        assert [each["id"] for each in (await shown(client, owner))["items"]] == [row.id]


async def test_an_organisation_has_a_store(app: FastAPI, client: httpx.AsyncClient) -> None:
    row = await issued(app, owner=Owner(id="0100233488-001", name="Công ty"))
    for spelling in ("0100233488-001", "0100233488001"):
        assert [each["id"] for each in (await shown(client, spelling))["items"]] == [row.id]


async def test_every_look_is_logged_also_for_nothing(app: FastAPI, client: httpx.AsyncClient) -> None:
    await issued(app)
    headers = {**PURPOSE, "X-Agency": "H08.31", "X-Officer": "CB-17"}
    await client.get(f"/v1/owners/{PERSON}/results", headers=headers)
    await client.get(f"/v1/owners/{PERSON}/offers?procedure_code={PROCEDURE}", headers=headers)
    await client.get(f"/v1/owners/{OTHER}/results", headers=headers)
    log = (await client.get(f"/v1/owners/{PERSON}/lookups")).json()["items"]
    assert [(each["what"], each["shown"], each["officer"]) for each in log] == [
        ("offers", 0, "CB-17"),
        ("results", 1, "CB-17"),
    ]
    assert log[0]["client_id"] == "one-stop"
    assert (log[0]["procedure_code"], log[0]["dossier"], log[0]["agency"]) == (
        PROCEDURE,
        PURPOSE["X-Dossier"],
        "H08.31",
    )
    assert len((await client.get(f"/v1/owners/{OTHER}/lookups")).json()["items"]) == 1
    page = (await client.get(f"/v1/owners/{PERSON}/lookups?limit=1")).json()
    rest = (await client.get(f"/v1/owners/{PERSON}/lookups", params={"cursor": page["next_cursor"]})).json()
    assert [each["what"] for each in page["items"] + rest["items"]] == ["offers", "results"]


@pytest.mark.parametrize("left_out", ["X-Purpose", "X-Dossier"])
async def test_without_a_purpose_nothing_is_shown_and_nothing_logged(
    client: httpx.AsyncClient, left_out: str
) -> None:
    headers = {name: value for name, value in PURPOSE.items() if name != left_out}
    for path in ("results", f"offers?procedure_code={PROCEDURE}"):
        response = await client.get(f"/v1/owners/{PERSON}/{path}", headers=headers)
        assert response.status_code == 403
        assert response.json()["errors"][0]["field"] == f"header.{left_out}"
    assert (await client.get(f"/v1/owners/{PERSON}/lookups")).json()["items"] == []


@pytest.mark.usefixtures("planned")
async def test_offers_name_the_papers_that_need_not_be_handed_in(app: FastAPI, client: httpx.AsyncClient) -> None:
    first, second = await issued(app), await issued(app)
    await issued(app, valid_until=date(2023, 2, 28))
    await issued(app, owner=Owner(id=OTHER, name="Trần Thị Bình"))
    url = f"/v1/owners/{PERSON}/offers"
    (offer,) = (await client.get(url, params={"procedure_code": PROCEDURE}, headers=PURPOSE)).json()["items"]
    assert offer["name"]["vi"] == "Giấy xác nhận tình trạng hôn nhân"
    assert [each["id"] for each in offer["results"]] == [second.id, first.id]
    none = (await client.get(url, params={"procedure_code": "1.001266"}, headers=PURPOSE)).json()
    assert none == {"procedure_code": "1.001266", "items": []}
