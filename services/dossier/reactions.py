"""Events in: what the national portal told, through sync."""

from __future__ import annotations

from contracts.envelope import Event
from contracts.events.portal import (
    DossierSubmitted,
    StatusAcknowledged,
    StatusRefused,
    SupplementSubmitted,
    WithdrawalRequested,
)
from services.bus.kit.tx import Tx
from services.dossier.commands import portal


def on_portal_event(tx: Tx, event: Event) -> None:
    """One event of the domain `portal`. Types we do not know are passed over: they advance the key only."""
    if event.is_a(StatusAcknowledged):
        portal.acknowledged(tx, event.data_as(StatusAcknowledged))
    elif event.is_a(StatusRefused):
        portal.refused(tx, event.data_as(StatusRefused))
    elif event.is_a(DossierSubmitted):
        portal.submitted(tx, event.data_as(DossierSubmitted), event.time)
    elif event.is_a(SupplementSubmitted):
        portal.supplemented(tx, event.data_as(SupplementSubmitted), event.time)
    elif event.is_a(WithdrawalRequested):
        portal.withdrawn(tx, event.data_as(WithdrawalRequested), event.time)
