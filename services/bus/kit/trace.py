"""W3C trace context through HTTP and NATS alike, so that one dossier is one trace.

The context is a context variable: it follows awaits, and `Store.write` carries it to where its command runs.
Only ids travel; nothing personal ever stands in a traceparent.

The trace of a dossier follows from its code (`root_of`), so whoever knows the code knows the trace, for as long
as the dossier lives and in whatever process. What is done to a dossier by a request in another trace crosses over
into the dossier's own (`way_of`), and the two are linked.
"""

from __future__ import annotations

import hashlib
import os
import random
import re
from contextvars import ContextVar, Token
from functools import lru_cache
from types import TracebackType
from typing import NamedTuple

HEADER = "traceparent"
_PATTERN = re.compile(r"^[0-9a-f]{2}-([0-9a-f]{32})-([0-9a-f]{16})-([0-9a-f]{2})(?:-.*)?$")
_NO_TRACE, _NO_SPAN = "0" * 32, "0" * 16
_current: ContextVar[str | None] = ContextVar("traceparent", default=None)
_chance = random.Random()
_bits = _chance.getrandbits
if hasattr(os, "register_at_fork"):  # services are forked from one process: they must not draw the same ids
    os.register_at_fork(after_in_child=_chance.seed)


def parse(header: str | None) -> str | None:
    """The trace id (32 hex digits) of a traceparent header; None if the header is absent or not valid."""
    if header is None:
        return None
    match = _PATTERN.match(header)
    if match is None or header.startswith("ff") or match[1] == _NO_TRACE or match[2] == _NO_SPAN:
        return None
    return match[1]


def new_traceparent(trace_id: str | None = None) -> str:
    """A traceparent with a new span id, in the given trace or in a new one."""
    return f"00-{trace_id or f'{_bits(128) or 1:032x}'}-{_bits(64) or 1:016x}-01"


def child_of(header: str | None) -> str:
    """A traceparent one span below `header`; a new trace if `header` is absent or not valid."""
    return new_traceparent(parse(header))


class Way(NamedTuple):
    """Where in which trace something belongs: below `parent`. `crossed_from`: the traceparent it came from, if
    that is of another trace."""

    parent: str | None
    crossed_from: str | None


@lru_cache(maxsize=8192)
def root_of(dossier_code: str) -> str:
    """The traceparent of a dossier's own root span: the beginning of its trace."""
    digest = hashlib.sha256(b"truc:dossier:" + dossier_code.encode()).hexdigest()
    return f"00-{digest[:32]}-{digest[32:48]}-01"


def trace_id_of(dossier_code: str) -> str:
    """The trace id of a dossier: what to look for in a tracing system, and in the logs."""
    return root_of(dossier_code)[3:35]


def way_of(dossier_code: str | None) -> Way:
    """Where what is announced now belongs: in the dossier's trace if it is about one, else in the current one."""
    here = _current.get()
    if dossier_code is None:
        return Way(here, None)
    root = root_of(dossier_code)
    if here is not None and here[3:35] == root[3:35]:
        return Way(here, None)
    return Way(root, here)


def current_traceparent() -> str | None:
    """The traceparent to send along with what is done now."""
    return _current.get()


def current_trace_id() -> str | None:
    return parse(_current.get())


class tracing:  # noqa: N801 - used like a function
    """Work under `traceparent` for the length of the block, which gets it. It has to be valid: one that came
    from outside goes through `child_of`."""

    __slots__ = ("_token", "_traceparent")

    def __init__(self, traceparent: str) -> None:
        self._traceparent = traceparent

    def __enter__(self) -> str:
        self._token: Token[str | None] = _current.set(self._traceparent)
        return self._traceparent

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        _current.reset(self._token)
