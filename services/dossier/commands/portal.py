"""What the national portal told: that it holds a step, that it refused one, and what citizens asked there."""

from __future__ import annotations

from datetime import datetime

from pydantic import ValidationError
from sqlalchemy import bindparam, select, update

from contracts.events.dossier import RequestDeclined
from contracts.events.portal import (
    DossierSubmitted,
    StatusAcknowledged,
    StatusRefused,
    SupplementSubmitted,
    WithdrawalRequested,
)
from contracts.problems import Problem
from contracts.status import Action, Channel
from services.bus.kit.outbox import emit
from services.bus.kit.tx import Tx
from services.dossier import schemas
from services.dossier.commands.intake import TakeIn, check_new
from services.dossier.commands.steps import check, take
from services.dossier.models import Dossier, Step
from services.dossier.results.keyring import Signer
from services.dossier.tasks.course import follow

CITIZEN = "Công dân (Cổng DVCQG)"

_STEPS = Step.__table__
_ACKNOWLEDGE = (
    update(_STEPS)
    .where(_STEPS.c.code == bindparam("of_code"), _STEPS.c.version == bindparam("of_version"))
    .values(
        sync_state="acknowledged",
        sync_reason=None,
        sent_at=bindparam("sent"),
        acknowledged_at=bindparam("acknowledged"),
        attempts=bindparam("tries"),
    )
)
_REFUSE = (
    update(_STEPS)
    .where(_STEPS.c.code == bindparam("of_code"), _STEPS.c.version == bindparam("of_version"))
    .values(sync_state="refused", sync_reason=bindparam("reason"), attempts=bindparam("tries"))
)


def acknowledged(tx: Tx, data: StatusAcknowledged) -> None:
    """These steps are on the portal: keep when they were sent and acknowledged."""
    for step in data.steps:
        tx.later(
            _ACKNOWLEDGE,
            {
                "of_code": data.code,
                "of_version": step.version,
                "sent": step.sent_at,
                "acknowledged": step.acknowledged_at,
                "tries": step.attempts,
            },
        )


def refused(tx: Tx, data: StatusRefused) -> None:
    """The portal refused a step for its content: show why."""
    reason = f"{data.verb}: {data.error_code} {data.reason}"
    tx.later(
        _REFUSE,
        {"of_code": data.code, "of_version": data.step_version, "reason": reason, "tries": data.attempts},
    )


def submitted(tx: Tx, data: DossierSubmitted, now: datetime, *, handling: schemas.Handling = "officer") -> None:
    """A citizen submitted a dossier on the portal: take it in, or tell why not."""
    if _by_reference(tx, data.reference) is not None:
        return
    try:
        new = schemas.NewDossier(
            procedure_code=data.procedure_code,
            receiving_agency=data.receiving_agency,
            channel=Channel.ONLINE,
            applicant=schemas.NewApplicant.model_validate(
                {
                    "personal_id": data.personal_id,
                    "full_name": data.full_name,
                    "date_of_birth": data.date_of_birth,
                    "phone": data.phone,
                    "email": data.email,
                }
            ),
            form=data.form,
            officer=CITIZEN,
        )
        check_new(new)
    except ValidationError as error:
        _decline(tx, data.reference, 1, "; ".join(each["msg"] for each in error.errors())[:500], now)
    except Problem as refusal:
        _decline(tx, data.reference, 1, refusal.type.detail.render("vi", refusal.params), now)
    else:
        command = TakeIn(new, now=now, caller="portal", portal_reference=data.reference, handling=handling)
        TakeIn.prepare(tx, [command])
        command(tx)


def supplemented(tx: Tx, data: SupplementSubmitted, now: datetime, *, signer: Signer | None = None) -> None:
    """A citizen answered a request for papers."""
    _act(tx, data.reference, data.request, Action.SUPPLEMENT, data.content, now, signer)


def withdrawn(tx: Tx, data: WithdrawalRequested, now: datetime) -> None:
    """A citizen asked to withdraw."""
    _act(tx, data.reference, data.request, Action.WITHDRAW, data.reason, now, None)


def _act(
    tx: Tx, reference: str, request: int, action: Action, note: str, now: datetime, signer: Signer | None
) -> None:
    dossier = _by_reference(tx, reference)
    if dossier is None:
        _decline(tx, reference, request, "hồ sơ không được tiếp nhận vào hệ thống của tỉnh", now)
        return
    try:
        target = check(dossier, action, note, now)
    except Problem as refusal:
        _decline(tx, reference, request, refusal.type.detail.render("vi", refusal.params), now)
        return
    take(tx, dossier, action, target, officer=CITIZEN, note=note, now=now)
    if dossier.plan is not None:
        follow(tx, dossier, action, note=note, now=now, signer=signer)


def _decline(tx: Tx, reference: str, request: int, reason: str, now: datetime) -> None:
    """Tell the citizen why not. Each request is answered once, so its answer is a key of its own."""
    data = RequestDeclined(portal_reference=reference, request=request, reason=reason, at=now)
    emit(tx, data, key=f"{reference}/answer/{request}", version=1, at=now)


def _by_reference(tx: Tx, reference: str) -> Dossier | None:
    tx.run_later()  # a dossier taken in earlier in this batch is to be found too
    code = tx.scalar(select(Dossier.code).where(Dossier.portal_reference == reference))
    return tx.find(Dossier, code) if code is not None else None
