"""Citizens' requests from the portal to the axis, once each, and what the province answers."""

from __future__ import annotations

import asyncio
from pathlib import Path
from typing import Any

import pytest
from sqlalchemy import select

from contracts.envelope import Event
from contracts.events.dossier import RequestDeclined
from gateway.sync.citizens import REFUSED_PAUSE_S, CitizenPoll, read_request
from gateway.sync.models import DeadLetter, Decline
from gateway.sync.settings import SyncSettings
from services.bus.kit.ids import new_id
from tests.gateway.sync.province import NOON, Sync, eventually, settings_for, syncing
from tests.gateway.sync.wire import WirePortal

pytestmark = pytest.mark.anyio

R = "DVCQG-20230301-000001"


@pytest.fixture
def settings(portal: WirePortal, tmp_path: Path) -> SyncSettings:
    return settings_for(portal.url, f"sqlite:///{tmp_path / 'sync.db'}", poll_interval_s=0.01)


def submission(reference: str = R, **changes: Any) -> dict[str, Any]:
    return {
        "MaThamChieu": reference,
        "SoYeuCau": "1",
        "LoaiYeuCau": "1",
        "ThoiDiemGui": "20230301120000",
        "MaTTHC": "1.001570",
        "MaCoQuan": "H08",
        "NguoiNop": {"HoTen": "Lê Thị C", "SoDinhDanh": "052190000321", "NgaySinh": "19900228"},
        "DuLieuToKhai": '{"lyDo":"x"}',
        **changes,
    }


def later(number: int, kind: str, content: str = "bổ sung") -> dict[str, Any]:
    return {
        "MaThamChieu": R,
        "SoYeuCau": str(number),
        "LoaiYeuCau": kind,
        "ThoiDiemGui": "20230302120000",
        "NoiDung": content,
    }


async def emitted(sync: Sync) -> list[tuple[str, str, int, dict[str, Any]]]:
    return [
        (kind.removeprefix("vn.truc.portal.").removesuffix(".v1"), *rest)
        for kind, *rest in await sync.announced()  # type: ignore[misc]
    ]


async def test_requests_are_announced_in_order_and_confirmed(portal: WirePortal, settings: SyncSettings) -> None:
    portal.requests = [submission(), later(2, "2"), later(3, "3", "không cần nữa")]
    async with syncing(settings) as sync:
        await eventually(lambda: len(portal.acknowledged) == 3)
        first, second, third = await emitted(sync)
        assert first[:3] == ("dossier-submitted", R, 1)
        assert first[3] | {"form": None} == {
            "reference": R,
            "procedure_code": "1.001570",
            "receiving_agency": "H08",
            "personal_id": "052190000321",
            "full_name": "Lê Thị C",
            "date_of_birth": "1990-02-28",
            "phone": None,
            "email": None,
            "form": None,
            "submitted_at": "2023-03-01T05:00:00Z",
        }
        assert first[3]["form"] == {"lyDo": "x"}
        assert second[:3] == ("supplement-submitted", R, 2)
        assert third[:3] == ("withdrawal-requested", R, 3)
        assert (second[3]["request"], second[3]["content"]) == (2, "bổ sung")
        assert (third[3]["request"], third[3]["reason"]) == (3, "không cần nữa")


async def test_a_request_given_again_has_no_second_effect(portal: WirePortal, database_url: str) -> None:
    settings = settings_for(portal.url, database_url, poll_interval_s=0.01)
    portal.requests = [submission()]
    async with syncing(settings) as sync:
        await eventually(lambda: bool(portal.acknowledged))
        portal.acknowledged.clear()  # the portal forgot that it was told
        await eventually(lambda: bool(portal.acknowledged))
    portal.acknowledged.clear()
    async with syncing(settings) as sync:
        await eventually(lambda: bool(portal.acknowledged))
        assert len(await sync.announced()) == 1


async def test_more_than_a_poll_gives_are_fetched_at_once(portal: WirePortal, settings: SyncSettings) -> None:
    portal.requests = [submission(f"R{number:03d}") for number in range(105)]
    slow = settings.model_copy(update={"poll_interval_s": 60.0})
    async with syncing(slow) as sync:
        await eventually(lambda: len(portal.acknowledged) == 105)
        assert len(await sync.announced()) == 105


