"""The inbox: which version of each key a consumer has applied, and what it holds because it cannot be yet.

    version already seen ──► nothing
    the next version     ──► the reaction, and whatever waited for it
    a gap                ──► held (durably) until the missing one comes; only this key waits
    behind a dead letter ──► held until someone retries or discards the letter

Everything here runs in the writer, in the transaction of the reactions themselves.
"""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Callable
from dataclasses import dataclass
from datetime import datetime
from functools import cache, partial
from typing import Any

import orjson
from sqlalchemy import bindparam, select
from sqlalchemy.dialects import postgresql, sqlite

from contracts.envelope import SUBJECT_PREFIX, Event
from services.bus.kit import spans
from services.bus.kit.clock import Clock
from services.bus.kit.masking import merged
from services.bus.kit.receipts import APPLIED, DISCARDED, DUPLICATE, HELD, Noted
from services.bus.kit.receipts import DEAD as BURIED
from services.bus.kit.statements import MAX_IN, Lookup
from services.bus.kit.tables import Held, Position
from services.bus.kit.trace import child_of, parse, tracing
from services.bus.kit.tx import Tx

Reaction = Callable[[Tx, Event], None]

WAITING, DEAD = "waiting", "dead"
UNREADABLE = "unreadable/"
"""What the keys of messages that are no events begin with."""


@dataclass(frozen=True, slots=True)
class Arrival:
    """An event as it came off the wire, with the times of its way."""

    event: Event
    payload: bytes
    published_at: datetime
    received_at: datetime


class Apply:
    """The command that applies a batch of events under one consumer's inbox; how many had which outcome.

    It asks the clock itself, when all is applied: that is the time its receipt tells."""

    brief = False
    receipts = True
    """Leave one, if anybody wants to know how long it took."""

    def __init__(self, consumer: str, reaction: Reaction, arrivals: list[Arrival], clock: Clock) -> None:
        self.consumer = consumer
        self.reaction = reaction
        self.arrivals = sorted(arrivals, key=lambda a: (a.event.key, a.event.version))
        self.clock = clock

    def __call__(self, tx: Tx) -> dict[str, int]:
        noted = Noted()
        outcomes: dict[str, int] = defaultdict(int)
        keys = sorted({arrival.event.key for arrival in self.arrivals})
        positions = _positions(tx, self.consumer, keys)
        before = dict(positions)
        held = _held(tx, self.consumer, keys)
        for arrival in self.arrivals:
            event = arrival.event
            seen = positions.get(event.key, 0)
            waiting = held.get(event.key, {})
            if event.version <= seen or event.version in waiting:
                outcomes["duplicate"] += 1
                outcome = DUPLICATE
            elif event.version > seen + 1 or any(row.state == DEAD for row in waiting.values()):
                held.setdefault(event.key, {})[event.version] = _hold(tx, self.consumer, arrival, self.clock.now())
                outcomes["held"] += 1
                outcome = HELD
            else:
                self._react(tx, event, arrival.published_at, arrival.received_at)
                positions[event.key] = event.version
                outcomes["applied"] += 1 + self._release(tx, event.key, positions, waiting, noted)
                outcome = APPLIED
            noted.add(event, outcome, arrival.published_at, arrival.received_at)
        for key, version in positions.items():
            if version != before.get(key):
                _move(tx, self.consumer, key, version)
        if self.receipts:
            noted.leave(tx, self.consumer, self.clock.now())
        return dict(outcomes)

    def _react(self, tx: Tx, event: Event, published_at: datetime | None, received_at: datetime) -> None:
        tx.published_at = published_at
        with tracing(child_of(event.traceparent)) as traceparent:
            self.reaction(tx, event)
        if spans.recorder is not None:
            tx.after_commit(
                partial(
                    spans.recorder.tell,
                    f"process {event.axis_subject.removeprefix(SUBJECT_PREFIX)}",
                    "consumer",
                    traceparent,
                    event.traceparent if parse(event.traceparent) is not None else None,
                    round(received_at.timestamp() * 1e9),
                    {
                        **spans.message(event),
                        "messaging.consumer.group.name": self.consumer,
                    },
                )
            )

    def _release(self, tx: Tx, key: str, positions: dict[str, int], held: dict[int, Held], noted: Noted) -> int:
        """Apply what waited for the version just applied."""
        released = 0
        while (row := held.get(positions[key] + 1)) is not None and row.state == WAITING:
            event = Event.model_validate_json(row.payload)
            self._react(tx, event, row.published_at, row.held_at)
            noted.add(event, APPLIED, row.published_at, row.held_at)
            positions[key] = row.version
            tx.delete(held.pop(row.version))
            released += 1
        return released


_POSITIONS = Lookup(Position.__table__, "key", "consumer")
_HELD = Held.__table__
_ANY_HELD = select(_HELD.c.key).where(_HELD.c.consumer == bindparam("consumer")).limit(1)


