"""Whether a step may be taken, and if not, why: one pure function, for taking a step and for listing choices.

The legal steps are the table in `contracts.status`; here their guards meet the dossier's own data.
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from datetime import datetime

from contracts.catalogue.procedure_rules import ProcedureRules
from contracts.problems import Text
from contracts.status import TRANSITIONS, Action, Channel, DossierStatus, Guard, Transition, transitions_of
from services.dossier.models import Dossier


@dataclass(frozen=True, slots=True)
class Refusal:
    """Why not. `guard` is None if no rule of the table leads on from here at all."""

    why: Text
    guard: Guard | None = None


def decide(
    dossier: Dossier, action: Action, rules: ProcedureRules, *, note: str | None, now: datetime
) -> Transition | Refusal:
    """The transition `action` takes now, or why it may not. `note` None: leave reasons out of account."""
    rows = transitions_of(action, DossierStatus(dossier.status))
    if not rows:
        return Refusal(_not_from_here(action))
    row = rows[0]
    if row.returns_to_origin:
        row = next((each for each in rows if each.target == dossier.paused_from), row)
    for guard in row.guards:
        if not (guard is Guard.REASON_GIVEN and note is None) and not _HOLDS[guard](
            dossier, rules, note or "", now
        ):
            return Refusal(_WHY[guard], guard)
    return row


def _upfront_fee_paid(dossier: Dossier, rules: ProcedureRules, note: str, now: datetime) -> bool:
    return rules.fee_due != "upfront" or dossier.channel != Channel.ONLINE or not unpaid_fees(dossier)


def _reason_given(dossier: Dossier, rules: ProcedureRules, note: str, now: datetime) -> bool:
    return rules.notes_optional or bool(note.strip())


def _supplement_overdue(dossier: Dossier, rules: ProcedureRules, note: str, now: datetime) -> bool:
    return dossier.supplement_due_at is not None and now > dossier.supplement_due_at


def _fees_paid(dossier: Dossier, rules: ProcedureRules, note: str, now: datetime) -> bool:
    return not unpaid_fees(dossier)


def _result_attached(dossier: Dossier, rules: ProcedureRules, note: str, now: datetime) -> bool:
    return not rules.result_required or bool(dossier.results)


def unpaid_fees(dossier: Dossier) -> list[dict[str, object]]:
    """The fees that cost something and are not paid yet."""
    return [fee for fee in dossier.fees if fee["amount_vnd"] and not fee["paid"]]


_HOLDS: dict[Guard, Callable[[Dossier, ProcedureRules, str, datetime], bool]] = {
    Guard.UPFRONT_FEE_PAID: _upfront_fee_paid,
    Guard.REASON_GIVEN: _reason_given,
    Guard.SUPPLEMENT_OVERDUE: _supplement_overdue,
    Guard.FEES_PAID: _fees_paid,
    Guard.RESULT_ATTACHED: _result_attached,
}

_WHY: dict[Guard, Text] = {
    Guard.UPFRONT_FEE_PAID: Text(
        "phí phải nộp trước chưa được nộp (POST .../payments)",
        "the fee due up front is not paid yet (POST .../payments)",
    ),
    Guard.REASON_GIVEN: Text("phải nêu lý do trong note", "the reason has to be given in note"),
    Guard.SUPPLEMENT_OVERDUE: Text(
        "hạn bổ sung giấy tờ chưa hết", "the time to complete the papers has not run out"
    ),
    Guard.FEES_PAID: Text("còn phí chưa nộp (POST .../payments)", "there are unpaid fees (POST .../payments)"),
    Guard.RESULT_ATTACHED: Text(
        "thủ tục này phải có tệp kết quả đính kèm", "this procedure needs a result file attached"
    ),
}


def _not_from_here(action: Action) -> Text:
    sources = [each.source for each in TRANSITIONS if each.action == action]
    vi = ", ".join(f"{source.value} ({source.text.vi})" for source in dict.fromkeys(sources))
    en = ", ".join(f"{source.value} ({source.text.en})" for source in dict.fromkeys(sources))
    return Text(f"chỉ thực hiện được từ trạng thái {vi}", f"it is only possible from status {en}")
