"""Recording what the population data said of the applicants. The check itself is the verifier's."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from datetime import datetime

from contracts.events.dossier import VerificationRecorded
from contracts.status import Channel
from services.bus.kit.models import built
from services.bus.kit.outbox import emit
from services.bus.kit.tx import Tx
from services.dossier.models import Dossier


def record_verifications(outcomes: Mapping[str, str], *, now: datetime) -> Callable[[Tx], list[str]]:
    """A command that sets the outcome ("matched", "mismatched", "not_found") of these dossiers, once each.

    It returns the codes it set: one that has an outcome already keeps it.
    """

    def command(tx: Tx) -> list[str]:
        tx.preload(Dossier, outcomes, for_update=True)
        done = []
        for code, outcome in outcomes.items():
            dossier = tx.find(Dossier, code)
            if dossier is None or dossier.verification != "pending":
                continue
            dossier.verification = outcome
            dossier.verification_attempts += 1
            dossier.verified_at = now
            done.append(code)
            event = built(
                VerificationRecorded,
                code=code,
                verification=outcome,
                procedure_code=dossier.procedure_code,
                receiving_agency=dossier.receiving_agency,
                channel=Channel(dossier.channel),
                attempts=dossier.verification_attempts,
                at=now,
            )
            emit(tx, event, key=f"{code}/verification", version=1, at=now)
        return done

    return command
