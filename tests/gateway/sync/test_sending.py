"""Statuses to the portal under the strict profile: in order, once each, through everything it may do."""

from __future__ import annotations

import asyncio
from datetime import timedelta

import pytest

from tests.gateway.sync.province import (
    NOON,
    code_of,
    eventually,
    history,
    settings_for,
    snapshot,
    status_event,
    syncing,
)
from tests.gateway.sync.wire import Call, Fault, WirePortal

pytestmark = pytest.mark.anyio

A, B = code_of(1), code_of(2)
ACKNOWLEDGED, REFUSED = "vn.truc.portal.status-acknowledged.v1", "vn.truc.portal.status-refused.v1"


@pytest.fixture
def url(tmp_path) -> str:  # type: ignore[no-untyped-def]
    return f"sqlite:///{tmp_path / 'sync.db'}"


async def test_a_status_reaches_the_portal_and_the_axis_hears_of_it(portal: WirePortal, database_url: str) -> None:
    async with syncing(settings_for(portal.url, database_url)) as sync:
        await sync.hear(status_event(A, 1, 2))
        await sync.drained()
        assert portal.dossiers[A].rows == [("20230301120100", 2)]
        ((kind, key, version, data),) = await sync.announced()
        assert (kind, key, version) == (ACKNOWLEDGED, A, 1)
        assert (data["procedure_code"], data["receiving_agency"], data["profile"]) == ("1.001570", "H08", "strict")
        (step,) = data["steps"]
        assert (step["version"], step["status"], step["attempts"]) == (1, 2, 1)
        assert step["received_at"] <= step["sent_at"] <= step["acknowledged_at"]
        assert step["published_at"] is not None
        await sync.hear(status_event(A, 2, 4))
        await sync.drained()
        assert portal.dossiers[A].statuses == [2, 4]
        assert portal.verbs() == ["DongBoHoSoMC", "CapNhatTienDoHoSoMC"] * 2
        assert [call["isUpdating"] for call in portal.calls if "isUpdating" in call] == ["False", "True"]
        assert [event[2] for event in await sync.announced()] == [1, 2]


async def test_the_call_is_as_the_contract_says(portal: WirePortal, url: str) -> None:
    async with syncing(settings_for(portal.url, url, unit="H08", dstcode="VN:X")) as sync:
        await sync.hear(status_event(A, 1, 2))
        await sync.drained()
    first, second = portal.calls
    assert (first["madonvi"], first["service"], first["session"]) == ("H08", "DongBoHoSoMC", "session-1")
    assert first["data"][0]["MaHoSo"] == A
    assert second["data"][0] == {
        "MaHoSo": A,
        "NguoiXuLy": "Trần Thị Bình",
        "ThoiDiemXuLy": "20230301120100",
        "PhongBanXuLy": "Bộ phận một cửa",
        "NoiDungXuLy": "bước 1",
        "TrangThai": "2",
    }


async def test_what_piled_up_is_one_upsert_of_the_newest_state_and_every_row(portal: WirePortal, url: str) -> None:
    statuses = [2, 4, 5, 4, 5, 4, 5, 4, 6, 4, 8, 4, 9, 10]
    async with syncing(settings_for(portal.url, url)) as sync:
        await sync.hear(*history(A, *statuses))
        await sync.drained()
        assert portal.dossiers[A].statuses == statuses
        assert portal.dossiers[A].item["TrangThaiHoSo"] == "10"
        assert portal.verbs() == ["DongBoHoSoMC", "CapNhatTienDoHoSoMC", "CapNhatTienDoHoSoMC"]
        assert [len(call["data"]) for call in portal.calls] == [1, 10, 4]
        told = [step["version"] for _, _, _, data in await sync.announced() for step in data["steps"]]
        assert told == list(range(1, 15))


async def test_two_steps_within_a_second_stay_two_and_in_order(portal: WirePortal, database_url: str) -> None:
    async with syncing(settings_for(portal.url, database_url)) as sync:
        await sync.hear(status_event(A, 1, 2, NOON), status_event(A, 2, 4, NOON + timedelta(microseconds=9)))
        await sync.drained()
        await sync.hear(status_event(A, 3, 5, NOON), status_event(B, 1, 2, NOON))
        await sync.drained()
        assert portal.dossiers[A].rows == [("20230301120000", 2), ("20230301120001", 4), ("20230301120002", 5)]
        assert portal.dossiers[B].rows == [("20230301120000", 2)]


