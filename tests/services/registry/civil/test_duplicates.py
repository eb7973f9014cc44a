"""Likely duplicates: scored with reasons; twins told apart; a missing mother is no mother in common."""

from __future__ import annotations

from typing import Any

import httpx
import pytest

from contracts.catalogue.civil_rules import parameter
from contracts.civil import Birth
from contracts.problems import Problem
from services.bus.kit.store import Store
from services.registry.civil.names import fold, has_marks, orders, with_marks
from services.registry.civil.queries.duplicates import search
from services.registry.civil.rules.duplicates import compare
from tests.services.registry.civil.acts import AGENCY, birth, born, child, man, number, party, woman

LIKELY, CERTAIN = parameter("birth.likely-duplicate", "likely"), parameter("birth.duplicate", "certain")
MOTHER = woman()
ONE = {"child": child(), "mother": MOTHER}


def a_birth(**more: Any) -> Birth:
    return Birth.model_validate({**ONE, **more})


PAIRS: list[tuple[str, dict[str, Any], dict[str, Any], float, float, set[str]]] = [
    ("the same", {}, {}, 1.0, 1.0, {"name-same", "day-same", "mother-same"}),
    ("without diacritics", {}, {"child": child(full_name="Nguyen Ngoc Chi")}, CERTAIN, 1.0, {"name-unmarked"}),
    ("order swapped", {}, {"child": child(full_name="Chi Nguyễn Ngọc")}, CERTAIN, 1.0, {"name-order"}),
    (
        "day and month swapped",
        {"child": child(date_of_birth="2026-05-03")},
        {"child": child(date_of_birth="2026-03-05")},
        CERTAIN,
        1.0,
        {"day-swapped"},
    ),
    ("a year only", {}, {"child": child(date_of_birth="2026")}, LIKELY, CERTAIN, {"year-same"}),
    ("no mother in either", {"mother": None}, {"mother": None}, 0.5, LIKELY, {"name-same", "day-same"}),
    ("no mother in one", {}, {"mother": None}, 0.5, LIKELY, {"name-same", "day-same"}),
    ("mother by name", {}, {"mother": party("Tran Thi Binh")}, LIKELY, CERTAIN, {"mother-name"}),
    (
        "both parents by name",
        {"father": man()},
        {"mother": party("Trần Thị Bình"), "father": party("Nguyễn Văn An")},
        CERTAIN,
        1.0,
        {"father-name"},
    ),
    ("another mother", {}, {"mother": woman(9, 1991)}, 0.0, 0.5, {"mother-other"}),
    (
        "namesakes of another day",
        {"mother": None},
        {"mother": None, "child": child(date_of_birth="2026-02-14")},
        0.0,
        0.5,
        {"day-other"},
    ),
    ("twins by name", {}, {"child": child(full_name="Nguyễn Ngọc Mai")}, 0.0, 0.5, {"twin-name"}),
    ("twins by order", {"child": child(birth_order=1)}, {"child": child(birth_order=2)}, 0.0, 0.5, {"twin-order"}),
    (
        "twins but for a mark",
        {},
        {"child": child(full_name="Nguyễn Ngọc Chí")},
        0.5,
        CERTAIN,
        {"name-marks-differ"},
    ),
    ("a boy and a girl", {}, {"child": child(sex="male")}, 0.0, LIKELY, {"sex-other"}),
    (
        "the same notice",
        {"mother": None, "notice_number": "7"},
        {"notice_number": "7"},
        LIKELY,
        1.0,
        {"notice-same"},
    ),
]


@pytest.mark.parametrize(
    ("one", "other", "least", "most", "reasons"), [pair[1:] for pair in PAIRS], ids=[pair[0] for pair in PAIRS]
)
def test_scores(one: dict[str, Any], other: dict[str, Any], least: float, most: float, reasons: set[str]) -> None:
    score, why = compare(a_birth(**one), a_birth(**other))
    assert least <= score <= most
    if most in (LIKELY, CERTAIN, 0.5):
        assert score < most
    assert reasons <= {each.reason for each in why}
    assert compare(a_birth(**other), a_birth(**one)).score == score
    assert 0 <= score <= 1


def test_names() -> None:
    assert fold("Nguyễn  Đức Ân") == "nguyen duc an"
    assert with_marks("NGUYỄN Đức Ân") == "nguyễn đức ân"
    assert has_marks("Ân") and not has_marks("An")
    assert orders("nguyen van an") == ["nguyen van an", "van an nguyen", "an nguyen van", "an van nguyen"]


@pytest.mark.anyio
async def test_a_certain_duplicate_is_refused_a_likely_one_told(store: Store) -> None:
    done = await born(store)
    with pytest.raises(Problem) as refused:
        await born(store, child=child(full_name="Nguyen Ngoc Chi"))
    assert [(each.field, each.rule) for each in refused.value.errors] == [("body.child", "birth.duplicate")]
    warned = await born(store, child=child(full_name="Nguyễn Ngọc Chí"), father=None)
    assert [each.rule for each in warned.warnings] == ["birth.likely-duplicate"]
    twin = await born(store, child=child(full_name="Nguyễn Ngọc Mai"))
    assert twin.warnings == []
    namesake = await born(store, mother=None, father=None)
    assert [each.rule for each in namesake.warnings] == ["birth.no-parent"]
    found = await store.read(lambda tx: search(tx, a_birth(), limit=10))
    assert [each.score for each in found.items] == sorted((each.score for each in found.items), reverse=True)
    assert (found.items[0].record_id, found.items[0].number) == (done.id, "1/2026")
    assert twin.id not in [each.record_id for each in found.items]


@pytest.mark.anyio
async def test_duplicates_over_http(client: httpx.AsyncClient) -> None:
    first = (await client.post("/v1/births", json=birth(mother=None, father=None))).json()
    body = {"agency": AGENCY, "child": child(full_name="Chi Nguyễn Ngọc"), "mother": None, "father": None}
    second = (await client.post("/v1/births", json=body)).json()
    found = (await client.get(f"/v1/records/{first['id']}/duplicates")).json()
    assert [each["record_id"] for each in found["items"]] == [second["id"]]
    assert {each["reason"] for each in found["items"][0]["reasons"]} == {"name-order", "day-same"}
    asked = {"birth": {"child": child(full_name="nguyen ngoc chi")}}
    found = (await client.post("/v1/duplicates", json=asked)).json()
    assert [each["record_id"] for each in found["items"]] == [first["id"], second["id"]]
    nothing = {"birth": {"child": child(full_name="Lê Văn Khác", date_of_birth="1999-01-01")}}
    assert (await client.post("/v1/duplicates", json=nothing)).json()["items"] == []
    death = await client.post(
        "/v1/deaths",
        json={"agency": AGENCY, "deceased": man(3), "died_on": "2026-11-18", "place": {}},
    )
    assert (await client.get(f"/v1/records/{death.json()['id']}/duplicates")).status_code == 404
    bad = await client.post(
        "/v1/duplicates", json={"birth": {"child": {**child(), "personal_id": number("male", 2026, 1)[:5]}}}
    )
    assert [each["rule"] for each in bad.json()["errors"]] == ["personal_id.format"]
