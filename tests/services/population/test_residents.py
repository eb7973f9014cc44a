"""Who lived where, and when: by household and by commune, over the reform, in pages."""

from __future__ import annotations

from datetime import date
from typing import Any

import httpx
import pytest

from contracts.population import ResidenceKind
from contracts.problems import VALIDATION, Problem
from services.bus.kit.store import Store
from services.population.queries.residents import Period, origins, refuse_unit, unit_residents
from tests.services.population.acts import death, heard
from tests.services.population.people import (
    AN,
    BINH,
    CHI,
    ELSEWHERE_NOW,
    NEW_COMMUNE,
    OLD_COMMUNE,
    PURPOSE,
    TODAY,
    an,
    binh,
    chi,
    family,
    home,
    registered,
)

pytestmark = pytest.mark.anyio

SPLIT_COMMUNE, FIRST_PART, SECOND_PART = "21634", "21622", "21628"


async def lived(store: Store, code: str, period: Period, **asked: Any) -> list[tuple[str, bool]]:
    options: dict[str, Any] = {"kind": None, "limit": 100, "cursor": None, **asked}
    page = await store.read(lambda tx: unit_residents(tx, code, period, **options))
    return [(each.personal_id, each.certain) for each in page.items]


def on(day: str) -> Period:
    return Period.asked(date.fromisoformat(day), None, None, TODAY)


async def test_who_lived_in_a_commune_on_a_day(store: Store) -> None:
    moved = home(unit_code=ELSEWHERE_NOW, valid_from="2026-02-01")
    await registered(store, an(residences=[home(), moved]), binh(residences=[home()]), chi())
    assert await lived(store, OLD_COMMUNE, on("2025-06-30")) == [(AN, True), (BINH, True)]
    assert await lived(store, OLD_COMMUNE, on("2016-04-30")) == []
    assert await lived(store, NEW_COMMUNE, on("2026-01-31")) == [(AN, True), (BINH, True)]
    assert await lived(store, NEW_COMMUNE, on("2026-02-01")) == [(BINH, True)]
    assert await lived(store, ELSEWHERE_NOW, on("2026-02-01")) == [(AN, True)]
    await heard(store, death("death-1", BINH))
    assert await lived(store, NEW_COMMUNE, on("2026-11-19")) == [(BINH, True)]
    assert await lived(store, NEW_COMMUNE, on("2026-11-20")) == []


async def test_a_commune_that_was_divided_is_told_in_each_part_and_called_uncertain(store: Store) -> None:
    here = home(unit_code=SECOND_PART, valid_from="2025-07-01")
    await registered(store, an(residences=[home(unit_code=SPLIT_COMMUNE)]), binh(residences=[here]))
    assert await lived(store, FIRST_PART, on("2026-01-01")) == [(AN, False)]
    assert await lived(store, SECOND_PART, on("2026-01-01")) == [(AN, False), (BINH, True)]
    assert [origin.certain for origin in origins(SPLIT_COMMUNE, date(2020, 1, 1))] == [True]


async def test_a_code_that_changed_hands_is_never_mixed_up(store: Store) -> None:
    """21964 is one commune until the reform and another, larger one after it."""
    await registered(store, an(residences=[home(unit_code="21964")]), binh(residences=[home()]))
    assert await lived(store, "21964", on("2025-06-30")) == [(AN, True)]
    assert await lived(store, "21964", on("2025-07-01")) == [(AN, True), (BINH, True)]


async def test_a_period_and_a_kind(store: Store) -> None:
    guest = home("temporary", unit_code=NEW_COMMUNE, valid_from="2026-03-01", valid_to="2026-05-01")
    elsewhere = home(unit_code=ELSEWHERE_NOW, valid_from="2025-08-01")
    await registered(store, an(residences=[elsewhere, guest]), binh(residences=[home()]))

    def period(since: str, until: str | None) -> Period:
        return Period.asked(None, date.fromisoformat(since), date.fromisoformat(until) if until else None, TODAY)

    assert await lived(store, NEW_COMMUNE, period("2026-01-01", "2026-03-01")) == [(BINH, True)]
    assert await lived(store, NEW_COMMUNE, period("2026-01-01", "2026-03-02")) == [(AN, True), (BINH, True)]
    assert await lived(store, NEW_COMMUNE, period("2026-05-01", None)) == [(BINH, True)]
    assert await lived(store, NEW_COMMUNE, on("2026-04-01"), kind=ResidenceKind.TEMPORARY) == [(AN, True)]


@pytest.mark.parametrize(
    ("code", "since", "until", "rule"),
    [
        (OLD_COMMUNE, "2025-07-01", "2025-07-02", "unit.wrong_period"),
        ("99999", "2020-01-01", "2020-01-02", "unit.unknown"),
        ("540", "2020-01-01", "2020-01-02", "unit.wrong_level"),
        (OLD_COMMUNE, "2020-01-01", "2025-07-02", "period.across_units"),
        (OLD_COMMUNE, "2020-01-01", None, "period.across_units"),
    ],
)
def test_a_unit_has_to_exist_on_every_day_asked_for(code: str, since: str, until: str | None, rule: str) -> None:
    period = Period(date.fromisoformat(since), date.fromisoformat(until) if until else None)
    with pytest.raises(Problem) as refused:
        refuse_unit(code, period)
    assert (refused.value.type, refused.value.errors[0].rule) == (VALIDATION, rule)
    refuse_unit(OLD_COMMUNE, Period(date(2020, 1, 1), date(2025, 7, 1)))


