"""What the worker loads: on start the codes of all that waits, and a lane when its turn comes."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Sequence
from dataclasses import dataclass, field

from sqlalchemy import ColumnElement, bindparam, func, select
from sqlalchemy.orm import undefer

from gateway.sync.models import IS_PARKED, PARKED, WAITS, Lane, Step
from services.bus.kit.tx import Tx


@dataclass(frozen=True, slots=True)
class Backlog:
    """`codes` of lanes that wait and are not parked, oldest first; all `steps` not acknowledged."""

    codes: list[str]
    steps: int
    parked: int


@dataclass(frozen=True, slots=True)
class LoadedLane:
    """A lane's row, and its steps still to be sent if they were asked for."""

    code: str
    newest_version: int
    newest_second: int
    announced: int
    portal_knows: bool
    parked: bool
    idle: bool
    traceparent: str | None
    snapshot: bytes = b""
    steps: list[Step] = field(default_factory=list)


def backlog(tx: Tx) -> Backlog:
    """All that the portal has not acknowledged."""
    codes = select(Lane.code).where(WAITS).order_by(Lane.waiting_since, Lane.code)
    parked = select(func.count()).select_from(Lane).where(IS_PARKED)
    return Backlog(
        list(tx.scalars(codes)), _steps_of(tx, WAITS) + _steps_of(tx, IS_PARKED), tx.scalar(parked) or 0
    )


def _steps_of(tx: Tx, lanes: ColumnElement[bool]) -> int:
    """Of such lanes, how many steps the portal has not acknowledged."""
    steps = select(func.count()).select_from(Lane).join(Step, Step.code == Lane.code)
    return tx.scalar(steps.where(lanes, Step.acknowledged_at.is_(None), Step.discarded_at.is_(None))) or 0


def lane_row(tx: Tx, code: str) -> LoadedLane | None:
    """A lane without its steps and its snapshot, as the transaction sees it."""
    found = tx.fetch(_LANE_ROW, code=code)
    if not found:
        return None
    ((version, second, announced, knows, state, waiting_since),) = found
    return LoadedLane(
        code,
        version,
        second,
        announced,
        knows,
        parked=state == PARKED,
        idle=waiting_since is None,
        traceparent=None,
    )


_LANES = Lane.__table__
_LANE_ROW = select(
    _LANES.c.newest_version,
    _LANES.c.newest_second,
    _LANES.c.announced,
    _LANES.c.portal_knows,
    _LANES.c.state,
    _LANES.c.waiting_since,
).where(_LANES.c.code == bindparam("code"))


def load_lanes(tx: Tx, codes: Sequence[str]) -> list[LoadedLane]:
    """Lanes with all that is still to be sent of them, in the order of `codes`."""
    lanes = {
        lane.code: lane
        for lane in tx.scalars(select(Lane).options(undefer(Lane.snapshot)).where(Lane.code.in_(codes)))
    }
    steps: dict[str, list[Step]] = defaultdict(list)
    waiting = (
        select(Step)
        .join(Lane, Lane.code == Step.code)
        .where(Step.code.in_(codes), Step.version > Lane.acknowledged_version, Step.discarded_at.is_(None))
        .order_by(Step.code, Step.version)
    )
    for step in tx.scalars(waiting):
        steps[step.code].append(step)
    return [
        LoadedLane(
            code,
            lane.newest_version,
            lane.newest_second,
            lane.announced,
            lane.portal_knows,
            parked=lane.state == PARKED,
            idle=lane.waiting_since is None,
            traceparent=lane.traceparent,
            snapshot=lane.snapshot,
            steps=steps[code],
        )
        for code in codes
        if (lane := lanes.get(code)) is not None
    ]
