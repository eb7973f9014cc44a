"""One call to the portal: under the breaker's leave, with a session, its answer turned into an outcome.

Every verb goes through here, so that whoever finds out that the portal is back finds it out for all. A call
is repeated here once, and only for a session that had run out; every other repetition is the caller's.
"""

from __future__ import annotations

import time
from collections.abc import Callable, Mapping, Sequence
from typing import Any, Final

import orjson
import structlog

from contracts.portal import DESTINATION_HEADER, Verb
from gateway.sync import metrics
from gateway.sync.outcomes import (
    Delivered,
    Exists,
    Outcome,
    Refused,
    Retry,
    SessionOver,
    Trouble,
    Unknown,
    classify,
)
from gateway.sync.session import Session
from gateway.sync.settings import SyncSettings
from gateway.sync.transport import Connections, Endpoint, NoAnswerError
from services.bus.kit import spans
from services.bus.kit.breaker import Breaker, BreakerPolicy, BreakerState, Transition
from services.bus.kit.scraping import set_breaker
from services.bus.kit.trace import child_of, parse

log = structlog.get_logger(__name__)

Settled = Delivered | Exists | Unknown | Refused | Retry
"""What a caller sees: a session that is over has been dealt with."""

AT_ONCE_S: Final = 0.001
"""Leave that takes no longer was not waited for."""

_NAMES: dict[type, str] = {
    Delivered: "delivered",
    Exists: "exists",
    Unknown: "unknown",
    SessionOver: "session",
    Refused: "refused",
}


class PortalClient:
    """The portal as the settings name it. Open it with `async with`; for one event loop."""

    def __init__(self, settings: SyncSettings) -> None:
        headers = {
            "Content-Type": "application/json",
            "Charset": "utf-8",
            "Accept": "application/json",
            DESTINATION_HEADER: settings.dstcode,
        }
        base = settings.portal_url.rstrip("/")
        self._login = Endpoint.of(base + settings.login_path, headers)
        self._data = Endpoint.of(base + settings.data_path, headers)
        self._settings = settings
        self._profile = settings.portal_profile
        self._connections = Connections(connect_s=settings.connect_timeout_s, read_s=settings.read_timeout_s)
        self.breaker = Breaker("portal", _policy(settings), on_transition=_tell)
        set_breaker(self.breaker.name, self.breaker.state)
        self.session = Session(self._log_in)
        self._left_at = 0.0
        """When leave was last given after a wait."""

    async def __aenter__(self) -> PortalClient:
        await self._connections.__aenter__()
        return self

    async def __aexit__(self, *exc_info: object) -> None:
        await self.session.aclose()
        await self._connections.__aexit__(*exc_info)

    async def call(
        self,
        verb: Verb,
        fields: Mapping[str, Any] | None = None,
        *,
        data: Sequence[Mapping[str, Any]] | None = None,
        traceparent: str | None = None,
        on_leave: Callable[[], None] | None = None,
    ) -> Settled:
        """Make one data call: control `fields`, `data` items, both as the wire spells them. Waits for leave
        while the portal is away, and says so when it has got it (`on_leave`). Never raises for what the portal
        does or fails to do."""
        began = time.monotonic()
        body: dict[str, Any] = {"madonvi": self._settings.unit, "service": verb.value, **(fields or {})}
        if data is not None:
            body["data"] = data
        again = False
        while True:
            token = await self.session.token()
            if isinstance(token, Retry):
                return token
            body["session"] = token
            outcome, _ = await self._exchange(
                self._data, orjson.dumps(body), verb.value, traceparent, began, on_leave
            )
            if not isinstance(outcome, SessionOver):
                return outcome
            if again and not outcome.certain:
                # only its words spoke of a session, and a new one changed nothing: they meant something else
                return Refused(frozenset(), outcome.error_code, outcome.reason)
            self.session.refused(token)
            if again:
                return Retry(Trouble.SESSION, outcome.reason)
            again = True

    async def _log_in(self) -> tuple[Outcome, bytes]:
        settings = self._settings
        secret = settings.password.get_secret_value()
        body = orjson.dumps({"username": settings.username, "password": secret})
        return await self._exchange(self._login, body, "login", None)

    async def _exchange(
        self,
        endpoint: Endpoint,
        body: bytes,
        verb: str,
        traceparent: str | None,
        began: float = 0.0,
        on_leave: Callable[[], None] | None = None,
    ) -> tuple[Outcome, bytes]:
        asked = time.monotonic()
        permit = await self.breaker.wait_until_allowed()
        if (now := time.monotonic()) - asked > AT_ONCE_S:
            self._left_at = now
        if on_leave is not None and self._left_at > began:  # for this, or for a session
            on_leave()
        probing = self.breaker.state is BreakerState.HALF_OPEN
        own = child_of(traceparent)
        recorder = spans.recorder if parse(traceparent) is not None else None
        began_ns = time.time_ns() if recorder is not None else 0
        started = time.perf_counter()
        received = b""
        outcome: Outcome
        with permit:
            try:
                answer = await self._connections.post(endpoint, body, traceparent=own)
            except NoAnswerError as error:
                outcome = Retry(Trouble.TRANSPORT, str(error))
            else:
                received = answer.body
                outcome = classify(answer.status, received, self._profile)
            if isinstance(outcome, Retry):
                permit.failed()  # 429 too: what it asks for is less of everything, and that is the breaker's
                if probing:  # the portal as a whole is ill: no dossier is to blame
                    outcome = Retry(outcome.trouble, outcome.reason)
        name = outcome.trouble.value if isinstance(outcome, Retry) else _NAMES[type(outcome)]
        metrics.record_call(verb, name, time.perf_counter() - started, own)
        if recorder is not None:
            said = {"http.request.method": "POST", "server.address": self.breaker.name, "truc.outcome": name}
            recorder.tell(verb, "client", own, traceparent, began_ns, said, failed=isinstance(outcome, Retry))
        return outcome, received


def _policy(settings: SyncSettings) -> BreakerPolicy:
    """Opens after a few failures and probes at least every `probe_longest_s`, so that a portal that is back
    is noticed at once."""
    longest = settings.probe_longest_s
    return BreakerPolicy(
        window=5.0, minimum_calls=5, failure_ratio=0.5, open_for=min(0.25, longest), open_cap=longest
    )


def _tell(transition: Transition) -> None:
    set_breaker(transition.breaker, transition.new)
    if transition.new is not BreakerState.HALF_OPEN and transition.old is not BreakerState.HALF_OPEN:
        log.warning("portal.breaker", state=transition.new.value, reason=transition.reason)
    elif transition.new is BreakerState.CLOSED:
        log.info("portal.breaker", state=transition.new.value, reason=transition.reason)
