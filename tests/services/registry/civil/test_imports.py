"""Digitised books: taken in pieces, bad lines told with their reasons, gone on with where they broke off."""

from __future__ import annotations

import asyncio
import json
import os
import signal
from collections.abc import AsyncIterator, Iterable
from typing import Any

import httpx
import pytest

from contracts.civil import ImportKind
from services.bus.kit.clock import FixedClock
from services.bus.kit.importing.intake import Intake
from services.bus.kit.importing.registry import Importing
from services.bus.kit.service import Service
from services.registry.civil.importing.rows import COLUMNS, SHOWN, UNKNOWN
from services.registry.civil.models import UNKNOWN_YEAR, metadata
from tests.services.registry.civil.acts import AGENCY, correction, number

pytestmark = pytest.mark.anyio


def test_what_is_written_are_columns_of_the_tables_and_what_is_left_out_may_be_empty() -> None:
    for name, columns in COLUMNS.items():
        table = metadata.tables[name]
        assert set(columns) <= set(table.c.keys())
        assert all(table.c[each].nullable for each in set(table.c.keys()) - set(columns))
    assert list(SHOWN) == metadata.tables["individuals"].c.keys()
    assert UNKNOWN == UNKNOWN_YEAR


HEADER = (
    "agency,number,volume,page,registered_on,child_name,child_sex,child_born,child_personal_id,birth_place,"
    "mother_name,mother_born,mother_personal_id,father_name"
)


def line(order: int, **changes: Any) -> str:
    values: dict[str, Any] = {
        "agency": AGENCY,
        "number": order,
        "volume": 1,
        "page": order,
        "registered_on": "1990-06-01",
        "child_name": f"Nguyễn Thị Số {'ABCDEFGHIK'[order % 10]}",
        "child_sex": "female",
        "child_born": "1990-05-20",
        "child_personal_id": "",
        "birth_place": '"Xã Nhơn Lý, Quy Nhơn"',
        "mother_name": "Trần Thị Hoa",
        "mother_born": 1965,
        "mother_personal_id": "",
        "father_name": "",
    }
    return ",".join(str(value) for value in (values | changes).values())


def book(lines: Iterable[str], header: str = HEADER) -> bytes:
    return "".join(f"{each}\n" for each in (header, *lines)).encode()


async def send(client: httpx.AsyncClient, content: Any, kind: str = "birth", **headers: str) -> httpx.Response:
    type_ = headers.pop("type", "text/csv; charset=utf-8")
    return await client.post(
        "/v1/imports", params={"kind": kind}, content=content, headers={"Content-Type": type_, **headers}
    )


async def errors(client: httpx.AsyncClient, import_id: str) -> list[tuple[int, str, str]]:
    """Every bad row: line, field, rule; over as many pages as it takes."""
    found: list[tuple[int, str, str]] = []
    cursor: str | None = None
    while True:
        params: dict[str, Any] = {"limit": 3} | ({"cursor": cursor} if cursor else {})
        page = (await client.get(f"/v1/imports/{import_id}/errors", params=params)).json()
        for row in page["items"]:
            assert all(each["vi"] and each["en"] and "{" not in each["vi"] + each["en"] for each in row["errors"])
            found += [(row["line"], each["field"], each["rule"]) for each in row["errors"]]
        cursor = page["next_cursor"]
        if cursor is None:
            return found


async def test_a_book_comes_in_whole(client: httpx.AsyncClient) -> None:
    given = number("female", 1990, 5)
    rows = [line(order) for order in range(1, 120)] + [line(120, child_personal_id=given, child_born="1990")]
    content = book(rows)
    answer = await send(client, content)
    assert answer.status_code == 201, answer.text
    view = answer.json()
    assert (view["state"], view["taken"], view["refused"], view["lines"]) == ("complete", 120, 0, 121)
    assert view["offset"] == len(content) == int(answer.headers["import-offset"])
    (found,) = (await client.get("/v1/records", params={"personal_id": given})).json()["items"]
    assert (found["number"], found["book"], found["born"]) == ("120/1990", "01/1990-KS", "1990")
    shown = (await client.get(f"/v1/records/{found['id']}")).json()
    assert (shown["registration"], shown["registered_on"]) == ("digitised", "1990-06-01")
    assert shown["content"]["child"]["birth_place"]["detail"] == "Xã Nhơn Lý, Quy Nhơn"
    earlier = await client.get(f"/v1/records/{found['id']}", params={"as_of": "1990-06-01"})
    assert earlier.status_code == 200
    (entry,) = (await client.get("/v1/books", params={"year": 1990})).json()["items"]
    assert (entry["last_number"], entry["entries"]) == (120, 120)
    # a digitised record is corrected like any other, and its first event is version 1
    put_right = await client.post(
        f"/v1/records/{found['id']}/corrections", json=correction({"child.full_name": "Nguyễn Thị Sen"})
    )
    assert put_right.status_code == 201, put_right.text
    assert put_right.json()["changed"] == ["child.full_name"]


