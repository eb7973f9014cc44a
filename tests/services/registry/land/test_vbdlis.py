"""Calls to and from VBDLIS: tasks handed to a real one, and dossiers taken in from a one-stop software."""

from __future__ import annotations

import json
from datetime import timedelta
from typing import Any

import httpx
import pytest
from sqlalchemy import select

from contracts.tasks import AnswerKind
from services.bus.kit.clock import FixedClock
from services.bus.kit.desk import Desk
from services.bus.kit.http import HttpClient
from services.bus.kit.store import Store
from services.registry.land.desk import land_desk
from services.registry.land.models import Call
from services.registry.land.settings import LandSettings
from services.registry.land.vbdlis import cases, inbound, sender, wire
from tests.services.registry.land.parcels import KEY, NOW, registered
from tests.services.registry.land.tasks import DOSSIER, answers, asked, request, resumed

pytestmark = pytest.mark.anyio

SETTINGS = LandSettings(vbdlis_url="http://vbdlis.test/api", vbdlis_code="secret", onestop_url="http://mc.test")
TASK = request("1.011441", "mortgage")


@pytest.fixture
def desk() -> Desk:
    return land_desk(SETTINGS, FixedClock(NOW))


async def owed(store: Store) -> list[tuple[str, str, str]]:
    """Every call there is: verb, state, reply."""
    rows = await store.read(lambda tx: list(tx.scalars(select(Call).order_by(Call.id))))
    return [(row.verb, row.state, row.reply) for row in rows]


async def say(store: Store, desk: Desk, said: wire.Said) -> tuple[bool, str]:
    return await store.write(lambda tx: inbound.said_by_vbdlis(tx, said, desk, now=NOW))


async def handed_over(store: Store, desk: Desk) -> dict[str, str]:
    """A task that went to VBDLIS; how to speak of it."""
    await registered(store)
    assert await asked(store, desk, TASK) is None
    return {"SoBienNhan": TASK.task_id}


async def test_a_task_becomes_a_dossier_at_vbdlis(store: Store, desk: Desk) -> None:
    await handed_over(store, desk)
    ((_, receipt, verb, body),) = await store.read(lambda tx: cases.due(tx, NOW))
    assert (receipt, verb) == (TASK.task_id, "TiepNhanHoSo")
    document = wire.TiepNhanHoSo.model_validate(body)
    assert (document.MaHoSoMotCua, document.XaId, document.ThongTinQuyTrinh.MaQuyTrinh) == (
        DOSSIER,
        "21964",
        "1.011441",
    )
    (plot,) = document.ThongTinThuaDat
    assert (plot.SoThuTuThua, plot.SoHieuBanDo, plot.DienTich) == ("345", "12", 250.5)


async def test_what_vbdlis_says_becomes_answers(store: Store, desk: Desk) -> None:
    about = await handed_over(store, desk)
    calls: list[tuple[wire.Said, AnswerKind]] = [
        (wire.CungCapSoBienNhan(**about, SoBienNhanMoi="VB-1"), AnswerKind.ACCEPTED),
        (wire.DongBoTrangThaiLuanChuyenHoSo(SoBienNhan="VB-1", NoiDung="Thẩm định"), AnswerKind.PROGRESS),
        (wire.DongBoTrangThaiChoBoSung(SoBienNhan="VB-1", NoiDung="Thiếu hợp đồng"), AnswerKind.NEEDS_SUPPLEMENT),
        (wire.DongBoTrangThaiDaBoSung(MaHoSoMotCua=DOSSIER), AnswerKind.PROGRESS),
        (wire.YeuCauCapNhatHoSo(**about), AnswerKind.NEEDS_SUPPLEMENT),
        (wire.ThueChuyenTraHoSoDoSai(**about, NoiDung="Sai"), AnswerKind.PROGRESS),
        (
            wire.DongBoKetQuaThue.model_validate(
                {**about, "DanhSachThongBaoThue": [{"SoThongBaoThue": "TB-1", "LoaiThue": "LPTB", "SoTien": 7}]}
            ),
            AnswerKind.NEEDS_PAYMENT,
        ),
        (wire.DongBoTrangThaiKetThuc(**about, SoBienDong="BD-9"), AnswerKind.COMPLETED),
    ]
    for said, kind in calls:
        assert await say(store, desk, said) == (True, "Thành công")
        assert (await answers(store, TASK.task_id))[-1].kind is kind
    results = (await answers(store, TASK.task_id))[-1].results
    assert (results["number"], results["parcel_key"], results["mortgagee"]) == ("BD-9", KEY, "Ngân hàng Quy Nhơn")
    assert len(await answers(store, TASK.task_id)) == len(calls)