async def test_a_repeated_event_has_no_second_effect(portal: WirePortal, database_url: str) -> None:
    async with syncing(settings_for(portal.url, database_url)) as sync:
        events = history(A, 2, 4)
        await sync.hear(*events, *events)
        await sync.drained()
        await sync.hear(*events)
        await sync.drained()
        assert portal.dossiers[A].statuses == [2, 4]
        assert len(portal.verbs()) == 2


async def test_a_missing_version_is_waited_for(portal: WirePortal, database_url: str) -> None:
    first, second, third = history(A, 2, 4, 9)
    async with syncing(settings_for(portal.url, database_url)) as sync:
        await sync.hear(third, first, status_event(B, 1, 2))
        await sync.drained()
        assert portal.dossiers[A].statuses == [2]
        await sync.hear(second)
        await eventually(lambda: portal.dossiers[A].statuses == [2, 4, 9])


@pytest.mark.parametrize("fault", list(Fault))
@pytest.mark.parametrize("place", [0, 1])
async def test_every_fault_costs_a_retry_and_nothing_else(
    portal: WirePortal, url: str, fault: Fault, place: int
) -> None:
    """A fault at the upsert or at the rows; a lost reply among them has no second effect."""
    async with syncing(settings_for(portal.url, url, read_timeout_s=0.3)) as sync:
        await sync.hear(status_event(B, 1, 2))
        await sync.drained()
        portal.script.extend([*[None] * place, fault])
        await sync.hear(*history(A, 2, 4))
        await sync.drained()
        assert portal.dossiers[A].statuses == [2, 4]
        assert portal.logins == (2 if fault is Fault.EXPIRED else 1)
        assert [event[0] for event in await sync.announced()] == [ACKNOWLEDGED] * 2


async def test_a_portal_that_does_not_answer_is_given_up_after_the_time_limit(
    portal: WirePortal, url: str
) -> None:
    async with syncing(settings_for(portal.url, url, read_timeout_s=0.1)) as sync:
        portal.hanging = asyncio.Event()
        await sync.hear(status_event(A, 1, 2))
        await eventually(lambda: len(portal.calls) >= 2)
        portal.hanging.set()
        await sync.drained()
        assert portal.dossiers[A].statuses == [2]


async def test_a_dossier_the_portal_has_is_updated(portal: WirePortal, url: str) -> None:
    async with syncing(settings_for(portal.url, url)) as sync:
        portal.script.append(Fault.LOST_REPLY)  # created, yet we do not know
        await sync.hear(status_event(A, 1, 2))
        await sync.drained()
        assert [call["isUpdating"] for call in portal.calls if "isUpdating" in call] == ["False", "False", "True"]


async def test_a_dossier_the_portal_has_lost_is_created_again(portal: WirePortal, url: str) -> None:
    async with syncing(settings_for(portal.url, url)) as sync:
        await sync.hear(status_event(A, 1, 2))
        await sync.drained()
        portal.dossiers.clear()
        await sync.hear(status_event(A, 2, 2))
        await sync.drained()
        assert [call["isUpdating"] for call in portal.calls if "isUpdating" in call] == ["False", "True", "False"]
        assert portal.dossiers[A].statuses == [2]


async def test_no_dossier_is_in_two_sends_at_once(portal: WirePortal, url: str) -> None:
    async with syncing(settings_for(portal.url, url, concurrency=16)) as sync:
        for version, status in enumerate([2, 4, 5, 4, 5, 4, 9, 10], start=1):
            await sync.hear(*(status_event(code_of(number), version, status) for number in range(10)))
        await sync.drained()
        assert portal.overlaps == 0
        assert all(held.statuses == [2, 4, 5, 4, 5, 4, 9, 10] for held in portal.dossiers.values())


def refusing(code: str, status: str | None = None) -> object:
    def refuses(call: Call) -> bool:
        return any(
            each["MaHoSo"] == code and (status is None or each.get("TrangThai") == status)
            for each in call.get("data", [])
        )

    return refuses


