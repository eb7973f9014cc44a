"""What a citizen does on the portal and the province polls: requests about a dossier, and questions.

The request verbs are [derived], modelled on the question verbs (LayDanhSachHoiDapGuiTuDVCQG): no source tells
how a submission reaches a province. A request is known by (MaThamChieu, SoYeuCau); SoYeuCau counts from 1 per
reference without gaps. One that is not acknowledged is given again: at least once, in order per reference.
"""

from __future__ import annotations

from enum import StrEnum
from typing import Annotated

from pydantic import Field

from contracts.portal.wire import (
    DossierCodeText,
    Long,
    OptionalTime,
    PortalTime,
    ProcedureCodeText,
    Short,
    Wire,
)

REQUESTS_PER_POLL = 20
"""How many a poll gives by default: linked services poll 20 a batch (domain 1.4)."""

Reference = Annotated[str, Field(min_length=1, max_length=100)]
RunningNumber = Annotated[str, Field(pattern=r"^[1-9]\d{0,8}$")]
Reason = Annotated[str, Field(min_length=1, max_length=4000)]


class RequestKind(StrEnum):
    """What the citizen asks: submit (nộp hồ sơ), supplement (bổ sung), withdraw (rút hồ sơ)."""

    SUBMISSION = "1"
    SUPPLEMENT = "2"
    WITHDRAWAL = "3"


class NguoiNopHoSo(Wire):
    """Who submits. NgaySinh is yyyyMMdd."""

    HoTen: Annotated[str, Field(min_length=1, max_length=500)]
    SoDinhDanh: Annotated[str, Field(min_length=1, max_length=20)]
    NgaySinh: Annotated[str | None, Field(pattern=r"^\d{8}$")] = None
    SoDienThoai: Short = None
    Email: Short = None


class YeuCau(Wire):
    """One request, as a poll gives it. Of a submission (1): MaTTHC, MaCoQuan, NguoiNop and DuLieuToKhai,
    the e-form as JSON text. Of a supplement (2) or a withdrawal (3): NoiDung, and MaHoSo once linked."""

    MaThamChieu: Reference
    SoYeuCau: RunningNumber
    LoaiYeuCau: RequestKind
    ThoiDiemGui: PortalTime
    MaHoSo: DossierCodeText | None = None
    MaTTHC: ProcedureCodeText | None = None
    MaCoQuan: Short = None
    NguoiNop: NguoiNopHoSo | None = None
    DuLieuToKhai: Annotated[str | None, Field(max_length=200_000)] = None
    NoiDung: Long = None


class XacNhanYeuCau(Wire):
    """Acknowledges one request: the province has it for good, it need not be given again."""

    MaThamChieu: Reference
    SoYeuCau: RunningNumber


class PhanHoiYeuCau(Wire):
    """Tells that the province declined a request, and why. It stands on the citizen's page."""

    MaThamChieu: Reference
    SoYeuCau: RunningNumber
    LyDo: Reason
    ThoiDiemXuLy: OptionalTime = None


class HoiDap(Wire):
    """A question (hỏi đáp) and, once there is one, its answer; field names are [derived]."""

    MaHoiDap: Reference
    TieuDe: Short = None
    NoiDung: Reason
    NguoiHoi: Short = None
    Email: Short = None
    SoDienThoai: Short = None
    MaCoQuan: Short = None
    NgayHoi: OptionalTime = None
    NoiDungTraLoi: Long = None
    NguoiTraLoi: Short = None
    NgayTraLoi: OptionalTime = None


class TraLoiHoiDap(Wire):
    """The answer to a question that was asked on the portal."""

    MaHoiDap: Reference
    NoiDungTraLoi: Reason
    NguoiTraLoi: Short = None
    NgayTraLoi: OptionalTime = None
