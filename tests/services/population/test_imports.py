"""Citizens in bulk: as registration would have made them, told of once, bad lines with their reasons."""

from __future__ import annotations

import asyncio
import csv
import io
import json
import os
import signal
import tempfile
from collections.abc import AsyncIterator, Callable
from pathlib import Path
from typing import Any

import anyio
import httpx
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from sqlalchemy import select

from bench.processes import process
from contracts.envelope import Event
from contracts.population.imports import CITIZEN_COLUMNS, COLUMN_OF, ImportKind
from contracts.problems import Problem
from contracts.times import vn_date
from services.bus.kit.bus import Bus
from services.bus.kit.clock import FixedClock
from services.bus.kit.importing.intake import Intake
from services.bus.kit.importing.registry import Importing
from services.bus.kit.importing.sheet import read_piece
from services.bus.kit.service import Service
from services.bus.kit.store import Store
from services.bus.kit.testing import NatsServer, TestIssuer, free_port, running
from services.bus.kit.tx import Tx
from services.population.app import build
from services.population.commands import registration
from services.population.consistency import TEXTS
from services.population.importing.citizens import REGISTRY
from services.population.importing.sheets import COLUMNS, SHEETS
from services.population.models import WaitingAct, metadata
from services.population.queries import citizens as queries
from services.population.reactions import on_civil_event
from services.population.settings import PopulationSettings
from tests.services.population.acts import death, event_of
from tests.services.population.people import (
    AN,
    BINH,
    CHI,
    ELSEWHERE,
    NEW_COMMUNE,
    NOW,
    OLD_COMMUNE,
    PURPOSE,
    an,
    citizens,
    events,
    home,
)

pytestmark = pytest.mark.anyio

PIECE = 2_000
"""Bytes: small, so that a file is many pieces."""

Refusal = list[tuple[str, str]]
"""Fields and rules."""


@pytest.fixture
async def client(
    database_url: str, tmp_path: Path, issuer: TestIssuer, clock: FixedClock
) -> AsyncIterator[httpx.AsyncClient]:
    given = PopulationSettings(
        database_url=database_url,
        data_dir=tmp_path,
        jwks_file=issuer.jwks_file,
        nats_url="nats://127.0.0.1:1",
        import_piece_bytes=PIECE,
    )
    async with running(build(given, clock), issuer.token(client_id="one-stop")) as client:
        client.headers["Accept-Language"] = "en"
        yield client


def test_what_is_written_are_columns_of_the_tables_and_what_is_left_out_may_be_empty() -> None:
    for name, columns in COLUMNS.items():
        table = metadata.tables[name]
        assert set(columns) <= set(table.c.keys())
        assert all(table.c[each].nullable for each in set(table.c.keys()) - set(columns))


def somebody(order: int, **changes: Any) -> dict[str, Any]:
    return an(**{"personal_id": f"052090{order:06d}", "id_card": f"21{order:07d}", **changes})


def lines(*rows: dict[str, Any] | str | bytes) -> bytes:
    """A file of JSON Lines."""
    texts = (each if isinstance(each, str | bytes) else json.dumps(each, ensure_ascii=False) for each in rows)
    return b"".join((each.encode() if isinstance(each, str) else each) + b"\n" for each in texts)


async def send(client: httpx.AsyncClient, content: Any, **headers: str) -> httpx.Response:
    type_ = headers.pop("type", "application/x-ndjson")
    return await client.post("/v1/imports", content=content, headers={"Content-Type": type_, **headers})


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


def service_behind(client: httpx.AsyncClient) -> Service:
    service: Service = client._transport.app.state.service  # type: ignore[attr-defined]
    return service


