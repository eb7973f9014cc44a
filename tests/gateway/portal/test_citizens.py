"""The citizen's side as JSON, and the way of a request to the province and back."""

from __future__ import annotations

import json
from datetime import timedelta
from typing import Any

import httpx
import pytest

from gateway.portal.access import PROOF_HEADER
from services.bus.kit.clock import FixedClock
from tests.gateway.portal.conftest import CODE, OpenPortal, Wire, hoso, row

PERSON = {
    "personal_id": "052190000123",
    "full_name": "Nguyễn Thị Hồng Ánh",
    "date_of_birth": "1990-05-02",
    "phone": "0905 123 456",
    "email": "anh@example.vn",
}
PROOF = {PROOF_HEADER: "052190000123"}


def new_submission(**changes: Any) -> dict[str, Any]:
    return {
        "procedure_code": "1.001570",
        "receiving_agency": "H08.31.28",
        "applicant": PERSON,
        "form": {},
        **changes,
    }


async def submit(wire: Wire, **changes: Any) -> str:
    response = await wire.http.post("/api/v1/submissions", json=new_submission(**changes))
    assert response.status_code == 201, response.text
    reference: str = response.json()["reference"]
    assert response.headers["location"] == f"/api/v1/submissions/{reference}"
    return reference


async def follow(wire: Wire, reference: str, **headers: str) -> dict[str, Any]:
    response = await wire.http.get(f"/api/v1/submissions/{reference}", headers=headers)
    assert response.status_code == 200, response.text
    view: dict[str, Any] = response.json()
    return view


async def act(wire: Wire, reference: str, what: str, **body: str) -> httpx.Response:
    return await wire.http.post(f"/api/v1/submissions/{reference}/{what}", json=body, headers=PROOF)


async def poll(wire: Wire, **rest: str) -> list[dict[str, Any]]:
    return await wire.done("LayDanhSachYeuCauGuiTuDVCQG", **rest)


async def acknowledge(wire: Wire, *requests: tuple[str, int]) -> None:
    data = [{"MaThamChieu": reference, "SoYeuCau": number} for reference, number in requests]
    await wire.done("XacNhanYeuCauGuiTuDVCQG", data=data)


@pytest.mark.anyio
async def test_a_submission_waits_until_it_is_acknowledged(open_portal: OpenPortal) -> None:
    async with open_portal() as wire:
        reference = await submit(wire, form={"content": "Tạm ngừng 3 tháng"})
        (told,) = await poll(wire)
        assert (await poll(wire)) == [told], "what is not acknowledged is given again"
        assert json.loads(told.pop("DuLieuToKhai")) == {"content": "Tạm ngừng 3 tháng"}
        assert told == {
            "MaThamChieu": reference,
            "SoYeuCau": "1",
            "LoaiYeuCau": "1",
            "ThoiDiemGui": "20230315090000",
            "MaTTHC": "1.001570",
            "MaCoQuan": "H08.31.28",
            "NguoiNop": {
                "HoTen": "Nguyễn Thị Hồng Ánh",
                "SoDinhDanh": "052190000123",
                "NgaySinh": "19900502",
                "SoDienThoai": "0905123456",
                "Email": "anh@example.vn",
            },
        }
        assert (await follow(wire, reference))["requests"][0]["state"] == "waiting"
        await acknowledge(wire, (reference, 1))
        await acknowledge(wire, (reference, 1))
        assert await poll(wire) == []
        assert (await follow(wire, reference))["requests"][0]["state"] == "taken"


@pytest.mark.anyio
async def test_polls_give_a_batch_in_order(open_portal: OpenPortal, clock: FixedClock) -> None:
    async with open_portal() as wire:
        references = []
        for _ in range(23):
            references.append(await submit(wire))
            clock.advance(timedelta(milliseconds=3))
        assert [each["MaThamChieu"] for each in await poll(wire)] == references[:20]
        assert [each["MaThamChieu"] for each in await poll(wire, soLuong="2")] == references[:2]
        assert len(await poll(wire, soLuong="100")) == 23


@pytest.mark.anyio
async def test_a_request_never_overtakes_the_one_before_it(open_portal: OpenPortal, clock: FixedClock) -> None:
    async with open_portal() as wire:
        reference = await submit(wire)
        clock.advance(timedelta(hours=-1))  # the machine's clock was set back
        assert (await act(wire, reference, "withdrawals", reason="Đổi ý")).status_code == 201
        assert [each["SoYeuCau"] for each in await poll(wire)] == ["1", "2"]


