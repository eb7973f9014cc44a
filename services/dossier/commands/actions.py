"""The actions on a dossier, and its payments: what an officer or a citizen asks for, one step at a time."""

from __future__ import annotations

from collections.abc import Sequence as Many
from datetime import datetime

from contracts.problems import NOT_FOUND, Problem
from contracts.status import Action
from services.bus.kit.api import check_version
from services.bus.kit.tx import Tx
from services.dossier import schemas
from services.dossier.commands.demands import ask_for_papers, ask_for_payment, paid
from services.dossier.commands.steps import check, take
from services.dossier.guards import unpaid_fees
from services.dossier.models import Dossier
from services.dossier.queries.dossiers import find
from services.dossier.results.keyring import Signer
from services.dossier.tasks.course import follow, leave_to_systems
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
        signer: Signer | None = None,
    ) -> None:
        self.code = code
        self.asked = asked
        self.now = now
        self.caller = caller
        self.expected_version = expected_version
        self.supplement_days = supplement_days
        self.signer = signer

    @staticmethod
    def prepare(tx: Tx, commands: Many[Act]) -> None:
        tx.preload(Dossier, {each.code for each in commands}, for_update=True)

    def __call__(self, tx: Tx) -> schemas.DossierAccepted:
        dossier = find(tx, self.code)
        check_version(self.expected_version, dossier.version)
        target = check(dossier, self.asked.action, self.asked.note, self.now)
        if dossier.plan is not None:
            leave_to_systems(tx, dossier, self.asked.action)
        officer = self.asked.officer or self.caller[:50]
        self._first(dossier, officer)
        take(tx, dossier, self.asked.action, target, officer=officer, note=self.asked.note, now=self.now)
        if dossier.plan is not None:
            follow(tx, dossier, self.asked.action, note=self.asked.note, now=self.now, signer=self.signer)
        return accepted(dossier)

    def _first(self, dossier: Dossier, officer: str) -> None:
        """What an action changes besides the status, before the step is written and announced."""
        asked = self.asked
        match asked.action:
            case Action.REQUEST_SUPPLEMENT:
                days = asked.supplement_working_days or self.supplement_days
                ask_for_papers(dossier, asked.note, officer=officer, working_days=days, now=self.now)
            case Action.REQUEST_PAYMENT if asked.amount_vnd:
                ask_for_payment(dossier, code=None, name=asked.note, amount_vnd=asked.amount_vnd)
            case Action.CONFIRM_PAYMENT:
                dossier.fees = [paid(fee, asked.paid_online, None) for fee in dossier.fees]


def pay(
    tx: Tx, code: str, payment: schemas.Payment, *, now: datetime, signer: Signer | None = None
) -> schemas.DossierAccepted:
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
    if dossier.plan is not None:
        follow(tx, dossier, None, note="", now=now, signer=signer)
    return accepted(dossier)
