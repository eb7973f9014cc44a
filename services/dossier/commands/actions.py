"""The actions on a dossier, and its payments: what an officer or a citizen asks for, one step at a time."""

from __future__ import annotations

from collections.abc import Sequence as Many
from datetime import datetime
from typing import Any

from contracts.problems import NOT_FOUND, Problem
from contracts.status import Action
from services.bus.kit.api import check_version
from services.bus.kit.deadlines import Duration, due
from services.bus.kit.ids import new_id
from services.bus.kit.tx import Tx
from services.dossier import schemas
from services.dossier.commands.steps import CALENDAR, check, take
from services.dossier.guards import unpaid_fees
from services.dossier.models import Dossier
from services.dossier.queries.dossiers import find
from services.dossier.views import accepted


class Act:
    """The command that takes one step with one dossier."""

    brief = True

    def __init__(
        self,
        code: str,
        asked: schemas.ActionRequest,
        *,
        now: datetime,
        caller: str,
        expected_version: int | None = None,
        supplement_days: int = 7,
    ) -> None:
        self.code = code
        self.asked = asked
        self.now = now
        self.caller = caller
        self.expected_version = expected_version
        self.supplement_days = supplement_days

    @staticmethod
    def prepare(tx: Tx, commands: Many[Act]) -> None:
        tx.preload(Dossier, {each.code for each in commands}, for_update=True)

    def __call__(self, tx: Tx) -> schemas.DossierAccepted:
        dossier = find(tx, self.code)
        check_version(self.expected_version, dossier.version)
        target = check(dossier, self.asked.action, self.asked.note, self.now)
        officer = self.asked.officer or self.caller[:50]
        self._first(dossier, officer)
        take(tx, dossier, self.asked.action, target, officer=officer, note=self.asked.note, now=self.now)
        return accepted(dossier)

    def _first(self, dossier: Dossier, officer: str) -> None:
        """What an action changes besides the status, before the step is written and announced."""
        match self.asked.action:
            case Action.REQUEST_SUPPLEMENT:
                days = self.asked.supplement_working_days or self.supplement_days
                dossier.supplement_due_at = due(self.now, Duration("working-day", days), CALENDAR).at
                dossier.supplements = [*dossier.supplements, self._request(dossier, officer)]
            case Action.REQUEST_PAYMENT if self.asked.amount_vnd:
                dossier.fees = [*dossier.fees, self._notice(len(dossier.fees))]
            case Action.CONFIRM_PAYMENT:
                dossier.fees = [paid(fee, self.asked.paid_online, None) for fee in dossier.fees]

    def _request(self, dossier: Dossier, officer: str) -> dict[str, Any]:
        return {
            "id": new_id(),
            "requested_at": self.now.isoformat(),
            "requested_by": officer,
            "content": self.asked.note,
            "answered_at": None,
            "due_before": dossier.due_at.isoformat() if dossier.due_at else None,
            "due_after": None,
        }

    def _notice(self, number: int) -> dict[str, Any]:
        return {
            "code": f"NVTC-{number + 1}",
            "name": self.asked.note[:200] or "Nghĩa vụ tài chính theo thông báo",
            "amount_vnd": self.asked.amount_vnd,
            "due": "before_result",
            "paid": False,
            "online": False,
        }


def paid(fee: dict[str, Any], online: bool, receipt: str | None) -> dict[str, Any]:
    """The fee, paid; one that was paid before stays as it was."""
    return fee if fee["paid"] else {**fee, "paid": True, "online": online, "receipt": receipt}


def pay(tx: Tx, code: str, payment: schemas.Payment) -> schemas.DossierAccepted:
    """Record that a fee was paid. Raises NOT_FOUND for a fee the dossier does not have."""
    dossier = find(tx, code)
    codes = {fee["code"] for fee in dossier.fees}
    if payment.fee_code is not None and payment.fee_code not in codes:
        raise Problem(NOT_FOUND, field="body.fee_code", what="fee", id=payment.fee_code)
    if unpaid_fees(dossier):
        dossier.fees = [
            paid(fee, payment.online, payment.receipt) if payment.fee_code in (None, fee["code"]) else fee
            for fee in dossier.fees
        ]
    return accepted(dossier)
