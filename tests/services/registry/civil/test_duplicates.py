"""Likely duplicates: scored with reasons; twins told apart; a missing mother is no mother in common."""

from __future__ import annotations

from datetime import UTC, date, datetime, timedelta
from typing import Any

import httpx
import pytest

from contracts.catalogue.civil_rules import parameter
from contracts.civil import Birth
from contracts.problems import Problem
from services.bus.kit.store import Store
from services.bus.kit.tx import Tx
from services.registry.civil.models import Participant, Record, RecordVersion
from services.registry.civil.names import fold, has_marks, orders, with_marks
from services.registry.civil.queries.duplicates import MOST_BORN_NEAR, search
from services.registry.civil.rules.duplicates import Outlook, compare
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


@pytest.mark.anyio
async def test_a_common_name_hides_nobody(store: Store) -> None:
    """Hundreds of namesakes of the year, and of the day: the likely ones are read, whoever stands before them."""

    def fill(tx: Tx) -> tuple[str, str, str]:
        crowd = [date(2026, 1, 1) + timedelta(days=place % 300) for place in range(150)]
        for place, day in enumerate(crowd):
            if abs((day - date(2026, 5, 3)).days) > 5 and (day.month, day.day) != (3, 5):
                entered(tx, f"a-{place:04d}", "Nguyễn Ngọc Chi", day)
        return (
            entered(tx, "z-1", "Nguyễn Ngọc Chi", date(2026, 5, 3)),
            entered(tx, "z-2", "Nguyen Ngoc Chi", date(2026, 3, 5)),
            entered(tx, "z-3", "Nguyễn Thị Chi", date(2026, 5, 3)),
        )

    same, swapped, part = await store.write(fill)
    asked = a_birth(child=child(date_of_birth="2026-05-03"), mother=None)
    found = await store.read(lambda tx: search(tx, asked, limit=50))
    assert [each.record_id for each in found.items] == [same, swapped, part]
    assert (found.items[0].number, found.items[0].book) == ("1/2026", "01/2026-KS")


@pytest.mark.anyio
async def test_a_crowded_day_is_bounded_and_keeps_its_namesakes(store: Store) -> None:
    new_year = date(1960, 1, 1)

    def fill(tx: Tx) -> str:
        for place in range(MOST_BORN_NEAR + 20):
            entered(tx, f"a-{place:04d}", f"Bùi {place % 7} Chi", new_year)
        entered(tx, "z-2", "Nguyễn Văn Chi", new_year)
        return entered(tx, "z-1", "Nguyễn Ngọc Chi", new_year)

    same = await store.write(fill)
    asked = a_birth(child=child(date_of_birth="1960-01-01"), mother=None)
    found = await store.read(lambda tx: search(tx, asked, limit=50))
    assert [each.record_id for each in found.items] == [same, "z-2"]


@pytest.mark.anyio
async def test_across_the_new_year_in_another_order(store: Store) -> None:
    one = await store.write(lambda tx: entered(tx, "z-1", "Chi Nguyễn Ngọc", date(2025, 12, 31), MOTHER))
    asked = a_birth(child=child(date_of_birth="2026-01-02"), mother=party("Trần Thị Bình"), father=None)
    found = await store.read(lambda tx: search(tx, asked, limit=5))
    assert [(each.record_id, each.score) for each in found.items] == [(one, 0.6)]


def test_the_outlook_is_never_below_the_score() -> None:
    """What is not read because of it could not have been shown."""
    for _, one, other, *_ in PAIRS:
        mine, theirs = a_birth(**one), a_birth(**other)
        score, reasons = compare(mine, theirs)
        if "mother-same" not in {each.reason for each in reasons}:
            name, born = fold(theirs.child.full_name), theirs.child.date_of_birth
            assert Outlook(mine).by_name(name) >= Outlook(mine).at_best(name, born) >= score


@pytest.mark.anyio
@pytest.mark.parametrize("day", ["0001-01-01", "9999-12-31"])
async def test_the_first_and_the_last_day_there_is(store: Store, day: str) -> None:
    asked = a_birth(child=child(date_of_birth=day))
    assert (await store.read(lambda tx: search(tx, asked, limit=5))).items == []


def entered(tx: Tx, record_id: str, name: str, born: date, mother: dict[str, Any] | None = None) -> str:
    """A birth in the tables, past every rule."""
    at = datetime(2026, 11, 1, tzinfo=UTC)
    tx.append(
        Record,
        {
            "id": record_id, "kind": "birth", "registration": "digitised", "agency": AGENCY,
            "book_id": f"{AGENCY}/birth/{record_id}", "year": 2026, "number": 1, "volume": 1, "page": 1,
            "registered_on": born, "version": 1, "events": 0, "personal_id": None, "dossier_code": None,
            "task_id": None, "due_at": None, "warnings": [], "changed_at": at,
        },
    )  # fmt: skip
    content: dict[str, Any] = {"child": child(full_name=name, date_of_birth=born.isoformat())}
    people = [("child", name, None, born)]
    if mother is not None:
        content["mother"] = mother
        day = date.fromisoformat(mother["date_of_birth"])
        people.append(("mother", mother["full_name"], mother["personal_id"], day))
    tx.append(
        RecordVersion,
        {
            "record_id": record_id, "version": 1, "valid_on": born, "at": at, "change": "entry", "changed": [],
            "reason": "", "ground": None, "agency": AGENCY, "officer": "", "book_id": None, "number": None,
            "volume": None, "page": None, "content": content,
        },
    )  # fmt: skip
    for role, full_name, personal_id, day in people:
        tx.append(
            Participant,
            {
                "record_id": record_id, "role": role, "kind": "birth", "personal_id": personal_id,
                "full_name": full_name, "marked_name": with_marks(full_name), "folded_name": fold(full_name),
                "birth_year": day.year, "birth_date": day,
            },
        )  # fmt: skip
    return record_id
