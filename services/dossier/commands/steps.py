"""Taking one step: what every change of status has in common, whoever asks for it.

It checks the guards, moves the clock of the deadline, writes the step and announces it, in one transaction.
"""

from __future__ import annotations

from datetime import datetime
from functools import cache, lru_cache
from typing import Any

from contracts.catalogue.agencies import agency
from contracts.catalogue.procedure_rules import rules_of
from contracts.catalogue.procedures import procedure
from contracts.events.dossier import StatusChanged
from contracts.problems import GUARD_REFUSED, ILLEGAL_TRANSITION, Problem, Text
from contracts.status import Action, DossierStatus, Guard
from services.bus.kit.calendars import Calendar
from services.bus.kit.deadlines import Deadline, Duration, due, extend
from services.bus.kit.models import built
from services.bus.kit.outbox import emit
from services.bus.kit.tx import Tx
from services.dossier.guards import Refusal, decide
from services.dossier.models import Dossier, Step
from services.dossier.views import snapshot

CALENDAR = Calendar()

_PAUSES = {
    DossierStatus.SUPPLEMENT_REQUESTED: Text("Chờ bổ sung giấy tờ", "Waiting for papers"),
    DossierStatus.PAYMENT_REQUESTED: Text("Chờ nghĩa vụ tài chính", "Waiting for a payment"),
    DossierStatus.SUSPENDED: Text("Dừng xử lý", "Suspended"),
}


def check(dossier: Dossier, action: Action, note: str, now: datetime) -> DossierStatus:
    """The status `action` leads to now. Raises ILLEGAL_TRANSITION or GUARD_REFUSED, saying why not."""
    outcome = decide(dossier, action, rules_of(dossier.procedure_code), note=note, now=now)
    if not isinstance(outcome, Refusal):
        return outcome.target
    status = DossierStatus(dossier.status)
    type_ = ILLEGAL_TRANSITION if outcome.guard is None else GUARD_REFUSED
    field = "body.note" if outcome.guard is Guard.REASON_GIVEN else "body.action"
    raise Problem(
        type_,
        field=field,
        code=dossier.code,
        action=action.value,
        status=status.value,
        status_vi=status.text.vi,
        status_en=status.text.en,
        why_vi=outcome.why.vi,
        why_en=outcome.why.en,
        extra={"guard": outcome.guard.value} if outcome.guard else None,
    )


def take(
    tx: Tx,
    dossier: Dossier,
    action: Action,
    target: DossierStatus,
    *,
    officer: str,
    note: str,
    now: datetime,
) -> None:
    """Move the dossier to `target`, which `check` gave, and everything that goes with it."""
    previous = DossierStatus(dossier.status)
    due_before = dossier.due_at
    dossier.status = target.value
    dossier.version += 1
    _keep_the_clock(dossier, previous, target, now)
    if action is Action.SUPPLEMENT:
        _close_supplement(dossier, due_before, now)
    match target:
        case DossierStatus.RECEIVED if dossier.received_at is None:
            start_the_clock(dossier, now)
        case DossierStatus.REFUSED:
            dossier.refused_at = now
        case DossierStatus.COMPLETED:
            dossier.completed_at = now
        case DossierStatus.RESULT_RETURNED:
            dossier.returned_at = now
    record(tx, dossier, action, previous, officer=officer, note=note, now=now)


def start_the_clock(dossier: Dossier, now: datetime) -> None:
    """The dossier is received: from now on the legal time limit runs."""
    minute = now.replace(second=0, microsecond=0)
    at, document = _deadline(procedure(dossier.procedure_code).duration, minute)
    dossier.received_at = now
    dossier.due_at = at
    dossier.deadline = {**document, "start": now.isoformat()}


@lru_cache(maxsize=512)
def _deadline(duration: str, minute: datetime) -> tuple[datetime, dict[str, Any]]:
    """Deadline and document of everything received within one minute: offices open and close on minutes."""
    deadline = due(minute, Duration.parse(duration), CALENDAR)
    return deadline.at, deadline.document()


def _keep_the_clock(dossier: Dossier, previous: DossierStatus, target: DossierStatus, now: datetime) -> None:
    """A pause begins, or ends and gives its working time back."""
    if target.stops_the_clock:
        dossier.paused_at = now
        dossier.paused_from = previous.value
    elif previous.stops_the_clock and dossier.paused_at is not None:
        if dossier.deadline is not None and not target.is_terminal:
            moved = extend(
                Deadline.from_document(dossier.deadline),
                dossier.paused_at,
                now,
                CALENDAR,
                why=_PAUSES[previous],
            )
            dossier.due_at = moved.at
            dossier.deadline = moved.document()
        dossier.paused_at = dossier.paused_from = None


def _close_supplement(dossier: Dossier, due_before: datetime | None, now: datetime) -> None:
    """The papers came: keep with the request what it did to the deadline (NgayHenTraTruoc, NgayHenTraMoi)."""
    dossier.supplement_due_at = None
    *earlier, last = dossier.supplements
    answered = {
        "answered_at": now.isoformat(),
        "due_before": due_before.isoformat() if due_before else None,
        "due_after": dossier.due_at.isoformat() if dossier.due_at else None,
    }
    dossier.supplements = [*earlier, {**last, **answered}]


def record(
    tx: Tx,
    dossier: Dossier,
    action: Action | None,
    previous: DossierStatus | None,
    *,
    officer: str,
    note: str,
    now: datetime,
) -> None:
    """Write the step just taken (or the first one) and announce it."""
    department = agency_name(dossier.receiving_agency)
    tx.append(
        Step,
        {
            "code": dossier.code,
            "version": dossier.version,
            "status": dossier.status,
            "action": action.value if action else None,
            "at": now,
            "officer": officer,
            "department": department,
            "note": note,
            "due_at": dossier.due_at,
            "sync_state": "pending",
            "sync_reason": None,
            "sent_at": None,
            "acknowledged_at": None,
            "attempts": 0,
        },
    )
    event = built(
        StatusChanged,
        code=dossier.code,
        status=DossierStatus(dossier.status),
        previous_status=previous,
        action=action,
        at=now,
        officer=officer,
        department=department,
        note=note,
        dossier=snapshot(dossier),
    )
    emit(tx, event, key=dossier.code, version=dossier.version, at=now)


@cache
def agency_name(code: str) -> str:
    return agency(code).name[:200]