async def shown(client: httpx.AsyncClient, personal_id: str) -> dict[str, Any]:
    """The citizen as GET answers, with the residences of all times; without ids that are made."""
    answer = await client.get(f"/v1/citizens/{personal_id}", headers=PURPOSE)
    assert answer.status_code == 200, answer.text
    citizen: dict[str, Any] = answer.json()
    stays = (await client.get(f"/v1/citizens/{personal_id}/residences", headers=PURPOSE)).json()
    for each in (*citizen["residences"], *stays):
        each.pop("id")
    return citizen | {"all": stays}


# -- the same as registered one by one ---------------------------------------------------------------------

PARENT = st.fixed_dictionaries(
    {"full_name": st.sampled_from(("Trần Thị Hoa", "Ñ'Đê Y-Bl'ăm"))},
    optional={
        "personal_id": st.just("052165000001"),
        "id_card": st.just("210000009"),
        "nationality": st.just("LA"),
    },
)
PLACE = st.fixed_dictionaries(
    {"unit_code": st.just(OLD_COMMUNE)},
    optional={
        "on": st.just("2001-02-03"),
        "detail": st.sampled_from(("", 'Thôn "A", B', "\\N")),
        "country": st.just("VN"),
    },
) | st.just({"detail": "Viêng Chăn", "country": "LA"})
STAYS = st.lists(
    st.builds(
        lambda kind, year, code, detail: {
            "kind": kind,
            "unit_code": code,
            "detail": detail,
            "valid_from": f"{year}-03-04",
        },
        st.sampled_from(("permanent", "current", "temporary")),
        st.integers(2008, 2024),
        st.sampled_from((OLD_COMMUNE, ELSEWHERE)),
        st.sampled_from(("", "Thôn An Hòa", "12 Lê Lợi; \\ 'x' \"y\"")),
    ),
    max_size=4,
    unique_by=lambda stay: (stay["kind"], stay["valid_from"]),
)
CITIZEN = st.fixed_dictionaries(
    {
        "personal_id": st.integers(0, 999_999).map(lambda order: f"052090{order:06d}"),
        "full_name": st.sampled_from(("Nguyễn Văn An", "Nguyê\u0303n  Văn\u00a0An", "An")),
        "date_of_birth": st.sampled_from(("1990", "1990-04-30")),
        "sex": st.just("male"),
    },
    optional={
        "id_card": st.integers(0, 9_999_999).map(lambda order: f"21{order:07d}"),
        "ethnicity": st.sampled_from(("01", "12")),
        "religion": st.just("01"),
        "marital_status": st.sampled_from(("married", "single")),
        "blood_group": st.sampled_from(("AB", "unknown")),
        "nationality": st.just("VN"),
        "eid_level": st.integers(0, 2),
        "birth_place": st.none() | PLACE,
        "hometown": PLACE,
        "father": PARENT,
        "mother": st.none() | PARENT,
        "spouse": PARENT,
        "residences": STAYS,
    },
).map(
    lambda row: row | ({"family_name": "Nguyễn Văn", "given_name": "An"} if " " in str(row["full_name"]) else {})
)


def data_of(event: Event) -> dict[str, Any]:
    return event.model_dump(mode="json", exclude={"id", "traceparent"})


@given(CITIZEN)
@settings(max_examples=20)
def test_an_imported_citizen_is_the_one_that_registration_makes(tmp_path: Path, citizen: dict[str, Any]) -> None:
    """The same rows, answers and event, or the same refusal; from JSON Lines, and from CSV if it fits."""

    async def play() -> None:
        with tempfile.TemporaryDirectory(dir=tmp_path) as folder:
            registered = await entered(f"sqlite:///{folder}/registered.db", lambda tx: enter(tx, citizen))
            for form, columns, line in (("ndjson", [], lines(citizen)), flat(citizen)):
                if line:
                    url = f"sqlite:///{folder}/{form}.db"
                    assert registered == await entered(url, lambda tx: take(tx, form, columns, line))  # noqa: B023

    anyio.run(play)


def enter(tx: Tx, citizen: dict[str, Any]) -> Refusal:
    try:
        registration.register(tx, citizens(citizen), batch=False, now=NOW)
    except Problem as problem:
        return sorted((error.field.removeprefix("body."), error.rule) for error in problem.errors)
    return []


