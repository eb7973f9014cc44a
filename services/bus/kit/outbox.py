"""`emit`: a command announces an event by leaving it in the outbox, in the same transaction as the change.

If the transaction rolls back, the event was never there; if it commits, the relay owes it to the broker. An event
that is about a dossier belongs in the dossier's trace (see `trace`).
"""

from __future__ import annotations

import time
from datetime import datetime
from functools import partial

from pydantic_core import to_json

from contracts.envelope import EventData
from services.bus.kit import spans
from services.bus.kit.ids import new_id
from services.bus.kit.tables import Outbox
from services.bus.kit.trace import Way, child_of, root_of, way_of
from services.bus.kit.tx import Announced, Tx


def emit(tx: Tx, data: EventData, *, key: str, version: int, at: datetime, dossier: str | None = None) -> str:
    """Leave an event in the outbox. `version` counts up by one per `key`; `dossier` is the code of the one it is
    about, where the event does not name it. Returns the event id."""
    event_id = new_id()
    about = dossier or data.about_dossier()
    way = way_of(about)
    traceparent = way.parent if spans.recorder is None or way.parent is None else child_of(way.parent)
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
    if spans.recorder is not None and traceparent is not None:
        said: dict[str, str | int] = {
            "messaging.system": "nats",
            "messaging.destination.name": subject,
            "messaging.operation.type": "send",
            "messaging.message.id": event_id,
            "truc.version": version,
        }
        if about is not None:
            said[spans.DOSSIER] = about
        _tell_span(tx, f"send {data.TYPE}", "producer", traceparent, way, said)
    return event_id


def begin_trace(tx: Tx, dossier: str) -> None:
    """A dossier begins here, and so does its trace: this is the span everything else of it is below."""
    if spans.recorder is not None:
        way = way_of(dossier)
        said: dict[str, str | int] = {spans.DOSSIER: dossier}
        _tell_span(tx, "dossier", "internal", root_of(dossier), way._replace(parent=None), said)


def _tell_span(
    tx: Tx, name: str, kind: spans.Kind, traceparent: str, way: Way, said: dict[str, str | int]
) -> None:
    """Tell it once it is committed: a command may run twice, or be for nothing."""
    recorder = spans.recorder
    assert recorder is not None
    links = () if way.crossed_from is None else (way.crossed_from,)
    began = time.time_ns()
    tx.after_commit(partial(recorder.tell, name, kind, traceparent, way.parent, began, said, links=links))
    crossed_into = spans.touched.get()
    if links and crossed_into is not None and traceparent not in crossed_into:
        crossed_into.append(traceparent)