async def test_a_portal_without_these_verbs_is_asked_seldom(portal: WirePortal, settings: SyncSettings) -> None:
    portal.refuses = lambda call: str(call.get("service")).startswith("LayDanhSach")
    quiet = settings.model_copy(update={"poll_interval_s": 0})
    async with syncing(quiet) as sync:
        engine = sync.engine
        poll = CitizenPoll(engine.client, sync.service.store, engine.clock, every_s=0.5, most=20)
        assert await poll.poll() == REFUSED_PAUSE_S
        portal.refuses = lambda call: False
        assert await poll.poll() == 0.5


async def test_what_cannot_be_read_is_a_dead_letter_and_stops_nobody(
    portal: WirePortal, settings: SyncSettings
) -> None:
    portal.requests = [
        submission("bad", DuLieuToKhai="{"),
        {"nothing": 1},
        submission(NguoiNop=None),
        later(2, "3"),
    ]
    async with syncing(settings) as sync:
        await eventually(lambda: len(portal.acknowledged) == 3)
        assert [event[:3] for event in await emitted(sync)] == [("withdrawal-requested", R, 1)]

        def letters(tx: Any) -> list[tuple[str, int, str]]:
            return [(row.key, row.number, row.error_code) for row in tx.scalars(select(DeadLetter))]

        found = await sync.service.store.read(letters)
        assert sorted(found) == [(R, 1, "unreadable"), ("bad", 1, "unreadable")]


@pytest.mark.parametrize(
    "item",
    [None, 7, [], {}, {"MaThamChieu": "x"}, {"SoYeuCau": "1"}, submission(SoYeuCau="0"), submission(SoYeuCau="x")],
)
def test_a_request_without_a_name_is_no_request(item: object) -> None:
    assert read_request(item) is None


@pytest.mark.parametrize(
    "changes",
    [
        {"ThoiDiemGui": "99999999999999"},
        {"LoaiYeuCau": "9"},
        {"MaTTHC": None},
        {"DuLieuToKhai": "[]"},
        {"DuLieuToKhai": "{"},
        {"NguoiNop": {"HoTen": "A", "SoDinhDanh": "1", "NgaySinh": "20230231"}},
    ],
)
def test_a_request_that_breaks_a_rule_says_which(changes: dict[str, Any]) -> None:
    request = read_request(submission(**changes))
    assert request is not None
    assert request.event is None
    assert request.reason


def declined(number: int = 2, version: int = 1) -> Event:
    data = RequestDeclined(portal_reference=R, request=number, reason="Đã trả kết quả", at=NOON)
    return Event.of(data, id=new_id(), source="/truc/dossier", key=f"{R}/answer", version=version, time=NOON)


async def test_a_declined_request_is_told_to_the_portal(portal: WirePortal, database_url: str) -> None:
    async with syncing(settings_for(portal.url, database_url)) as sync:
        await sync.hear_answers(declined(2, 1), declined(3, 2))
        await eventually(lambda: len(portal.declined) == 2)
        assert portal.declined[0] == {
            "MaThamChieu": R,
            "SoYeuCau": "2",
            "LyDo": "Đã trả kết quả",
            "ThoiDiemXuLy": "20230301120000",
        }


async def test_a_decline_waits_for_a_portal_that_is_away(portal: WirePortal, settings: SyncSettings) -> None:
    portal.away = True
    async with syncing(settings) as sync:
        await sync.hear_answers(declined())
    portal.away = False
    async with syncing(settings):
        await eventually(lambda: len(portal.declined) == 1)


async def test_a_decline_the_portal_refuses_is_a_dead_letter(portal: WirePortal, settings: SyncSettings) -> None:
    portal.refuses = lambda call: call["service"].startswith("DongBoPhanHoi") if "service" in call else False
    async with syncing(settings) as sync:
        await sync.hear_answers(declined())

        def state(tx: Any) -> str | None:
            return tx.scalar(select(Decline.state))  # type: ignore[no-any-return]

        async with asyncio.timeout(10):
            while await sync.service.store.read(state) != "refused":
                await asyncio.sleep(0.01)
