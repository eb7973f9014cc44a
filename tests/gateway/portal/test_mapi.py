"""The wire through the running service: sessions, every verb, quirks, and whatever rubbish comes in."""

from __future__ import annotations

import sqlite3
from datetime import timedelta
from pathlib import Path
from typing import Any

import pytest

from contracts.portal import DATA_PATH, LOGIN_PATH, CoQuan, LinhVuc, ThuTuc, ThuTucRutGon
from services.bus.kit.clock import FixedClock
from tests.gateway.portal.conftest import CODE, OpenPortal, hoso, row

pytestmark = pytest.mark.anyio

WORKED = {"error_code": "0", "message": "Đồng bộ hồ sơ thành công"}


async def test_login_gives_a_session_and_refuses_a_wrong_password(open_on_sqlite: OpenPortal) -> None:
    async with open_on_sqlite() as wire:
        answer = await wire.log_in()
        assert answer["error_code"] == "0"
        assert "thành công" in answer["message"]
        assert len(answer["session"]) >= 20
        wrong = await wire.log_in("wrong")
        assert wrong["error_code"] == "-1"
        assert "session" not in wrong
        missing = await wire.post(LOGIN_PATH, {"username": "sync"})
        assert "password" in missing["message"]


async def test_a_session_runs_out(open_on_sqlite: OpenPortal, clock: FixedClock) -> None:
    async with open_on_sqlite(session_seconds=60) as wire:
        await wire.done("LayDanhMucLinhVuc")
        clock.advance(timedelta(seconds=60))
        assert (await wire.call("LayDanhMucLinhVuc"))["error_code"] == "-2"
        await wire.log_in()
        await wire.done("LayDanhMucLinhVuc")


async def test_a_call_needs_session_unit_destination_and_a_known_service(open_portal: OpenPortal) -> None:
    async with open_portal() as wire:
        body = {"session": wire.session, "madonvi": "H08", "service": "LayDanhMucLinhVuc"}
        assert (await wire.post(DATA_PATH, body))["error_code"] == "0"
        for change, code, named in (
            ({"session": "x"}, "-2", "đăng nhập"),
            ({"session": ["x"]}, "-2", "đăng nhập"),
            ({"madonvi": "H20"}, "-1", "madonvi"),
            ({"service": "XoaHoSo"}, "-1", "XoaHoSo"),
            ({"service": {}}, "-1", "service"),
        ):
            answer = await wire.post(DATA_PATH, {**body, **change})
            assert answer["error_code"] == code
            assert named in answer["message"]
        answer = await wire.post(DATA_PATH, body, dstcode="")
        assert "dstcode" in answer["message"]


async def test_the_destination_can_be_prescribed(open_on_sqlite: OpenPortal) -> None:
    async with open_on_sqlite(dstcode="VN:OTHER") as wire:
        assert (await wire.log_in())["error_code"] == "-1"


async def test_a_dossier_is_created_updated_and_looked_up(open_portal: OpenPortal) -> None:
    async with open_portal() as wire:
        assert await wire.call("TraCuuHoSo", mahoso=CODE) == {
            "error_code": "0",
            "message": "Tra cứu hồ sơ thành công: không có hồ sơ này trên Cổng",
            "result": [],
        }
        assert await wire.call("DongBoHoSoMC", isUpdating="False", data=[hoso()]) == WORKED
        again = await wire.call("DongBoHoSoMC", isUpdating="False", data=[hoso()])
        assert again["error_code"] == "3"
        assert CODE in again["message"]
        assert "đã tồn tại" in again["message"]
        update = hoso(status=4, NgayHenTra="20230321170000")
        assert await wire.call("DongBoHoSoMC", isUpdating="True", data=[update]) == WORKED
        (found,) = await wire.done("TraCuuHoSo", mahoso=CODE)
        assert found == {
            "MaHoSo": CODE,
            "MaTTHC": "1.001193",
            "TrangThaiHoSo": "4",
            "NgayNopHoSo": "20230315080000",
            "NgayHenTra": "20230321170000",
        }


async def test_progress_needs_its_dossier(open_portal: OpenPortal) -> None:
    async with open_portal() as wire:
        answer = await wire.call("CapNhatTienDoHoSoMC", data=[row(2, "080000")])
        assert answer["error_code"] == "-1"
        assert CODE in answer["message"]
        await wire.done("DongBoHoSoMC", data=[hoso()])
        await wire.done("CapNhatTienDoHoSoMC", data=[row(2, "080000"), row(4, "080000")])
        jump = await wire.call("CapNhatTienDoHoSoMC", data=[row(10, "090000")])
        assert "Đang xử lý" in jump["message"]
        assert "Đã trả kết quả" in jump["message"]


