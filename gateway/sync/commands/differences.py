"""The record of the continuous comparison: what differs, since when, who had it repaired; and restoring a dossier
the axis has lost."""

from __future__ import annotations

import hashlib
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Any, Final

import orjson
from sqlalchemy import delete, func, select
from sqlalchemy.dialects import postgresql, sqlite

from contracts.problems import CONFLICT, NOT_FOUND, Problem, Text
from contracts.retold import RetoldDossier
from gateway.sync.commands.counts import count_anew, counted
from gateway.sync.commands.operator import start_over
from gateway.sync.models import (
    FOUND,
    GONE,
    LIVE,
    OK,
    PARKED,
    REPAIRABLE,
    REPAIRED,
    REPAIRING,
    TO_REPAIR,
    Comparison,
    DifferenceCount,
    Known,
    Lane,
    Step,
)
from gateway.sync.payloads import wire_second
from gateway.sync.queries.differences import DifferenceView, RepairOrder, view
from gateway.sync.reconcile.causes import CONSUMER, REMOVED_AT
from gateway.sync.reconcile.compare import Difference, Kind, Side
from services.bus.kit.tables import Position
from services.bus.kit.tx import Tx

KEPT: Final = 500
"""Comparisons that are remembered."""
AT_ONCE: Final = 1000
"""Dossiers that one order puts right."""
RESTORED: Final = (Kind.MISSING, Side.AXIS)
NOT_REPAIRABLE: Final = Text(
    "Sai lệch này không sửa được bằng cách gửi lại: {why}", "Sending again does not put this right: {why}"
)
CLOSED: Final = Text("Sai lệch này không còn nữa ({state})", "This difference is no more ({state})")


@dataclass(frozen=True, slots=True)
class Found:
    """A difference that was confirmed."""

    difference: Difference
    cause: str

    @property
    def id(self) -> str:
        each = self.difference
        told = (each.kind.value, each.side.value, each.code, each.version, each.at)
        return hashlib.sha256(orjson.dumps(told)).hexdigest()[:32]

    @property
    def repairable(self) -> bool:
        each = self.difference
        return (each.kind, each.side) == RESTORED or (each.repairable and self.cause != REMOVED_AT["province"])


def note_comparison(tx: Tx, row: dict[str, Any]) -> None:
    """Keep what a pass came to."""
    tx.add(Comparison(**row))
    tx.flush()
    newest = tx.scalar(select(func.max(Comparison.id))) or 0
    tx.execute(
        delete(Comparison).where(Comparison.id <= newest - KEPT),
        execution_options={"synchronize_session": False},
    )


def note_found(tx: Tx, low: str, high: str | None, found: Sequence[Found], *, now: datetime) -> None:
    """These are the differences of this range, and there are no others."""
    ids = {each.id for each in found}
    rows = select(Known).where(Known.code >= low, LIVE)
    if high is not None:
        rows = rows.where(Known.code < high)
    known = list(tx.scalars(rows))
    before = counted(known)
    for row in known:
        if row.id not in ids:
            row.state = REPAIRED if row.repair_at is not None else GONE
            row.closed_at = now
    count_anew(tx, before, counted([_note(tx, each, now) for each in found]))


def _note(tx: Tx, found: Found, now: datetime) -> Known:
    row = tx.find(Known, found.id)
    each = found.difference
    if row is None:
        row = Known(id=found.id, kind=each.kind.value, side=each.side.value, code=each.code)
        row.version, row.at = each.version, each.at
        row.state, row.found_at = FOUND, now
        row.repair_at = row.repair_by = row.closed_at = None
        tx.add(row)
    elif row.state not in (FOUND, REPAIRING):
        row.state, row.found_at = FOUND, now
        row.repair_at = row.repair_by = row.closed_at = None
    elif row.state == REPAIRING:
        row.state = FOUND  # it was sent again, and that did not help
    row.cause, row.detail, row.repairable, row.seen_at = found.cause, each.detail, found.repairable, now
    return row