@pytest.mark.anyio
async def test_another_province_hears_nothing(open_portal: OpenPortal) -> None:
    accounts = ({"username": "other", "password": "right", "unit": "H20"},)
    async with open_portal(accounts=accounts) as wire:
        reference = await submit(wire)
        answer = await wire.post(
            "/VXPAdapter/RestService/forward/mapi/login", {"username": "other", "password": "right"}
        )
        call = {"session": answer["session"], "madonvi": "H20"}
        polled = await wire.post(
            "/VXPAdapter/RestService/forward/mapi/g", {**call, "service": "LayDanhSachYeuCauGuiTuDVCQG"}
        )
        assert polled["result"] == []
        stolen = {"service": "XacNhanYeuCauGuiTuDVCQG", "data": [{"MaThamChieu": reference, "SoYeuCau": "1"}]}
        refused = await wire.post("/VXPAdapter/RestService/forward/mapi/g", {**call, **stolen})
        assert refused["error_code"] == "-1"
        assert len(await poll(wire)) == 1


@pytest.mark.anyio
async def test_the_dossier_that_carries_the_reference_is_followed(open_portal: OpenPortal) -> None:
    async with open_portal() as wire:
        reference = await submit(wire)
        on_its_way = await follow(wire, reference)
        assert (on_its_way["status"], on_its_way["code"], on_its_way["steps"]) == (None, None, [])
        await wire.done("DongBoHoSoMC", data=[hoso(status=1, SoBienNhan=reference)])
        await wire.done("CapNhatTienDoHoSoMC", data=[row(1, "080001", PhongBanXuLy="Một cửa")])
        view = await follow(wire, reference, **PROOF)
        assert (view["code"], view["status"], view["status_name"]) == (CODE, 1, "Mới đăng ký")
        assert view["steps"][0]["at"] == "2023-03-15T01:00:01Z"
        assert view["due_at"] == "2023-03-20T10:00:00Z"
        assert view["version"] != on_its_way["version"]
        await wire.done("DongBoHoSoMC", data=[hoso(CODE + "9", SoBienNhan=reference)])
        assert (await follow(wire, reference, **PROOF))["code"] == CODE, "the first dossier keeps it"
        assert (await wire.http.get(f"/api/v1/dossiers/{CODE.lower()}")).json()["code"] == CODE


@pytest.mark.anyio
async def test_without_proof_names_are_masked_and_words_left_out(open_portal: OpenPortal) -> None:
    async with open_portal() as wire:
        reference = await submit(wire)
        supplement = {
            "HoSoBoSungId": "1",
            "NoiDungBoSung": "Bản sao hộ chiếu",
            "NgayBoSung": "20230315090000",
        }
        result = {"TenGiayTo": "Giấy", "DuongDanTepTinKetQua": "https://example.vn/1"}
        more = {"DanhSachHoSoBoSung": [supplement], "DanhSachGiayToKetQua": [result]}
        await wire.done("DongBoHoSoMC", data=[hoso(SoBienNhan=reference, **more)])
        step = row(2, "080001", NguoiXuLy="Trần Văn Bình", NoiDungXuLy="Đã kiểm tra", PhongBanXuLy="Một cửa")
        await wire.done("CapNhatTienDoHoSoMC", data=[step])
        response = await wire.http.get(f"/api/v1/dossiers/{CODE}")
        for secret in ("Ánh", "Trần", "kiểm tra", "hộ chiếu", "example", "0905", "0521", reference):
            assert secret not in response.text
        view = response.json()
        assert (view["owner"], view["proven"]) == ("N••• T••• H••• Á•••", False)
        assert view["steps"][0]["department"] == "Một cửa"
        for proof in ("052190000123", "0905123456", "+84 905 123 456"):
            view = await follow(wire, reference, **{PROOF_HEADER: proof})
            assert (view["owner"], view["proven"]) == ("Nguyễn Thị Hồng Ánh", True)
            assert view["steps"][0]["note"] == "Đã kiểm tra"
            assert view["supplements"][0]["content"] == "Bản sao hộ chiếu"
            assert view["results"][0]["url"] == "https://example.vn/1"


