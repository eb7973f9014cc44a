"""The QCVN 109:2017 message: shaped as the regulation's own sample, escaped, and nothing invented."""

from __future__ import annotations

from typing import Any
from xml.etree import ElementTree

import pytest

from contracts.population import Citizen
from services.population import qcvn109
from tests.services.population.people import AN, NOW

NS = {"dc": "http://www.mic.gov.vn/dancu/1.0"}
UNIT = {"after_reform": None, "detail": "12 <Lê Lợi> & Co", "unit_code": "21550"}


def citizen(**changes: Any) -> Citizen:
    return Citizen.model_validate(
        {
            "personal_id": AN,
            "version": 3,
            "status": "alive",
            "id_card": "211234567",
            "full_name": "Nguyễn Văn An",
            "family_name": "Nguyễn",
            "middle_name": "Văn",
            "given_name": "An",
            "date_of_birth": "1990-04-30",
            "sex": "male",
            "ethnicity": "01",
            "religion": "00",
            "marital_status": "married",
            "blood_group": "O",
            "nationality": "VN",
            "birth_place": {
                "unit_code": "540",
                "on": "1990-04-30",
                "unit_name": "Thành phố Quy Nhơn, Tỉnh Bình Định",
                "detail": "",
                "country": "VN",
                "after_reform": None,
            },
            "hometown": None,
            "father": None,
            "mother": {"full_name": "Lê Thị Hoa"},
            "spouse": {"full_name": "Trần Thị Bình", "personal_id": "052191000456"},
            "eid_level": 2,
            "residences": [
                {
                    "id": "1",
                    "kind": "current",
                    "unit_name": "P",
                    "valid_from": "2020-01-01",
                    "valid_to": None,
                    **UNIT,
                }
            ],
            "household": {
                "household_id": "h",
                "number": "210045678",
                "relation": "child",
                "head_personal_id": "052060000001",
                "head_full_name": "Nguyễn Bá",
            },
            **changes,
        }
    )


def tree(one: Citizen) -> ElementTree.Element:
    return ElementTree.fromstring(qcvn109.message([one], at=NOW))


def text(one: Citizen, path: str) -> str | None:
    return tree(one).findtext("dc:CongDan/" + "/".join(f"dc:{part}" for part in path.split("/")), None, NS)


def test_the_collection_says_when_and_how_many() -> None:
    root = tree(citizen())
    assert root.tag == "{http://www.mic.gov.vn/dancu/1.0}CongdanCollection"
    assert root.attrib == {"GhiChu": "", "ThoiDiemDuLieu": "2026-11-22T09:00:00", "SoCongDan": "1"}
    assert qcvn109.message([citizen()], at=NOW).startswith(b"<?xml version='1.0' encoding='UTF-8'?>")
    assert b"<dc:CongDan>" in qcvn109.message([citizen()], at=NOW)


@pytest.mark.parametrize(
    ("path", "value"),
    [
        ("SoDinhDanh", AN),
        ("SoCMND", "211234567"),
        ("HoVaTen/Ho", "Nguyễn"),
        ("HoVaTen/ChuDem", "Văn"),
        ("HoVaTen/Ten", "An"),
        ("GioiTinh", "1"),
        ("DanToc/MaDanToc", "01"),
        ("TonGiao/MaTonGiao", "00"),
        ("TinhTrangHonNhan", "2"),
        ("NhomMau", "04"),
        ("NgayThangNamSinh/NgayThangNam", "1990-04-30"),
        ("NgayThangNamSinh/Nam", None),
        ("NoiDangKyKhaiSinh/MaDonViHanhChinh", "540"),
        ("NoiDangKyKhaiSinh/ChiTiet", "Thành phố Quy Nhơn, Tỉnh Bình Định"),
        ("QueQuan", None),
        ("ThuongTru", None),
        ("NoiOHienTai/ChiTiet", "12 <Lê Lợi> & Co, P"),
        ("NoiOHienTai/QuocGia", "VN"),
        ("QuocTich", "VN"),
        ("Cha", None),
        ("Me/HoVaTen/Ten", "Hoa"),
        ("Me/SoDinhDanh", None),
        ("VoChong/SoDinhDanh", "052191000456"),
        ("ChuHo/QuanHe", "Con"),
        ("ChuHo/HoVaTen/Ho", "Nguyễn"),
        ("SoSoHoKhau", "210045678"),
    ],
)
def test_each_field_is_where_the_regulation_has_it(path: str, value: str | None) -> None:
    assert text(citizen(), path) == value


def test_a_bare_year_is_a_bare_year() -> None:
    one = citizen(date_of_birth="1952", sex="female")
    assert (text(one, "NgayThangNamSinh/Nam"), text(one, "NgayThangNamSinh/NgayThangNam")) == ("1952", None)
    assert text(one, "GioiTinh") == "2"


@pytest.mark.parametrize(
    ("accept", "wanted"),
    [
        ("application/xml", True),
        ("text/xml;q=0.5", True),
        ("application/xml, */*;q=0.1", True),
        ("application/json", False),
        ("*/*", False),
        ("", False),
        ("application/json, application/xml;q=0.9", False),
        ("application/json;q=0.5, application/xml;q=0.9", True),
        ("application/xml;q=0", False),
        ("application/xml;q=..", False),
        (";;;,", False),
    ],
)
def test_xml_is_given_to_whoever_prefers_it(accept: str, wanted: bool) -> None:
    assert qcvn109.is_wanted(accept) is wanted
