"""A citizen as the message of QCVN 109:2017/BTTTT: `dc:CongdanCollection`, as domain 7.1 shapes it.

Field names are the regulation's own. What is not known is left out; a year of birth stands alone (`Nam`).
"""

from __future__ import annotations

import re
from collections.abc import Sequence
from datetime import date, datetime
from typing import Final
from xml.etree import ElementTree

from contracts.population import Citizen, PlaceView, Relation, Relative, Residence, ResidenceKind
from contracts.population.values import BLOOD_GROUP_CODES, MARITAL_STATUS_CODES, SEX_CODES
from contracts.times import to_vn
from services.population.consistency import split_name

MEDIA_TYPE: Final = "application/xml"
NAMESPACE: Final = "http://www.mic.gov.vn/dancu/1.0"

RELATIONS: Final = {
    Relation.HEAD: "Chủ hộ",
    Relation.SPOUSE: "Vợ/chồng",
    Relation.CHILD: "Con",
    Relation.PARENT: "Cha/mẹ",
    Relation.GRANDPARENT: "Ông/bà",
    Relation.GRANDCHILD: "Cháu",
    Relation.SIBLING: "Anh/chị/em",
    Relation.OTHER: "Khác",
}
"""QuanHe in words: the numbers of the regulation's own list are not public."""

_RANGE: Final = re.compile(r"^\s*([\w*+.-]+/[\w*+.-]+)\s*(?:;.*?\bq=([0-9.]+))?")

ElementTree.register_namespace("dc", NAMESPACE)


def is_wanted(accept: str) -> bool:
    """Whether an Accept header prefers XML to JSON."""
    best = {"xml": 0.0, "json": 0.0}
    for part in accept.split(","):
        match = _RANGE.match(part)
        if match is None:
            continue
        kind, quality = match[1].lower(), _quality(match[2])
        if kind in (MEDIA_TYPE, "text/xml"):
            best["xml"] = max(best["xml"], quality)
        elif kind in ("application/json", "application/*", "*/*"):
            best["json"] = max(best["json"], quality)
    return best["xml"] > 0 and best["xml"] >= best["json"]


def message(citizens: Sequence[Citizen], *, at: datetime) -> bytes:
    """The message about these citizens, with the data as of `at` (shown on a Vietnamese clock)."""
    root = ElementTree.Element(
        _name("CongdanCollection"),
        {
            "GhiChu": "",
            "ThoiDiemDuLieu": to_vn(at).strftime("%Y-%m-%dT%H:%M:%S"),
            "SoCongDan": str(len(citizens)),
        },
    )
    for citizen in citizens:
        _citizen(ElementTree.SubElement(root, _name("CongDan")), citizen)
    written: bytes = ElementTree.tostring(root, encoding="UTF-8", xml_declaration=True)
    return written


def _citizen(node: ElementTree.Element, citizen: Citizen) -> None:
    _text(node, "SoDinhDanh", citizen.personal_id)
    _text(node, "SoCMND", citizen.id_card)
    _full_name(node, (citizen.family_name, citizen.middle_name, citizen.given_name))
    _text(node, "GioiTinh", SEX_CODES[citizen.sex])
    _text(_child(node, "DanToc"), "MaDanToc", citizen.ethnicity)
    _text(_child(node, "TonGiao"), "MaTonGiao", citizen.religion)
    _text(node, "TinhTrangHonNhan", MARITAL_STATUS_CODES[citizen.marital_status])
    _text(node, "NhomMau", BLOOD_GROUP_CODES[citizen.blood_group])
    _born(_child(node, "NgayThangNamSinh"), citizen.date_of_birth)
    _place(node, "NoiDangKyKhaiSinh", citizen.birth_place)
    _place(node, "QueQuan", citizen.hometown)
    _residence(node, "ThuongTru", citizen.residences, ResidenceKind.PERMANENT)
    _residence(node, "NoiOHienTai", citizen.residences, ResidenceKind.CURRENT)
    _text(node, "QuocTich", citizen.nationality)
    _relative(node, "Cha", citizen.father)
    _relative(node, "Me", citizen.mother)
    _relative(node, "VoChong", citizen.spouse)
    if citizen.household is not None:
        head = _child(node, "ChuHo")
        _text(head, "SoDinhDanh", citizen.household.head_personal_id)
        if citizen.household.head_full_name is not None:
            _full_name(head, split_name(citizen.household.head_full_name))
        _text(head, "QuanHe", RELATIONS[citizen.household.relation])
        _text(node, "SoSoHoKhau", citizen.household.number)


def _born(node: ElementTree.Element, born: date | str) -> None:
    if isinstance(born, date):
        _text(node, "NgayThangNam", born.isoformat())
    else:
        _text(node, "Nam", born)


def _full_name(node: ElementTree.Element, parts: tuple[str, str, str]) -> None:
    name = _child(node, "HoVaTen")
    for field, part in zip(("Ho", "ChuDem", "Ten"), parts, strict=True):
        _text(name, field, part)


def _place(node: ElementTree.Element, field: str, place: PlaceView | None) -> None:
    if place is not None:
        _address(node, field, place.unit_code, (place.detail, place.unit_name), place.country)


def _residence(
    node: ElementTree.Element, field: str, residences: Sequence[Residence], kind: ResidenceKind
) -> None:
    for residence in residences:
        if residence.kind == kind:
            _address(node, field, residence.unit_code, (residence.detail, residence.unit_name), "VN")


def _address(
    node: ElementTree.Element, field: str, code: str | None, parts: tuple[str | None, ...], country: str
) -> None:
    address = _child(node, field)
    _text(address, "MaDonViHanhChinh", code)
    _text(address, "ChiTiet", ", ".join(part for part in parts if part))
    _text(address, "QuocGia", country)


def _relative(node: ElementTree.Element, field: str, relative: Relative | None) -> None:
    if relative is None:
        return
    person = _child(node, field)
    _text(person, "SoDinhDanh", relative.personal_id)
    _text(person, "SoCMND", relative.id_card)
    _text(person, "QuocTich", relative.nationality)
    _full_name(person, split_name(relative.full_name))


def _name(field: str) -> str:
    return f"{{{NAMESPACE}}}{field}"


def _child(node: ElementTree.Element, field: str) -> ElementTree.Element:
    return ElementTree.SubElement(node, _name(field))


def _text(node: ElementTree.Element, field: str, value: str | None) -> None:
    if value:
        _child(node, field).text = value


def _quality(text: str | None) -> float:
    try:
        return float(text) if text is not None else 1.0
    except ValueError:
        return 0.0
