"""Which turns are due, and when to look again."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import datetime
from functools import lru_cache
from typing import Any

from sqlalchemy import Select, bindparam, func, or_, select

from contracts.tasks import System
from gateway.ministries.kinds import kinds_of
from gateway.ministries.models import WAITING, Turn
from gateway.ministries.queries.personas import every_persona, in_force_among
from services.bus.kit.columns import UtcDateTime
from services.bus.kit.tx import Tx


def due_turns(tx: Tx, systems: Sequence[System], now: datetime, *, most: int) -> tuple[list[str], datetime | None]:
    """The ids of what is due of the systems that are played and not held, oldest first; and the next moment at
    which more falls due, None if none is known."""
    free: list[str] = []
    ends: list[datetime] = []
    personas = every_persona(tx)
    for system in systems:
        for kind in kinds_of(system):
            force = in_force_among(personas, system, kind)
            if not force.holds(now):
                free.append(kind)
            elif not force.persona.manual:
                ends.append(force.row.outage_until)
    if not free:
        return [], min(ends, default=None)
    due, next_due = _statements(tuple(free), most)
    found = [turn_id for (turn_id,) in tx.fetch(due, now=now)]
    if not found:
        ((next_at,),) = tx.fetch(next_due)
        ends += [next_at] if next_at is not None else []
    return found, min(ends, default=None)


@lru_cache(maxsize=64)
def _statements(kinds: tuple[str, ...], most: int) -> tuple[Select[Any], Select[Any]]:
    """What is due of these kinds by `now`, oldest first; and when the next of them falls due."""
    turns: Any = Turn.__table__.c
    waiting = (turns.state == WAITING, or_(*(turns.kind == kind for kind in kinds)))
    by_now = turns.due_at <= bindparam("now", type_=UtcDateTime)
    return (
        select(turns.id).where(*waiting, by_now).order_by(turns.due_at, turns.id).limit(most),
        select(func.min(turns.due_at)).where(*waiting),
    )
