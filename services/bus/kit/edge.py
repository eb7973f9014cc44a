"""The outermost layer of every service: trace context in, time taken, one log line for what went wrong.

Plain ASGI, because it stands in the way of every request. Paths are logged as route templates: a path may hold
a personal id.
"""

from __future__ import annotations

import time

import structlog
from starlette.requests import Request
from starlette.types import ASGIApp, Message, Receive, Scope, Send

from contracts.identifiers import find_dossier_code
from contracts.problems import HTTP_ERROR, Problem, Text
from services.bus.kit import metrics, spans
from services.bus.kit.errors import problem_response
from services.bus.kit.trace import child_of, parse, tracing

log = structlog.get_logger("access")

_NUL = Text("Địa chỉ chứa ký tự U+0000, không được phép.", "The address holds the character U+0000.")


class Edge:
    """ASGI middleware: traces, measures, logs; refuses NUL bytes in addresses, which no database takes."""

    def __init__(self, app: ASGIApp) -> None:
        self.app = app

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        if scope["type"] != "http":
            await self.app(scope, receive, send)
            return
        if b"%00" in scope["query_string"] or "\x00" in scope["path"]:
            refusal = problem_response(Request(scope), Problem(HTTP_ERROR, reason=_NUL))
            await refusal(scope, receive, send)
            return
        status = 500
        incoming: str | None = None
        for name, value in scope["headers"]:
            if name == b"traceparent":
                incoming = value.decode("latin-1")
        recorder = spans.recorder
        touched: list[str] | None = None
        if recorder is not None:
            began_ns, touched = time.time_ns(), []
            spans.touched.set(touched)  # the server runs each request in a context of its own
        started = time.perf_counter()
        with tracing(child_of(incoming)) as traceparent:

            async def send_traced(message: Message) -> None:
                nonlocal status
                if message["type"] == "http.response.start":
                    status = message["status"]
                    message["headers"] = [
                        *message.get("headers", ()),
                        (b"traceparent", traceparent.encode()),
                        (b"x-content-type-options", b"nosniff"),
                    ]
                await send(message)

            try:
                await self.app(scope, receive, send_traced)
            finally:
                seconds = time.perf_counter() - started
                template = getattr(scope.get("route"), "path", "unknown")
                metrics.record_request(template, scope["method"], status, seconds, traceparent)
                if recorder is not None and template not in spans.QUIET:
                    recorder.tell(
                        f"{scope['method']} {template}",
                        "server",
                        traceparent,
                        incoming if parse(incoming) is not None else None,
                        began_ns,
                        {
                            "http.request.method": scope["method"],
                            "http.route": template,
                            "http.response.status_code": status,
                        },
                        links=touched or (),
                        failed=status >= 500,
                    )
                if status >= 500 or seconds > 1.0:
                    log.warning(
                        "request.slow-or-failed",
                        route=template,
                        method=scope["method"],
                        status=status,
                        ms=round(seconds * 1000, 1),
                        trace=traceparent[3:35],
                        dossier=find_dossier_code(scope["path"]),
                    )