@pytest.mark.parametrize(
    "said",
    [
        wire.ThongBaoNhapSaiThuTuc(SoBienNhan=TASK.task_id, NoiDung="Phải là 1.011442"),
        wire.DongBoTrangThaiKetThuc(SoBienNhan=TASK.task_id, TrangThai=2, NoiDung="Công dân xin rút"),
    ],
)
async def test_refusals_of_vbdlis(store: Store, desk: Desk, said: wire.Said) -> None:
    await handed_over(store, desk)
    await say(store, desk, said)
    (answer,) = await answers(store, TASK.task_id)
    assert answer.kind is AnswerKind.REFUSED and answer.refusal is not None
    assert said.NoiDung in answer.refusal.vi  # type: ignore[attr-defined]


async def test_a_result_that_does_not_fit_is_sent_back(store: Store, desk: Desk) -> None:
    await registered(store)
    task = request("1.012783", "reissue")
    assert await asked(store, desk, task) is None
    taken, words = await say(store, desk, wire.DongBoTrangThaiKetThuc(SoBienNhan=task.task_id))
    assert (taken, words) == (False, "Kết quả không phù hợp với yêu cầu")
    assert [verb for verb, _, _ in await owed(store)] == ["TiepNhanHoSo", "PhanHoiHoSoSaiKetQua"]
    done = wire.DongBoTrangThaiKetThuc(SoBienNhan=task.task_id, MaGCN="T1ABCDEFGHJK", SoPhatHanh="AA00000077")
    assert (await say(store, desk, done))[0]
    (answer,) = await answers(store, task.task_id)
    assert answer.results["serial"] == "AA00000077"


async def test_what_the_citizen_supplies_goes_on_and_the_end_is_told(store: Store, desk: Desk) -> None:
    await handed_over(store, desk)
    assert await resumed(store, desk, TASK, content="Đã bổ sung") is None
    assert await resumed(store, desk, TASK, version=3, supplied="payment", paid_vnd=7) is None
    await store.write(lambda tx: inbound.returned(tx, DOSSIER, now=NOW))
    await store.write(lambda tx: inbound.returned(tx, DOSSIER, now=NOW))
    assert [verb for verb, _, _ in await owed(store)] == [
        "TiepNhanHoSo",
        "CapNhatTrangThaiBoSungHoSo",
        "CapNhatTrangThaiBoSungHoSo",
        "CapNhatKetQuaTraHoSo",
    ]
    late = wire.DongBoTrangThaiLuanChuyenHoSo(SoBienNhan=TASK.task_id)
    assert await say(store, desk, late) == (True, "Hồ sơ đã trả kết quả")
    assert await answers(store, TASK.task_id) == []


async def test_unknown_dossiers_are_not_taken(store: Store, desk: Desk) -> None:
    assert await say(store, desk, wire.DongBoTrangThaiDaBoSung(SoBienNhan="x")) == (False, "Không có hồ sơ này")
    assert await say(store, desk, wire.DongBoTrangThaiDaBoSung()) == (False, "Không có hồ sơ này")


REPLIES: list[tuple[Any, str]] = [
    (httpx.Response(200, json={"data": 1, "status": {"success": True, "message": "ok"}}), cases.DONE),
    (httpx.Response(200, json={"Result": 1, "Message": "ok"}), cases.DONE),
    (httpx.Response(200, json={"Result": "true", "Message": "ok"}), cases.DONE),
    (
        httpx.Response(200, json={"data": 0, "status": {"success": False, "message": "Hồ sơ đã tồn tại"}}),
        cases.DONE,
    ),
    (httpx.Response(200, json={"Result": 0, "Message": "Server Error"}), cases.WAITING),
    (httpx.Response(200, json={"Result": 0, "Message": "Thiếu thông tin"}), cases.REFUSED),
    (httpx.Response(200, json=[1]), cases.REFUSED),
    (httpx.Response(200, content=b"<html>"), cases.WAITING),
    (httpx.Response(503), cases.WAITING),
    (httpx.Response(404), cases.REFUSED),
    (httpx.ConnectError("away"), cases.WAITING),
]


@pytest.mark.parametrize(("reply", "state"), REPLIES)
async def test_how_a_call_out_ends(reply: Any, state: str) -> None:
    seen: list[dict[str, Any]] = []

    def answer(sent: httpx.Request) -> httpx.Response:
        seen.append({"url": str(sent.url), **json.loads(sent.content)})
        if isinstance(reply, Exception):
            raise reply
        return httpx.Response(reply.status_code, content=reply.content)

    async with HttpClient(transport=httpx.MockTransport(answer)) as http:
        found, _ = await sender._outcome(
            http, "http://vbdlis.test/api/TiepNhanHoSo", {"SoBienNhan": "1"}, SETTINGS
        )
    assert found == state
    assert seen[0] == {
        "url": "http://vbdlis.test/api/TiepNhanHoSo",
        "SecurityCode": "secret",
        "SoBienNhan": "1",
    }


