"""`emit`: a command announces an event by leaving it in the outbox, in the same transaction as the change.

If the transaction rolls back, the event was never there; if it commits, the relay owes it to the broker.
"""

from __future__ import annotations

from collections.abc import Iterable
from datetime import datetime
from typing import Final

from contracts.envelope import EventData
from services.bus.kit.bulk import binary, packed
from services.bus.kit.ids import new_id
from services.bus.kit.sealed import beginning, sealed
from services.bus.kit.tables import Outbox
from services.bus.kit.trace import current_traceparent
from services.bus.kit.tx import Announced, Tx

_COLUMNS: Final = ("id", "subject", "traceparent", "payload")


def emit(tx: Tx, data: EventData, *, key: str, version: int, at: datetime) -> str:
    """Leave an event in the outbox. `version` counts up by one per `key`. Returns the event id."""
    event_id = new_id()
    traceparent = current_traceparent()
    before, behind = beginning(tx.source, traceparent)
    subject, rest = sealed(data, key=key, version=version, at=at)
    payload = before + event_id.encode() + behind + rest
    tx.append(Outbox, {"id": event_id, "subject": subject, "traceparent": traceparent, "payload": payload})
    tx.announced.append(Announced(event_id, subject, traceparent, payload))
    return event_id


def emit_sealed(tx: Tx, events: Iterable[tuple[str, bytes]]) -> None:
    """Leave events in the outbox by the thousand, in this order, as `sealed` has built them."""
    traceparent = current_traceparent()
    before, behind = beginning(tx.source, traceparent)
    announced = []
    for subject, rest in events:
        event_id = new_id()
        payload = b"".join((before, event_id.encode(), behind, rest))
        announced.append(Announced(event_id, subject, traceparent, payload))
    rows = [(each.id, each.subject, traceparent, binary(each.payload, tx.dialect)) for each in announced]
    tx.bulk(Outbox, _COLUMNS, packed(rows, tx.dialect))
    tx.announced += announced