@pytest.mark.parametrize(
    ("settings", "code"),
    [
        ({"success_code": "00"}, "00"),
        ({"success_as_number": True}, 0),
        ({"success_code": "00", "existing_code": "-3", "session_code": "99"}, "00"),
    ],
)
async def test_codes_follow_the_profile(
    open_on_sqlite: OpenPortal, settings: dict[str, Any], code: object
) -> None:
    async with open_on_sqlite(**settings) as wire:
        answer = await wire.call("DongBoHoSoMC", data=[hoso()])
        assert answer["error_code"] == code
        assert type(answer["error_code"]) is type(code)
        existing = await wire.call("DongBoHoSoMC", data=[hoso()])
        assert existing["error_code"] == settings.get("existing_code", "3")
        wire.session = "gone"
        assert (await wire.call("LayDanhMucLinhVuc"))["error_code"] == settings.get("session_code", "-2")


async def test_limits_of_a_call_are_kept(open_portal: OpenPortal) -> None:
    async with open_portal(max_dossiers_per_call=1, max_progress_per_call=2, call_bytes=4096) as wire:
        two = [hoso(), hoso("H08.31.28-230315-0002")]
        answer = await wire.call("DongBoHoSoMC", data=two)
        assert answer["error_code"] == "-1"
        assert "tối đa 1" in answer["message"]
        await wire.done("DongBoHoSoMC", data=two[:1])
        rows = [row(2, "080000"), row(4, "080001"), row(9, "080002")]
        assert "tối đa 2" in (await wire.call("CapNhatTienDoHoSoMC", data=rows))["message"]
        await wire.done("CapNhatTienDoHoSoMC", data=rows[:2])
        big = await wire.call("DongBoHoSoMC", data=[hoso(GhiChu="x" * 5000)])
        assert "4096" in big["message"]


async def test_what_is_wrong_is_named_by_field_and_dossier(open_portal: OpenPortal) -> None:
    async with open_portal() as wire:
        bad = [hoso(), hoso("H08.31.28-230315-0002", TrangThaiHoSo="12", NgayHenTra="20230231000000")]
        answer = await wire.call("DongBoHoSoMC", isUpdating="False", data=bad)
        assert answer["error_code"] == "-1"
        assert "data[1].NgayHenTra" in answer["message"]
        assert {(each["MaHoSo"], each["ViTri"]) for each in answer["result"]} == {
            ("H08.31.28-230315-0002", "data[1].TrangThaiHoSo"),
            ("H08.31.28-230315-0002", "data[1].NgayHenTra"),
        }
        assert "data" in (await wire.call("DongBoHoSoMC", isUpdating="maybe"))["message"]
        assert await wire.done("TraCuuHoSo", mahoso=CODE) == [], "nothing of a refused call may be done"


@pytest.mark.parametrize(
    "body",
    [
        b"",
        b"{",
        b"null",
        b"[]",
        b'"text"',
        b"\xff\xfe{}",
        b'{"session": "\xed\xa0\x80"}',
        b'{"a":' * 500 + b"1" + b"}" * 500,
        b"[" * 100_000,
        b'{"session":"\\u0000"}',
        b'{"session":1e999}',
        b"<xml/>",
    ],
)
@pytest.mark.parametrize("path", [LOGIN_PATH, DATA_PATH])
async def test_rubbish_is_answered_on_the_wire(open_on_sqlite: OpenPortal, path: str, body: bytes) -> None:
    async with open_on_sqlite() as wire:
        response = await wire.http.post(path, content=body, headers={"dstcode": "D"})
        assert response.status_code == 200
        assert response.json()["error_code"] in ("-1", "-2")
        assert response.json()["message"]


@pytest.mark.parametrize(
    "call",
    [
        {"service": "DongBoHoSoMC"},
        {"service": "DongBoHoSoMC", "data": {}},
        {"service": "DongBoHoSoMC", "data": []},
        {"service": "DongBoHoSoMC", "data": [None, 1, "x", [], {}]},
        {"service": "DongBoHoSoMC", "data": [{"MaHoSo": ["x"] * 100}]},
        {"service": "CapNhatTienDoHoSoMC", "data": [{"MaHoSo": CODE}]},
        {"service": "TraCuuHoSo", "mahoso": "'; DROP TABLE dossiers"},
        {"service": "TraCuuHoSo"},
        {"service": "LayThuTuc", "maTTHC": 1},
        {"service": "LayDanhSachYeuCauGuiTuDVCQG", "soLuong": "-5"},
        {"service": "XacNhanYeuCauGuiTuDVCQG", "data": [{"MaThamChieu": "x", "SoYeuCau": "99999999999"}]},
    ],
)
async def test_wrong_types_are_refused_with_a_message(open_on_sqlite: OpenPortal, call: dict[str, Any]) -> None:
    async with open_on_sqlite() as wire:
        answer = await wire.call(**call)
        assert answer["error_code"] == "-1"
        assert len(answer["message"]) > 10


async def test_other_methods_and_paths_are_not_the_wires(open_on_sqlite: OpenPortal) -> None:
    async with open_on_sqlite() as wire:
        response = await wire.http.get(DATA_PATH)
        assert response.status_code == 404
        assert response.headers["content-type"] == "application/problem+json"


