"""The catalogue as the portal shows it: rows of the wire (UPPERCASE) and choices for the citizen's forms.

Built once from `contracts.catalogue`; a field has no code there, so ours are [derived] from its name.
"""

from __future__ import annotations

import unicodedata
from functools import cache
from typing import Any

from contracts.catalogue.loader import Agency, Procedure, agencies, procedures
from contracts.identifiers import parse_agency_code
from contracts.portal import (
    CoQuan,
    KenhThucHienThuTuc,
    LinhVuc,
    PhiLePhi,
    ThoiGianThucHien,
    ThuTuc,
    ThuTucRutGon,
)

LEVELS = {"province": "1", "department": "1", "district": "2", "commune": "3"}
"""CAPDONVI. A department (sở) belongs to the province's own level."""

STEPS = (
    "Người dân nộp hồ sơ trực tuyến, trực tiếp hoặc qua dịch vụ bưu chính công ích; cơ quan tiếp nhận, "
    "giải quyết và trả kết quả theo giấy hẹn."
)


def procedure_named(code: str) -> Procedure | None:
    """The procedure with this code; None if it is not in the catalogue."""
    return _procedures().get(code)


def agency_named(code: str) -> Agency | None:
    """The agency with this code; None if it is not in the catalogue."""
    return _agencies().get(code)


def unit_of(agency_code: str) -> str:
    """The province a dossier of this agency belongs to, as its calls name it: H08.32.27 and
    000.27.32.H08 are both of H08."""
    return parse_agency_code(agency_code).root


def by_field() -> dict[str, list[Procedure]]:
    """Procedures by field (lĩnh vực), both in the order of the catalogue."""
    fields: dict[str, list[Procedure]] = {}
    for each in procedures():
        fields.setdefault(each.field, []).append(each)
    return fields


@cache
def procedure_rows() -> list[dict[str, Any]]:
    """LayDanhSachTTHC."""
    codes = _field_codes()
    return [
        ThuTucRutGon(MATTHC=each.code, TENTTHC=each.name, MALINHVUC=codes[each.field]).wire()
        for each in procedures()
    ]


@cache
def agency_rows() -> list[dict[str, Any]]:
    """LayDanhMucCoQuan."""
    return [_agency_row(each).wire() for each in agencies()]


@cache
def field_rows() -> list[dict[str, Any]]:
    """LayDanhMucLinhVuc."""
    return [LinhVuc(MALINHVUC=code, TENLINHVUC=name).wire() for name, code in _field_codes().items()]


def procedure_row(code: str) -> list[dict[str, Any]]:
    """LayThuTuc: one row, or none."""
    found = procedure_named(code)
    if found is None:
        return []
    days, unit, note = _duration(found.duration)
    fees = [PhiLePhi(MAPHILEPHI=f"LP-{code}", SOTIEN=str(found.fee_vnd))] if found.fee_vnd else []
    time = ThoiGianThucHien(THOIGIANGIAIQUYET=days, DONVITINH=unit, MOTA=note, PHILEPHI=fees)
    row = ThuTuc(
        MATTHC=found.code,
        TENTTHC=found.name,
        LINHVUCTHUCHIEN=[LinhVuc(MALINHVUC=_field_codes()[found.field], TENLINHVUC=found.field)],
        TRINHTUTHUCHIEN=STEPS,
        CACHTHUCTHUCHIEN=[KenhThucHienThuTuc(KENH=channel, THOIGIAN=[time]) for channel in ("1", "2", "3")],
        THANHPHANHOSO=[],
        KETQUATHUCHIEN=[],
        CANCUPHAPLY=[],
        COQUANTHUCHIEN=[_agency_row(agencies()[0])],
        TRANGTHAI="1",
    )
    return [row.wire()]


def _agency_row(agency: Agency) -> CoQuan:
    return CoQuan(MADONVI=agency.code, TENDONVI=agency.name, CAPDONVI=LEVELS[agency.level])


def _duration(text: str) -> tuple[str, str, str]:
    """`3-working-days` as (3, unit, note)."""
    if text == "same-day":
        return "1", "Ngày làm việc", "Trong ngày làm việc"
    return text.partition("-")[0], "Ngày làm việc", ""


@cache
def _field_codes() -> dict[str, str]:
    """A code for each field: the root, the initials, a running number ("Hộ tịch" is H08-HT01)."""
    root = agencies()[0].code
    return {name: f"{root}-{_initials(name)}{number:02d}" for number, name in enumerate(by_field(), start=1)}


def _initials(name: str) -> str:
    plain = unicodedata.normalize("NFD", name.replace("đ", "d").replace("Đ", "D"))
    return "".join(word[0].upper() for word in plain.split())


@cache
def _procedures() -> dict[str, Procedure]:
    return {each.code: each for each in procedures()}


@cache
def _agencies() -> dict[str, Agency]:
    return {each.code: each for each in agencies()}