def to_repair(tx: Tx, id: str, *, by: str, now: datetime) -> DifferenceView:
    """Note who has it repaired. Problem NOT_FOUND; CONFLICT if it is no more, or cannot be repaired like this."""
    row = tx.find(Known, id)
    if row is None:
        raise Problem(NOT_FOUND, field="path.id", what="difference", id=id)
    if row.state not in (FOUND, REPAIRING):
        raise Problem(CONFLICT, reason=CLOSED, state=row.state)
    if not row.repairable:
        raise Problem(CONFLICT, reason=NOT_REPAIRABLE, why=row.cause)
    same = list(tx.scalars(select(Known).where(Known.code == row.code, LIVE)))
    before = counted(same)
    for each in same:
        if each.repairable:
            each.state, each.repair_at, each.repair_by = REPAIRING, now, by
    tx.flush()
    count_anew(tx, before, counted(same))
    return view(row)


def all_to_repair(tx: Tx, *, by: str, now: datetime) -> tuple[list[DifferenceView], RepairOrder]:
    """The same for all that can be repaired and nobody has ordered yet; of each dossier one difference comes
    back, of the axis if there is one."""
    codes = list(tx.scalars(select(Known.code).where(TO_REPAIR).distinct().order_by(Known.code).limit(AT_ONCE)))
    rows = list(tx.scalars(select(Known).where(Known.code.in_(codes)).order_by(Known.id)))
    before = counted(rows)
    found: dict[str, Known] = {}
    for row in rows:
        if row.state == FOUND and row.repairable:
            row.state, row.repair_at, row.repair_by = REPAIRING, now, by
            if row.code not in found or row.side == Side.AXIS.value:
                found[row.code] = row
    tx.flush()
    all_ = tx.scalar(select(DifferenceCount.number).where(DifferenceCount.what == REPAIRABLE)) or 0
    count_anew(tx, before, counted(rows))
    return [view(found[code]) for code in codes], RepairOrder(dossiers=len(codes), left=max(all_ - len(codes), 0))


def send_again(tx: Tx, code: str, *, now: datetime) -> None:
    """Put the dossier in line. Run it alone with the lane."""
    lane = tx.find(Lane, code)
    if lane is not None and lane.state != PARKED:
        start_over(lane, now)


def restore(tx: Tx, told: RetoldDossier, *, now: datetime) -> None:
    """Write what the axis has lost of a dossier anew, as the province tells it, and put it in line. What is
    there stays as it is; seconds on the wire come out as they were, because they follow from the times of the
    steps. Run it alone with the lane."""
    code = told.newest.code
    rows = tx.execute(select(Step.version, Step.wire_second).where(Step.code == code))
    there = {row.version: row.wire_second for row in rows}
    after: int | None = None
    for step in told.steps:
        second = there.get(step.version)
        if second is None:
            second = wire_second(step.at, after)
            tx.append(Step, _restored(code, step.model_dump(), second, now))
        after = second
    newest = told.steps[-1].version
    assert after is not None
    lane = tx.find(Lane, code)
    if lane is None:
        lane = Lane(code=code, state=OK, announced=told.heard_of_portal, portal_knows=False, traceparent=None)
        lane.acknowledged_version, lane.reason, lane.waiting_since = 0, None, None
        lane.newest_version = 0
        lane.newest_second, lane.snapshot = after, b""
        tx.add(lane)
    if lane.newest_version <= newest:
        lane.newest_version, lane.newest_second = newest, after
        lane.snapshot = told.newest.model_dump_json().encode()
    if lane.state != PARKED:
        start_over(lane, now)
    tx.later(_heard(tx.dialect), {"consumer": CONSUMER, "key": code, "version": newest})


def _restored(code: str, step: dict[str, Any], second: int, now: datetime) -> dict[str, Any]:
    return {
        "code": code,
        "version": step["version"],
        "status": step["status"],
        "wire_second": second,
        "officer": step["officer"],
        "department": step["department"],
        "note": step["note"],
        "due_at": step["due_at"],
        "committed_at": step["at"],
        "published_at": None,
        "received_at": now,
        "sent_at": step["sent_at"],
        "acknowledged_at": step["acknowledged_at"],
        "attempts": step["attempts"],
    }


def _heard(dialect: str) -> Any:
    """The inbox is at least so far: what was restored must not be waited for."""
    statement = _HEARD.get(dialect)
    if statement is None:
        insert = (postgresql if dialect == "postgresql" else sqlite).insert(Position)
        larger = func.greatest if dialect == "postgresql" else func.max
        statement = _HEARD[dialect] = insert.on_conflict_do_update(
            index_elements=["consumer", "key"],
            set_={"version": larger(Position.version, insert.excluded.version)},
        )
    return statement


_HEARD: Final[dict[str, Any]] = {}
