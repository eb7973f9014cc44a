"""Events in: what the national portal told, through sync, and what systems answer."""

from __future__ import annotations

from contracts.envelope import Event
from contracts.events.portal import (
    DossierSubmitted,
    StatusAcknowledged,
    StatusRefused,
    SupplementSubmitted,
    WithdrawalRequested,
)
from contracts.events.task import TaskAnswered
from services.bus.kit.clock import Clock
from services.bus.kit.tx import Tx
from services.dossier import metrics
from services.dossier.commands import portal
from services.dossier.results.keyring import Signer
from services.dossier.schemas import Handling
from services.dossier.tasks.answers import answered


def on_portal_event(tx: Tx, event: Event, *, handling: Handling = "officer", signer: Signer | None = None) -> None:
    """One event of the domain `portal`. Types we do not know are passed over: they advance the key only."""
    if event.is_a(StatusAcknowledged):
        portal.acknowledged(tx, event.data_as(StatusAcknowledged))
    elif event.is_a(StatusRefused):
        portal.refused(tx, event.data_as(StatusRefused))
    elif event.is_a(DossierSubmitted):
        portal.submitted(tx, event.data_as(DossierSubmitted), event.time, handling=handling)
    elif event.is_a(SupplementSubmitted):
        portal.supplemented(tx, event.data_as(SupplementSubmitted), event.time, signer=signer)
    elif event.is_a(WithdrawalRequested):
        portal.withdrawn(tx, event.data_as(WithdrawalRequested), event.time)


def on_answer(tx: Tx, event: Event, *, clock: Clock, supplement_days: int, signer: Signer | None) -> None:
    """One event of the domain `answer`: a system answers a task."""
    if event.is_a(TaskAnswered):
        data = event.data_as(TaskAnswered)
        effect = answered(tx, data, now=clock.now(), supplement_days=supplement_days, signer=signer)
        tx.after_commit(lambda: metrics.record_answer(effect))
