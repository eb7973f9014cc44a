"""Which turns are due, and when to look again."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import datetime

from sqlalchemy import func, select

from contracts.tasks import System
from gateway.ministries.kinds import kinds_of
from gateway.ministries.models import WAITING, Turn
from gateway.ministries.queries.personas import in_force
from services.bus.kit.tx import Tx


def due_turns(tx: Tx, systems: Sequence[System], now: datetime, *, most: int) -> tuple[list[str], datetime | None]:
    """The ids of what is due of the systems that are played and not held, oldest first; and the next moment at
    which more falls due, None if none is known."""
    free: list[str] = []
    ends: list[datetime] = []
    for system in systems:
        for kind in kinds_of(system):
            force = in_force(tx, system, kind)
            if not force.holds(now):
                free.append(kind)
            elif not force.persona.manual:
                ends.append(force.row.outage_until)
    waiting = (Turn.state == WAITING, Turn.kind.in_(free))
    due = select(Turn.id).where(*waiting, Turn.due_at <= now).order_by(Turn.due_at, Turn.id).limit(most)
    found = list(tx.scalars(due))
    if not found:
        next_at = tx.scalar(select(func.min(Turn.due_at)).where(*waiting))
        ends += [next_at] if next_at is not None else []
    return found, min(ends, default=None)
