"""An event before anybody knows its id: all of its envelope that depends on the event alone.

Another process may seal it. Id, source and trace are put in front where it is announced, so that ids go on
sorting in the order of the commits, whoever built the rest.
"""

from __future__ import annotations

from datetime import datetime
from typing import NamedTuple

from pydantic_core import to_json

from contracts.envelope import EventData


class Sealed(NamedTuple):
    """Plain values: it crosses from process to process. `rest` is the envelope without its beginning."""

    subject: str
    rest: bytes


def sealed(data: EventData, *, key: str, version: int, at: datetime) -> Sealed:
    """An event of these data. `version` counts up by one per `key`."""
    envelope = {
        "type": data.cloudevents_type(),
        "time": at,
        "datacontenttype": "application/json",
        "key": key,
        "version": version,
        "data": data,
    }
    return Sealed(data.subject(), to_json(envelope)[1:])


def beginning(source: str, traceparent: str | None) -> tuple[bytes, bytes]:
    """What stands before and behind the id at the beginning of an envelope of this source, in this trace."""
    behind = b'","source":' + to_json(source) + b","
    if traceparent is not None:
        behind += b'"traceparent":' + to_json(traceparent) + b","
    return b'{"specversion":"1.0","id":"', behind
