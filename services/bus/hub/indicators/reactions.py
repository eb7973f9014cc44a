"""Events in: what each domain of the axis adds to the facts of a dossier.

One consumer a domain: within a domain no two sources share a key, across domains they do (a dossier's steps and
what the portal says of them).
"""

from __future__ import annotations

from collections.abc import Callable

from contracts.envelope import Event
from contracts.events.dossier import StatusChanged, VerificationRecorded
from contracts.events.population import IdentityChecksRecorded
from contracts.events.portal import StatusAcknowledged
from contracts.events.result import ResultIssued, ResultReused, ResultRevoked
from services.bus.hub.indicators import checks, facts
from services.bus.hub.indicators.counts import Place, move
from services.bus.hub.indicators.models import DossierFacts
from services.bus.kit.consumer import ConsumerSpec
from services.bus.kit.tx import Tx


def on_dossier_event(tx: Tx, event: Event) -> None:
    """One event of the domain `dossier`. Types that say nothing here are passed over."""
    if event.is_a(StatusChanged):
        told = event.data_as(StatusChanged)
        change(tx, told.code, lambda row: facts.step(row, event.version, told))
    elif event.is_a(VerificationRecorded):
        outcome = event.data_as(VerificationRecorded)
        change(tx, outcome.code, lambda row: facts.verified(row, outcome.verification))


def on_portal_event(tx: Tx, event: Event) -> None:
    """One event of the domain `portal`."""
    if event.is_a(StatusAcknowledged):
        told = event.data_as(StatusAcknowledged)
        change(tx, told.code, lambda row: facts.acknowledged(row, told))


def on_result_event(tx: Tx, event: Event) -> None:
    """One event of the domain `result`: signed, reused or revoked."""
    if event.is_a(ResultIssued):
        change(tx, event.data_as(ResultIssued).dossier_code, lambda row: _signed(row, 1))
    elif event.is_a(ResultRevoked):
        change(tx, event.data_as(ResultRevoked).dossier_code, lambda row: _signed(row, -1))
    elif event.is_a(ResultReused):
        change(tx, event.data_as(ResultReused).dossier_code, _used_store)


def on_checks(tx: Tx, event: Event) -> None:
    """The population data were asked."""
    if event.is_a(IdentityChecksRecorded):
        checks.record(tx, event.key, event.data_as(IdentityChecksRecorded))


def change(tx: Tx, code: str, told: Callable[[DossierFacts], None]) -> None:
    """Have `told` change the facts of a dossier, and keep the counts with them."""
    row = tx.find(DossierFacts, code)
    if row is None:
        row = tx.insert(DossierFacts, code=code, **facts.NOTHING)
    before = _place(row)
    told(row)
    facts.conclude(row)
    after = _place(row)
    if before != after:
        move(tx, before, after)


def _place(row: DossierFacts) -> Place | None:
    """Where a dossier is counted; None before it was received."""
    if row.received_on is None:
        return None
    return row.received_on, row.agency, row.procedure_code, row.flags


def _signed(row: DossierFacts, results: int) -> None:
    row.signed_results += results


def _used_store(row: DossierFacts) -> None:
    row.store_uses += 1


PACE_S = 1.0
"""Figures may be a second old: what comes within one is counted in one commit."""

CONSUMERS = (
    ConsumerSpec("hub-indicators", ["axis.dossier.>"], on_dossier_event, pace_s=PACE_S),
    ConsumerSpec("hub-indicators-portal", ["axis.portal.>"], on_portal_event, pace_s=PACE_S),
    ConsumerSpec("hub-indicators-results", ["axis.result.>"], on_result_event, pace_s=PACE_S),
    ConsumerSpec("hub-indicators-checks", ["axis.population.identity-checks-recorded"], on_checks, pace_s=PACE_S),
)
