"""W3C trace context through HTTP and NATS alike, so that one dossier is one trace.

The context is a context variable: it follows awaits, and `Store.write` carries it into the writer thread.
Only ids travel; nothing personal ever stands in a traceparent.
"""

from __future__ import annotations

import random
import re
from collections.abc import Iterator
from contextlib import contextmanager
from contextvars import ContextVar

HEADER = "traceparent"
_PATTERN = re.compile(r"^[0-9a-f]{2}-([0-9a-f]{32})-([0-9a-f]{16})-([0-9a-f]{2})(?:-.*)?$")
_current: ContextVar[str | None] = ContextVar("traceparent", default=None)
_random = random.Random()


def parse(header: str | None) -> str | None:
    """The trace id (32 hex digits) of a traceparent header; None if the header is absent or not valid."""
    if header is None:
        return None
    match = _PATTERN.match(header)
    if match is None or header.startswith("ff") or set(match[1]) == {"0"} or set(match[2]) == {"0"}:
        return None
    return match[1]


def new_traceparent(trace_id: str | None = None) -> str:
    """A traceparent with a new span id, in the given trace or in a new one."""
    trace_id = trace_id or f"{_random.getrandbits(128) or 1:032x}"
    return f"00-{trace_id}-{_random.getrandbits(64) or 1:016x}-01"


def child_of(header: str | None) -> str:
    """A traceparent one span below `header`; a new trace if `header` is absent or not valid."""
    return new_traceparent(parse(header))


def current_traceparent() -> str | None:
    """The traceparent to send along with what is done now."""
    return _current.get()


def current_trace_id() -> str | None:
    return parse(_current.get())


@contextmanager
def tracing(traceparent: str | None) -> Iterator[str]:
    """Work under `traceparent` (or a new one) for the length of the block."""
    value = traceparent if parse(traceparent) else new_traceparent()
    assert value is not None
    token = _current.set(value)
    try:
        yield value
    finally:
        _current.reset(token)
