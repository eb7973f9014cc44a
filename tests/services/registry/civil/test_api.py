"""The service over HTTP: what it answers, what it refuses by field and rule, how records are found."""

from __future__ import annotations

from typing import Any

import httpx
import pytest

from contracts import scopes
from services.bus.kit.testing import TestIssuer
from tests.services.registry.civil.acts import (
    AGENCY,
    AN,
    OTHER_AGENCY,
    birth,
    child,
    correction,
    death,
    man,
    marriage,
    number,
    party,
    woman,
)

pytestmark = pytest.mark.anyio


def fields(answer: httpx.Response, status: int = 422) -> list[tuple[str, str]]:
    assert answer.status_code == status, answer.text
    assert answer.headers["content-type"] == "application/problem+json"
    return [(error["field"], error["rule"]) for error in answer.json().get("errors", [])]


async def test_every_act_over_http(client: httpx.AsyncClient) -> None:
    born = await client.post("/v1/births", json=birth())
    assert (born.status_code, born.headers["etag"]) == (201, '"1"')
    record = born.json()["id"]
    assert born.headers["location"] == f"/v1/records/{record}"
    shown = await client.get(f"/v1/records/{record}")
    assert (shown.headers["etag"], shown.json()["content"]["mother"]["full_name"]) == ('"1"', "Trần Thị Bình")
    put_right = await client.post(
        f"/v1/records/{record}/corrections",
        json=correction({"child.full_name": "Nguyễn Ngọc Chí"}),
        headers={"If-Match": '"1"'},
    )
    assert (put_right.status_code, put_right.headers["etag"]) == (201, '"2"')
    stale = await client.post(
        f"/v1/records/{record}/corrections",
        json=correction({"child.full_name": "Nguyễn A"}),
        headers={"If-Match": '"1"'},
    )
    assert fields(stale, 412) == [("header.If-Match", "stale-version")]
    before = await client.get(f"/v1/records/{record}", params={"as_of": "2026-11-19"})
    assert before.status_code == 404
    history = (await client.get(f"/v1/records/{record}/versions")).json()
    assert [each["change"] for each in history] == ["entry", "correction"]
    extract = await client.post(f"/v1/records/{record}/extracts", json={"agency": AGENCY, "copies": 3})
    assert (extract.status_code, extract.json()["book"]) == (201, "01/2026-TL")
    others: list[tuple[str, dict[str, Any], str]] = [
        ("marriages", marriage(), "01/2026-KH"),
        ("deaths", death(), "01/2026-KT"),
        (
            "recognitions",
            {
                "agency": AGENCY,
                "role": "mother",
                "child": party("Lê Bé", "2015-03-01"),
                "parent": woman(7, 1988),
                "evidence": "x",
            },
            "01/2026-CMC",
        ),
        (
            "guardianships",
            {
                "agency": AGENCY,
                "arrangement": "natural",
                "ward": party("Lê Bé", "2015-03-01"),
                "guardian": woman(7, 1988),
            },
            "01/2026-GH",
        ),
        (
            "marital-status-certificates",
            {"agency": AGENCY, "person": woman(7, 1988), "declared_status": "single"},
            "01/2026-TTHN",
        ),
        (
            "re-registrations",
            {
                "agency": AGENCY,
                "kind": "death",
                "ground": "Sổ thất lạc",
                "death": {"deceased": man(4, 1930), "died_on": "1985", "place": {}},
            },
            "01/2026-KT",
        ),
    ]
    for path, body, book in others:
        answer = await client.post(f"/v1/{path}", json=body)
        assert (answer.status_code, answer.json().get("book")) == (201, book), (path, answer.text)
    books = (await client.get("/v1/books", params={"agency": "000.21.31.H08", "limit": 3})).json()
    rest = (await client.get("/v1/books", params={"agency": AGENCY, "cursor": books["next_cursor"]})).json()
    kinds = [each["kind"] for each in (*books["items"], *rest["items"])]
    assert kinds == sorted(kinds) and len(kinds) == 8