def take(tx: Tx, form: str, columns: list[str], line: bytes) -> Refusal:
    piece = read_piece(
        SHEETS["citizen"],
        line,
        form,
        columns,
        import_id="i",
        first_line=1,
        today=vn_date(NOW),
        now=NOW,
        dialect=tx.dialect,
    )
    REGISTRY.write(tx, "citizen", piece, REGISTRY.refuse(tx, "citizen", piece), NOW)
    return sorted((field, rule) for _, wrong in piece.bad for field, rule, _ in wrong)


async def entered(url: str, command: Callable[[Tx], Refusal]) -> Any:
    """What is there after the command: the refusal, rows, what GET shows, the event; without ids."""
    async with Store(url, source="/truc/population") as store:
        store.create_tables(metadata)
        refusal = await store.write(command)

        def look(tx: Tx) -> Any:
            tables = (metadata.tables["citizens"], metadata.tables["residences"])
            rows = [dict(row._mapping) for table in tables for row in tx.execute(select(table))]
            for row in rows:
                row.pop("id", None)
            numbers = [row["personal_id"] for row in rows[:1]]
            return rows, [queries.citizen(tx, number, on=vn_date(NOW)) for number in numbers]

        rows, seen = await store.read(look)
        told = [data_of(event) for event in await events(store)]
    for citizen in seen:
        for stay in citizen.residences:
            stay.id = ""
    return refusal, sorted(rows, key=repr), seen, told


async def test_the_same_on_both_databases(client: httpx.AsyncClient, tmp_path: Path, issuer: TestIssuer) -> None:
    people = [
        somebody(1, residences=[home(), home("current", valid_from="2020-01-01")], father={"full_name": "Lê Sáu"}),
        somebody(2, date_of_birth="1990", birth_place={"unit_code": OLD_COMMUNE, "detail": "\\t\\N"}),
        somebody(3, residences=[home(valid_from="2025-08-01", unit_code=NEW_COMMUNE)], eid_level=2),
    ]
    view = (await send(client, lines(*people))).json()
    assert (view["taken"], view["refused"]) == (3, 0)
    told = await events(service_behind(client).store)
    (tmp_path / "other").mkdir()
    given = PopulationSettings(
        database_url=f"sqlite:///{tmp_path / 'other' / 'p.db'}",
        data_dir=tmp_path / "other",
        jwks_file=issuer.jwks_file,
        nats_url="nats://127.0.0.1:1",
    )
    async with running(build(given, FixedClock(NOW)), issuer.token()) as other:
        assert (await other.post("/v1/citizens", json=people)).status_code == 201
        for each in people:
            assert await shown(client, each["personal_id"]) == await shown(other, each["personal_id"])
        expected = await events(service_behind(other).store)
    assert [data_of(event) for event in told] == [data_of(event) for event in expected]


def flat(citizen: dict[str, Any]) -> tuple[str, list[str], bytes]:
    """The citizen as a line of CSV with its columns; no line if it does not fit into one."""
    row = {
        name: value for name, value in citizen.items() if not isinstance(value, dict | list) and value is not None
    }
    stays = citizen.get("residences", [])
    parts = {name: value for name, value in citizen.items() if isinstance(value, dict)}
    parts |= {stay["kind"]: stay for stay in stays}
    for column, (part, field) in COLUMN_OF.items():
        if part in parts and field in parts[part]:
            row[column] = parts[part][field]
    out = io.StringIO()
    csv.writer(out, lineterminator="\n").writerow(row.values())
    fits = len({stay["kind"] for stay in stays}) == len(stays)
    return "csv", list(row), out.getvalue().encode() if fits else b""


# -- lines that are not taken ------------------------------------------------------------------------------

