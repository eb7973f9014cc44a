"""The figures as the hub answers with them, on both databases, from events told to it."""

from __future__ import annotations

import csv
import io
import re
import zipfile
from typing import Any
from urllib.parse import parse_qsl, urlsplit

import pytest

from contracts.envelope import Event
from contracts.status import Channel
from tests.services.bus.hub.conftest import token_of
from tests.services.bus.hub.indicators.conftest import BLIND, Hub
from tests.services.bus.hub.indicators.telling import (
    BIRTH,
    CERTIFIED_COPY,
    DAY,
    HOUR,
    MONDAY,
    acknowledgement,
    asked,
    checked,
    fee,
    step,
    tell,
    verification,
)

pytestmark = pytest.mark.anyio

MAY = {"from_": "2023-05-01", "to": "2023-06-01"}
TODAY = MONDAY + 30 * DAY
"""Wednesday 7 June 2023, 9:00 in Vietnam: what the clock of the hub shows."""
OTHER_COMMUNE = "H08.32.21"


def code(number: int) -> str:
    return f"H08.31.21-230508-{number:04d}"


def in_may() -> list[Event]:
    """Six dossiers received in May, one in April and one never: two online, four on time, one late for good and
    one late because its time ran out."""
    received: dict[str, Any] = {"received_at": MONDAY, "due_at": MONDAY + DAY, "fees": (fee(2000),)}
    online = {**received, "channel": Channel.ONLINE, "fees": (fee(2000, online=True),)}
    elsewhere = {**received, "receiving_agency": OTHER_COMMUNE, "procedure_code": BIRTH, "fees": ()}
    return [
        step(code(1), 1, 9, MONDAY + HOUR, **online, completed_at=MONDAY + HOUR),
        step(code(2), 1, 9, MONDAY + HOUR, **online, completed_at=MONDAY + HOUR),
        step(code(3), 1, 9, MONDAY + 2 * DAY, **received, completed_at=MONDAY + 2 * DAY),
        step(code(4), 1, 4, MONDAY + HOUR, **received),
        step(code(5), 1, 9, MONDAY + HOUR, **elsewhere, completed_at=MONDAY + HOUR),
        step(code(6), 1, 5, MONDAY + HOUR, **{**elsewhere, "supplements": (asked(MONDAY + HOUR),)}),
        step(code(7), 1, 9, MONDAY, **{**received, "received_at": MONDAY - 8 * DAY}, completed_at=MONDAY),
        step(code(8), 1, 1, MONDAY, channel=Channel.ONLINE),
        acknowledgement(code(1), 1, 2, 9),
        acknowledgement(code(2), 1, 2),
        acknowledgement(code(8), 1, 1),
        verification(code(1)),
        verification(code(3), "mismatched"),
        checked(MONDAY, (code(1), "identity_check", "online", "matched")),
        checked(MONDAY, (code(1), "id_card_check", "online", "matched")),
        checked(MONDAY + DAY, (code(3), "identity_check", "direct", "mismatched")),
        checked(MONDAY - 8 * DAY, (code(7), "identity_check", "direct", "matched")),
    ]


@pytest.fixture
async def told(hub: Hub) -> Hub:
    await tell(hub.store, in_may())
    return hub


async def test_definitions_are_data_with_their_sources(hub: Hub) -> None:
    told = await hub.get("/v1/indicators")
    assert [group["id"] for group in told["groups"]][:2] == ["transparency", "progress"]
    on_time = told["groups"][1]["indicators"][0]
    assert on_time["numerator"] == {"count": "dossiers", "in": ["received"], "not": ["late"]}
    assert on_time["mark"] == "verified" and on_time["open"][0]["vi"]
    assert told["on_time"]["supplements"] == 1
    assert all(each["value"] is None and each["why"] for each in told["inputs"])


async def test_values_with_both_sides_points_and_reasons(told: Hub) -> None:
    found = await told.get("/v1/indicators/values", **MAY)
    by_id = {each["id"]: each for group in found["groups"] for each in group["indicators"]}
    assert found["dossiers"] == 6

    def sides(name: str) -> tuple[int, int]:
        return by_id[name]["numerator"]["value"], by_id[name]["denominator"]["value"]

    assert sides("on-time") == (4, 6) and by_id["on-time"]["points"] == 13.3333
    assert sides("dossier-sync") == (2, 6) and by_id["dossier-sync"]["points"] == 2.0
    assert sides("online-dossiers") == (2, 6), "a certified copy returns no paper"
    assert by_id["online-dossiers"]["times"] == pytest.approx(1 / 3)
    assert by_id["online-dossiers"]["points"] == 1.3333
    assert sides("paid-online") == (2, 4)
    assert sides("verified") == (1, 6)
    assert sides("electronic-results") == (0, 1)
    petitions = by_id["petitions-on-time"]
    assert (petitions["ratio"], petitions["points"]) == (None, None)
    assert "nobody has given it" in petitions["why_en"]
    satisfaction = next(group for group in found["groups"] if group["id"] == "satisfaction")
    assert (satisfaction["points"], satisfaction["points_known"], satisfaction["points_max"]) == (0.0, 0.0, 18.0)