BAD: list[tuple[str, Any, list[tuple[str, str]]]] = [
    ("births", None, [("body", "missing")]),
    ("births", birth(child=child(full_name="")), [("body.child.full_name", "person_name.empty")]),
    ("births", birth(child=child(sex="x")), [("body.child.sex", "enum")]),
    (
        "births",
        birth(child=child(date_of_birth="2026-02-30")),
        [("body.child.date_of_birth", "date_from_datetime_parsing")],
    ),
    ("births", birth(born_at="2026-11-01T08:00:00"), [("body.born_at", "timezone_aware")]),
    ("births", birth(shoe_size=42), [("body.shoe_size", "extra_forbidden")]),
    ("births", birth(agency="H99.77"), [("body.agency", "agency-cannot-receive")]),
    ("births", birth(agency="x"), [("body.agency", "agency_code.format")]),
    (
        "births",
        birth(child=child(birth_place={"unit_code": "99999"})),
        [("body.child.birth_place.unit_code", "unit.unknown")],
    ),
    (
        "births",
        birth(child=child(birth_place={"unit_code": "540"})),
        [("body.child.birth_place.unit_code", "unit.wrong_period")],
    ),
    (
        "births",
        birth(mother=man()),
        [("body.mother", "birth.parent-sex"), ("body.mother.personal_id", "birth.same-parent")],
    ),
    ("births", birth(child=child(date_of_birth="2027-01-01")), [("body.child.date_of_birth", "birth.future")]),
    ("births", birth(child=child(birth_order=True)), [("body.child.birth_order", "int_type")]),
    ("births", birth(mother=party("Bé\nTí")), [("body.mother.full_name", "person_name.control_character")]),
    ("deaths", death(died_on="yesterday"), [("body.died_on", "date_type")]),
    ("deaths", death(died_on="2027-01-01"), [("body.died_on", "death.future")]),
    (
        "marriages",
        marriage(husband=man(date_of_birth="1991-01-01")),
        [("body.husband.personal_id", "personal_id.birth_year_mismatch")],
    ),
    ("marriages", marriage(husband=man(1, 2010)), [("body.husband.date_of_birth", "marriage.age-man")]),
    (
        "marriages",
        marriage(ended_on="2026-11-20", ended_by="divorce"),
        [("body.ended_on", "marriage.ended-early")],
    ),
    (
        "recognitions",
        {"agency": AGENCY},
        [("body.role", "missing"), ("body.child", "missing"), ("body.parent", "missing")],
    ),
    ("re-registrations", {"agency": AGENCY, "kind": "birth", "ground": ""}, [("body.ground", "string_too_short")]),
    ("re-registrations", {"agency": AGENCY, "kind": "birth", "ground": "x"}, [("body.birth", "again.kind")]),
    ("records/nobody/extracts", {"agency": AGENCY, "copies": 0}, [("body.copies", "greater_than_equal")]),
    ("records/nobody/corrections", correction({}), [("body.fields", "too_short")]),
]


async def test_bad_bodies_are_named_by_field_and_rule(client: httpx.AsyncClient) -> None:
    for path, body, expected in BAD:
        content = {} if body is None else {"json": body}
        answer = await client.post(f"/v1/{path}", **content)
        assert fields(answer) == expected, (path, body)
        vi = await client.post(f"/v1/{path}", **content, headers={"Accept-Language": "vi"})
        assert vi.json()["detail"] != answer.json()["detail"]
    assert (await client.get("/v1/books")).json()["items"] == []


async def test_bad_queries(client: httpx.AsyncClient) -> None:
    for query, field in (
        ({"kind": "adoption"}, "query.kind"),
        ({"personal_id": "1"}, "query.personal_id"),
        ({"born": "1990-13-01"}, "query.born"),
        ({"number": "0"}, "query.number"),
        ({"limit": "1000"}, "query.limit"),
        ({"cursor": "?"}, "query.cursor"),
        ({"cursor": "WzFd", "name": "An"}, "query.cursor"),
        ({"from": "soon"}, "query.from"),
    ):
        answer = await client.get("/v1/records", params=query)
        assert answer.status_code in (400, 422), query
        assert answer.json()["errors"][0]["field"] == field
    assert (await client.get("/v1/records/nobody")).status_code == 404
    assert (await client.get("/v1/records/nobody/versions")).status_code == 404
    assert (await client.get("/v1/records/nobody", params={"as_of": "2026"})).status_code == 422