BAD: list[tuple[str, list[tuple[str, str]]]] = [
    (line(1, agency="H99.1"), [("agency", "agency.unknown")]),
    (line(2, number="two"), [("number", "int_parsing")]),
    (line(3, child_name=""), [("child_name", "missing")]),
    (line(4, child_sex="f"), [("child_sex", "enum")]),
    (line(5, child_born="20/05/1990"), [("child_born", "date_type")]),
    (line(6, child_born="1990-02-30"), [("child_born", "date_from_datetime_parsing")]),
    (line(7, child_personal_id=number("male", 1991, 1)), [("child_personal_id", "personal_id.sex_mismatch")]),
    (line(8, mother_born="1990"), [("mother_born", "import.parent_younger")]),
    (line(9, mother_name=""), [("mother_name", "import.name_missing")]),
    (line(10, child_born="1990-06-02"), [("child_born", "import.after_registration")]),
    (line(11, registered_on="2026-06-01"), [("registered_on", "import.book_open")]),
    (line(12) + ",more", [("", "import.fields")]),
    (line(13, birth_place='"Xã Nhơn Lý'), [("", "import.quotes")]),
    (line(14), []),
    (line(14), [("number", "import.number_taken")]),
    (line(15, child_name="Nguyá»…n Thá»‹"), [("child_name", "person_name.character")]),
    ("", []),
    (line(16), []),
]


async def test_each_bad_row_is_told_with_its_line_and_reason(client: httpx.AsyncClient) -> None:
    expected = [(at, *each) for at, (_, found) in enumerate(BAD, 2) for each in found]
    view = (await send(client, book(text for text, _ in BAD))).json()
    assert (view["taken"], view["refused"]) == (2, len({at for at, *_ in expected}))
    assert await errors(client, view["id"]) == expected
    again = (await send(client, book([line(14), line(17)]))).json()
    assert (again["taken"], await errors(client, again["id"])) == (1, [(2, "number", "import.number_taken")])


async def test_mixed_encodings_and_a_truncated_last_line(client: httpx.AsyncClient) -> None:
    windows = line(2).encode("utf-8").replace("ễ".encode(), b"\xea\xde")
    content = book([line(1)]) + windows + b"\n" + line(3).encode() + b"\r\n" + line(4).encode()[:-9]
    view = (await send(client, b"\xef\xbb\xbf" + content)).json()
    assert (view["state"], view["taken"], view["lines"]) == ("complete", 2, 5)
    assert await errors(client, view["id"]) == [(3, "", "import.encoding"), (5, "", "import.line_truncated")]


async def test_json_lines(client: httpx.AsyncClient) -> None:
    person = number("male", 1950, 1)
    row = {
        "agency": AGENCY,
        "number": 1,
        "registered_on": "2001-03-01",
        "deceased_name": "Nguyễn Văn Xưa",
        "deceased_sex": "male",
        "deceased_born": "1950",
        "deceased_personal_id": person,
        "died_on": "2001-02-27",
        "cause": None,
    }
    lines: list[Any] = [
        row,
        {**row, "number": True},
        {**row, "number": 3, "died_on": "1949"},
        {**row, "number": 4, "shoe_size": 42},
        [row],
        "not json",
    ]
    content = b"".join((each if each == "not json" else json.dumps(each)).encode() + b"\n" for each in lines)
    view = (await send(client, content, "death", type="application/x-ndjson")).json()
    assert (view["taken"], view["refused"], view["lines"]) == (1, 5, 6)
    assert await errors(client, view["id"]) == [
        (2, "number", "int_parsing"),
        (3, "died_on", "import.died_before_birth"),
        (4, "shoe_size", "extra_forbidden"),
        (5, "", "import.json"),
        (6, "", "import.json"),
    ]


async def test_who_died_or_married_in_a_digitised_book_is_known(client: httpx.AsyncClient) -> None:
    man, woman = number("male", 1960, 1), number("female", 1962, 2)
    marriages = [
        "agency,number,registered_on,husband_name,husband_born,husband_personal_id,wife_name,wife_born,wife_personal_id",
        f"{AGENCY},1,1985-01-02,Lê Văn Sáu,1960-01-01,{man},Võ Thị Bảy,1962-01-01,{woman}",
    ]
    assert (await send(client, book(marriages[1:], marriages[0]), "marriage")).json()["taken"] == 1
    wife = {"full_name": "Võ Thị Bảy", "sex": "female", "date_of_birth": "1962-01-01", "personal_id": woman}
    other = {"full_name": "Hồ Văn Tám", "sex": "male", "date_of_birth": "1961-01-01"}
    body = {"agency": AGENCY, "husband": other, "wife": wife}
    refused = await client.post("/v1/marriages", json=body)
    assert [each["rule"] for each in refused.json()["errors"]] == ["marriage.already-married"]
    deaths = [
        "agency,number,registered_on,deceased_name,deceased_sex,deceased_born,deceased_personal_id,died_on",
        f"{AGENCY},1,1999-01-02,Lê Văn Sáu,male,1960-01-01,{man},1999-01-01",
    ]
    assert (await send(client, book(deaths[1:], deaths[0]), "death")).json()["taken"] == 1
    assert (await client.post("/v1/marriages", json=body)).status_code == 201