async def test_the_dossiers_behind_a_figure_are_those_it_counts(told: Hub) -> None:
    found = await told.get("/v1/indicators/values", **MAY)
    for group in found["groups"]:
        for each in group["indicators"]:
            for name in ("numerator", "denominator"):
                side = each[name]
                if side["dossiers"] is None or side["counts"] != "dossiers":
                    continue
                link = urlsplit(side["dossiers"])
                page = (await told.http.get(link.path, params=dict(parse_qsl(link.query)))).json()
                assert len(page["items"]) == side["value"], (each["id"], name)
    late = await told.get("/v1/indicators/reception-satisfied/dossiers", side="denominator", **MAY)
    assert len(late["items"]) == 6


async def test_dossiers_come_in_pages(told: Hub) -> None:
    seen: list[str] = []
    cursor: dict[str, str] = {}
    while True:
        query = {"side": "denominator", "limit": 2, **MAY, **cursor}
        page = await told.get("/v1/indicators/on-time/dossiers", **query)
        seen += [each["code"] for each in page["items"]]
        if page["next_cursor"] is None:
            break
        cursor = {"cursor": page["next_cursor"]}
    assert seen == [code(number) for number in range(1, 7)]


async def test_values_of_a_unit_and_of_a_group(told: Hub) -> None:
    query = {"unit": "H08.32", "group": "progress", **MAY}
    [group] = (await told.get("/v1/indicators/values", **query))["groups"]
    [on_time] = group["indicators"]
    assert (on_time["numerator"]["value"], on_time["denominator"]["value"]) == (2, 2)
    assert "unit=H08.32" in on_time["numerator"]["dossiers"]


async def test_parts_of_months_add_up_to_whole_ones(told: Hub) -> None:
    """Whole months come from the counts, parts of them from the facts."""

    async def received(first: str, end: str) -> int:
        return int((await told.get("/v1/indicators/values", from_=first, to=end))["dossiers"])

    assert await received("2023-05-01", "2023-06-01") == 6
    assert await received("2023-05-02", "2023-05-31") == 6
    assert await received("2023-05-08", "2023-05-09") == 6
    assert await received("2023-05-09", "2023-06-01") == 0
    assert await received("2023-04-01", "2023-06-01") == 7
    assert await received("2023-04-15", "2023-07-01") == 7


async def test_a_table_by_unit_and_month_with_shares_and_a_total(told: Hub) -> None:
    table = await told.get(
        "/v1/indicators/table", rows="unit", period="month", from_="2023-04-01", to="2023-06-01"
    )
    names = [column["id"] for column in table["columns"]]
    rows = {(row["key"], row["period"]): dict(zip(names, row["cells"], strict=True)) for row in table["rows"]}
    assert set(rows) == {("H08.31.21", "2023-04"), ("H08.31.21", "2023-05"), ("H08.32.21", "2023-05")}
    may = rows["H08.31.21", "2023-05"]
    assert (may["received"], may["online"], may["direct"], may["on_time"], may["late"]) == (4, 2, 2, 2, 2)
    assert (may["online_share"], may["paid_online_share"]) == (0.5, 0.5)
    assert rows["H08.32.21", "2023-05"]["paid_online_share"] is None, "nothing to divide by"
    total = dict(zip(names, table["total"]["cells"], strict=True))
    assert (total["received"], total["late"]) == (7, 2)


@pytest.mark.parametrize(
    ("rows", "expected"),
    [
        ("district", {"H08.31": 4, "H08.32": 2}),
        ("procedure", {CERTIFIED_COPY: 4, BIRTH: 2}),
        ("field", {"Chứng thực": 4, "Hộ tịch": 2}),
        ("channel", {"direct": 4, "online": 2}),
    ],
)
@pytest.mark.parametrize("period", ["total", "month", "quarter", "year"])
async def test_other_tables(told: Hub, rows: str, expected: dict[str, int], period: str) -> None:
    table = await told.get("/v1/indicators/table", rows=rows, period=period, **MAY)
    assert {row["key"]: row["cells"][0] for row in table["rows"]} == expected
    label = {"total": "2023-05-01 – 2023-05-31", "month": "2023-05", "quarter": "2023-Q2", "year": "2023"}[period]
    assert {row["period"] for row in table["rows"]} == {label}


