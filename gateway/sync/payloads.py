"""From a dossier of ours to what the portal takes: `HoSo` and `TienDo`, in its spelling (domain 1.3).

Pure functions. Nothing is guessed: what the province does not know stays absent. Text longer than the portal
takes is cut, because a long note is no reason to lose a status.

Wire time. The portal counts in whole seconds, knows a step only by (MaHoSo, ThoiDiemXuLy, TrangThai), and
ignores what is older than its newest row. So every step gets a second of its own, later than that of the step
before it: its own second, or one more than the last. Two steps within one second stay two and in order, and a
repeat of one is the same row. It is assigned once and kept.
"""

from __future__ import annotations

from collections.abc import Sequence
from datetime import UTC, datetime
from functools import lru_cache
from typing import Any, Final

from contracts.events.dossier import Attachment, DossierSnapshot, Fee, StatusChanged, Supplement
from contracts.portal import format_portal_time
from contracts.status import CHANNEL_CODES, Channel

POPULATION: Final = "7"
"""MaCSDL a province sends after a lookup in the population data (domain 1.3)."""
MATCHED: Final = "matched"

_NAME, _OFFICER, _SHORT, _LONG, _SUMMARY, _RESULT = 500, 50, 500, 4000, 1000, 2000


def wire_second(at: datetime, after: int | None) -> int:
    """The second (since 1970) a step of time `at` gets, when the step before it got `after`."""
    own = int(at.timestamp())
    return own if after is None else max(own, after + 1)


def wire_time(second: int) -> str:
    """A wire second as the portal writes times."""
    return _formatted(second)


def dossier_item(told: StatusChanged) -> dict[str, Any]:
    """The HoSo of a dossier as it stood after a step."""
    dossier = told.dossier
    applicant = dossier.applicant
    item: dict[str, Any] = {
        "MaHoSo": told.code,
        "MaTTHC": dossier.procedure_code,
        "TenTTHC": dossier.procedure_name[:_LONG],
        "TenLinhVuc": dossier.field[:_LONG],
        "KenhThucHien": str(CHANNEL_CODES[dossier.channel]),
        "ChuHoSo": applicant.full_name[:_NAME],
        "LoaiDoiTuong": str(applicant.kind),
        "DinhDanhCHS": [
            {
                "LoaiDinhDanh": "2" if len(applicant.personal_id) == 9 else "1",
                "SoDinhDanh": applicant.personal_id,
            }
        ],
        "NgayNopHoSo": _time(dossier.submitted_at),
        "TrangThaiHoSo": str(int(told.status)),
        "HinhThuc": "1" if dossier.channel is Channel.POST else "0",
        "DonViXuLy": dossier.receiving_agency,
        "NoiNopHoSo": "2" if dossier.portal_reference is None else "1",
        "HoSoCoThanhPhanSoHoa": _flag(any(each.digitised for each in dossier.attachments)),
        "DuocThanhToanTrucTuyen": "2" if any(fee.online for fee in dossier.fees) else "0",
        "DSKetNoiCSDL": [{"MaCSDL": POPULATION}] if dossier.verification == MATCHED else [],
        "TaiLieuNop": [_paper(each) for each in dossier.attachments],
        "DanhSachLePhi": [_fee(each) for each in dossier.fees],
    }
    optional = {
        "SoBienNhan": dossier.portal_reference,
        "Email": applicant.email,
        "SoDienThoai": applicant.phone,
        "TrichYeuHoSo": dossier.summary[:_SUMMARY] if dossier.summary else None,
        "DanhSachHoSoBoSung": [_supplement(each) for each in dossier.supplements] or None,
        "DanhSachGiayToKetQua": [_result(each) for each in dossier.results] or None,
        **_dates(dossier),
    }
    item.update((name, value) for name, value in optional.items() if value is not None)
    return item


def progress_row(
    code: str,
    status: int,
    second: int,
    *,
    officer: str,
    department: str,
    note: str,
    due_at: datetime | None,
) -> dict[str, Any]:
    """The TienDo of one step."""
    row = {
        "MaHoSo": code,
        "NguoiXuLy": officer[:_OFFICER],
        "ThoiDiemXuLy": wire_time(second),
        "PhongBanXuLy": department[:_SHORT],
        "NoiDungXuLy": note[:_LONG],
        "TrangThai": str(status),
    }
    if due_at is not None:
        row["NgayKetThucTheoQuyDinh"] = _time(due_at)
    return row


def _dates(dossier: DossierSnapshot) -> dict[str, str | None]:
    moments = {
        "NgayTiepNhan": dossier.received_at,
        "NgayHenTra": dossier.due_at,
        "NgayKetThucXuLy": dossier.completed_at,
        "NgayTra": dossier.returned_at,
        "NgayTuChoi": dossier.refused_at,
    }
    return {name: None if at is None else _time(at) for name, at in moments.items()}


def _paper(paper: Attachment) -> dict[str, str]:
    row = {
        "TepDinhKemId": paper.id,
        "TenTepDinhKem": paper.name[:_LONG],
        "IsDeleted": "0",
        "DuocSoHoa": _flag(paper.digitised),
        "DuocTaiSuDung": _flag(paper.reused),
    }
    if paper.component is not None:
        row["MaThanhPhanHoSo"] = paper.component
    return row


def _result(paper: Attachment) -> dict[str, str]:
    row = {"TenGiayTo": paper.name[:_RESULT], "GiayToId": paper.id}
    if paper.component is not None:
        row["MaThanhPhanHoSo"] = paper.component
    return row


def _fee(fee: Fee) -> dict[str, str]:
    return {"TenPhiLePhi": fee.name[:_LONG], "MaPhiLePhi": fee.code, "Gia": str(fee.amount_vnd)}


def _supplement(request: Supplement) -> dict[str, str]:
    row = {
        "HoSoBoSungId": request.id,
        "NguoiYeuCauBoSung": request.requested_by[:_SHORT],
        "NoiDungBoSung": request.content[:_LONG],
        "NgayBoSung": _time(request.requested_at),
        "TrangThaiBoSung": _flag(request.answered_at is not None),
    }
    moments = {
        "NgayTiepNhanBoSung": request.answered_at,
        "NgayHenTraTruoc": request.due_before,
        "NgayHenTraMoi": request.due_after,
    }
    row.update((name, _time(at)) for name, at in moments.items() if at is not None)
    return row


def _flag(value: bool) -> str:
    return "1" if value else "0"


def _time(at: datetime) -> str:
    return _formatted(int(at.timestamp()))


@lru_cache(4096)
def _formatted(second: int) -> str:
    """Cached: the dates of a dossier are the same in every step, and many dossiers share a second."""
    return format_portal_time(datetime.fromtimestamp(second, UTC))


def chunks(rows: Sequence[Any], size: int) -> list[Sequence[Any]]:
    """The rows in parts of at most `size`, in order."""
    return [rows[start : start + size] for start in range(0, len(rows), size)]