async def test_a_file_in_several_requests(client: httpx.AsyncClient) -> None:
    content = book(line(order) for order in range(1, 61))
    first, rest = content[:3_333], content[3_333:]
    begun = (await send(client, first, **{"Import-Complete": "?0"})).json()
    assert begun["state"] == "open"
    assert begun["offset"] == first.rfind(b"\n") + 1 < len(first)
    address = f"/v1/imports/{begun['id']}"
    headers = {"Content-Type": "text/csv", "Import-Offset": str(len(first))}
    wrong = await client.patch(address, content=rest, headers=headers)
    assert (wrong.status_code, wrong.json()["type"]) == (409, "urn:truc:problem:import-offset")
    assert wrong.headers["import-offset"] == str(begun["offset"])
    headers["Import-Offset"] = str(begun["offset"])
    done = await client.patch(address, content=content[begun["offset"] :], headers=headers)
    assert done.status_code == 200, done.text
    assert (done.json()["taken"], done.json()["state"], done.json()["lines"]) == (60, "complete", 61)
    once_more = await client.patch(address, content=b"", headers={**headers, "Import-Offset": str(len(content))})
    assert (once_more.status_code, once_more.json()["type"]) == (409, "urn:truc:problem:import-complete")
    assert (await client.get(address)).json() == done.json()


async def test_a_request_that_breaks_off_leaves_whole_pieces(client: httpx.AsyncClient) -> None:
    """The client dies in the middle: what was committed stands, and the rest comes later."""
    content = book(line(order) for order in range(1, 201))
    service: Service = client._transport.app.state.service  # type: ignore[attr-defined]

    class Gone(Exception):
        pass

    async def broken() -> AsyncIterator[bytes]:
        for start in range(0, 9_000, 700):
            yield content[start : start + 700]
        raise Gone

    intake = Intake(service, broken(), complete=True)
    view, columns = await intake.begin(ImportKind.BIRTH.value, "csv", "registrar")
    with pytest.raises(Gone):
        await intake.go_on(view, columns)
    address = f"/v1/imports/{view.id}"
    stands = (await client.get(address)).json()
    assert 0 < stands["offset"] < 9_000
    assert content[stands["offset"] - 1 : stands["offset"]] == b"\n"
    assert stands["taken"] == content[: stands["offset"]].count(b"\n") - 1
    done = await client.patch(
        address,
        content=content[stands["offset"] :],
        headers={"Content-Type": "text/csv", "Import-Offset": str(stands["offset"])},
    )
    assert (done.json()["taken"], done.json()["refused"]) == (200, 0)


async def test_the_second_process_is_killed_in_the_middle(client: httpx.AsyncClient) -> None:
    """Its work is asked for again: every row is taken, and none twice."""
    content = book(line(order) for order in range(1, 201))
    service: Service = client._transport.app.state.service  # type: ignore[attr-defined]
    second = Importing.of(service).second
    killed = []

    async def body() -> AsyncIterator[bytes]:
        for start in range(0, len(content), 700):
            yield content[start : start + 700]
            if start in (7_000, 14_000):
                while second.pid is None:
                    await asyncio.sleep(0.01)
                os.kill(second.pid, signal.SIGKILL)
                killed.append(second.pid)

    view = (await send(client, body())).json()
    assert (view["state"], view["taken"], view["refused"], view["lines"]) == ("complete", 200, 0, 201)
    assert len(killed) == 2
    again = (await send(client, content)).json()
    assert (again["taken"], again["refused"]) == (0, 200)


async def test_what_is_no_import_is_refused_before_it_begins(client: httpx.AsyncClient, clock: FixedClock) -> None:
    for content, status, slug in (
        (b"", 422, "bad-import-header"),
        (b"agency;number\n", 422, "bad-import-header"),
        (HEADER.encode(), 422, "bad-import-header"),
        (book([], HEADER + ",agency"), 422, "bad-import-header"),
        (b"\xff\xfeh\x00\n", 422, "bad-import-header"),
        (HEADER.encode() + b"x" * 400_000, 422, "bad-import-header"),
    ):
        answer = await send(client, content)
        assert (answer.status_code, answer.json()["type"].rpartition(":")[2]) == (status, slug), content[:20]
    kind = await send(client, b"", "guardianship")
    assert [(each["field"], each["rule"]) for each in kind.json()["errors"]] == [("query.kind", "enum")]
    media = await send(client, b"", type="application/json")
    assert media.status_code == 415
    unknown = await client.patch(
        "/v1/imports/nobody", content=b"", headers={"Content-Type": "text/csv", "Import-Offset": "0"}
    )
    assert unknown.status_code == 404
    endless = await send(client, book([]) + b"x" * 200_000)
    assert (endless.status_code, endless.json()["type"]) == (400, "urn:truc:problem:malformed-body")