async def test_calls_of_a_case_go_out_in_order_and_again_later(store: Store, desk: Desk) -> None:
    await handed_over(store, desk)
    await resumed(store, desk, TASK, content="x")
    pause = timedelta(seconds=30)
    ((first, *_),) = await store.read(lambda tx: cases.due(tx, NOW))
    await store.write(lambda tx: sender.record(tx, first, cases.WAITING, "away", desk, now=NOW, pause=pause))
    assert await store.read(lambda tx: cases.due(tx, NOW)) == []
    ((again, *_),) = await store.read(lambda tx: cases.due(tx, NOW + pause))
    assert again == first
    await store.write(lambda tx: sender.record(tx, first, cases.DONE, "ok", desk, now=NOW, pause=pause))
    ((_, _, verb, _),) = await store.read(lambda tx: cases.due(tx, NOW))
    assert verb == "CapNhatTrangThaiBoSungHoSo"


async def test_a_dossier_vbdlis_will_not_take_is_a_refused_task(store: Store, desk: Desk) -> None:
    await handed_over(store, desk)
    ((call, *_),) = await store.read(lambda tx: cases.due(tx, NOW))
    pause = timedelta(seconds=30)
    await store.write(lambda tx: sender.record(tx, call, cases.REFUSED, "Thiếu thửa", desk, now=NOW, pause=pause))
    (answer,) = await answers(store, TASK.task_id)
    assert answer.refusal is not None and "Thiếu thửa" in answer.refusal.vi


def dossier(**changes: Any) -> dict[str, Any]:
    """A dossier that a one-stop software hands in."""
    return {
        "SecurityCode": "secret",
        "SoBienNhan": "BN-1",
        "MaHoSoMotCua": "000.00.14.H20-261122-0002",
        "ThongTinNguoiNopDon": {"HoTen": "Nguyễn Văn An"},
        "ThongTinQuyTrinh": {"MaQuyTrinh": "1.012783"},
        "ThongTinThuaDat": [{"SoThuTuThua": "345", "SoHieuBanDo": "12", "DienTich": 250.5}],
        "Vendor": "kept out",
        **changes,
    }


async def test_a_one_stop_software_hands_in_and_is_told(client: httpx.AsyncClient) -> None:
    answer = await client.post("/vbdlis/TiepNhanHoSo", json=dossier())
    assert answer.status_code == 200
    told = answer.json()
    assert (told["data"], told["status"]["success"], told["status"]["type"]) == (1, True, "success")
    again = (await client.post("/vbdlis/TiepNhanHoSo", json=dossier())).json()
    assert (again["data"], again["status"]["message"]) == (1, "Hồ sơ đã tồn tại")
    path = "/v1/vbdlis/cases/BN-1/steps"
    statuses = []
    for verb in ("DongBoTrangThaiLuanChuyenHoSo", "DongBoTrangThaiChoBoSung"):
        statuses.append((await client.post(path, json={"verb": verb, "content": "x"})).json()["status"])
    supplied = {"SecurityCode": "secret", "SoBienNhan": "BN-1"}
    assert (await client.post("/vbdlis/CapNhatTrangThaiBoSungHoSo", json=supplied)).json()["data"] == 1
    ended = {"verb": "DongBoTrangThaiKetThuc", "serial": "AA00000001"}
    statuses.append((await client.post(path, json=ended)).json()["status"])
    assert statuses == [4, 5, 9]
    assert (await client.post(path, json=ended)).status_code == 409
    assert (await client.post("/vbdlis/CapNhatKetQuaTraHoSo", json=supplied)).json()["data"] == 1
    (case,) = (await client.get("/v1/vbdlis/cases")).json()["items"]
    assert (case["status"], case["handed_over"], len(case["steps"])) == (10, False, 5)
    wrong = (await client.post("/vbdlis/PhanHoiHoSoSaiKetQua", json=supplied)).json()
    assert wrong["status"]["message"] == "Hồ sơ đã trả kết quả"


async def test_without_the_code_nothing_is_done(client: httpx.AsyncClient) -> None:
    for code in ("", "wrong", "sécret"):
        answer = await client.post("/vbdlis/TiepNhanHoSo", json=dossier(SecurityCode=code))
        assert (answer.status_code, answer.json()["data"]) == (200, 0)
        back = await client.post("/vbdlis/DongBoTrangThaiDaBoSung", json={"SecurityCode": code})
        assert back.json() == {"Result": 0, "Message": "SecurityCode không đúng"}
    assert (await client.get("/v1/vbdlis/cases")).json()["items"] == []
    assert (await client.post("/vbdlis/TiepNhanHoSo", json=dossier(SoBienNhan=""))).status_code == 422
    headers = {"Content-Type": "application/json"}
    assert (await client.post("/vbdlis/TiepNhanHoSo", content=b"{", headers=headers)).status_code == 400
    unknown = {"SecurityCode": "secret", "SoBienNhan": "x"}
    assert (await client.post("/vbdlis/CapNhatKetQuaTraHoSo", json=unknown)).json()["data"] == 0
    assert (await client.post("/v1/vbdlis/cases/x/steps", json={"verb": "YeuCauCapNhatHoSo"})).status_code == 404