@pytest.mark.anyio
async def test_wrong_proofs_are_refused_and_soon_held_back(open_portal: OpenPortal) -> None:
    async with open_portal(wrong_proofs_per_minute=3) as wire:
        reference = await submit(wire)
        path = f"/api/v1/submissions/{reference}"
        for _ in range(3):
            response = await wire.http.get(path, headers={PROOF_HEADER: "052190000124"})
            assert (response.status_code, response.json()["type"]) == (403, "urn:truc:problem:proof-wrong")
        held = await wire.http.get(path, headers=PROOF)
        assert held.status_code == 429
        assert int(held.headers["retry-after"]) > 0
        assert (await wire.http.get(path)).status_code == 200


@pytest.mark.anyio
async def test_a_supplement_is_taken_when_it_was_asked_for_and_once(
    open_portal: OpenPortal, clock: FixedClock
) -> None:
    async with open_portal() as wire:
        reference = await submit(wire)
        early = await act(wire, reference, "supplements", content="Sớm quá")
        assert (early.status_code, early.json()["type"]) == (409, "urn:truc:problem:request-not-possible")
        await acknowledge(wire, (reference, 1))
        for status in (5, 4, 5):
            updating = "True" if status == 4 or await wire.done("TraCuuHoSo", mahoso=CODE) else "False"
            told = hoso(status=status, SoBienNhan=reference)
            await wire.done("DongBoHoSoMC", isUpdating=updating, data=[told])
            if status != 5:
                continue
            assert (await follow(wire, reference))["may_supplement"] is True
            sent = await act(wire, reference, "supplements", content="Giấy chứng sinh")
            assert sent.status_code == 201
            again = await act(wire, reference, "supplements", content="Giấy chứng sinh")
            assert again.status_code == 409
            clock.advance(timedelta(seconds=1))
        told_requests = [(each["SoYeuCau"], each["LoaiYeuCau"], each["NoiDung"]) for each in await poll(wire)]
        assert told_requests == [("2", "2", "Giấy chứng sinh"), ("3", "2", "Giấy chứng sinh")]


@pytest.mark.anyio
async def test_a_declined_request_shows_why_and_may_be_made_again(open_portal: OpenPortal) -> None:
    async with open_portal() as wire:
        reference = await submit(wire)
        assert (await act(wire, reference, "withdrawals", reason="Đổi ý")).status_code == 201
        assert (await act(wire, reference, "withdrawals", reason="Đổi ý")).status_code == 409
        decline = {"MaThamChieu": reference, "SoYeuCau": "2", "LyDo": "Hồ sơ đang được xử lý"}
        await wire.done("DongBoPhanHoiYeuCauGuiTuDVCQG", data=[decline])
        await wire.done("DongBoPhanHoiYeuCauGuiTuDVCQG", data=[{**decline, "LyDo": "Khác"}])
        told = (await follow(wire, reference, **PROOF))["requests"][1]
        assert (told["state"], told["reason"]) == ("declined", "Hồ sơ đang được xử lý")
        assert "reason" in told
        assert (await follow(wire, reference))["requests"][1]["reason"] is None
        assert [each["SoYeuCau"] for each in await poll(wire)] == ["1"]
        assert (await act(wire, reference, "withdrawals", reason="Xin rút")).status_code == 201


@pytest.mark.anyio
async def test_a_submission_that_was_declined_says_so(open_portal: OpenPortal) -> None:
    async with open_portal() as wire:
        reference = await submit(wire)
        decline = {"MaThamChieu": reference, "SoYeuCau": "1", "LyDo": "Tờ khai chưa đúng"}
        await wire.done("DongBoPhanHoiYeuCauGuiTuDVCQG", data=[decline])
        view = await follow(wire, reference, **{**PROOF, "Accept-Language": "en"})
        assert view["status_name"] == "Not taken in by the agency"
        assert view["requests"][0]["reason"] == "Tờ khai chưa đúng"
        assert view["may_withdraw"] is False


@pytest.mark.anyio
async def test_a_closed_dossier_is_not_withdrawn(open_portal: OpenPortal) -> None:
    async with open_portal() as wire:
        reference = await submit(wire)
        await wire.done("DongBoHoSoMC", data=[hoso(status=9, SoBienNhan=reference)])
        refused = await act(wire, reference, "withdrawals", reason="Muộn")
        assert refused.status_code == 409
        assert "Đã xử lý xong" in refused.json()["detail"]
        assert (await follow(wire, reference))["may_withdraw"] is False


