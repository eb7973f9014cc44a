"""Bulk import: what goes in comes out, every bad line is told, and a broken sending goes on where it stood."""

from __future__ import annotations

import json
from typing import Any

import httpx
import pytest

from services.bus.kit.importing.lines import LONGEST_LINE
from services.registry.land.importing.rows import COLUMNS
from services.registry.land.models import metadata
from tests.services.registry.land.parcels import AN, BANK, BINH, COMMUNE, GEOHASH

pytestmark = pytest.mark.anyio

HEADER = (
    "unit_code,map_sheet,parcel_number,area_m2,land_uses,geohash,address,source,term_until,registered_on,"
    "serial,issue_number,certificate_code,issued_on,owners"
)


def line(number: int, **changes: str) -> str:
    """A good CSV line."""
    values = {
        "unit_code": COMMUNE,
        "map_sheet": "7",
        "parcel_number": str(number),
        "area_m2": "120.5",
        "land_uses": "ONT:100;CLN:20.5",
        "geohash": GEOHASH,
        "address": '"Thôn 1, ""Xóm Đình"""',
        "source": "recognised",
        "term_until": "",
        "registered_on": "2025-08-01",
        "serial": f"AA{number:08d}",
        "issue_number": f"CH{number:05d}",
        "certificate_code": "",
        "issued_on": "2025-08-01",
        "owners": f"{AN}|Nguyễn Văn An|1/2;{BANK}|Công ty Xanh|1/2",
        **changes,
    }
    return ",".join(values.values())


async def send(client: httpx.AsyncClient, data: bytes, form: str = "text/csv", **headers: str) -> httpx.Response:
    return await client.post("/v1/imports", content=data, headers={"Content-Type": form, **headers})


async def go_on(client: httpx.AsyncClient, address: str, data: bytes, offset: int) -> httpx.Response:
    headers = {"Content-Type": "text/csv", "Import-Offset": str(offset)}
    return await client.patch(address, content=data, headers=headers)


async def imported(client: httpx.AsyncClient, data: bytes, form: str = "text/csv") -> dict[str, Any]:
    answer = await send(client, data, form)
    assert answer.status_code == 201, answer.text
    told: dict[str, Any] = answer.json()
    return told


async def errors(client: httpx.AsyncClient, import_id: str) -> list[tuple[int, str, str]]:
    found: list[tuple[int, str, str]] = []
    cursor: dict[str, str] = {}
    while True:
        page = (await client.get(f"/v1/imports/{import_id}/errors", params={"limit": "3", **cursor})).json()
        for row in page["items"]:
            assert all(each["vi"] and each["en"] and "{" not in each["vi"] + each["en"] for each in row["errors"])
            found += [(row["line"], each["field"], each["rule"]) for each in row["errors"]]
        if page["next_cursor"] is None:
            return found
        cursor = {"cursor": page["next_cursor"]}


def test_what_is_written_are_columns_of_the_tables_and_what_is_left_out_may_be_empty() -> None:
    for name, columns in COLUMNS.items():
        table = metadata.tables[name]
        assert set(columns) <= set(table.c.keys())
        assert all(table.c[each].nullable for each in set(table.c.keys()) - set(columns))


async def test_csv_goes_in_and_comes_out(client: httpx.AsyncClient) -> None:
    data = "\n".join(["\ufeff" + HEADER, *(line(number) for number in range(1, 11)), ""]).encode()
    told = await imported(client, data)
    assert (told["kind"], told["taken"], told["refused"], told["lines"]) == ("parcel", 10, 0, 11)
    assert (told["state"], told["offset"]) == ("complete", len(data))
    shown = (await client.get(f"/v1/parcels/{COMMUNE}-7-3")).json()
    assert (shown["version"], shown["area_m2"], shown["address"]) == (0, "120.50", 'Thôn 1, "Xóm Đình"')
    assert [each["share"] for each in shown["rights"][0]["holders"]] == ["1/2", "1/2"]
    assert shown["certificate"]["serial"] == "AA00000003"
    found = await client.get("/v1/parcels", params={"name": "cong ty xanh", "limit": "500"})
    assert len(found.json()["items"]) == 10
    change = {"kind": "reissue", "effective_on": "2026-11-21"}
    made = await client.post(f"/v1/parcels/{COMMUNE}-7-3/changes", json=change, headers={"If-Match": '"0"'})
    assert (made.status_code, made.json()["version"]) == (201, 2)