BAD: list[tuple[dict[str, Any] | str | bytes, list[tuple[str, str]]]] = [
    (somebody(1, full_name=""), [("full_name", "missing")]),
    (somebody(2, sex="m"), [("sex", "enum")]),
    (somebody(3, sex="female"), [("sex", "personal_id.sex_mismatch")]),
    (somebody(4, date_of_birth="30/04/1990"), [("date_of_birth", "date_type")]),
    (somebody(5, date_of_birth="1991"), [("date_of_birth", "personal_id.birth_year_mismatch")]),
    (somebody(6, eid_level="2"), [("eid_level", "int_type")]),
    (somebody(7, eid_level=True), [("eid_level", "int_type")]),
    (somebody(8, shoe_size=42), [("shoe_size", "extra_forbidden")]),
    (somebody(9, **{"shoe\0size": 42}), [("shoe\ufffdsize", "extra_forbidden")]),
    (somebody(10, given_name="Bình"), [("family_name", "citizen.name_parts")]),
    (somebody(11, birth_place={"unit_code": "99999"}), [("birth_place.unit_code", "unit.unknown")]),
    (somebody(12, father={"personal_id": AN}), [("father.full_name", "missing")]),
    (somebody(13, residences=[home(valid_to="2017-01-01")]), [("residences[0].valid_to", "residence.end_unfit")]),
    (somebody(14, residences=[home(), home()]), [("residences[1].valid_from", "residence.twice")]),
    (somebody(15, residences=[home(), home("current", valid_from="2027-01-01", unit_code=NEW_COMMUNE)]),
     [("residences[1].valid_from", "residence.starts_later")]),
    (somebody(16, personal_id="999090000016"), [("personal_id", "personal_id.province_unknown")]),
    (somebody(17, full_name="Nguyá»…n"), [("full_name", "person_name.character")]),
    (somebody(18, residences=[{"kind": "permanent"}]),
     [("residences[0].unit_code", "missing"), ("residences[0].valid_from", "missing")]),
    (somebody(20), []),
    (somebody(20), [("personal_id", "already-exists")]),
    (somebody(21, id_card="210000020"), [("id_card", "already-exists")]),
    (somebody(21), []),
    ("not json", [("", "import.json")]),
    ("[1]", [("", "import.json")]),
    (json.dumps(somebody(22), ensure_ascii=False).encode("cp1258", "replace"), [("", "import.encoding")]),
    ("", []),
    (somebody(23, id_card=None, middle_name=""), []),
]  # fmt: skip


async def test_each_bad_line_is_told_with_its_reason(client: httpx.AsyncClient) -> None:
    expected = [(at, *each) for at, (_, found) in enumerate(BAD, 1) for each in found]
    view = (await send(client, lines(*(row for row, _ in BAD)))).json()
    assert (view["taken"], view["refused"]) == (3, len({at for at, *_ in expected}))
    assert await errors(client, view["id"]) == expected
    told = await events(service_behind(client).store)
    assert [event.key[-2:] for event in told] == ["20", "21", "23"]
    again = (await send(client, lines(somebody(20), somebody(24)))).json()
    assert (again["taken"], await errors(client, again["id"])) == (1, [(1, "personal_id", "already-exists")])
    posted = await client.post("/v1/citizens", json=somebody(24))
    assert posted.status_code == 409


async def test_what_registration_refuses_is_refused_in_the_same_words(client: httpx.AsyncClient) -> None:
    seen = set()
    refused = [(row, found) for row, found in BAD if isinstance(row, dict) and found]
    for row, found in refused:
        if found[0][1] in ("missing", "already-exists") or "\0" in "".join(row):
            continue
        view = (await send(client, lines(row))).json()
        (told,) = (await client.get(f"/v1/imports/{view['id']}/errors")).json()["items"]
        posted = (await client.post("/v1/citizens", json=row)).json()
        said = [(f"body.{each['field']}", each["rule"], each["en"]) for each in told["errors"]]
        assert said == [(each["field"], each["rule"], each["detail"]) for each in posted["errors"]]
        seen |= {rule for _, rule, _ in said}
    assert len(seen & set(TEXTS)) > 3


