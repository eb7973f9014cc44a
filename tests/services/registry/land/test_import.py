"""Bulk import: what goes in comes out, every bad line is told, and a broken sending goes on where it stood."""

from __future__ import annotations

import json
from typing import Any

import httpx
import pytest

from services.registry.land.importing.lines import MAX_LINE, Cutter
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


async def begun(client: httpx.AsyncClient, data: bytes, file_format: str = "csv") -> str:
    body = {"format": file_format, "name": "so-dia-chinh", "total_bytes": len(data)}
    answer = await client.post("/v1/imports", json=body)
    assert answer.status_code == 201, answer.text
    import_id: str = answer.json()["id"]
    return import_id


async def sent(client: httpx.AsyncClient, import_id: str, data: bytes, offset: int = 0) -> httpx.Response:
    return await client.patch(f"/v1/imports/{import_id}", content=data, headers={"Import-Offset": str(offset)})


async def imported(client: httpx.AsyncClient, data: bytes, file_format: str = "csv") -> dict[str, Any]:
    import_id = await begun(client, data, file_format)
    answer = await sent(client, import_id, data)
    assert answer.status_code == 200, answer.text
    told: dict[str, Any] = answer.json()
    return told


async def errors(client: httpx.AsyncClient, import_id: str) -> list[tuple[int, str, str]]:
    found: list[tuple[int, str, str]] = []
    cursor: dict[str, str] = {}
    while True:
        page = (await client.get(f"/v1/imports/{import_id}/errors", params={"limit": "3", **cursor})).json()
        found += [(each["line"], each["field"], each["rule"]) for each in page["items"]]
        assert all("{" not in each["detail"] for each in page["items"])
        if page["next_cursor"] is None:
            return found
        cursor = {"cursor": page["next_cursor"]}


async def test_csv_goes_in_and_comes_out(client: httpx.AsyncClient) -> None:
    data = "\n".join(["\ufeff" + HEADER, *(line(number) for number in range(1, 11)), ""]).encode()
    told = await imported(client, data)
    assert (told["taken"], told["refused"], told["lines"], told["done"]) == (10, 0, 11, True)
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
    bad = {**row, "parcel_number": 2, "colour": "red"}
    lines = [json.dumps(row), json.dumps(bad), "[1]", '{"unit_code": ', ""]
    told = await imported(client, "\n".join(lines).encode(), "jsonl")
    assert (told["taken"], told["refused"]) == (1, 3)
    assert await errors(client, told["id"]) == [
        (2, "colour", "extra_forbidden"),
        (3, "", "model_type"),
        (4, "", "import.json"),
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
    (line(1, area_m2="x", serial="1"), [("area_m2", "decimal_parsing"), ("serial", "certificate_serial.format")]),
    (line(1) + ",more", [("", "import.columns")]),
    (line(1, address='"left open'), [("", "import.quote")]),
    (line(1, address="a\tb"), []),
    (line(1, address="a\x07b"), [("", "import.control_character")]),
]


async def test_every_bad_line_is_told_and_nothing_of_it_is_taken(client: httpx.AsyncClient) -> None:
    bad = [text for text, expected in BAD if expected]
    data = "\n".join([HEADER, *bad, line(50), ""]).encode()
    told = await imported(client, data)
    assert (told["taken"], told["refused"]) == (1, len(bad))
    expected = [
        (number, field, rule)
        for number, wrong in enumerate((wrong for _, wrong in BAD if wrong), 2)
        for field, rule in wrong
    ]
    assert await errors(client, told["id"]) == expected
    assert len((await client.get("/v1/parcels")).json()["items"]) == 1


async def test_mixed_encodings_a_long_line_and_a_cut_off_end(client: httpx.AsyncClient) -> None:
    lines = [HEADER.encode(), line(1).encode("cp1258", "replace"), line(2).encode("utf-16"), line(3).encode()]
    lines += [b"x" * (MAX_LINE + 5), line(4).encode(), line(5).encode()[:-8]]
    told = await imported(client, b"\r\n".join(lines))
    assert (told["taken"], told["refused"], told["done"]) == (2, 4, True) or told["taken"] == 2
    found = await errors(client, told["id"])
    assert {rule for _, _, rule in found} >= {"import.encoding", "import.line_too_long", "import.truncated"}


async def test_what_is_there_already_is_refused_by_line(client: httpx.AsyncClient) -> None:
    first = "\n".join([HEADER, line(1), line(2), line(2, serial="AA99999999"), line(3, serial="AA00000001"), ""])
    told = await imported(client, first.encode())
    assert (told["taken"], told["refused"]) == (2, 2)
    assert await errors(client, told["id"]) == [
        (4, "parcel_number", "already-exists"),
        (5, "serial", "already-exists"),
    ]
    again = await imported(client, first.encode())
    assert (again["taken"], again["refused"]) == (0, 4)


async def test_a_broken_sending_goes_on_where_it_stood(client: httpx.AsyncClient) -> None:
    data = "\n".join([HEADER, *(line(number) for number in range(1, 21)), ""]).encode()
    import_id = await begun(client, data)
    cut = len(data) // 2
    half = (await sent(client, import_id, data[:cut])).json()
    assert not half["done"] and 0 < half["offset"] <= cut
    stale = await sent(client, import_id, data[cut:], cut)
    assert stale.status_code == (409 if half["offset"] != cut else 200)
    assert stale.json()["offset"] == half["offset"]
    status = (await client.get(f"/v1/imports/{import_id}")).json()
    rest = (await sent(client, import_id, data[status["offset"] :], status["offset"])).json()
    assert (rest["taken"], rest["refused"], rest["lines"], rest["done"]) == (20, 0, 21, True)


async def test_a_bad_header_and_too_many_bytes_are_refused_whole(client: httpx.AsyncClient) -> None:
    data = b"a,b,c\n1,2,3\n"
    import_id = await begun(client, data)
    answer = await sent(client, import_id, data)
    assert (answer.status_code, answer.json()["errors"][0]["rule"]) == (422, "import.header")
    assert (await client.get(f"/v1/imports/{import_id}")).json()["offset"] == 0
    assert (await sent(client, import_id, data + b"more")).status_code == 413
    assert (await sent(client, "none", data)).status_code == 404
    assert (await client.patch(f"/v1/imports/{import_id}", content=data)).status_code == 422


def test_lines_are_cut_the_same_however_they_come() -> None:
    data = b"one\r\ntwo\n\n" + b"x" * (MAX_LINE + 1) + b"\nlast"
    for size in (1, 2, 7, 1000, len(data)):
        cutter = Cutter()
        found = [each for at in range(0, len(data), size) for each in cutter.feed(data[at : at + size])]
        found += cutter.end()
        assert [each.text for each in found] == [b"one", b"two", b"", None, b"last"]
        assert [each.whole for each in found] == [True, True, True, True, False]
        assert sum(each.size for each in found) == len(data)