def _positions(tx: Tx, consumer: str, keys: list[str]) -> dict[str, int]:
    """The last version applied of each of these keys that has one."""
    return {key: version for _, key, version in tx.look_up(_POSITIONS, keys, consumer=consumer)}


def _held(tx: Tx, consumer: str, keys: list[str]) -> dict[str, dict[int, Held]]:
    """What is held of these keys. Nearly always nothing, so that is asked first and cheaply."""
    held: dict[str, dict[int, Held]] = {}
    tx.flush()
    if not tx.fetch(_ANY_HELD, consumer=consumer):
        return held
    for start in range(0, len(keys), MAX_IN):
        rows = select(Held).where(Held.consumer == consumer, Held.key.in_(keys[start : start + MAX_IN]))
        for row in tx.scalars(rows):
            held.setdefault(row.key, {})[row.version] = row
    return held


def _move(tx: Tx, consumer: str, key: str, version: int) -> None:
    """Note that this version of the key is applied."""
    tx.later(_upsert_position(tx.dialect), {"consumer": consumer, "key": key, "version": version})


@cache
def _upsert_position(dialect: str) -> Any:
    insert = (postgresql if dialect == "postgresql" else sqlite).insert(Position)
    return insert.on_conflict_do_update(
        index_elements=["consumer", "key"], set_={"version": insert.excluded.version}
    )


def _hold(tx: Tx, consumer: str, arrival: Arrival, now: datetime) -> Held:
    row = Held(
        consumer=consumer,
        key=arrival.event.key,
        version=arrival.event.version,
        state=WAITING,
        reason=None,
        attempts=0,
        held_at=now,
        published_at=arrival.published_at,
        payload=arrival.payload,
    )
    tx.add(row)
    return row


def bury(
    tx: Tx,
    consumer: str,
    arrival: Arrival,
    reason: str,
    attempts: int,
    now: datetime,
    *,
    receipt: bool = True,
) -> None:
    """Make a dead letter of an event: its key is parked until someone retries or discards it."""
    row = tx.find(Held, (consumer, arrival.event.key, arrival.event.version))
    if row is None:
        row = _hold(tx, consumer, arrival, now)
    row.state, row.reason, row.attempts = DEAD, reason[:2000], attempts
    if not receipt:
        return
    noted = Noted()
    noted.add(arrival.event, BURIED, arrival.published_at, arrival.received_at)
    noted.leave(tx, consumer, now)


def retry(tx: Tx, consumer: str, reaction: Reaction, key: str, *, now: datetime, in_order: bool = True) -> int:
    """Run the reactions of a parked key again, in order, as far as they hold without a gap. Not `in_order`: from
    the first dead letter on, whatever was before it.

    Returns how many were applied. What a reaction raises rolls everything back: the letter stays dead.
    """
    tx.run_later()
    held = _held(tx, consumer, [key]).get(key, {})
    dead = [] if in_order else [version for version, row in held.items() if row.state == DEAD]
    position = min(dead) - 1 if dead else _positions(tx, consumer, [key]).get(key, 0)
    applied = 0
    noted = Noted()
    while (row := held.get(position + 1)) is not None:
        event = Event.model_validate_json(row.payload)
        tx.published_at = row.published_at
        with tracing(child_of(event.traceparent)):
            reaction(tx, event)
        noted.add(event, APPLIED, row.published_at, row.held_at)
        position = row.version
        tx.delete(held.pop(row.version))
        applied += 1
    if applied:
        _move(tx, consumer, key, position)
        noted.leave(tx, consumer, now)
    return applied


def correct(tx: Tx, consumer: str, key: str, version: int, patch: dict[str, Any]) -> bool:
    """Change the data of a dead letter by a JSON merge patch; False if there is no such letter. The caller
    records who did it."""
    row = tx.find(Held, (consumer, key, version))
    if row is None or row.state != DEAD or key.startswith(UNREADABLE):
        return False
    document = orjson.loads(row.payload)
    document["data"] = merged(document["data"], patch)
    row.payload = orjson.dumps(document)
    tx.flush()
    return True


def discard(tx: Tx, consumer: str, key: str, version: int, *, now: datetime) -> bytes | None:
    """Take a dead letter out of the way: its version counts as seen. Returns its payload, None if there is no
    such letter. The caller records who did it and why."""
    row = tx.find(Held, (consumer, key, version))
    if row is None or row.state != DEAD:
        return None
    payload = row.payload
    tx.delete(row)
    if not key.startswith(UNREADABLE):
        noted = Noted()
        noted.add(Event.model_validate_json(payload), DISCARDED, row.published_at, row.held_at)
        noted.leave(tx, consumer, now)
        if _positions(tx, consumer, [key]).get(key, 0) < version:
            _move(tx, consumer, key, version)
    return payload