async def test_csv_names_its_own_columns(client: httpx.AsyncClient) -> None:
    header = (
        "personal_id,full_name,date_of_birth,sex,eid_level,father_full_name,father_personal_id,permanent_unit_code,"
        "permanent_valid_from,temporary_unit_code,temporary_valid_from,temporary_valid_to"
    )
    rows = [
        f"{AN},Nguyễn Văn An,1990-04-30,male,2,Nguyễn Văn Cả,,{OLD_COMMUNE},2016-05-01,,,",
        f"{BINH},Trần Thị Bình,1991-09-02,female,two,,,,,,,",
        f"{BINH},Trần Thị Bình,1991-09-02,female,9,,,,,,,",
        f"{CHI},Nguyễn Ngọc Chi,2015-01-20,female,0,,052090000123,,,,,",
        f"{CHI},Nguyễn Ngọc Chi,2015-01-20,female,0,,,,2016-05-01,{OLD_COMMUNE},2016-05-01,2016-04-01",
        f"{CHI},Nguyễn Ngọc Chi,2015-01-20,female,0,,,{OLD_COMMUNE},2014-05-01,,,",
    ]
    content = "".join(f"{each}\r\n" for each in (header, *rows)).encode("utf-8-sig")
    view = (await send(client, content, type="text/csv; charset=utf-8")).json()
    assert (view["taken"], view["lines"], view["offset"]) == (1, 7, len(content))
    assert await errors(client, view["id"]) == [
        (3, "eid_level", "int_type"),
        (4, "eid_level", "less_than_equal"),
        (5, "father_full_name", "missing"),
        (6, "permanent_unit_code", "missing"),
        (7, "permanent_valid_from", "residence.before_birth"),
    ]
    found = await shown(client, AN)
    assert (found["eid_level"], found["father"]["full_name"]) == (2, "Nguyễn Văn Cả")
    assert [(stay["kind"], stay["unit_code"]) for stay in found["all"]] == [("permanent", OLD_COMMUNE)]
    for bad in ("personal_id,full_name", header + ",shoe_size", header + ",sex", "birth_place"):
        refused = await send(client, f"{bad}\n".encode(), type="text/csv")
        assert refused.json()["type"].endswith("bad-import-header")
    assert len(set(CITIZEN_COLUMNS)) == len(CITIZEN_COLUMNS)


async def test_mixed_encodings_and_a_truncated_last_line(client: httpx.AsyncClient) -> None:
    utf16 = json.dumps(somebody(2)).encode("utf-16-le")
    content = b"\xef\xbb\xbf" + lines(somebody(1), b"\xff\xfe" + utf16, somebody(3)) + lines(somebody(4))[:-9]
    view = (await send(client, content)).json()
    assert (view["state"], view["taken"], view["lines"]) == ("complete", 2, 4)
    assert [(line, rule) for line, _, rule in await errors(client, view["id"])] == [
        (2, "import.encoding"),
        (4, "import.line_truncated"),
    ]


# -- in parts, and through accidents -----------------------------------------------------------------------


async def test_a_file_in_several_requests(client: httpx.AsyncClient) -> None:
    content = lines(*(somebody(order) for order in range(1, 61)))
    first = content[:5_555]
    begun = (await send(client, first, **{"Import-Complete": "?0"})).json()
    assert (begun["state"], begun["kind"]) == ("open", ImportKind.CITIZEN)
    assert begun["offset"] == first.rfind(b"\n") + 1 < len(first)
    address = f"/v1/imports/{begun['id']}"
    headers = {"Content-Type": "application/x-ndjson", "Import-Offset": str(len(first))}
    wrong = await client.patch(address, content=content, headers=headers)
    assert (wrong.status_code, wrong.json()["type"]) == (409, "urn:truc:problem:import-offset")
    assert wrong.headers["import-offset"] == str(begun["offset"])
    headers["Import-Offset"] = str(begun["offset"])
    done = await client.patch(address, content=content[begun["offset"] :], headers=headers)
    assert done.status_code == 200, done.text
    assert (done.json()["taken"], done.json()["state"], done.json()["refused"]) == (60, "complete", 0)
    once_more = await client.patch(address, content=b"", headers={**headers, "Import-Offset": str(len(content))})
    assert (once_more.status_code, once_more.json()["type"]) == (409, "urn:truc:problem:import-complete")
    assert (await client.get(address)).json() == done.json()
    assert len(await events(service_behind(client).store)) == 60