async def test_the_table_as_csv(told: Hub) -> None:
    answer = await told.http.get("/v1/indicators/table.csv", params={"from": "2023-05-01", "to": "2023-06-01"})
    assert answer.headers["content-type"] == "text/csv; charset=utf-8"
    assert answer.headers["content-disposition"] == 'attachment; filename="unit-2023-05-01-2023-05-31.csv"'
    assert answer.content.startswith(b"\xef\xbb\xbf")
    header, first, *_, total = csv.reader(io.StringIO(answer.content.decode("utf-8-sig")))
    assert header[:5] == ["Code", "Name", "Period", "Received", "Online"]
    assert first[:5] == ["H08.31.21", "Ủy ban nhân dân phường Nhơn Bình", "2023-05-01 – 2023-05-31", "4", "2"]
    assert total[3] == "6"
    vietnamese = await told.http.get("/v1/indicators/table.csv", headers={"Accept-Language": "vi"})
    assert "Tiếp nhận" in vietnamese.text


async def test_the_table_as_a_workbook(told: Hub) -> None:
    answer = await told.http.get("/v1/indicators/table.xlsx", params={"from": "2023-05-01", "to": "2023-06-01"})
    assert answer.status_code == 200
    book = zipfile.ZipFile(io.BytesIO(answer.content))
    texts = re.findall(r"<t[^>]*>([^<]*)</t>", book.read("xl/sharedStrings.xml").decode())
    assert "Ủy ban nhân dân phường Nhơn Bình" in texts
    figures = book.read("xl/worksheets/sheet1.xml").decode()
    assert re.search(r'<c r="D2"[^>]*><v>4</v>', figures)
    assert "weights: sonoivu.namdinh; formula: QD766" in texts, "where each figure comes from stands beside it"


async def test_communes_without_online_dossiers(told: Hub) -> None:
    found = await told.get("/v1/communes/without-online", **MAY)
    assert (found["communes"], found["without"]) == (159, 158)
    assert {each["code"]: each["received"] for each in found["items"]}[OTHER_COMMUNE] == 2
    of_field = await told.get("/v1/communes/without-online", field="Hộ tịch", **MAY)
    assert of_field["without"] == 159
    of_district = await told.get("/v1/communes/without-online", unit="H08.31", **MAY)
    assert (of_district["communes"], of_district["without"]) == (21, 20)


async def test_identity_checks_in_both_counts(told: Hub) -> None:
    found = await told.get("/v1/identity-checks", **MAY)
    assert (found["events"], found["dossiers"]) == (3, 2), "one dossier was checked twice"
    assert (found["matched_events"], found["matched_dossiers"]) == (2, 1)
    assert (found["recorded_dossiers"], found["recorded_verified"]) == (2, 1)
    kinds = {each["value"]: (each["events"], each["dossiers"]) for each in found["by_kind"]}
    assert kinds == {"identity_check": (2, 2), "id_card_check": (1, 1)}
    channels = {each["value"]: (each["events"], each["dossiers"]) for each in found["by_channel"]}
    assert channels == {"online": (2, 1), "direct": (1, 1)}
    part = await told.get("/v1/identity-checks", from_="2023-04-15", to="2023-05-09")
    assert (part["events"], part["dossiers"]) == (3, 2)


async def test_the_legal_clock(hub: Hub) -> None:
    received: dict[str, Any] = {"received_at": TODAY - DAY}
    at_five = TODAY + 8 * HOUR
    events = [
        step(code(1), 1, 4, TODAY, **received, due_at=at_five),
        step(code(2), 1, 2, TODAY, **received, due_at=TODAY - HOUR),
        step(code(3), 1, 4, TODAY, **received, due_at=TODAY - DAY, procedure_code=BIRTH),
        step(code(4), 1, 5, TODAY, **received, due_at=TODAY - DAY, supplements=(asked(TODAY - DAY),)),
        step(code(5), 1, 8, TODAY, **received, due_at=at_five),
        step(code(6), 1, 4, TODAY, **received, due_at=at_five + DAY, receiving_agency=OTHER_COMMUNE),
        step(code(7), 1, 9, TODAY, **received, due_at=TODAY - DAY, completed_at=TODAY),
        step(code(8), 1, 1, TODAY),
    ]
    await tell(hub.store, events)
    clock = await hub.get("/v1/legal-clock")
    assert [clock[state] for state in ("due_today", "overdue", "suspended", "running")] == [1, 2, 2, 1]
    assert clock["oldest_overdue"] == (TODAY - DAY).isoformat().replace("+00:00", "Z")
    lines = {
        (line["agency"], line["procedure_code"]): (line["overdue"], line["due_today"], line["suspended"])
        for line in clock["lines"]
    }
    assert lines == {
        ("H08.31.21", CERTIFIED_COPY): (1, 1, 2),
        ("H08.31.21", BIRTH): (1, 0, 0),
        (OTHER_COMMUNE, CERTIFIED_COPY): (0, 0, 0),
    }
    by_office = await hub.get("/v1/legal-clock", by="office")
    assert [(line["agency"], line["overdue"]) for line in by_office["lines"]] == [
        ("H08.31.21", 2),
        (OTHER_COMMUNE, 0),
    ]
    by_procedure = await hub.get("/v1/legal-clock", by="procedure", unit="H08.32")
    assert [(line["procedure_code"], line["running"]) for line in by_procedure["lines"]] == [(CERTIFIED_COPY, 1)]

    for state in ("due_today", "overdue", "suspended", "running"):
        page = await hub.get("/v1/legal-clock/dossiers", state=state)
        assert len(page["items"]) == clock[state]
    first = await hub.get("/v1/legal-clock/dossiers", state="overdue", limit=1)
    second = await hub.get("/v1/legal-clock/dossiers", state="overdue", limit=1, cursor=first["next_cursor"])
    assert [first["items"][0]["code"], second["items"][0]["code"]] == [code(3), code(2)]
    assert second["next_cursor"] is None


