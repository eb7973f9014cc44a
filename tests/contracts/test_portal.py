"""The portal's wire format: what it takes from loose senders, and what it always gives."""

from __future__ import annotations

import contextlib
from datetime import UTC, datetime, timedelta
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st
from pydantic import ValidationError

from contracts.portal import (
    BATCH,
    REQUEST_OF,
    STRICT,
    DossiersCall,
    ErrorCode,
    HoSo,
    RequestKind,
    TienDo,
    Verb,
    YeuCau,
    format_portal_time,
    parse_portal_time,
)
from contracts.status import DossierStatus

# the example of domain 1.3, as a province would send it
EXAMPLE: dict[str, Any] = {
    "MaHoSo": "000.00.14.H20-240315-0002",
    "MaTTHC": "1.001193",
    "TenTTHC": "Thủ tục đăng ký khai sinh",
    "KenhThucHien": "2",
    "ChuHoSo": "Nguyễn Văn An",
    "LoaiDoiTuong": "1",
    "DinhDanhCHS": [{"LoaiDinhDanh": "1", "SoDinhDanh": "087090000123"}],
    "NgayNopHoSo": "20240315081000",
    "NgayTiepNhan": "20240315083000",
    "NgayHenTra": "20240315170000",
    "TrangThaiHoSo": "2",
    "HinhThuc": "0",
    "NoiNopHoSo": "1",
    "TaiKhoanDuocXacThucVoiVNeID": "1",
    "DuocThanhToanTrucTuyen": "0",
    "DSKetNoiCSDL": [{"MaCSDL": "7"}],
    "TaiLieuNop": [],
    "DanhSachLePhi": [],
}


def scalars(value: Any) -> list[Any]:
    """Every value in a JSON document that is no list or object."""
    if isinstance(value, dict):
        return [each for part in value.values() for each in scalars(part)]
    if isinstance(value, list):
        return [each for part in value for each in scalars(part)]
    return [value]


def test_the_example_goes_through_unchanged() -> None:
    assert HoSo.model_validate(EXAMPLE).wire() == EXAMPLE


def test_loose_senders_are_understood_and_answered_in_strings() -> None:
    loose = {
        **EXAMPLE,
        "NgayNopHoSo": 20240315081000,
        "TrangThaiHoSo": 4,
        "HinhThuc": True,
        "HoSoCoThanhPhanSoHoa": False,
        "KenhThucHien": "",
        "NgayTra": "",
        "Email": None,
        "DanhSachLePhi": [{"TenPhiLePhi": "Lệ phí", "Gia": 8000}],
        "FieldOfNextYear": {"deep": [1]},
    }
    told = HoSo.model_validate(loose)
    assert told.status is DossierStatus.IN_PROGRESS
    assert told.wire() == {
        **{key: value for key, value in EXAMPLE.items() if key != "KenhThucHien"},
        "TrangThaiHoSo": "4",
        "HinhThuc": "1",
        "HoSoCoThanhPhanSoHoa": "0",
        "DanhSachLePhi": [{"TenPhiLePhi": "Lệ phí", "Gia": "8000"}],
    }
    assert all(isinstance(each, str) for each in scalars(told.wire()))


@pytest.mark.parametrize(
    ("field", "value"),
    [
        ("MaHoSo", "H20/240315/2"),
        ("MaHoSo", None),
        ("MaTTHC", "1.0011"),
        ("TrangThaiHoSo", "0"),
        ("TrangThaiHoSo", "11"),
        ("NgayNopHoSo", "20240230000000"),
        ("NgayNopHoSo", "2024-03-15"),
        ("NgayHenTra", "2024031508100"),
        ("TrichYeuHoSo", "x" * 1001),
        ("HinhThuc", "2"),
        ("DinhDanhCHS", "087090000123"),
        ("ChuHoSo", ""),
    ],
)
def test_what_breaks_a_rule_is_refused_by_its_name(field: str, value: object) -> None:
    with pytest.raises(ValidationError) as caught:
        HoSo.model_validate({**EXAMPLE, field: value})
    assert [each["loc"][0] for each in caught.value.errors()] == [field]


def test_a_progress_row_keeps_its_limits() -> None:
    row = {"MaHoSo": EXAMPLE["MaHoSo"], "ThoiDiemXuLy": "20240315083000", "TrangThai": 2}
    assert TienDo.model_validate({**row, "NguoiXuLy": "N" * 50}).status is DossierStatus.RECEIVED
    with pytest.raises(ValidationError):
        TienDo.model_validate({**row, "NguoiXuLy": "N" * 51})


@given(st.integers(-2_208_988_800_000, 32_472_144_000_000))
def test_a_portal_time_is_the_second_it_fell_in(milliseconds: int) -> None:
    at = datetime(1970, 1, 1, tzinfo=UTC) + timedelta(milliseconds=milliseconds)
    back = parse_portal_time(format_portal_time(at))
    assert timedelta(0) <= at - back < timedelta(seconds=1)


def test_portal_time_is_vietnamese() -> None:
    assert format_portal_time(datetime(2023, 12, 31, 17, 0, 0, tzinfo=UTC)) == "20240101000000"
    assert parse_portal_time("20240101000000") == datetime(2023, 12, 31, 17, tzinfo=UTC)
    with pytest.raises(ValueError, match="zone"):
        format_portal_time(datetime(2024, 1, 1))  # noqa: DTZ001 - the point of the test


@given(st.text(max_size=16) | st.from_regex(r"[0-9]{14}", fullmatch=True))
def test_no_text_breaks_the_time_parser(text: str) -> None:
    with contextlib.suppress(ValueError):
        assert format_portal_time(parse_portal_time(text)) == text


@pytest.mark.parametrize(
    ("told", "updating"),
    [("True", True), ("False", False), (True, True), (False, False), ("true", True), ("1", True), (0, False)],
)
def test_is_updating_is_read_in_every_spelling_seen(told: object, updating: bool) -> None:
    call = DossiersCall.model_validate({"isUpdating": told, "data": [EXAMPLE]})
    assert call.updating is updating
    assert call.wire()["isUpdating"] in ("True", "False")


def test_every_verb_has_its_request() -> None:
    assert set(REQUEST_OF) == {verb.value for verb in Verb}
    assert all(verb == model.VERB for verb, model in REQUEST_OF.items())


def test_a_citizens_request_travels_as_strings() -> None:
    told = YeuCau.model_validate(
        {
            "MaThamChieu": "DV1",
            "SoYeuCau": 2,
            "LoaiYeuCau": "3",
            "ThoiDiemGui": 20240315083000,
            "NoiDung": "x",
        }
    )
    assert told.LoaiYeuCau is RequestKind.WITHDRAWAL
    assert told.wire()["SoYeuCau"] == "2"
    with pytest.raises(ValidationError):
        YeuCau.model_validate({**told.wire(), "SoYeuCau": "0"})


def test_the_strict_profile_is_what_clients_in_the_wild_keep_to() -> None:
    assert (STRICT.max_dossiers_per_call, STRICT.max_progress_per_call) == (1, 10)
    assert BATCH.max_dossiers_per_call > 1
    assert STRICT.success_code == ErrorCode.OK