async def test_a_request_that_breaks_off_leaves_whole_pieces(client: httpx.AsyncClient) -> None:
    content = lines(*(somebody(order) for order in range(1, 201)))

    class Gone(Exception):
        pass

    async def broken() -> AsyncIterator[bytes]:
        for start in range(0, 15_000, 700):
            yield content[start : start + 700]
        raise Gone

    intake = Intake(service_behind(client), broken(), complete=True)
    view, columns = await intake.begin(ImportKind.CITIZEN.value, "ndjson", "one-stop")
    with pytest.raises(Gone):
        await intake.go_on(view, columns)
    address = f"/v1/imports/{view.id}"
    stands = (await client.get(address)).json()
    assert 0 < stands["offset"] < 15_000
    assert stands["taken"] == content[: stands["offset"]].count(b"\n")
    assert len(await events(service_behind(client).store)) == stands["taken"]
    done = await client.patch(
        address,
        content=content[stands["offset"] :],
        headers={"Content-Type": "application/x-ndjson", "Import-Offset": str(stands["offset"])},
    )
    assert (done.json()["taken"], done.json()["refused"]) == (200, 0)
    told = await events(service_behind(client).store)
    assert [event.key for event in told] == [f"052090{order:06d}" for order in range(1, 201)]


async def test_the_second_process_is_killed_in_the_middle(client: httpx.AsyncClient) -> None:
    content = lines(*(somebody(order) for order in range(1, 201)))
    second = Importing.of(service_behind(client)).second
    killed: list[int] = []

    async def body() -> AsyncIterator[bytes]:
        for start in range(0, len(content), 700):
            yield content[start : start + 700]
            if start in (7_000, 14_000):
                while second.pid in (None, *killed) or (killed and second._asked):  # a piece is asked for twice
                    await asyncio.sleep(0.01)
                assert second.pid is not None
                killed.append(second.pid)
                os.kill(second.pid, signal.SIGKILL)

    view = (await send(client, body())).json()
    assert (view["state"], view["taken"], view["refused"], view["lines"]) == ("complete", 200, 0, 200)
    assert len(killed) == 2
    told = await events(service_behind(client).store)
    assert [event.key for event in told] == [f"052090{order:06d}" for order in range(1, 201)]
    again = (await send(client, content)).json()
    assert (again["taken"], again["refused"]) == (0, 200)
    assert len(await events(service_behind(client).store)) == 200


# -- what was waiting, and the axis ------------------------------------------------------------------------


async def test_what_waited_for_them_takes_effect(client: httpx.AsyncClient) -> None:
    """A death that was told before the citizen was here; the rest of the piece is not touched."""
    service = service_behind(client)
    reaction = on_civil_event(FixedClock(NOW))
    act = event_of(death())
    await service.store.write(lambda tx: reaction(tx, act))
    number = (await service.store.read(lambda tx: tx.scalars(select(WaitingAct.who)).all()))[0]
    view = (await send(client, lines(somebody(1), an(personal_id=number), somebody(2)))).json()
    assert view["taken"] == 3
    assert (await shown(client, number))["status"] == "deceased"
    told = await events(service.store)
    of_him = [(event.type.split(".")[-2], event.version) for event in told if event.key == number]
    assert of_him[0] == ("citizen-registered", 1)
    assert [version for _, version in of_him] == list(range(1, len(of_him) + 1))
    assert len(of_him) > 1


