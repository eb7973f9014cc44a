"""The record of a reconciliation: started, finished with its findings, its findings repaired."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import datetime
from typing import Any

from sqlalchemy import select, update

from contracts.problems import CONFLICT, NOT_FOUND, Problem, Text
from gateway.sync.commands.operator import start_over
from gateway.sync.models import DONE, FAILED, PARKED, RUNNING, Finding, Lane, Reconciliation
from gateway.sync.queries.reconciliations import ReconciliationView, view
from gateway.sync.reconcile.compare import Difference
from services.bus.kit.tx import Tx


def start(tx: Tx, id: str, *, by: str, now: datetime) -> ReconciliationView:
    """Record a reconciliation as running; Problem CONFLICT while another one is."""
    other = tx.scalar(select(Reconciliation.id).where(Reconciliation.state == RUNNING).limit(1))
    if other is not None:
        raise Problem(CONFLICT, reason=_running(other))
    row = Reconciliation(id=id, state=RUNNING, started_at=now, started_by=by, counts={})
    tx.add(row)
    return view(row)


def finish(
    tx: Tx,
    id: str,
    found: Sequence[Difference],
    *,
    counts: dict[str, Any],
    error: str | None,
    now: datetime,
) -> None:
    """Keep what was found; with an `error`, why there is nothing to be said."""
    row = tx.find(Reconciliation, id)
    if row is None:
        return
    row.state = DONE if error is None else FAILED
    row.error, row.counts, row.finished_at = error, counts, now
    for place, each in enumerate(found, start=1):
        tx.append(
            Finding,
            {
                "reconciliation_id": id,
                "place": place,
                "kind": each.kind.value,
                "side": each.side.value,
                "code": each.code,
                "version": each.version,
                "at": each.at,
                "detail": each.detail,
                "repairable": each.repairable,
            },
        )


def abandon_running(tx: Tx, *, now: datetime) -> None:
    """On start: what was running when the process ended will not be finished."""
    tx.execute(
        update(Reconciliation)
        .where(Reconciliation.state == RUNNING)
        .values(state=FAILED, error="the process ended", finished_at=now),
        execution_options={"synchronize_session": False},
    )


def dossiers_to_repair(tx: Tx, id: str, places: Sequence[int] | None) -> list[str]:
    """The dossiers of the named findings, or of all, that sending again can put right and that have not been
    sent again for this. Problem NOT_FOUND; CONFLICT while the reconciliation runs."""
    row = tx.get(Reconciliation, id)
    if row is None:
        raise Problem(NOT_FOUND, field="path.id", what="reconciliation", id=id)
    if row.state == RUNNING:
        raise Problem(CONFLICT, reason=_running(id))
    statement = select(Finding.code).where(
        Finding.reconciliation_id == id, Finding.repairable, Finding.repair_at.is_(None)
    )
    if places is not None:
        statement = statement.where(Finding.place.in_(places))
    return list(tx.scalars(statement.distinct().order_by(Finding.code)))


def repair(tx: Tx, id: str, code: str, *, now: datetime) -> None:
    """Put one dossier in line to be sent again, for this reconciliation. Run it alone with the lane."""
    lane = tx.find(Lane, code)
    if lane is not None and lane.state != PARKED:
        start_over(lane, now)
    tx.execute(
        update(Finding)
        .where(Finding.reconciliation_id == id, Finding.code == code, Finding.repairable)
        .values(repair_at=now),
        execution_options={"synchronize_session": False},
    )


def _running(id: str) -> Text:
    return Text(f"Lần đối soát {id} vẫn đang chạy", f"Reconciliation {id} is still running")
