"""What a service still owes: events the broker has not acknowledged, and events it holds back.

Read by whoever wants to know the age of the oldest thing on its way; counted only as far as anybody looks.
"""

from __future__ import annotations

from collections.abc import Collection
from datetime import datetime
from typing import Final

from pydantic import BaseModel
from sqlalchemy import bindparam, func, select

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


_OUTBOX, _HELD = Outbox.__table__.c, Held.__table__.c
_NEXT: Final = select(_OUTBOX.id, _OUTBOX.subject).order_by(_OUTBOX.id).limit(COUNTED)
_PAYLOAD: Final = select(_OUTBOX.payload).where(_OUTBOX.id == bindparam("id"))
_SOME: Final = select(_HELD.consumer, _HELD.state).limit(COUNTED).subquery()
_COUNTS: Final = select(_SOME.c.consumer, _SOME.c.state, func.count()).group_by(_SOME.c.consumer, _SOME.c.state)
_FIRST: Final = (
    select(_HELD.payload, _HELD.held_at)
    .where(_HELD.state == bindparam("state"), _HELD.consumer == bindparam("consumer"))
    .order_by(_HELD.held_at)
    .limit(1)
)
"""Asked every other second by whoever watches: put together once."""


def _owed(tx: Tx, acknowledged: set[str]) -> list[Owed]:
    oldest: dict[str, str] = {}
    counts: dict[str, int] = {}
    for id, subject in tx.fetch(_NEXT):
        if id not in acknowledged:
            oldest.setdefault(subject, id)
            counts[subject] = counts.get(subject, 0) + 1
    found = []
    for subject, id in oldest.items():
        for (payload,) in tx.fetch(_PAYLOAD, id=id):
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
    found = []
    for consumer, state, events in tx.fetch(_COUNTS):
        for payload, held_at in tx.fetch(_FIRST, state=state, consumer=consumer):
            type_, source, oldest_at = _told(payload, held_at)
            held = HeldBack(
                consumer=consumer, state=state, events=events, type=type_, source=source, oldest_at=oldest_at
            )
            found.append(held)
    return found


def _told(payload: bytes, held_at: datetime) -> tuple[str | None, str | None, datetime]:
    try:
        event = Event.model_validate_json(payload)
    except ValueError:
        return None, None, held_at
    return event.type, event.source, held_at if event.time.tzinfo is None else event.time