async def test_all_are_told_of_on_the_axis_once_and_in_order(
    database_url: str, tmp_path: Path, issuer: TestIssuer, broker: NatsServer
) -> None:
    given = PopulationSettings(
        database_url=database_url,
        data_dir=tmp_path,
        jwks_file=issuer.jwks_file,
        nats_url=broker.url,
        import_piece_bytes=8_000,
    )
    content = lines(*(somebody(order, residences=[home()]) for order in range(1, 501)))
    async with (
        Bus(broker.url, name="other") as bus,
        running(build(given, FixedClock(NOW)), issuer.token()) as client,
    ):
        await bus.ready()
        subscription = await bus.js.subscribe("axis.population.>", ordered_consumer=True)
        view = (await send(client, content)).json()
        assert view["taken"] == 500
        changed = await client.patch("/v1/citizens/052090000007", json={"eid_level": 2})
        assert changed.status_code == 200, changed.text
        heard = [Event.model_validate_json((await subscription.next_msg(20)).data) for _ in range(501)]
        with pytest.raises(TimeoutError):
            await subscription.next_msg(1)
    assert [(event.key, event.version) for event in heard] == [
        *((f"052090{order:06d}", 1) for order in range(1, 501)),
        ("052090000007", 2),
    ]
    assert len({event.id for event in heard}) == 501


async def test_a_service_that_is_killed_goes_on_where_it_stood(
    tmp_path: Path, issuer: TestIssuer, broker: NatsServer
) -> None:
    """kill -9 in the middle of a file: rows, events and position are one commit; each is told of once."""
    port = free_port()
    environment = {
        "TRUC_POPULATION_PORT": str(port),
        "TRUC_POPULATION_DATABASE_URL": f"sqlite:///{tmp_path / 'p.db'}",
        "TRUC_POPULATION_DATA_DIR": str(tmp_path),
        "TRUC_POPULATION_IMPORT_PIECE_BYTES": "4000",
        "TRUC_NATS_URL": broker.url,
        "TRUC_JWKS_FILE": str(issuer.jwks_file),
    }
    url = f"http://127.0.0.1:{port}"
    content = lines(*(somebody(order) for order in range(1, 2_001)))
    headers = {"Authorization": f"Bearer {issuer.token()}", "Content-Type": "application/x-ndjson"}
    async with Bus(broker.url, name="other") as bus:
        await bus.ready()
        subscription = await bus.js.subscribe("axis.population.>", ordered_consumer=True)
        async with httpx.AsyncClient(base_url=url, headers=headers, timeout=60, trust_env=False) as client:
            with process("services.population", environment, f"{url}/readyz", tmp_path) as service:
                begun = await client.post("/v1/imports", content=b"", headers={"Import-Complete": "?0"})
                address = begun.headers["location"]
                sending = asyncio.create_task(
                    client.patch(address, content=content, headers={"Import-Offset": "0"})
                )
                while (await client.get(address)).json()["taken"] < 200:
                    await asyncio.sleep(0.01)
                service.kill()
                with pytest.raises(httpx.TransportError):
                    await sending
            with process("services.population", environment, f"{url}/readyz", tmp_path):
                stands = (await client.get(address)).json()
                assert 200 <= stands["taken"] < 2_000
                assert stands["taken"] == content[: stands["offset"]].count(b"\n")
                rest = content[stands["offset"] :]
                done = await client.patch(address, content=rest, headers={"Import-Offset": str(stands["offset"])})
                assert (done.json()["taken"], done.json()["refused"]) == (2_000, 0)
                heard = [Event.model_validate_json((await subscription.next_msg(20)).data) for _ in range(2_000)]
        with pytest.raises(TimeoutError):
            await subscription.next_msg(1)
    assert [event.key for event in heard] == [f"052090{order:06d}" for order in range(1, 2_001)]
