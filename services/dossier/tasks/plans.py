"""Plans as dossiers keep them: by digest, so that a change to a procedure touches none that already run."""

from __future__ import annotations

from datetime import datetime

from contracts.catalogue.plans import Plan
from services.bus.kit.tx import Tx
from services.dossier.tasks.models import KeptPlan

_read: dict[str, Plan] = {}
"""Plans already read, by digest: what a digest stands for never changes."""


def keep(tx: Tx, plan: Plan, now: datetime) -> None:
    """See to it that this plan can be found by its digest from now on."""
    if tx.find(KeptPlan, plan.digest) is None:
        tx.insert(
            KeptPlan,
            digest=plan.digest,
            procedure_code=plan.procedure,
            document=plan.model_dump(mode="json"),
            first_used_at=now,
        )


def kept(tx: Tx, digest: str) -> Plan:
    """The plan a dossier began with."""
    plan = _read.get(digest)
    if plan is None:
        row = tx.find(KeptPlan, digest)
        assert row is not None, f"plan {digest} was never kept"
        plan = _read[digest] = Plan.model_validate(row.document)
    return plan