async def names(client: httpx.AsyncClient, **wanted: Any) -> list[str]:
    answer = await client.get("/v1/records", params=wanted)
    assert answer.status_code == 200, answer.text
    return [each["full_name"] for each in answer.json()["items"]]


async def test_records_are_found_by_person_and_by_book(client: httpx.AsyncClient) -> None:
    told = ["Lê Văn Ân", "Lê Văn An", "Lê Vân An", "Lê Văn Anh"]
    for order, name in enumerate(told):
        body = birth(
            agency=OTHER_AGENCY if order == 3 else AGENCY,
            child=child(full_name=name, date_of_birth=f"2026-11-{order + 1:02d}"),
            mother=None,
            father=None,
        )
        assert (await client.post("/v1/births", json=body)).status_code == 201
    assert sorted(await names(client, name="le van an")) == sorted(told[:3])
    assert await names(client, name="LÊ VĂN ÂN") == [told[0]]
    assert sorted(await names(client, name="le van*")) == sorted(told)
    assert sorted(await names(client, name="Lê Văn*")) == sorted([told[0], told[1], told[3]])
    assert await names(client, name="le van an", born="2026-11-02") == [told[1]]
    assert len(await names(client, name="le van an", born="2026")) == 3
    assert await names(client, name="le van an", kind="death") == []
    assert await names(client, agency=AGENCY, kind="birth", year=2026) == told[:3]
    assert await names(client, agency=AGENCY, kind="birth", year=2026, number=2) == [told[1]]
    assert await names(client, kind="birth") == told[::-1]
    assert sorted(await names(client, **{"from": "2026-11-20", "to": "2026-11-20"})) == sorted(told)
    assert await names(client, to="2026-11-19") == []
    for wanted in ({"name": "le van*"}, {"kind": "birth"}, {"agency": AGENCY, "kind": "birth", "year": 2026}, {}):
        paged: list[str] = []
        cursor: dict[str, str] = {}
        while True:
            page = (await client.get("/v1/records", params={**wanted, **cursor, "limit": 1})).json()
            paged += [each["full_name"] for each in page["items"]]
            if page["next_cursor"] is None:
                break
            cursor = {"cursor": page["next_cursor"]}
        assert paged == await names(client, **wanted)
        assert len(paged) == len(set(paged)) >= 3
    await client.post("/v1/deaths", json=death())
    (found,) = (await client.get("/v1/records", params={"personal_id": AN})).json()["items"]
    assert (found["kind"], found["role"], found["born"]) == ("death", "deceased", "1990-04-30")


async def test_searches_follow_corrections(client: httpx.AsyncClient) -> None:
    born = (await client.post("/v1/births", json=birth())).json()
    await client.post(
        f"/v1/records/{born['id']}/corrections",
        json=correction(
            {"child.full_name": "Nguyễn Hạ", "father.personal_id": None, "father": None}, kind="change"
        ),
    )
    assert await names(client, name="nguyen ngoc chi") == [
        "Nguyễn Ngọc Chi"
    ]  # refused: a number is not taken away
    changed = await client.post(
        f"/v1/records/{born['id']}/corrections", json=correction({"child.full_name": "Nguyễn Hạ"}, kind="change")
    )
    assert changed.status_code == 201
    assert await names(client, name="nguyen ngoc chi") == []
    assert await names(client, name="nguyen ha") == ["Nguyễn Hạ"]


