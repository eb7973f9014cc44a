"""`emit`: a command announces an event by leaving it in the outbox, in the same transaction as the change.

If the transaction rolls back, the event was never there; if it commits, the relay owes it to the broker. An event
that is about a dossier belongs in the dossier's trace (see `trace`).
"""

from __future__ import annotations

import time
from collections.abc import Iterable
from datetime import datetime
from functools import partial
from typing import Final

from contracts.envelope import EventData
from services.bus.kit import spans
from services.bus.kit.bulk import binary, packed
from services.bus.kit.ids import new_id
from services.bus.kit.sealed import beginning, sealed
from services.bus.kit.tables import Outbox
from services.bus.kit.trace import Way, child_of, root_of, way_of
from services.bus.kit.tx import Announced, Tx

_COLUMNS: Final = ("id", "subject", "traceparent", "payload")


def emit(tx: Tx, data: EventData, *, key: str, version: int, at: datetime, dossier: str | None = None) -> str:
    """Leave an event in the outbox. `version` counts up by one per `key`; `dossier` is the code of the one it is
    about, where the event does not name it. Returns the event id."""
    event_id = new_id()
    about = dossier or data.about_dossier()
    way = way_of(about)
    traceparent = way.parent if spans.recorder is None or way.parent is None else child_of(way.parent)
    before, behind = beginning(tx.source, traceparent)
    subject, rest = sealed(data, key=key, version=version, at=at)
    payload = before + event_id.encode() + behind + rest
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


def emit_sealed(tx: Tx, events: Iterable[tuple[str, bytes]]) -> None:
    """Leave events in the outbox by the thousand, in this order, as `sealed` has built them."""
    traceparent = way_of(None).parent
    before, behind = beginning(tx.source, traceparent)
    announced = []
    for subject, rest in events:
        event_id = new_id()
        payload = b"".join((before, event_id.encode(), behind, rest))
        announced.append(Announced(event_id, subject, traceparent, payload))
    rows = [(each.id, each.subject, traceparent, binary(each.payload, tx.dialect)) for each in announced]
    tx.bulk(Outbox, _COLUMNS, packed(rows, tx.dialect))
    tx.announced += announced