async def test_json_lines(client: httpx.AsyncClient) -> None:
    row = {
        "unit_code": COMMUNE,
        "map_sheet": 8,
        "parcel_number": 1,
        "area_m2": 100.25,
        "land_uses": [{"code": "ONT", "area_m2": "100.25"}],
        "geohash": GEOHASH,
        "registered_on": "2025-08-01",
        "owners": [{"personal_id": BINH, "name": "Trần Thị Bình"}],
    }
    bad: list[Any] = [
        {**row, "parcel_number": 2, "colour": "red"},
        {**row, "parcel_number": 3, "address": "a\x00b"},
        {**row, "parcel_number": 4, "owners": [{"personal_id": BINH, "name": "Trần\x07 Thị Bình"}]},
        {**row, "parcel_number": 5, "land_uses": [{"code": ["ONT"], "area_m2": "100.25"}]},
        {**row, "parcel_number": 6, "source": ["gift"]},
        {**row, "parcel_number": True},
        [1],
    ]
    lines = [json.dumps(each) for each in (row, *bad)] + ['{"unit_code": ', ""]
    told = await imported(client, "\n".join(lines).encode(), "application/x-ndjson")
    assert (told["taken"], told["refused"]) == (1, 8)
    assert await errors(client, told["id"]) == [
        (2, "colour", "extra_forbidden"),
        (3, "address", "import.control_character"),
        (4, "owners", "import.control_character"),
        (5, "land_uses", "string_type"),
        (6, "source", "enum"),
        (7, "parcel_number", "int_parsing"),
        (8, "", "import.json"),
        (9, "", "import.json"),
    ]
    assert (await client.get(f"/v1/parcels/{COMMUNE}-8-1")).json()["area_m2"] == "100.25"


BAD: list[tuple[str, list[tuple[str, str]]]] = [
    (line(1, unit_code="2196"), [("unit_code", "unit_code.format")]),
    (line(1, unit_code="99999"), [("unit_code", "unit.unknown")]),
    (line(1, unit_code="21961"), [("unit_code", "unit.wrong_period")]),
    (line(1, registered_on="2026-13-01"), [("registered_on", "date_from_datetime_parsing")]),
    (line(1, registered_on="2027-01-01"), [("registered_on", "effective.not-future")]),
    (line(1, map_sheet="0"), [("map_sheet", "int_parsing")]),
    (line(1, map_sheet="100000"), [("map_sheet", "less_than_equal")]),
    (line(1, area_m2="0"), [("area_m2", "greater_than")]),
    (line(1, area_m2="12.345"), [("area_m2", "decimal_max_places")]),
    (line(1, area_m2=""), [("area_m2", "missing")]),
    (line(1, land_uses="ONT:1"), [("land_uses", "land-uses.area")]),
    (line(1, land_uses="XXX:120.5"), [("land_uses", "land_use.unknown")]),
    (line(1, land_uses="ONT:60.25;ONT:60.25"), [("land_uses", "land-uses.distinct")]),
    (line(1, geohash="s6u2mpv1x0ke"), [("geohash", "parcel_geohash.outside_vietnam")]),
    (line(1, geohash="wzzzzzzzzzzz"), [("geohash", "parcel.outside_vietnam")]),
    (line(1, source="stolen"), [("source", "enum")]),
    (line(1, serial="1"), [("serial", "certificate_serial.format")]),
    (line(1, certificate_code="1"), [("certificate_code", "certificate_code.format")]),
    (line(1, owners=f"{AN}|Nguyễn Văn An|1/2"), [("owners", "shares.sum")]),
    (line(1, owners=f"{AN}|Nguyễn Văn An|1/2;{AN}|An|1/2"), [("owners", "parties.distinct")]),
    (line(1, owners="003090000123|Nguyễn Văn An|1"), [("owners", "personal_id.province_unknown")]),
    (line(1, owners=f"{AN}||1"), [("owners", "string_too_short")]),
    (line(1, owners=f"{AN}|An|x"), [("owners", "share.format")]),
    (line(1, owners=f"{AN}|An|1/3;{BANK}|Xanh|1/3;{BINH}|Bình|1/2"), [("owners", "shares.sum")]),
    (line(1, area_m2="x", serial="1"), [("area_m2", "decimal_parsing"), ("serial", "certificate_serial.format")]),
    (line(1) + ",more", [("", "import.fields")]),
    (line(1, address='"left open'), [("", "import.quotes")]),
    (line(51, address="a\tb", owners=f"{AN}|An|1/3;{BANK}|Xanh|1/6;{BINH}|Bình|2/4"), []),
    (line(1, address="a\x07b"), [("address", "import.control_character")]),
]


