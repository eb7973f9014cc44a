"""`emit`: a command announces an event by leaving it in the outbox, in the same transaction as the change.

If the transaction rolls back, the event was never there; if it commits, the relay owes it to the broker.
"""

from __future__ import annotations

from datetime import datetime

from pydantic_core import to_json

from contracts.envelope import EventData
from services.bus.kit.ids import new_id
from services.bus.kit.tables import Outbox
from services.bus.kit.trace import current_traceparent
from services.bus.kit.tx import Announced, Tx


def emit(tx: Tx, data: EventData, *, key: str, version: int, at: datetime) -> str:
    """Leave an event in the outbox. `version` counts up by one per `key`. Returns the event id."""
    event_id = new_id()
    traceparent = current_traceparent()
    envelope = {
        "specversion": "1.0",
        "id": event_id,
        "source": tx.source,
        "type": data.cloudevents_type(),
        "time": at,
        "datacontenttype": "application/json",
        "key": key,
        "version": version,
        "data": data,
    }
    if traceparent is not None:
        envelope["traceparent"] = traceparent
    payload = to_json(envelope)
    subject = data.subject()
    tx.append(Outbox, {"id": event_id, "subject": subject, "traceparent": traceparent, "payload": payload})
    tx.announced.append(Announced(event_id, subject, traceparent, payload))
    return event_id
