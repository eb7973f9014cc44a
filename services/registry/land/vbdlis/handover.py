"""A task goes to a real VBDLIS: a case is opened and TiepNhanHoSo owed; what is supplied later follows."""

from __future__ import annotations

from typing import Any

from contracts.events.task import TaskRequested, TaskResumed
from contracts.identifiers import parse_parcel_key
from contracts.tasks import Answer
from services.bus.kit.clock import Clock
from services.bus.kit.tx import Tx
from services.registry.land.desk.forms import parcel_key
from services.registry.land.queries.situation import live_description
from services.registry.land.settings import LandSettings
from services.registry.land.vbdlis import cases


class Handover:
    """The handler of every kind of task in this mode. The answers come as calls."""

    def __init__(self, settings: LandSettings, clock: Clock) -> None:
        self.settings = settings
        self.clock = clock

    def __call__(self, tx: Tx, task: TaskRequested, resumed: TaskResumed | None) -> Answer | None:
        now = self.clock.now()
        row = cases.of_task(tx, task.task_id)
        if resumed is not None and row is not None:
            body: dict[str, Any] = {"SoBienNhan": row.receipt, "MaHoSoMotCua": row.dossier}
            body["NoiDung"] = resumed.content[:1_000]
            if resumed.supplied == "payment":
                paid = {"SoTien": resumed.paid_vnd, "ThoiGianThanhToan": cases.written(resumed.at)}
                body["DanhSachChungTuThue"] = [{**paid, "TongConPhaiNop": 0}]
            cases.note(row, "CapNhatTrangThaiBoSungHoSo", resumed.supplied, now)
            cases.owe(tx, row.receipt, "CapNhatTrangThaiBoSungHoSo", body, now)
            return None
        document = self._document(tx, task)
        receipt = task.task_id if row is None else f"{task.task_id}/{len(row.steps) + 1}"
        document["SoBienNhan"] = receipt
        cases.open_case(tx, receipt, task.dossier_code, document, task_id=task.task_id, now=now)
        cases.owe(tx, receipt, "TiepNhanHoSo", document, now)
        return None

    def _document(self, tx: Tx, task: TaskRequested) -> dict[str, Any]:
        key = parcel_key(task.form)
        commune, sheet, number = parse_parcel_key(key)
        described = live_description(tx, key)
        who = task.applicant
        return {
            "LaQuyTrinhCapTinh": False,
            "TinhId": self.settings.province_code,
            "HuyenId": "",
            "XaId": commune,
            "MaHoSoMotCua": task.dossier_code,
            "NguoiTiepNhan": task.officer,
            "NgayTiepNhan": cases.written(task.requested_at),
            "NgayHenTra": cases.written(task.due_at),
            "DiaChiTaiSan": described.address if described else "",
            "ThongTinNguoiNopDon": {
                "HoTen": who.full_name,
                "SoChungMinh": who.personal_id,
                "DiaChiChiTiet": "",
                "SoDienThoai": who.phone or "",
                "Email": who.email or "",
            },
            "ThongTinQuyTrinh": {"MaQuyTrinh": task.part, "TenQuyTrinh": task.kind},
            "ThongTinThuaDat": [
                {
                    "SoThuTuThua": str(number),
                    "SoHieuBanDo": str(sheet),
                    "DienTich": described.area / 100 if described else 0,
                    "DiaChiChiTiet": described.address if described else "",
                }
            ],
            "DanhSachGiayToDinhKem": [
                {"TenGiayTo": each.name, "DuongDan": f"attachments/{each.id}"} for each in task.attachments
            ],
        }
