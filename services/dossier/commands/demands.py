"""What a citizen is asked for on the way: more papers, or a payment. Written with the dossier before its step."""

from __future__ import annotations

from datetime import datetime
from typing import Any

from services.bus.kit.deadlines import Duration, due
from services.bus.kit.ids import new_id
from services.dossier.commands.steps import CALENDAR
from services.dossier.models import Dossier


def ask_for_papers(dossier: Dossier, content: str, *, officer: str, working_days: int, now: datetime) -> None:
    """Add a request for papers (yêu cầu bổ sung); the time for all of them is that of the newest."""
    dossier.supplement_due_at = due(now, Duration("working-day", working_days), CALENDAR).at
    request = {
        "id": new_id(),
        "requested_at": now.isoformat(),
        "requested_by": officer,
        "content": content,
        "answered_at": None,
        "due_before": dossier.due_at.isoformat() if dossier.due_at else None,
        "due_after": None,
    }
    dossier.supplements = [*dossier.supplements, request]


def ask_for_payment(dossier: Dossier, *, code: str | None, name: str, amount_vnd: int) -> str:
    """Add a notice of payment (thông báo nghĩa vụ tài chính); its code in this dossier."""
    taken = {fee["code"] for fee in dossier.fees}
    wanted = code or f"NVTC-{len(dossier.fees) + 1}"
    number = 2
    own = wanted
    while own in taken:
        own, number = f"{wanted}-{number}", number + 1
    notice = {
        "code": own,
        "name": name[:200] or "Nghĩa vụ tài chính theo thông báo",
        "amount_vnd": amount_vnd,
        "due": "before_result",
        "paid": False,
        "online": False,
    }
    dossier.fees = [*dossier.fees, notice]
    return own


def paid(fee: dict[str, Any], online: bool, receipt: str | None) -> dict[str, Any]:
    """The fee, paid; one that was paid before stays as it was."""
    return fee if fee["paid"] else {**fee, "paid": True, "online": online, "receipt": receipt}