async def test_a_deadline_on_the_clock_says_why_it_falls_where_it_falls(hub: Hub) -> None:
    friday_late = MONDAY - 3 * DAY + 7 * HOUR
    await tell(hub.store, [step(code(1), 1, 4, MONDAY, received_at=friday_late, due_at=MONDAY + 10 * DAY)])
    [line] = (await hub.get("/v1/legal-clock/dossiers", state="overdue"))["items"]
    assert line["original"] == "2023-05-08T10:00:00Z" and line["moved"] is True
    assert [reason["kind"] for reason in line["reasons"]] == ["after_cutoff", "weekend", "weekend"]
    assert all(reason["vi"] != reason["en"] for reason in line["reasons"])


@pytest.mark.parametrize(
    ("path", "status", "field", "rule"),
    [
        ("/v1/indicators/values?from=2023-06-01&to=2023-06-01", 422, "query.to", "period.empty"),
        ("/v1/indicators/values?from=1700-01-01", 422, "query.from", "greater_than_equal"),
        ("/v1/indicators/values?from=yesterday", 422, "query.from", "date_from_datetime_parsing"),
        ("/v1/indicators/values?unit=nowhere", 422, "query.unit", "agency_code.format"),
        ("/v1/indicators/values?group=nosuch", 404, "query.group", "not-found"),
        ("/v1/indicators/nosuch/dossiers", 404, "path.indicator_id", "not-found"),
        ("/v1/indicators/publish-on-time/dossiers", 404, "query.side", "not-found"),
        ("/v1/indicators/on-time/dossiers?cursor=xyz", 400, "query.cursor", "bad-cursor"),
        ("/v1/indicators/on-time/dossiers?cursor=WyJ4IiwieSJd", 400, "query.cursor", "bad-cursor"),
        ("/v1/indicators/table?rows=people", 422, "query.rows", "literal_error"),
        ("/v1/communes/without-online?field=Astronomy", 422, "query.field", "field.unknown"),
        ("/v1/legal-clock/dossiers?state=asleep", 422, "query.state", "literal_error"),
        ("/v1/legal-clock/dossiers?cursor=WzkyMjMzNzIwMzY4NTQ3NzU4MDcsIngiXQ", 400, "query.cursor", "bad-cursor"),
    ],
)
async def test_what_is_wrong_is_named(hub: Hub, path: str, status: int, field: str, rule: str) -> None:
    answer = await hub.http.get(path)
    assert answer.status_code == status, answer.text
    [error] = answer.json()["errors"]
    assert (error["field"], error["rule"]) == (field, rule)


async def test_only_who_may_observe_may_look(hub: Hub) -> None:
    token = await token_of(hub.http, BLIND)
    for path in ("/v1/indicators", "/v1/indicators/values", "/v1/indicators/table.xlsx", "/v1/legal-clock"):
        refused = await hub.http.get(path, headers={"Authorization": f"Bearer {token}"})
        assert refused.status_code == 403
        assert "axis:observe" in refused.text


async def test_nothing_personal_is_kept(told: Hub) -> None:
    from sqlalchemy import text

    for table in ("indicator_dossiers", "indicator_checks", "indicator_counts"):
        rows = await told.store.read(lambda tx, table=table: tx.execute(text(f"SELECT * FROM {table}")).all())
        assert rows
        for word in ("052090000123", "Nguyễn Văn An"):
            assert word not in str(rows)
