"""Spans for an OTLP collector, if one is configured; otherwise nothing of OpenTelemetry is even imported.

The ids of a span are those of `kit.trace`, which travel in any case; so a span is told once it is over, with its
beginning and its end, and whoever tells it asks `recorder` first:

    request ──► [server]                              told by `edge`
       announces ──► [producer]                       told by `outbox`, after the commit
          event ──► [consumer]                        told by `inbox`, after the commit
             announces, calls ──► [producer], [client]

FastAPI's own spans stay off: it would see the busy routes not at all (`kit.shortcut`), and what it says of the
others holds paths and queries, which may name a citizen. Attributes here are templates, codes of dossiers, types
and outcomes.
"""

from __future__ import annotations

import time
from collections.abc import Iterable, Mapping
from contextvars import ContextVar
from typing import TYPE_CHECKING, Any, Final, Literal

if TYPE_CHECKING:
    from opentelemetry.sdk.trace import SpanProcessor
    from opentelemetry.trace import SpanContext

    from contracts.envelope import Event

Kind = Literal["internal", "server", "client", "producer", "consumer"]
_PLACES: Final[dict[Kind, int]] = {"internal": 0, "server": 1, "client": 2, "producer": 3, "consumer": 4}

QUIET: Final = frozenset({"/healthz", "/readyz", "/metrics", "/v1/axis/receipts", "/v1/status"})
"""Routes that are asked every second or so by whoever watches: nobody looks for them in a trace."""

FLUSH_MS: Final = 2_000
MOST_WAITING: Final = 8_192
"""Spans that wait to be sent; more are dropped."""

DOSSIER: Final = "truc.dossier"

touched: ContextVar[list[str] | None] = ContextVar("touched-traces", default=None)
"""The traces of dossiers that a request's commands crossed over into: the request's span links to them."""


class Recorder:
    """Takes spans and sends them away in batches, in a thread of its own; what cannot be sent is dropped."""

    def __init__(self, service: str, processor: SpanProcessor, share: float = 1.0) -> None:
        """`share` of the traces is kept: every process decides alike, by the trace id."""
        from opentelemetry.sdk.resources import Resource
        from opentelemetry.sdk.trace import ReadableSpan
        from opentelemetry.sdk.util.instrumentation import InstrumentationScope
        from opentelemetry.trace import Link, SpanContext, SpanKind, TraceFlags
        from opentelemetry.trace.status import Status, StatusCode

        self._processor = processor
        self._below = round(share * 2**64)
        self._resource = Resource.create({"service.name": service, "service.namespace": "truc"})
        self._scope = InstrumentationScope("truc")
        self._span, self._link, self._context = ReadableSpan, Link, SpanContext
        self._kinds = {kind: SpanKind(place) for kind, place in _PLACES.items()}
        self._sampled = TraceFlags(TraceFlags.SAMPLED)
        self._ok, self._failed = Status(StatusCode.UNSET), Status(StatusCode.ERROR)

    def tell(
        self,
        name: str,
        kind: Kind,
        traceparent: str,
        parent: str | None,
        began_ns: int,
        attributes: Mapping[str, Any],
        *,
        links: Iterable[str] = (),
        failed: bool = False,
        ended_ns: int = 0,
    ) -> None:
        """A span that is over: its own traceparent, that of its parent, the traceparents it links to. It ended now
        unless told otherwise. Safe in any thread."""
        if int(traceparent[19:35], 16) >= self._below:
            return
        span = self._span(
            name,
            context=self._context_of(traceparent),
            parent=None if parent is None else self._context_of(parent, remote=True),
            resource=self._resource,
            attributes=attributes,
            links=[self._link(self._context_of(each, remote=True)) for each in links],
            kind=self._kinds[kind],
            status=self._failed if failed else self._ok,
            start_time=began_ns,
            end_time=max(ended_ns or time.time_ns(), began_ns),
            instrumentation_scope=self._scope,
        )
        self._processor.on_end(span)

    def close(self) -> None:
        """Send what is left, as far as that is quick."""
        self._processor.force_flush(FLUSH_MS)
        self._processor.shutdown()

    def _context_of(self, traceparent: str, *, remote: bool = False) -> SpanContext:
        return self._context(int(traceparent[3:35], 16), int(traceparent[36:52], 16), remote, self._sampled)


recorder: Recorder | None = None
"""Who takes spans in this process; None: nobody, and making one would be for nothing."""


def start(service: str, endpoint: str, share: float) -> None:
    """Send this process's spans to an OTLP collector over HTTP. `endpoint` is its base address, such as
    `http://127.0.0.1:4318`. Headers, certificates and time-outs are taken from OTEL_EXPORTER_OTLP_*."""
    global recorder
    from opentelemetry.exporter.otlp.proto.http.trace_exporter import OTLPSpanExporter
    from opentelemetry.sdk.trace.export import BatchSpanProcessor

    url = endpoint.rstrip("/")
    exporter = OTLPSpanExporter(url if url.endswith("/v1/traces") else f"{url}/v1/traces")
    processor = BatchSpanProcessor(exporter, max_queue_size=MOST_WAITING, schedule_delay_millis=1_000)
    recorder = Recorder(service, processor, share)


def stop() -> None:
    """Send what is left and take no more."""
    global recorder
    ended, recorder = recorder, None
    if ended is not None:
        ended.close()


def message(event: Event) -> dict[str, Any]:
    """What may be said of an event that is taken in: never its key, which may be a personal id."""
    said = {
        "messaging.system": "nats",
        "messaging.destination.name": event.axis_subject,
        "messaging.operation.type": "process",
        "messaging.message.id": event.id,
        "truc.version": event.version,
    }
    dossier = event.about_dossier()
    return said if dossier is None else {**said, DOSSIER: dossier}
