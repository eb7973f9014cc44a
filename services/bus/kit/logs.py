"""Structured logs: one JSON object a line on stderr, with the trace id; nothing personal, ever.

The trace of a dossier follows from its code, so its id finds everything that was logged on its behalf; where a
line is about one dossier, it says which (`dossier`). What an exception says of itself may quote what somebody
typed, so of most only the type is told, and where it came from.
"""

from __future__ import annotations

import logging
import sys
import traceback
from collections.abc import MutableMapping
from typing import Any, Final

import nats.errors
import orjson
import structlog

from services.bus.kit.trace import current_trace_id


def _add_trace(_logger: Any, _method: str, entry: MutableMapping[str, Any]) -> MutableMapping[str, Any]:
    trace = current_trace_id()
    if trace is not None:
        entry.setdefault("trace", trace)
    return entry


_TELL_NOTHING_OF_DATA: Final = (
    OSError,
    TypeError,
    AttributeError,
    NameError,
    ImportError,
    RuntimeError,
    nats.errors.Error,
)
"""Exceptions whose words are the program's own."""


def _tell_exception(_logger: Any, _method: str, entry: MutableMapping[str, Any]) -> MutableMapping[str, Any]:
    """Say what was raised and where, without quoting it."""
    error = entry.pop("exc_info", None)
    if isinstance(error, tuple):
        error = error[1]
    elif error is not None and not isinstance(error, BaseException):
        error = sys.exc_info()[1]
    if isinstance(error, BaseException):
        entry["exception"] = _told(error)
    return entry


def _told(error: BaseException, depth: int = 0) -> str:
    lines = traceback.format_tb(error.__traceback__)
    kind = type(error)
    quoted = isinstance(error, _TELL_NOTHING_OF_DATA)
    lines.append(f"{kind.__module__}.{kind.__qualname__}{f': {error}' if quoted else ''}\n")
    if isinstance(error, BaseExceptionGroup) and depth < DEEPEST:
        lines += [_told(each, depth + 1) for each in error.exceptions]
    before = error.__cause__ or (None if error.__suppress_context__ else error.__context__)
    if before is not None and depth < DEEPEST:
        lines.insert(0, _told(before, depth + 1) + "\nwhich led to:\n")
    return "".join(lines)


DEEPEST: Final = 5


def configure(level: str, service: str) -> None:
    """Send structlog and the standard library's loggers down one JSON stream."""
    number = logging.getLevelNamesMapping().get(level.upper(), logging.INFO)
    structlog.configure(
        processors=[
            structlog.contextvars.merge_contextvars,
            _add_trace,
            structlog.processors.add_log_level,
            structlog.processors.TimeStamper(fmt="iso", utc=True),
            _tell_exception,
            structlog.processors.JSONRenderer(
                serializer=lambda value, **_: orjson.dumps(value, default=str).decode()
            ),
        ],
        wrapper_class=structlog.make_filtering_bound_logger(number),
        logger_factory=structlog.WriteLoggerFactory(file=sys.stderr),
        cache_logger_on_first_use=True,
    )
    structlog.contextvars.bind_contextvars(service=service)
    logging.basicConfig(handlers=[_Handler()], level=max(number, logging.WARNING), force=True)


class _Handler(logging.Handler):
    """The standard library's log records (uvicorn, nats, alembic) as entries of our stream."""

    def emit(self, record: logging.LogRecord) -> None:
        log = structlog.get_logger(record.name)
        log.log(record.levelno, record.getMessage(), exc_info=record.exc_info)
