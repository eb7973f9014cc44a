"""What a service still owes: events the broker has not acknowledged, and events it holds back.

Read by whoever wants to know the age of the oldest thing on its way; counted only as far as anybody looks.
"""

from __future__ import annotations

from collections.abc import Collection
from datetime import datetime

from pydantic import BaseModel
from sqlalchemy import func, select

from contracts.envelope import Event
from services.bus.kit.tables import Held, Outbox
from services.bus.kit.tx import Tx

COUNTED = 10_000


class Owed(BaseModel):
    """Events of one subject in the outbox. `oldest_at`: when the oldest of them was made."""

    subject: str
    type: str
    source: str
    events: int
    oldest_at: datetime


class HeldBack(BaseModel):
    """Events one consumer holds in one state, `waiting` or `dead`; the rest tells of the oldest of them, and is
    null if that cannot be read. `events` stops at ten thousand."""

    consumer: str
    state: str
    events: int
    type: str | None
    source: str | None
    oldest_at: datetime


class Standing(BaseModel):
    """What a service owes and holds right now."""

    owed: list[Owed]
    held: list[HeldBack]


def standing(tx: Tx, acknowledged: Collection[str]) -> Standing:
    """`acknowledged`: ids in the outbox that the broker has acknowledged and that are about to go."""
    return Standing(owed=_owed(tx, set(acknowledged)), held=_held(tx))


def _owed(tx: Tx, acknowledged: set[str]) -> list[Owed]:
    rows = tx.execute(select(Outbox.id, Outbox.subject).order_by(Outbox.id).limit(COUNTED))
    oldest: dict[str, str] = {}
    counts: dict[str, int] = {}
    for id, subject in rows:
        if id not in acknowledged:
            oldest.setdefault(subject, id)
            counts[subject] = counts.get(subject, 0) + 1
    found = []
    for subject, id in oldest.items():
        payload = tx.scalar(select(Outbox.payload).where(Outbox.id == id))
        if payload is not None:
            event = Event.model_validate_json(payload)
            found.append(
                Owed(
                    subject=subject,
                    type=event.type,
                    source=event.source,
                    events=counts[subject],
                    oldest_at=event.time,
                )
            )
    return found


def _held(tx: Tx) -> list[HeldBack]:
    some = select(Held.consumer, Held.state).limit(COUNTED).subquery()
    groups = select(some.c.consumer, some.c.state, func.count()).group_by(some.c.consumer, some.c.state)
    found = []
    for consumer, state, events in tx.execute(groups):
        first = (
            select(Held.payload, Held.held_at)
            .where(Held.state == state, Held.consumer == consumer)
            .order_by(Held.held_at)
            .limit(1)
        )
        row = tx.execute(first).first()
        if row is None:  # released since it was counted
            continue
        payload, held_at = row
        type_, source, oldest_at = _told(payload, held_at)
        found.append(
            HeldBack(consumer=consumer, state=state, events=events, type=type_, source=source, oldest_at=oldest_at)
        )
    return found


def _told(payload: bytes, held_at: datetime) -> tuple[str | None, str | None, datetime]:
    try:
        event = Event.model_validate_json(payload)
    except ValueError:
        return None, None, held_at
    return event.type, event.source, held_at if event.time.tzinfo is None else event.time
