"""The bodies of the calls. The fields of TiepNhanHoSo are verified, of the others only the names of the calls and
what domain 5.2 lists; the rest is ours and optional, so that a product may say less.

A field nobody knows is kept out, not refused: products add some.
"""

from __future__ import annotations

import hmac
from datetime import datetime
from typing import Annotated, Any, Literal

from pydantic import BaseModel, ConfigDict, Field

from contracts.population.values import Line

Short = Annotated[Line, Field(max_length=100)]
Longer = Annotated[Line, Field(max_length=1_000)]


class Said(BaseModel):
    """Base of every body: who says it is known by SecurityCode."""

    model_config = ConfigDict(extra="ignore")

    SecurityCode: Annotated[str, Field(max_length=200)] = ""

    def is_from(self, code: str) -> bool:
        """Whether the code is ours; never, where none is configured."""
        return bool(code) and hmac.compare_digest(self.SecurityCode.encode(), code.encode())


class Submitter(BaseModel):
    model_config = ConfigDict(extra="ignore")

    HoTen: Short
    SoChungMinh: Short = ""
    DiaChiChiTiet: Longer = ""
    SoDienThoai: Short = ""
    Email: Short = ""


class Process(BaseModel):
    model_config = ConfigDict(extra="ignore")

    MaQuyTrinh: Short
    TenQuyTrinh: Longer = ""


class Plot(BaseModel):
    model_config = ConfigDict(extra="ignore")

    SoThuTuThua: Short
    SoHieuBanDo: Short
    DienTich: Short | float | int = ""
    DiaChiChiTiet: Longer = ""


class Paper(BaseModel):
    model_config = ConfigDict(extra="ignore")

    TenGiayTo: Longer = ""
    DuongDan: Longer = ""


class TiepNhanHoSo(Said):
    """A dossier is handed in."""

    LaQuyTrinhCapTinh: bool = False
    TinhId: Short = ""
    HuyenId: Short = ""
    XaId: Short = ""
    SoBienNhan: Annotated[Line, Field(min_length=1, max_length=100)]
    MaHoSoMotCua: Annotated[Line, Field(min_length=1, max_length=60)]
    NguoiTiepNhan: Short = ""
    NgayTiepNhan: Short = ""
    NgayHenTra: Short = ""
    DiaChiTaiSan: Longer = ""
    ThongTinNguoiNopDon: Submitter
    ThongTinQuyTrinh: Process
    ThongTinThuaDat: Annotated[list[Plot], Field(max_length=100)] = []
    DanhSachGiayToDinhKem: Annotated[list[Paper], Field(max_length=200)] = []


class _About(Said):
    """What is said of a dossier: it is found by receipt, else by its code at the one-stop shop."""

    SoBienNhan: Short = ""
    MaHoSoMotCua: Annotated[Line, Field(max_length=60)] = ""
    NoiDung: Longer = ""


class CapNhatTrangThaiBoSungHoSo(_About):
    """The citizen has supplied what was asked for."""


class CapNhatKetQuaTraHoSo(_About):
    """The result was handed to the citizen."""


class PhanHoiHoSoSaiKetQua(_About):
    """The result is wrong: work on it again."""


class CungCapSoBienNhan(_About):
    """The land software's own receipt number."""

    SoBienNhanMoi: Short = ""


class DongBoTrangThaiLuanChuyenHoSo(_About):
    """The dossier moves within the land office."""


class DongBoTrangThaiChoBoSung(_About):
    """The citizen has to supply something; the clock stops with LaTamDung."""

    LaTamDung: bool = True


class DongBoTrangThaiDaBoSung(_About):
    """What was asked for has come."""

    NgayHenTraMoi: Short = ""


class TaxNotice(BaseModel):
    model_config = ConfigDict(extra="ignore")

    HoTenChu: Short = ""
    LoaiThue: Short = ""
    SoThongBaoThue: Annotated[Line, Field(min_length=1, max_length=60)]
    DuongDan: Longer = ""
    SoTien: Annotated[int, Field(ge=0, le=10**13)] = 0


class DongBoKetQuaThue(_About):
    """The tax office's notices."""

    DanhSachThongBaoThue: Annotated[list[TaxNotice], Field(min_length=1, max_length=20)]


class ThueChuyenTraHoSoDoSai(_About):
    """The tax office sent it back to the land office."""


class YeuCauCapNhatHoSo(_About):
    """The dossier has to be put right at the counter."""


class ThongBaoNhapSaiThuTuc(_About):
    """It was handed in under the wrong procedure."""


class DongBoTrangThaiKetThuc(_About):
    """It is over: TrangThai 0 with a result, anything else returned or withdrawn."""

    TrangThai: int = 0
    MaGCN: Short = ""
    SoPhatHanh: Short = ""
    SoBienDong: Short = ""
    DienTich: Short = ""


TO_VBDLIS = (TiepNhanHoSo, CapNhatTrangThaiBoSungHoSo, CapNhatKetQuaTraHoSo, PhanHoiHoSoSaiKetQua)
TO_ONESTOP = (
    CungCapSoBienNhan,
    DongBoTrangThaiLuanChuyenHoSo,
    DongBoTrangThaiChoBoSung,
    DongBoTrangThaiDaBoSung,
    DongBoKetQuaThue,
    ThueChuyenTraHoSoDoSai,
    YeuCauCapNhatHoSo,
    ThongBaoNhapSaiThuTuc,
    DongBoTrangThaiKetThuc,
)


class Reply(BaseModel):
    """What the one-stop side answers: Result 1 done, 0 not."""

    Result: int
    Message: str


class Status(BaseModel):
    success: bool
    code: int
    type: Literal["success", "error"]
    time: datetime
    message: str


class LandReply(BaseModel):
    """What VBDLIS answers: data 1 done, 0 not."""

    data: int
    status: Status


def understood(reply: Any) -> tuple[bool, str]:
    """Whether a reply in either shape says yes, and its words."""
    if not isinstance(reply, dict):
        return False, "the reply is no JSON object"
    status = reply.get("status")
    if isinstance(status, dict):
        return status.get("success") is True, str(status.get("message", ""))[:400]
    return str(reply.get("Result", "")).lower() in ("1", "true"), str(reply.get("Message", ""))[:400]
