"""What became of sends: own state and event in one commit. Many lanes share one command.

Written with statements over many rows, past the unit of work: this runs once a status.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Any, cast

from sqlalchemy import Integer, Table, bindparam, case, func, select, update

from contracts.events.portal import StatusAcknowledged, StatusRefused, SyncedStep
from contracts.status import DossierStatus
from gateway.sync.models import OPEN, PARKED, DeadLetter, Lane, Step
from services.bus.kit.ids import new_id
from services.bus.kit.outbox import emit
from services.bus.kit.trace import tracing
from services.bus.kit.tx import Tx

_LANES = cast("Table", Lane.__table__)
_STEPS = cast("Table", Step.__table__)


@dataclass(frozen=True, slots=True)
class Acknowledged:
    """The portal holds every step of a dossier up to version `through`. `steps` are those it had not
    acknowledged before; with none there is nothing to announce. `announced` is the version of the event."""

    code: str
    through: int
    portal_knows: bool
    announced: int
    traceparent: str
    procedure_code: str
    receiving_agency: str
    profile: str
    steps: tuple[SyncedStep, ...]
    at: datetime


@dataclass(frozen=True, slots=True)
class Refusal:
    """The portal refused a call about `step` of a dossier for its content: the lane is parked."""

    code: str
    version: int
    status: int
    verb: str
    error_code: str
    reason: str
    payload: Any
    attempts: int
    announced: int
    traceparent: str
    at: datetime

    @property
    def through(self) -> int:
        return self.version


Result = Acknowledged | Refusal


class SaveResults:
    """The command. Results of one lane are in the order they happened."""

    def __init__(self, results: Sequence[Result]) -> None:
        self._results = results

    def __call__(self, tx: Tx) -> None:
        for each in self._results:
            if isinstance(each, Acknowledged):
                _save(tx, each)
            else:
                _park(tx, each)
            with tracing(each.traceparent):
                _announce(tx, each)


def _save(tx: Tx, result: Acknowledged) -> None:
    for step in result.steps:
        tx.later(
            _STEP_ACKNOWLEDGED,
            {
                "of_code": result.code,
                "of_version": step.version,
                "published_at": step.published_at,
                "received_at": step.received_at,
                "sent_at": step.sent_at,
                "acknowledged_at": step.acknowledged_at,
                "attempts": step.attempts,
            },
        )
    tx.later(
        _LANE_ACKNOWLEDGED,
        {
            "of_code": result.code,
            "through": result.through,
            "announced": result.announced,
            "portal_knows": result.portal_knows,
        },
    )


def _park(tx: Tx, result: Refusal) -> None:
    tx.append(
        DeadLetter,
        {
            "id": new_id(),
            "key": result.code,
            "number": result.version,
            "status": result.status,
            "verb": result.verb,
            "error_code": result.error_code[:40],
            "reason": result.reason,
            "payload": result.payload,
            "attempts": result.attempts,
            "at": result.at,
            "state": OPEN,
        },
    )
    tx.later(
        _LANE_PARKED,
        {"of_code": result.code, "because": result.reason, "announced": result.announced},
    )


def _announce(tx: Tx, result: Result) -> None:
    if isinstance(result, Refusal):
        refused = StatusRefused(
            code=result.code,
            step_version=result.version,
            status=DossierStatus(result.status),
            verb=result.verb,
            error_code=result.error_code,
            reason=result.reason,
            attempts=result.attempts,
            at=result.at,
        )
        emit(tx, refused, key=result.code, version=result.announced, at=result.at)
    elif result.steps:
        told = StatusAcknowledged(
            code=result.code,
            procedure_code=result.procedure_code,
            receiving_agency=result.receiving_agency,
            profile=result.profile,
            steps=result.steps,
        )
        emit(tx, told, key=result.code, version=result.announced, at=result.at)


_STEP_ACKNOWLEDGED = (
    update(_STEPS)
    .where(_STEPS.c.code == bindparam("of_code"), _STEPS.c.version == bindparam("of_version"))
    .values(
        {
            name: bindparam(name)
            for name in ("published_at", "received_at", "sent_at", "acknowledged_at", "attempts")
        }
    )
)

_THROUGH = bindparam("through", type_=Integer)
_NEXT_WAITING = (
    select(func.min(_STEPS.c.committed_at))
    .where(_STEPS.c.code == _LANES.c.code, _STEPS.c.version > _THROUGH, _STEPS.c.discarded_at.is_(None))
    .scalar_subquery()
)
_LANE_ACKNOWLEDGED = (
    update(_LANES)
    .where(_LANES.c.code == bindparam("of_code"))
    .values(
        acknowledged_version=_THROUGH,
        announced=bindparam("announced"),
        portal_knows=bindparam("portal_knows"),
        # more may have been committed since the send was planned
        waiting_since=case((_LANES.c.newest_version > _THROUGH, _NEXT_WAITING), else_=None),
    )
)

_LANE_PARKED = (
    update(_LANES)
    .where(_LANES.c.code == bindparam("of_code"))
    .values(state=PARKED, reason=bindparam("because"), announced=bindparam("announced"))
)
