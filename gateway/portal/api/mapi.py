"""The wire itself: two addresses that answer HTTP 200 and a code, whatever they are sent.

Plain ASGI in front of the framework, because it is the busy path and because it must never speak
problem+json. Faults are carried out here, around the work and never in the middle of it. Besides them only a
portal that cannot work at all answers anything but 200: a bare 503.
"""

from __future__ import annotations

import asyncio
import time
from contextlib import suppress

import structlog
from starlette.datastructures import Headers
from starlette.types import ASGIApp, Receive, Scope, Send

from contracts.portal import DATA_PATH, DESTINATION_HEADER, LOGIN_PATH
from gateway.portal import calls, metrics
from gateway.portal.connections import drop_connection
from gateway.portal.faults import NOTHING, Fault, Injection
from gateway.portal.portal import EXTRA, Portal
from gateway.portal.replies import WireReply
from services.bus.kit import spans
from services.bus.kit.service import Service
from services.bus.kit.trace import child_of, parse

log = structlog.get_logger(__name__)

JSON = "application/json;charset=UTF-8"
PATHS = (LOGIN_PATH, DATA_PATH)


class CallerGoneError(Exception):
    """The caller hung up before the call was complete: nothing was done, and nobody waits."""


class Mapi:
    """ASGI middleware: takes what is posted to the two addresses, and lets everything else through."""

    def __init__(self, app: ASGIApp) -> None:
        self.app = app

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        if scope["type"] != "http" or scope["method"] != "POST" or scope["path"] not in PATHS:
            await self.app(scope, receive, send)
            return
        service: Service = scope["app"].state.service
        with suppress(CallerGoneError):
            await _Exchange(service, scope, receive, send).run()


class _Exchange:
    """One call and its answer."""

    def __init__(self, service: Service, scope: Scope, receive: Receive, send: Send) -> None:
        self.service = service
        self.portal: Portal = service.extra[EXTRA]
        self.scope = scope
        self.receive = receive
        self.send = send
        self.now = service.clock.now()
        self.injection = NOTHING

    async def run(self) -> None:
        recorder = spans.recorder
        began_ns = time.time_ns() if recorder is not None else 0
        started = time.perf_counter()
        self.injection = injection = self.portal.faults.next(self.now)
        if injection is not NOTHING and await self._suffered_before(injection):
            return
        body = await self._body()
        try:
            verb, reply = await self._answer(body) if isinstance(body, bytes) else ("", body)
        except Exception as error:
            # overloaded, or the database is away: nothing was done, and the caller may try again
            log.error("call.failed", error=type(error).__name__, exc_info=error)
            await self._respond(503, b"temporarily unavailable", "text/plain")
            return
        traceparent = self._traceparent()
        name = metrics.record_call(verb, reply.error_code, time.perf_counter() - started, traceparent)
        if recorder is not None and parse(traceparent) is not None:
            said = {"http.request.method": "POST", "http.route": self.scope["path"], "truc.verb": name}
            own = child_of(traceparent)
            recorder.tell(f"POST {self.scope['path']}", "server", own, traceparent, began_ns, said)
        if injection.fault is Fault.LOST_REPLY:
            await self._hang_up()
        else:
            await self._respond(200, reply.body(), JSON)

    def _traceparent(self) -> str | None:
        for name, value in self.scope["headers"]:
            if name == b"traceparent":
                return str(value.decode("latin-1"))
        return None

    async def _answer(self, body: bytes) -> tuple[object, WireReply]:
        call = calls.read_object(self.portal, body)
        if isinstance(call, WireReply):
            return "", call
        if self.scope["path"] == LOGIN_PATH:
            return "login", calls.log_in(self.portal, call, self.now)
        if self.injection.fault is Fault.EXPIRED_SESSION:
            self.portal.sessions.end(call.get("session"))
        return call.get("service"), await calls.answer(self.portal, self.service.store, call, self.now)

    async def _body(self) -> bytes | WireReply:
        """The body of a call that names its destination and keeps to the limit; or what is wrong."""
        wanted = self.portal.settings.dstcode
        named = Headers(scope=self.scope).get(DESTINATION_HEADER)
        if not named or (wanted and named != wanted):
            return self.portal.voice.invalid(f"{DESTINATION_HEADER}: thiếu hoặc sai mã đích")
        limit = self.portal.settings.call_bytes
        parts: list[bytes] = []
        size = 0
        while True:
            message = await self.receive()
            if message["type"] == "http.disconnect":
                raise CallerGoneError
            part = message.get("body", b"")
            size += len(part)
            if size > limit:
                return self.portal.voice.invalid(f"Nội dung vượt quá {limit} byte")
            parts.append(part)
            if not message.get("more_body", False):
                return parts[0] if len(parts) == 1 else b"".join(parts)

    async def _suffered_before(self, injection: Injection) -> bool:
        """Carry out what comes before the work; True if there is to be no work at all."""
        if injection.fault is not None:
            metrics.record_fault(injection.fault)
        if injection.delay:
            metrics.record_fault(Fault.LATENCY)
            await asyncio.sleep(injection.delay)
        match injection.fault:
            case Fault.OUTAGE if injection.drop:
                await self._hang_up()
            case Fault.OUTAGE | Fault.ERROR:
                await self._respond(injection.status, b"upstream error", "text/plain")
            case Fault.RUBBISH:
                media_type, rubbish = injection.rubbish
                await self._respond(200, rubbish, media_type)
            case Fault.TIMEOUT:
                await self._never_answer(injection.patience)
            case _:
                return False
        return True

    async def _never_answer(self, patience: float) -> None:
        """Hold the call until the caller gives up, or our own patience ends; then hang up."""
        with suppress(TimeoutError):
            async with asyncio.timeout(patience):
                while (await self.receive())["type"] != "http.disconnect":
                    pass
                return
        await self._hang_up()

    async def _hang_up(self) -> None:
        if not await drop_connection(self.receive):
            await self._respond(503, b"", "text/plain")

    async def _respond(self, status: int, body: bytes, media_type: str) -> None:
        headers = [
            (b"content-type", media_type.encode()),
            (b"content-length", str(len(body)).encode()),
        ]
        await self.send({"type": "http.response.start", "status": status, "headers": headers})
        await self.send({"type": "http.response.body", "body": body})