async def test_every_bad_line_is_told_and_nothing_of_it_is_taken(client: httpx.AsyncClient) -> None:
    data = "\n".join([HEADER, *(text for text, _ in BAD), line(50), ""]).encode()
    told = await imported(client, data)
    assert (told["taken"], told["refused"]) == (2, sum(1 for _, wrong in BAD if wrong))
    expected = [
        (number, field, rule)
        for number, wrong in enumerate((wrong for _, wrong in BAD), 2)
        for field, rule in wrong
    ]
    assert await errors(client, told["id"]) == expected
    assert len((await client.get("/v1/parcels")).json()["items"]) == 2


async def test_mixed_encodings_a_long_line_and_a_cut_off_end(client: httpx.AsyncClient) -> None:
    lines = [HEADER.encode(), line(1).encode("cp1258", "replace"), line(2).encode("utf-16"), line(3).encode()]
    lines += [b"x" * (LONGEST_LINE + 5), line(4).encode(), line(5).encode()[:-8]]
    told = await imported(client, b"\r\n".join(lines))
    assert (told["taken"], told["state"], told["lines"]) == (2, "complete", 7)
    found = await errors(client, told["id"])
    assert [(number, rule) for number, _, rule in found if number > 3] == [
        (5, "import.line_too_long"),
        (7, "import.line_truncated"),
    ]
    assert {rule for _, _, rule in found} >= {"import.encoding"}
    endless = await send(client, f"{HEADER}\n".encode() + b"x" * 200_000)
    assert (endless.status_code, endless.json()["type"]) == (400, "urn:truc:problem:malformed-body")


async def test_what_is_there_already_is_refused_by_line(client: httpx.AsyncClient) -> None:
    first = "\n".join([HEADER, line(1), line(2), line(2, serial="AA99999999"), line(3, serial="AA00000001"), ""])
    told = await imported(client, first.encode())
    assert (told["taken"], told["refused"]) == (2, 2)
    assert await errors(client, told["id"]) == [(4, "parcel_number", "import.parcel_taken"),
                                                (5, "serial", "import.serial_taken")]  # fmt: skip
    again = await imported(client, first.encode())
    assert (again["taken"], again["refused"]) == (0, 4)
    # what is refused claims nothing: the serial is free for the next
    data = "\n".join([HEADER, line(1, serial="AA77777777"), line(7, serial="AA77777777"), ""]).encode()
    third = await imported(client, data)
    assert (third["taken"], third["refused"]) == (1, 1)
    shown = (await client.get(f"/v1/parcels/{COMMUNE}-7-7")).json()
    assert (shown["certificate"]["serial"], len(shown["rights"])) == ("AA77777777", 1)


async def test_a_broken_sending_goes_on_where_it_stood(client: httpx.AsyncClient) -> None:
    data = "\n".join([HEADER, *(line(number) for number in range(1, 21)), ""]).encode()
    cut = len(data) // 2
    half = (await send(client, data[:cut], **{"Import-Complete": "?0"})).json()
    assert half["state"] == "open" and 0 < half["offset"] < cut
    address = f"/v1/imports/{half['id']}"
    stale = await go_on(client, address, data[cut:], cut)
    assert (stale.status_code, stale.json()["type"]) == (409, "urn:truc:problem:import-offset")
    assert stale.headers["import-offset"] == str(half["offset"])
    status = (await client.get(address)).json()
    assert status == half
    rest = (await go_on(client, address, data[status["offset"] :], status["offset"])).json()
    assert (rest["taken"], rest["refused"], rest["lines"], rest["state"]) == (20, 0, 21, "complete")
    twice = await go_on(client, address, b"", len(data))
    assert (twice.status_code, twice.json()["type"]) == (409, "urn:truc:problem:import-complete")


async def test_what_is_no_import_is_refused_whole(client: httpx.AsyncClient) -> None:
    for data in (b"a,b,c\n1,2,3\n", b"", f"{HEADER},owners\n".encode(), b"unit_code\n"):
        answer = await send(client, data)
        assert (answer.status_code, answer.json()["type"]) == (422, "urn:truc:problem:bad-import-header")
    assert (await send(client, b"", "application/json")).status_code == 415
    assert (await send(client, b"", "application/x-ndjson", **{"Import-Complete": "yes"})).status_code == 422
    assert (await client.post("/v1/imports?kind=house", content=b"")).status_code == 422
    assert (await go_on(client, "/v1/imports/none", b"", 0)).status_code == 404
    begun = (await send(client, f"{HEADER}\n".encode(), **{"Import-Complete": "?0"})).json()
    address = f"/v1/imports/{begun['id']}"
    assert (await client.patch(address, content=b"", headers={"Content-Type": "text/csv"})).status_code == 422
    other = {"Content-Type": "application/x-ndjson", "Import-Offset": str(begun["offset"])}
    assert (await client.patch(address, content=b"", headers=other)).status_code == 415
