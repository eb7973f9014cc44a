"""The three checks, one or a thousand at a time: every one is logged in the transaction that answers it.

The work is per batch: one select a chunk of keys, one insert for all lines of the log, one event for whoever
counts checks.
"""

from __future__ import annotations

from collections.abc import Sequence
from datetime import datetime

from contracts.events.population import CountedCheck, IdentityChecksRecorded
from contracts.population import (
    CheckOutcome,
    CheckResult,
    HouseholdConfirmation,
    HouseholdConfirmationResult,
    HouseholdConfirmationResults,
    IdCardCheck,
    IdCardCheckResults,
    IdentityCheck,
    IdentityCheckResult,
    IdentityCheckResults,
    LifeStatus,
    LookupKind,
    Relation,
)
from services.bus.kit.ids import new_id
from services.bus.kit.models import built
from services.bus.kit.outbox import emit
from services.bus.kit.tx import Tx
from services.population.commands.log import Access, note, one_spelling
from services.population.matching import Record, outcome, person_agrees
from services.population.queries import records


def check_identities(
    tx: Tx, checks: Sequence[IdentityCheck], *, client_id: str, now: datetime
) -> IdentityCheckResults:
    """Match each stated person against the record: all of it or not at all."""
    by_id = records.by_personal_id(tx, [each.personal_id for each in checks if each.personal_id])
    cards = [each.id_card for each in checks if each.id_card and not each.personal_id]
    by_card = records.by_id_card(tx, cards)
    results = []
    for check in checks:
        if check.personal_id is not None:
            record = by_id.get(check.personal_id)
        else:
            record = by_card.get(check.id_card or "")
        result = outcome(record, record is not None and _identity_agrees(check, record))
        _note_check(tx, check, LookupKind.IDENTITY_CHECK, result, client_id, now, check.id_card)
        matched = record is not None and result is CheckOutcome.MATCHED
        results.append(
            IdentityCheckResult(
                request_id=check.request_id,
                outcome=result,
                life_status=LifeStatus(record.status) if matched and record is not None else None,
            )
        )
    _announce(tx, checks, LookupKind.IDENTITY_CHECK, results, now)
    return IdentityCheckResults(results=results)


def check_id_cards(tx: Tx, checks: Sequence[IdCardCheck], *, client_id: str, now: datetime) -> IdCardCheckResults:
    """Tell whether the old card belongs to the holder of the number (xác thực CMND với CCCD)."""
    by_id = records.by_personal_id(tx, [each.personal_id for each in checks])
    results = []
    for check in checks:
        record = by_id.get(check.personal_id)
        result = outcome(record, record is not None and record.id_card == check.id_card)
        _note_check(tx, check, LookupKind.ID_CARD_CHECK, result, client_id, now, check.id_card)
        results.append(CheckResult(request_id=check.request_id, outcome=result))
    _announce(tx, checks, LookupKind.ID_CARD_CHECK, results, now)
    return IdCardCheckResults(results=results)


def confirm_households(
    tx: Tx, checks: Sequence[HouseholdConfirmation], *, client_id: str, now: datetime
) -> HouseholdConfirmationResults:
    """Tell whether each person belongs to the household named, and as what."""
    people = [each.personal_id for each in checks]
    by_id = records.by_personal_id(tx, people)
    belongings = records.belongings(tx, people)
    known = _Households(tx, checks)
    results = []
    for check in checks:
        record, household_id = by_id.get(check.personal_id), known.meant_by(check)
        place = belongings.get(check.personal_id)
        agrees = (
            record is not None
            and place is not None
            and place.household_id == household_id
            and check.relation in (None, place.relation)
            and person_agrees(check.full_name, check.date_of_birth, record)
        )
        result = outcome(record if household_id is not None else None, agrees)
        asked_for = household_id or check.household_id
        _note_check(tx, check, LookupKind.HOUSEHOLD_CONFIRMATION, result, client_id, now, None, asked_for)
        results.append(
            HouseholdConfirmationResult(
                request_id=check.request_id,
                outcome=result,
                relation_to_head=Relation(place.relation) if agrees and place is not None else None,
            )
        )
    _announce(tx, checks, LookupKind.HOUSEHOLD_CONFIRMATION, results, now)
    return HouseholdConfirmationResults(results=results)


class _Households:
    """The households a batch of confirmations names, by id and by head."""

    def __init__(self, tx: Tx, checks: Sequence[HouseholdConfirmation]) -> None:
        ids = [each.household_id for each in checks if each.household_id]
        heads = [each.head_personal_id for each in checks if each.head_personal_id]
        found = records.households(tx, ids, heads)
        self._head = {each.id: each.head_personal_id for each in found}
        self._by_head = {each.head_personal_id: each.id for each in found if each.head_personal_id}

    def meant_by(self, check: HouseholdConfirmation) -> str | None:
        """The household's id; None if there is none, or if id and head name two."""
        if check.household_id is None:
            return self._by_head.get(check.head_personal_id or "")
        if check.household_id not in self._head:
            return None
        head = self._head[check.household_id]
        return check.household_id if check.head_personal_id in (None, head) else None


def _identity_agrees(check: IdentityCheck, record: Record) -> bool:
    card_agrees = check.id_card is None or check.id_card == record.id_card
    return card_agrees and person_agrees(check.full_name, check.date_of_birth, record)


def _note_check(
    tx: Tx,
    check: IdentityCheck | IdCardCheck | HouseholdConfirmation,
    kind: LookupKind,
    result: CheckOutcome,
    client_id: str,
    now: datetime,
    id_card: str | None,
    household_id: str | None = None,
) -> None:
    note(
        tx,
        Access.of_check(check, client_id),
        kind,
        result.value,
        now=now,
        personal_id=check.personal_id,
        id_card=id_card,
        household_id=household_id,
    )


def _announce(
    tx: Tx,
    checks: Sequence[IdentityCheck | IdCardCheck | HouseholdConfirmation],
    kind: LookupKind,
    results: Sequence[CheckResult],
    now: datetime,
) -> None:
    """Tell how many were checked and how, never who."""
    counted = tuple(
        built(
            CountedCheck,
            kind=kind.value,
            outcome=result.outcome.value,
            dossier=check.dossier,
            procedure_code=check.procedure_code,
            agency=one_spelling(check.agency),
            channel=check.channel,
        )
        for check, result in zip(checks, results, strict=True)
    )
    event = built(IdentityChecksRecorded, checks=counted, at=now)
    emit(tx, event, key=f"identity-checks/{new_id()}", version=1, at=now)