@pytest.mark.anyio
async def test_requests_need_proof_and_a_submission(open_portal: OpenPortal) -> None:
    async with open_portal() as wire:
        reference = await submit(wire)
        path = f"/api/v1/submissions/{reference}/withdrawals"
        assert (await wire.http.post(path, json={"reason": "x"})).status_code == 403
        await wire.done("DongBoHoSoMC", data=[hoso()])
        at_the_counter = await act(wire, CODE, "withdrawals", reason="x")
        assert at_the_counter.status_code == 404


@pytest.mark.anyio
async def test_the_same_idempotency_key_submits_once(open_portal: OpenPortal) -> None:
    async with open_portal() as wire:
        key = {"Idempotency-Key": "k1"}
        first = await wire.http.post("/api/v1/submissions", json=new_submission(), headers=key)
        second = await wire.http.post("/api/v1/submissions", json=new_submission(), headers=key)
        assert first.json() == second.json()
        assert len(await poll(wire)) == 1


@pytest.mark.anyio
@pytest.mark.parametrize(
    ("change", "status", "field"),
    [
        ({"procedure_code": "1.000001"}, 422, "body.procedure_code"),
        ({"procedure_code": "x"}, 422, "body.procedure_code"),
        ({"receiving_agency": "H99"}, 422, "body.receiving_agency"),
        ({"applicant": {**PERSON, "personal_id": "052190000"}}, 422, "body.applicant.personal_id"),
        ({"applicant": {**PERSON, "date_of_birth": "1991-05-02"}}, 422, "body.applicant"),
        ({"applicant": {**PERSON, "full_name": "<b>An</b>"}}, 422, "body.applicant.full_name"),
        ({"applicant": {**PERSON, "email": "x"}}, 422, "body.applicant.email"),
        ({"form": []}, 422, "body.form"),
        ({"procedure_code": "1.001193"}, 422, "body.form.child_name"),
        (
            {"procedure_code": "2.000815", "form": {"document_name": "x", "copies": "2"}},
            422,
            "body.form.copies",
        ),
        ({"unknown": 1}, 422, "body.unknown"),
    ],
)
async def test_a_bad_submission_is_refused_by_field(
    open_on_sqlite: OpenPortal, change: dict[str, Any], status: int, field: str
) -> None:
    async with open_on_sqlite() as wire:
        response = await wire.http.post("/api/v1/submissions", json=new_submission(**change))
        assert response.status_code == status
        assert response.headers["content-type"] == "application/problem+json"
        assert field in [each["field"] for each in response.json()["errors"]]
        assert await poll(wire) == []


@pytest.mark.anyio
@pytest.mark.parametrize("body", [b"", b"{", b"\xff", b"[" * 1000, b'{"form": {"a": "\\u0000"}}'])
async def test_rubbish_is_a_problem(open_on_sqlite: OpenPortal, body: bytes) -> None:
    async with open_on_sqlite() as wire:
        headers = {"content-type": "application/json"}
        response = await wire.http.post("/api/v1/submissions", content=body, headers=headers)
        assert response.status_code in (400, 422)
        assert response.headers["content-type"] == "application/problem+json"


@pytest.mark.anyio
async def test_a_body_that_is_too_large_is_a_problem(open_on_sqlite: OpenPortal) -> None:
    async with open_on_sqlite() as wire:
        response = await wire.http.post("/api/v1/submissions", json=new_submission(form={"a": "x" * 300_000}))
        assert response.status_code == 413
        assert "262144" in response.json()["detail"]


@pytest.mark.anyio
async def test_submissions_are_limited_by_address(open_on_sqlite: OpenPortal) -> None:
    async with open_on_sqlite(submissions_per_minute=2) as wire:
        await submit(wire)
        await submit(wire)
        response = await wire.http.post("/api/v1/submissions", json=new_submission())
        assert (response.status_code, response.json()["type"]) == (429, "urn:truc:problem:too-many-requests")


@pytest.mark.anyio
async def test_unknown_codes_are_not_found(open_portal: OpenPortal) -> None:
    async with open_portal() as wire:
        for path in (f"dossiers/{CODE}", "submissions/DV230315-00000000", "dossiers/x'--", "dossiers/%2e"):
            response = await wire.http.get(f"/api/v1/{path}")
            assert response.status_code == 404
            assert response.headers["content-type"] == "application/problem+json"
