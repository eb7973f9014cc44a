"""Cases and the calls they owe: found by receipt or code, moved by what is said, told on in order."""

from __future__ import annotations

from datetime import datetime
from typing import Any, Final

from sqlalchemy import bindparam, or_, select

from contracts.status import DossierStatus
from contracts.times import to_vn
from services.bus.kit.ids import new_id
from services.bus.kit.tx import Tx
from services.registry.land.models import Call, Case

WAITING, DONE, REFUSED = "waiting", "done", "refused"
MOVES: Final[dict[str, DossierStatus]] = {
    "DongBoTrangThaiLuanChuyenHoSo": DossierStatus.IN_PROGRESS,
    "DongBoTrangThaiChoBoSung": DossierStatus.SUPPLEMENT_REQUESTED,
    "DongBoTrangThaiDaBoSung": DossierStatus.IN_PROGRESS,
    "DongBoKetQuaThue": DossierStatus.PAYMENT_REQUESTED,
    "ThueChuyenTraHoSoDoSai": DossierStatus.IN_PROGRESS,
    "YeuCauCapNhatHoSo": DossierStatus.RECEIVED,
    "DongBoTrangThaiKetThuc": DossierStatus.COMPLETED,
    "CapNhatTrangThaiBoSungHoSo": DossierStatus.IN_PROGRESS,
    "CapNhatKetQuaTraHoSo": DossierStatus.RESULT_RETURNED,
    "PhanHoiHoSoSaiKetQua": DossierStatus.IN_PROGRESS,
}
"""Where a call leads (domain 5.2). One that is not here leaves the status as it is."""

_KEEPS: Final = {
    "DongBoTrangThaiLuanChuyenHoSo": frozenset(
        {DossierStatus.SUPPLEMENT_REQUESTED, DossierStatus.COMPLETED, DossierStatus.RESULT_RETURNED}
    )
}
"""Statuses a call does not move a dossier out of."""

_CASES: Final[Any] = Case.__table__.c
_NEWEST_OF_DOSSIER: Final = (
    select(_CASES.receipt)
    .where(_CASES.dossier == bindparam("dossier"))
    .order_by(_CASES.opened_at.desc(), _CASES.receipt.desc())
    .limit(1)
)


def open_case(
    tx: Tx, receipt: str, dossier: str, document: dict[str, Any], *, task_id: str | None, now: datetime
) -> Case:
    """A new case, received."""
    row = Case(
        receipt=receipt,
        their_receipt=None,
        dossier=dossier,
        task_id=task_id,
        status=DossierStatus.RECEIVED.value,
        document=document,
        steps=[],
        opened_at=now,
    )
    tx.add(row)
    return row


def meant(tx: Tx, receipt: str, dossier: str) -> Case | None:
    """The case somebody speaks of: by either side's receipt, else the newest of the dossier."""
    if receipt:
        return tx.scalar(select(Case).where(or_(Case.receipt == receipt, Case.their_receipt == receipt)).limit(1))
    tx.flush()
    newest = tx.fetch(_NEWEST_OF_DOSSIER, dossier=dossier) if dossier else []
    return tx.find(Case, newest[0][0]) if newest else None


def of_task(tx: Tx, task_id: str) -> Case | None:
    """The case a task was handed over as."""
    return tx.scalar(select(Case).where(Case.task_id == task_id).order_by(Case.opened_at.desc()).limit(1))


def note(row: Case, verb: str, content: str, now: datetime) -> None:
    """Write down what was said, and move the case where that leads."""
    row.steps = [*row.steps, {"verb": verb, "content": content, "at": now.isoformat()}]
    target = MOVES.get(verb)
    if target is not None and row.status not in _KEEPS.get(verb, ()):
        row.status = target.value


def owe(tx: Tx, receipt: str, verb: str, body: dict[str, Any], now: datetime) -> None:
    """A call to make, after those of this case that wait already."""
    tx.add(
        Call(
            id=new_id(),
            receipt=receipt,
            verb=verb,
            body=body,
            state=WAITING,
            attempts=0,
            next_at=now,
            reply="",
        )
    )


def due(tx: Tx, now: datetime, limit: int = 50) -> list[tuple[str, str, str, dict[str, Any]]]:
    """Calls to make now: id, receipt, verb, body; of each case the first that waits."""
    waiting = select(Call).where(Call.state == WAITING).order_by(Call.id).limit(1_000)
    first: dict[str, Call] = {}
    for row in tx.scalars(waiting):
        first.setdefault(row.receipt, row)
    ready = [row for row in first.values() if row.next_at <= now]
    return [(row.id, row.receipt, row.verb, row.body) for row in ready[:limit]]


def written(at: datetime) -> str:
    """A time as these calls write it."""
    return f"{to_vn(at):%d/%m/%Y %H:%M:%S}"
