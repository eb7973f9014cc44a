"""What is said to us: by a VBDLIS about a dossier we handed it, or by a one-stop software that hands one in.

Once a dossier is at 10 nothing has an effect any more, and everything is answered as done.
"""

from __future__ import annotations

from datetime import datetime
from typing import Any

from contracts.events.task import TaskRequested
from contracts.status import DossierStatus
from services.bus.kit.desk import Desk
from services.bus.kit.tx import Tx
from services.registry.land.models import Case, Task
from services.registry.land.vbdlis import cases, wire
from services.registry.land.vbdlis.answers import UnfitError, answer_to

DONE, UNKNOWN, OVER = "Thành công", "Không có hồ sơ này", "Hồ sơ đã trả kết quả"
EXISTS, UNFIT = "Hồ sơ đã tồn tại", "Kết quả không phù hợp với yêu cầu"
NOT_OURS = "Hồ sơ không do phía này xử lý"


def said_by_vbdlis(tx: Tx, said: Any, desk: Desk, *, now: datetime) -> tuple[bool, str]:
    """One of the nine calls about a dossier we handed over: whether it was taken, and the words."""
    row = cases.meant(tx, said.SoBienNhan, said.MaHoSoMotCua)
    if row is None:
        return False, UNKNOWN
    if row.status == DossierStatus.RESULT_RETURNED:
        return True, OVER
    task: Any = tx.find(Task, row.task_id) if row.task_id is not None else None
    if task is None:
        return False, NOT_OURS
    try:
        answer = answer_to(said, row, TaskRequested.model_validate(task.request))
    except UnfitError:
        about = {"SoBienNhan": row.receipt, "MaHoSoMotCua": row.dossier, "NoiDung": UNFIT}
        cases.owe(tx, row.receipt, "PhanHoiHoSoSaiKetQua", about, now)
        return False, UNFIT
    if isinstance(said, wire.CungCapSoBienNhan) and said.SoBienNhanMoi:
        row.their_receipt = said.SoBienNhanMoi
    cases.note(row, type(said).__name__, said.NoiDung, now)
    if answer is not None:
        desk.answer(tx, task.id, answer)
    return True, DONE


def take_in(tx: Tx, said: wire.TiepNhanHoSo, *, now: datetime) -> tuple[bool, str]:
    """A one-stop software hands in a dossier; the same receipt again is no second dossier."""
    if tx.find(Case, said.SoBienNhan) is not None:
        return True, EXISTS
    document = said.model_dump(mode="json", exclude={"SecurityCode"})
    cases.open_case(tx, said.SoBienNhan, said.MaHoSoMotCua, document, task_id=None, now=now)
    about = {"MaHoSoMotCua": said.MaHoSoMotCua, "SoBienNhan": said.SoBienNhan, "SoBienNhanMoi": said.SoBienNhan}
    cases.owe(tx, said.SoBienNhan, "CungCapSoBienNhan", about, now)
    return True, DONE


def said_by_onestop(tx: Tx, said: Any, *, now: datetime) -> tuple[bool, str]:
    """One of the three calls about a dossier that was handed in to us."""
    row = cases.meant(tx, said.SoBienNhan, said.MaHoSoMotCua)
    if row is None:
        return False, UNKNOWN
    if row.status == DossierStatus.RESULT_RETURNED:
        return True, OVER
    if row.task_id is not None:
        return False, NOT_OURS
    cases.note(row, type(said).__name__, said.NoiDung, now)
    about = {"MaHoSoMotCua": row.dossier, "SoBienNhan": row.receipt, "NoiDung": said.NoiDung}
    if isinstance(said, wire.CapNhatTrangThaiBoSungHoSo):
        cases.owe(tx, row.receipt, "DongBoTrangThaiDaBoSung", about, now)
    elif isinstance(said, wire.PhanHoiHoSoSaiKetQua):
        cases.owe(tx, row.receipt, "DongBoTrangThaiLuanChuyenHoSo", about, now)
    return True, DONE


def returned(tx: Tx, dossier: str, *, now: datetime) -> None:
    """Our one-stop shop has handed over the result: tell the VBDLIS that worked on it."""
    row = cases.meant(tx, "", dossier)
    if row is None or row.task_id is None or row.status == DossierStatus.RESULT_RETURNED:
        return
    cases.note(row, "CapNhatKetQuaTraHoSo", "", now)
    about = {"MaHoSoMotCua": row.dossier, "SoBienNhan": row.receipt, "NoiDung": ""}
    cases.owe(tx, row.receipt, "CapNhatKetQuaTraHoSo", about, now)