async def test_what_is_refused_for_its_content_parks_its_lane_alone(portal: WirePortal, database_url: str) -> None:
    portal.refuses = refusing(A)  # type: ignore[assignment]
    async with syncing(settings_for(portal.url, database_url)) as sync:
        await sync.hear(*history(A, 2, 4), *history(B, 2, 4))
        await sync.drained()
        assert A not in portal.dossiers
        assert portal.dossiers[B].statuses == [2, 4]
        refused = [event for event in await sync.announced() if event[0] == REFUSED]
        ((_, key, version, data),) = refused
        assert (key, version, data["step_version"], data["verb"]) == (A, 1, 2, "DongBoHoSoMC")
        assert (data["error_code"], data["reason"]) == ("-1", "Dữ liệu không hợp lệ: MaTTHC")
        calls = len(portal.calls)
        await sync.hear(status_event(A, 3, 9))
        await sync.drained()
        assert len(portal.calls) == calls
        assert sync.engine.lanes.parked == 1
        assert sync.engine.lanes.backlog == 3


async def test_a_bad_row_is_found_and_the_rows_before_it_arrive(portal: WirePortal, url: str) -> None:
    portal.refuses = refusing(A, "5")  # type: ignore[assignment]
    async with syncing(settings_for(portal.url, url)) as sync:
        await sync.hear(*history(A, 2, 4, 5, 4))
        await sync.drained()
        assert portal.dossiers[A].statuses == [2, 4]
        refused = [data for kind, _, _, data in await sync.announced() if kind == REFUSED]
        assert [data["step_version"] for data in refused] == [3]
        assert [version for _, _, version, _ in await sync.announced()] == [1, 2, 3]


async def test_a_step_that_breaks_a_portal_that_serves_others_becomes_a_dead_letter(
    portal: WirePortal, url: str
) -> None:
    """500 for one dossier again and again, while others pass."""
    async with syncing(settings_for(portal.url, url, fault_limit=4, concurrency=1)) as sync:
        answer = portal._reply

        def breaks(call: Call) -> dict[str, object]:
            if any(each.get("MaHoSo") == A for each in call.get("data", [])):
                return {"error_code": "0", "message": "ORA-00001: unique constraint violated"}
            return answer(call)

        portal._reply = breaks  # type: ignore[method-assign]
        await sync.hear(status_event(A, 1, 2))
        version = 0
        while not sync.engine.lanes.parked:
            version += 1
            assert version < 200
            await sync.hear(status_event(code_of(100 + version), 1, 2))
            await eventually(lambda number=100 + version: code_of(number) in portal.dossiers)
        await sync.drained()
        (refused,) = [data for kind, _, _, data in await sync.announced() if kind == REFUSED]
        assert (refused["code"], refused["error_code"]) == (A, "rubbish")
        assert "ORA-00001" in refused["reason"]


async def test_an_event_that_cannot_be_read_is_a_dead_letter_of_its_key(portal: WirePortal, url: str) -> None:
    bad = status_event(A, 1, 2).model_copy(update={"data": {"code": A}})
    async with syncing(settings_for(portal.url, url)) as sync:
        await sync.hear(bad, status_event(B, 1, 2))
        await sync.drained()
        assert list(portal.dossiers) == [B]


async def test_a_trace_goes_through(portal: WirePortal, url: str) -> None:
    trace = "4bf92f3577b34da6a3ce929d0e0e4736"
    event = status_event(A, 1, 2, traceparent=f"00-{trace}-00f067aa0ba902b7-01")
    async with syncing(settings_for(portal.url, url)) as sync:
        await sync.hear(event)
        await sync.drained()
        assert {headers["traceparent"][3:35] for headers in portal.headers} == {trace}


async def test_long_texts_do_not_lose_a_status(portal: WirePortal, database_url: str) -> None:
    event = status_event(A, 1, 2)
    data = {**event.data, "officer": "ô" * 900, "department": "ộ" * 900, "note": "ữ" * 9000}
    data["dossier"] = snapshot(summary="x" * 5000).model_dump(mode="json")
    async with syncing(settings_for(portal.url, database_url)) as sync:
        await sync.hear(event.model_copy(update={"data": data}))
        await sync.drained()
        assert portal.dossiers[A].statuses == [2]