async def test_a_portal_that_cannot_work_says_so_and_does_nothing(
    open_on_sqlite: OpenPortal, tmp_path: Path
) -> None:
    async with open_on_sqlite() as wire:
        with sqlite3.connect(tmp_path / "portal.db") as database:
            database.execute("ALTER TABLE dossiers RENAME TO away")
        body = {"session": wire.session, "madonvi": "H08", "service": "DongBoHoSoMC", "data": [hoso()]}
        response = await wire.http.post(DATA_PATH, json=body, headers={"dstcode": "D"})
        assert (response.status_code, response.headers["content-type"]) == (503, "text/plain")
        with sqlite3.connect(tmp_path / "portal.db") as database:
            database.execute("ALTER TABLE away RENAME TO dossiers")
        await wire.done("DongBoHoSoMC", data=[hoso()])


async def test_catalogues_speak_in_capitals(open_on_sqlite: OpenPortal) -> None:
    async with open_on_sqlite() as wire:
        procedures = await wire.done("LayDanhSachTTHC")
        assert {"MATTHC", "TENTTHC", "MALINHVUC"} == set(procedures[0])
        assert "1.001570" in {ThuTucRutGon.model_validate(each).MATTHC for each in procedures}
        agencies = [CoQuan.model_validate(each) for each in await wire.done("LayDanhMucCoQuan")]
        assert agencies[0].MADONVI == "H08"
        assert {each.CAPDONVI for each in agencies} == {"1", "2", "3"}
        fields = [LinhVuc.model_validate(each) for each in await wire.done("LayDanhMucLinhVuc")]
        assert {each["MALINHVUC"] for each in procedures} == {each.MALINHVUC for each in fields}


async def test_a_procedure_tells_its_channels_time_and_fee(open_on_sqlite: OpenPortal) -> None:
    async with open_on_sqlite() as wire:
        (told,) = await wire.done("LayThuTuc", maTTHC="2.000635")
        procedure = ThuTuc.model_validate(told)
        assert [each.KENH for each in procedure.CACHTHUCTHUCHIEN] == ["1", "2", "3"]
        (time,) = procedure.CACHTHUCTHUCHIEN[1].THOIGIAN
        assert time.THOIGIANGIAIQUYET == "1"
        assert [each.SOTIEN for each in time.PHILEPHI] == ["8000"]
        assert await wire.done("LayThuTuc", maTTHC="9.999999") == []


async def test_questions_go_round(open_portal: OpenPortal) -> None:
    async with open_portal() as wire:
        asked = await wire.http.post(
            "/api/v1/questions", json={"agency": "H08.31", "title": "Lệ phí", "content": "Bao nhiêu?"}
        )
        assert asked.status_code == 201
        (question,) = await wire.done("LayDanhSachHoiDapGuiTuDVCQG", soLuong="5")
        assert (question["MaHoiDap"], question["TieuDe"]) == (asked.json()["id"], "Lệ phí")
        answers = [{"MaHoiDap": question["MaHoiDap"], "NoiDungTraLoi": "8.000 đồng"}]
        await wire.done("DongBoKetQuaHoiDapGuiTuDVCQG", data=answers)
        assert await wire.done("LayDanhSachHoiDapGuiTuDVCQG") == []
        published = [{"MaHoiDap": "BD-1", "NoiDung": "Giờ làm việc?", "NoiDungTraLoi": "7 giờ 30"}]
        await wire.done("DongBoHoiDap", data=published)
        assert {each["MaHoiDap"] for each in await wire.done("LayDanhSachHoiDapBoCoQuan")} == {
            "BD-1",
            question["MaHoiDap"],
        }
        shown = (await wire.http.get("/api/v1/questions")).json()["items"]
        assert {each["answer"] for each in shown} == {"8.000 đồng", "7 giờ 30"}
        unknown = await wire.call("DongBoKetQuaHoiDapGuiTuDVCQG", data=[{**answers[0], "MaHoiDap": "HD-x"}])
        assert "HD-x" in unknown["message"]
        stolen = await wire.call("DongBoHoiDap", data=[{**published[0], "MaHoiDap": question["MaHoiDap"]}])
        assert stolen["error_code"] == "-1"


async def test_a_technical_id_belongs_to_who_submitted_something(open_portal: OpenPortal) -> None:
    async with open_portal() as wire:
        number = "052190000123"
        assert await wire.done("TraCuuTechID", provider="VNPT", mstorcmnd=number) == []
        who = {"personal_id": number, "full_name": "Nguyễn Thị Ánh", "date_of_birth": "1990-05-02"}
        new = {"procedure_code": "1.001570", "receiving_agency": "H08", "applicant": who, "form": {}}
        assert (await wire.http.post("/api/v1/submissions", json=new)).status_code == 201
        (first,) = await wire.done("TraCuuTechID", provider="VNPT", mstorcmnd=number)
        (second,) = await wire.done("TraCuuTechID", mstorcmnd=number)
        assert first == second
        assert len(first["TECHNICALID"]) == 36