def test_the_last_day_there_is() -> None:
    assert Period.asked(date.max, None, None, TODAY) == Period(date.max, None)
    assert Period.asked(None, None, None, TODAY).last == TODAY


# -- over HTTP ---------------------------------------------------------------------------------------------


async def at_home(client: httpx.AsyncClient) -> str:
    await client.post("/v1/citizens", json=[each(residences=[home()]) for each in (an, binh, chi)])
    made = await client.post("/v1/households", json=family())
    household_id: str = made.json()["household_id"]
    return household_id


async def errors(answer: httpx.Response, status: int = 422) -> list[tuple[str, str]]:
    assert answer.status_code == status, answer.text
    assert answer.headers["content-type"] == "application/problem+json"
    return [(each["field"], each["rule"]) for each in answer.json()["errors"]]


async def test_a_commune_in_pages(client: httpx.AsyncClient) -> None:
    await at_home(client)
    path, seen, cursor = f"/v1/units/{NEW_COMMUNE}/residents", [], None
    for _ in range(3):
        params = {"limit": 1, **({"cursor": cursor} if cursor else {})}
        page = (await client.get(path, params=params, headers=PURPOSE)).json()
        seen += [(each["personal_id"], each["unit_name"], each["certain"]) for each in page["items"]]
        cursor = page["next_cursor"]
    assert cursor is None
    name = "Xã Phước Hưng, Huyện Tuy Phước, Tỉnh Bình Định"
    assert seen == [(AN, name, True), (BINH, name, True), (CHI, name, True)]
    log = (await client.get("/v1/lookups", params={"personal_id": BINH})).json()["items"]
    assert [(each["kind"], each["unit_code"], each["outcome"]) for each in log] == [
        ("unit_residents", NEW_COMMUNE, "shown")
    ]


async def test_a_household_on_a_day(client: httpx.AsyncClient) -> None:
    household_id = await at_home(client)
    head = {"personal_id": BINH, "valid_from": "2026-01-01"}
    changed = await client.post(f"/v1/households/{household_id}/head", json=head)
    assert (changed.status_code, changed.headers["etag"]) == (200, '"2"')
    path = f"/v1/households/{household_id}/residents"

    async def told(**asked: str) -> list[tuple[str, str]]:
        answer = await client.get(path, params=asked, headers=PURPOSE)
        assert answer.status_code == 200, answer.text
        return [(each["personal_id"], each["relation"]) for each in answer.json()["items"]]

    assert await told() == [(AN, "spouse"), (BINH, "head"), (CHI, "child")]
    assert await told(on="2025-12-31") == [(AN, "head"), (BINH, "spouse"), (CHI, "child")]
    assert await told(on="2010-01-01") == []
    both = await told(**{"from": "2025-01-01", "to": "2027-01-01"})
    assert both == [(AN, "head"), (AN, "spouse"), (BINH, "spouse"), (BINH, "head"), (CHI, "child")]
    first = (await client.get(path, params={"limit": 2}, headers=PURPOSE)).json()
    rest = (await client.get(path, params={"limit": 2, "cursor": first["next_cursor"]}, headers=PURPOSE)).json()
    assert [each["personal_id"] for each in first["items"] + rest["items"]] == [AN, BINH, CHI]
    assert rest["next_cursor"] is None
    log = (await client.get("/v1/lookups", params={"personal_id": CHI})).json()["items"]
    assert {each["kind"] for each in log} == {"household_residents"}
    assert len(log) == 4  # not for the day before she lived there, nor for the page she was not on


async def test_what_cannot_be_asked(client: httpx.AsyncClient) -> None:
    household_id = await at_home(client)
    home_path = f"/v1/households/{household_id}/residents"
    unit_path = f"/v1/units/{NEW_COMMUNE}/residents"
    for path, params, wrong in [
        (home_path, {"on": "2026-01-01", "from": "2026-01-01"}, ("query.on", "period.day_or_period")),
        (home_path, {"to": "2026-01-01"}, ("query.from", "period.no_beginning")),
        (home_path, {"from": "2026-01-02", "to": "2026-01-02"}, ("query.to", "period.empty")),
        (home_path, {"on": "tomorrow"}, ("query.on", "date_type")),
        (home_path, {"on": "2026-02-30"}, ("query.on", "date_from_datetime_parsing")),
        (home_path, {"limit": "501"}, ("query.limit", "less_than_equal")),
        (unit_path, {"kind": "holiday"}, ("query.kind", "enum")),
        (unit_path, {"on": "2025-06-30", "limit": "0"}, ("query.limit", "greater_than_equal")),
        ("/v1/units/2196x/residents", {}, ("path.code", "unit_code.format")),
        (f"/v1/units/{OLD_COMMUNE}/residents", {}, ("path.code", "unit.wrong_period")),
        ("/v1/units/52/residents", {}, ("path.code", "unit.wrong_level")),
    ]:
        assert wrong in await errors(await client.get(path, params=params, headers=PURPOSE)), wrong
    for path in (home_path, unit_path):
        assert await errors(await client.get(path, params={"cursor": "x"}, headers=PURPOSE), 400) == [
            ("query.cursor", "bad-cursor")
        ]
        assert await errors(await client.get(path), 403) == [("header.X-Purpose", "purpose-required")]
    missing = await client.get("/v1/households/no-such/residents", headers=PURPOSE)
    assert missing.status_code == 404
    (entry, *_) = (await client.get("/v1/lookups")).json()["items"]
    assert (entry["kind"], entry["household_id"], entry["outcome"]) == (
        "household_residents",
        "no-such",
        "not_found",
    )