async def test_a_write_is_done_once_under_its_key(client: httpx.AsyncClient) -> None:
    headers = {"Idempotency-Key": "k1"}
    first = await client.post("/v1/births", json=birth(), headers=headers)
    again = await client.post("/v1/births", json=birth(), headers=headers)
    assert (again.status_code, again.json()) == (201, first.json())
    assert again.headers["idempotency-replayed"] == "true"
    other = await client.post("/v1/births", json=death(), headers=headers)
    assert other.status_code == 422


async def test_each_route_asks_for_its_scope(client: httpx.AsyncClient, issuer: TestIssuer) -> None:
    reader = {"Authorization": f"Bearer {issuer.token(scopes.CIVIL_READ)}"}
    writer = {"Authorization": f"Bearer {issuer.token(scopes.CIVIL_WRITE)}"}
    assert (await client.post("/v1/births", json=birth(), headers=reader)).status_code == 403
    assert (await client.get("/v1/records", headers=writer)).status_code == 403
    assert (
        await client.post("/v1/imports?kind=birth", headers={**writer, "Content-Type": "text/csv"})
    ).status_code == 403
    assert (await client.get("/v1/books", headers={"Authorization": ""})).status_code == 401


async def test_no_look_without_a_purpose_and_none_without_a_trace(client: httpx.AsyncClient) -> None:
    born = (await client.post("/v1/births", json=birth())).json()
    for header in ("X-Purpose", "X-Dossier"):
        kept = {name: value for name, value in client.headers.items() if name != header.lower()}
        async with httpx.AsyncClient(transport=client._transport, base_url="http://test", headers=kept) as bare:
            for path in (f"records/{born['id']}", "records?name=an", f"records/{born['id']}/duplicates"):
                answer = await bare.get(f"/v1/{path}")
                assert fields(answer, 403) == [(f"header.{header}", "purpose-required")]
    await client.get(f"/v1/records/{born['id']}")
    await client.get("/v1/records/nobody")
    await client.get("/v1/records", params={"personal_id": AN})
    await client.get(f"/v1/records/{born['id']}/versions")
    log = (await client.get("/v1/lookups", params={"limit": 3})).json()
    rest = (await client.get("/v1/lookups", params={"cursor": log["next_cursor"]})).json()
    seen = [(each["kind"], each["record_id"], each["personal_id"]) for each in (*log["items"], *rest["items"])]
    assert seen == [
        ("history", born["id"], None),
        ("search", None, AN),
        ("record", "nobody", None),
        ("record", born["id"], None),
    ]
    assert len((await client.get("/v1/lookups", params={"record_id": born["id"]})).json()["items"]) == 2


async def test_kin_do_not_marry(client: httpx.AsyncClient) -> None:
    """Half-siblings by the registry's own births: their numbers came with the records."""
    mother = woman(1, 1970, "Võ Thị Mẹ")
    son, daughter = man(21, 1995, "Lê Văn Con"), woman(22, 1997, "Lê Thị Con")
    for one in (son, daughter):
        told = {**one, "birth_place": {}}
        again = {
            "agency": AGENCY,
            "kind": "birth",
            "ground": "Sổ cháy",
            "birth": {"child": told, "mother": mother},
        }
        assert (await client.post("/v1/re-registrations", json=again)).status_code == 201
    refused = await client.post("/v1/marriages", json=marriage(husband=son, wife=daughter))
    assert fields(refused) == [("body.wife.personal_id", "marriage.three-generations")]
    refused = await client.post("/v1/marriages", json=marriage(husband=son, wife=mother))
    assert fields(refused) == [("body.wife.personal_id", "marriage.direct-line")]
    stranger = man(23, 1972, "Hồ Văn Lạ")
    done = await client.post("/v1/marriages", json=marriage(husband=stranger, wife=mother))
    note = correction({"ended_on": "2026-11-20", "ended_by": "divorce"}, kind="note")
    assert (await client.post(f"/v1/records/{done.json()['id']}/corrections", json=note)).status_code == 201
    refused = await client.post("/v1/marriages", json=marriage(husband=stranger, wife=daughter))
    assert fields(refused) == [("body.wife.personal_id", "marriage.affinity")]
    assert number("male", 1972, 23) == stranger["personal_id"]
