"""What a VBDLIS says about a dossier it was handed, as an answer to the task."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any, Final

from contracts.events.task import TaskRequested
from contracts.tasks import Answer, AnswerKind, PaymentWanted, SupplementWanted, task_kind
from services.bus.kit.json_schemas import task_validator
from services.registry.land.models import Case
from services.registry.land.vbdlis import wire

WRONG_PROCEDURE: Final = ("wrong-procedure", "Hồ sơ nộp sai thủ tục.", "Handed in under the wrong procedure.")
RETURNED: Final = ("returned", "Cơ quan đất đai trả hồ sơ.", "The land office returned the dossier.")


class UnfitError(Exception):
    """The result that came does not fit the task."""


def answer_to(said: Any, row: Case, task: TaskRequested) -> Answer | None:
    """The answer a call stands for; None for one that answers nothing. Raises UnfitError."""
    make = _ANSWERS.get(type(said).__name__)
    return make(said, row, task) if make is not None else None


def _accepted(said: wire.CungCapSoBienNhan, row: Case, task: TaskRequested) -> Answer:
    return Answer(kind=AnswerKind.ACCEPTED, note=f"Số biên nhận {said.SoBienNhanMoi}"[:200])


def _progress(said: Any, row: Case, task: TaskRequested) -> Answer:
    return Answer(kind=AnswerKind.PROGRESS, note=said.NoiDung)


def _supplement(said: Any, row: Case, task: TaskRequested) -> Answer:
    content = said.NoiDung or "Cơ quan đất đai yêu cầu bổ sung hồ sơ."
    return Answer(kind=AnswerKind.NEEDS_SUPPLEMENT, supplement=SupplementWanted(content=content))


def _tax(said: wire.DongBoKetQuaThue, row: Case, task: TaskRequested) -> Answer:
    payments = tuple(
        PaymentWanted(
            code=each.SoThongBaoThue,
            name=each.LoaiThue or "Thuế, lệ phí đất đai",
            amount_vnd=each.SoTien,
            notice=each.SoThongBaoThue,
        )
        for each in said.DanhSachThongBaoThue
        if each.SoTien
    )
    if payments:
        return Answer(kind=AnswerKind.NEEDS_PAYMENT, payments=payments)
    notices = ", ".join(each.SoThongBaoThue for each in said.DanhSachThongBaoThue)
    return Answer(kind=AnswerKind.PROGRESS, note=f"Thông báo thuế: {notices}"[:2_000])


def _wrong(said: Any, row: Case, task: TaskRequested) -> Answer:
    code, vi, en = WRONG_PROCEDURE
    return Answer.refused(code, f"{vi} {said.NoiDung}".strip(), en)


def _ended(said: wire.DongBoTrangThaiKetThuc, row: Case, task: TaskRequested) -> Answer:
    if said.TrangThai != 0:
        code, vi, en = RETURNED
        return Answer.refused(code, f"{vi} {said.NoiDung}".strip(), en)
    key = str(task.form.get("parcel_key", ""))
    number = said.SoBienDong or row.their_receipt or row.receipt
    told: dict[str, Any] = {
        "parcel_key": key,
        "parcel_keys": [key],
        "change_id": row.receipt,
        "change_number": number,
        "number": number,
        "restriction_id": number,
        "certificate_code": said.MaGCN or said.SoPhatHanh,
        "serial": said.SoPhatHanh,
        "mortgagor": task.applicant.full_name,
        "mortgagee": str((task.form.get("mortgagee") or {}).get("name", "")),
        "registered_at": row.steps[-1]["at"] if row.steps else row.opened_at.isoformat(),
        "taxable": {
            "kind": str(task.form.get("kind", "")),
            "value_vnd": int(task.form.get("value_vnd") or 0),
            "area_m2": said.DienTich or str(row.document["ThongTinThuaDat"][0]["DienTich"]),
            "relation": task.form.get("relation"),
        },
    }
    told["deleted_at"] = told["registered_at"]
    schema = task_kind(task.kind).results
    results = {name: told[name] for name in schema["properties"] if name in told}
    needs = {"certificate_code"} & set(schema["required"])
    if any(not results.get(name) for name in needs) or not task_validator(task.kind, "results").is_valid(results):
        raise UnfitError
    return Answer.completed(results, note=said.NoiDung)


_ANSWERS: Final[dict[str, Callable[[Any, Case, TaskRequested], Answer]]] = {
    "CungCapSoBienNhan": _accepted,
    "DongBoTrangThaiLuanChuyenHoSo": _progress,
    "DongBoTrangThaiChoBoSung": _supplement,
    "DongBoTrangThaiDaBoSung": _progress,
    "DongBoKetQuaThue": _tax,
    "ThueChuyenTraHoSoDoSai": _progress,
    "YeuCauCapNhatHoSo": _supplement,
    "ThongBaoNhapSaiThuTuc": _wrong,
    "DongBoTrangThaiKetThuc": _ended,
}
