"""The one way a service calls another process over HTTP: retries, budgets, a breaker per destination, trace
context and the service's token are on every call, so that no caller has to remember them.

An answer below 300 is returned; everything else is raised as one of `services.bus.kit.http_errors`, which
draws their hierarchy. Retried is only what a later attempt can heal, and only if repeating is harmless. A
client with a token source shows the token to every destination: use one without for whoever is off the axis.
"""

from __future__ import annotations

import asyncio
import functools
import logging
import ssl
import time
from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from types import TracebackType
from typing import Any, Protocol, Self, TypedDict, Unpack

import httpx
from tenacity import AsyncRetrying, retry_if_exception

from services.bus.kit import spans
from services.bus.kit.breaker import Breaker, BreakerOpenError, BreakerPolicy, Permit, Transition
from services.bus.kit.http_errors import (
    Attempt,
    CallError,
    CircuitOpenError,
    FaultyAnswerError,
    NoAnswerError,
    NoTokenError,
    PoolExhaustedError,
    RefusedError,
)
from services.bus.kit.retrying import (
    IDEMPOTENT_METHODS,
    RETRYABLE_STATUS,
    BackoffOrAsTold,
    RetryBudget,
    RetryPolicy,
    give_up,
    retry_after,
)
from services.bus.kit.trace import child_of, current_traceparent

# it logs every URL at INFO, and a path may hold a personal id
logging.getLogger("httpx").setLevel(logging.WARNING)


@dataclass(frozen=True, slots=True)
class Timeouts:
    """Seconds for each phase of an attempt. `pool` is the wait for a free connection of our own."""

    connect: float = 2.0
    read: float = 10.0
    write: float = 10.0
    pool: float = 2.0


class BearerTokens(Protocol):
    """Where tokens come from. `rejected` is told which token a destination no longer accepts."""

    async def token(self) -> str: ...

    def rejected(self, token: str) -> None: ...


class CallOptions(TypedDict, total=False):
    """What a call can carry. `json`, `content` and `form` exclude each other.

    `idempotent`: repeating is harmless although the method does not say so. `budget`: seconds for the whole
    call, in place of the policy's. `wait_if_open`: wait for the breaker, within the budget, rather than fail
    at once.
    """

    json: Any
    content: bytes | str
    form: Mapping[str, str]
    params: Mapping[str, str | int | float | bool | None]
    headers: Mapping[str, str]
    timeouts: Timeouts
    budget: float
    idempotent: bool
    wait_if_open: bool


@dataclass(slots=True)
class _Destination:
    breaker: Breaker
    retries: RetryBudget


@dataclass(slots=True)
class _Call:
    """One call on its way: the request is built once and sent again as it is, apart from its token."""

    request: httpx.Request
    destination: _Destination
    deadline: float
    repeatable: bool
    wait_if_open: bool
    own_token: bool
    began: float = field(default_factory=time.monotonic)
    attempts: list[Attempt] = field(default_factory=list)

    @property
    def what(self) -> tuple[str, str, list[Attempt]]:
        """The arguments every `CallError` starts with."""
        return self.request.method, self.destination.breaker.name, self.attempts


class HttpClient:
    """An httpx client with the manners above. One per service; `connections` is the size of its pool.

    `on_attempt(destination, method, attempt)` and `on_breaker(transition)` feed metrics and must not raise.
    Destinations (scheme, host, port) come from configuration, so the table of them stays small.
    """

    def __init__(
        self,
        *,
        base_url: str = "",
        tokens: BearerTokens | None = None,
        timeouts: Timeouts | None = None,
        retries: RetryPolicy | None = None,
        breaker: BreakerPolicy | None = None,
        connections: int = 64,
        transport: httpx.AsyncBaseTransport | None = None,
        on_attempt: Callable[[str, str, Attempt], None] | None = None,
        on_breaker: Callable[[Transition], None] | None = None,
    ) -> None:
        self._tokens = tokens
        self._timeouts = timeouts or Timeouts()
        self._policy = retries or RetryPolicy()
        self._breaker_policy = breaker or BreakerPolicy()
        self._on_attempt = on_attempt
        self._on_breaker = on_breaker
        self._backoff = BackoffOrAsTold(self._policy)
        self._destinations: dict[str, _Destination] = {}
        self._client = httpx.AsyncClient(
            base_url=base_url,
            transport=transport,
            verify=_tls(),
            trust_env=False,  # a proxy found in the environment must not decide where citizens' data go
            limits=httpx.Limits(
                max_connections=connections,
                max_keepalive_connections=connections,
                keepalive_expiry=4.0,  # below the 5 s of uvicorn: we close first, and never write to a corpse
            ),
        )

    async def __aenter__(self) -> Self:
        return self

    async def __aexit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        await self.aclose()

    async def aclose(self) -> None:
        await self._client.aclose()

    @property
    def breakers(self) -> list[Breaker]:
        """One for each destination that was called so far."""
        return [each.breaker for each in self._destinations.values()]

    def breaker(self, url: str) -> Breaker:
        """The breaker that guards the destination of `url`, to look at."""
        return self._destination(self._client.build_request("GET", url).url).breaker

    async def get(self, url: str, **options: Unpack[CallOptions]) -> httpx.Response:
        return await self.request("GET", url, **options)

    async def post(self, url: str, **options: Unpack[CallOptions]) -> httpx.Response:
        return await self.request("POST", url, **options)

    async def request(self, method: str, url: str, **options: Unpack[CallOptions]) -> httpx.Response:
        """Sends a request; returns its answer, read whole and below 300, or raises a `CallError`."""
        budget = options.get("budget", self._policy.budget)
        call = self._prepare(method, url, budget, options)
        call.destination.retries.earn()
        retrying = AsyncRetrying(
            retry=retry_if_exception(lambda error: call.repeatable and _can_heal(error)),
            wait=self._backoff,
            stop=give_up(self._policy, budget, call.destination.retries),
            reraise=True,
        )
        recorder, parent = spans.recorder, current_traceparent()
        if recorder is None or parent is None:
            response: httpx.Response = await retrying(self._attempt, call)
            return response
        began_ns = time.time_ns()
        try:
            return await retrying(self._attempt, call)
        finally:
            outcome = call.attempts[-1].outcome if call.attempts else "not sent"
            recorder.tell(
                call.request.method,
                "client",
                call.request.headers["traceparent"],
                parent,
                began_ns,
                {
                    "http.request.method": call.request.method,
                    "server.address": call.destination.breaker.name,
                    "http.request.resend_count": max(len(call.attempts) - 1, 0),
                    "truc.outcome": outcome,
                },
                failed=not outcome.startswith(("2", "3", "4")),
            )

    def _prepare(self, method: str, url: str, budget: float, options: CallOptions) -> _Call:
        phases = options.get("timeouts", self._timeouts)
        request = self._client.build_request(
            method,
            url,
            json=options.get("json"),
            content=options.get("content"),
            data=options.get("form"),
            params=options.get("params"),
            headers=options.get("headers"),
            timeout=httpx.Timeout(connect=phases.connect, read=phases.read, write=phases.write, pool=phases.pool),
        )
        traceparent = current_traceparent()
        if traceparent is not None:
            own = traceparent if spans.recorder is None else child_of(traceparent)
            request.headers.setdefault("traceparent", own)
        repeatable = request.method in IDEMPOTENT_METHODS or "idempotency-key" in request.headers
        return _Call(
            request=request,
            destination=self._destination(request.url),
            deadline=asyncio.get_running_loop().time() + budget,
            repeatable=repeatable or options.get("idempotent", False),
            wait_if_open=options.get("wait_if_open", False),
            own_token=self._tokens is not None and "authorization" not in request.headers,
        )

    def _destination(self, url: httpx.URL) -> _Destination:
        name = f"{url.scheme}://{url.netloc.decode('ascii')}"
        known = self._destinations.get(name)
        if known is None:
            known = self._destinations[name] = _Destination(
                Breaker(name, self._breaker_policy, on_transition=self._on_breaker),
                RetryBudget(self._policy.share, self._policy.burst),
            )
        return known

    async def _attempt(self, call: _Call) -> httpx.Response:
        token = await self._authorise(call)
        response = await self._exchange(call)
        if response.status_code == 401 and token is not None and self._tokens is not None:
            # the hub may have changed its keys since: one more try, with a token that differs
            self._tokens.rejected(token)
            if await self._authorise(call) != token:
                response = await self._exchange(call)
        if response.status_code < 300:
            return response
        if response.status_code < 500 and response.status_code != 429:
            raise RefusedError(*call.what, response)
        faulty = FaultyAnswerError(*call.what, response)
        faulty.retry_after = retry_after(response.headers.get("retry-after"))
        raise faulty

    async def _authorise(self, call: _Call) -> str | None:
        """Puts a token on the request, unless the caller brought credentials of its own."""
        if not call.own_token or self._tokens is None:
            return None
        try:
            async with asyncio.timeout_at(call.deadline):
                token = await self._tokens.token()
        except (CallError, TimeoutError) as error:
            raise NoTokenError(*call.what, "no token from the hub") from error
        call.request.headers["authorization"] = f"Bearer {token}"
        return token

    async def _exchange(self, call: _Call) -> httpx.Response:
        """One request and its answer, reported to the breaker."""
        with await self._leave(call) as permit:
            started = time.monotonic()
            try:
                async with asyncio.timeout_at(call.deadline):
                    response = await self._client.send(call.request)
            except (httpx.UnsupportedProtocol, httpx.LocalProtocolError):
                permit.abandoned()  # our own mistake
                raise
            except httpx.PoolTimeout as error:
                permit.abandoned()  # our own shortage
                self._record(call, started, "PoolTimeout", maybe_done=False)
                raise PoolExhaustedError(*call.what, "no free connection in the pool") from error
            except (httpx.RequestError, TimeoutError) as error:
                permit.failed()
                kind = "budget" if isinstance(error, TimeoutError) else type(error).__name__
                never_left = isinstance(error, httpx.ConnectError | httpx.ConnectTimeout)
                self._record(call, started, kind, maybe_done=not never_left)
                raise NoAnswerError(*call.what, f"no answer, {kind}") from error
            self._record(call, started, str(response.status_code), response.status_code >= 500)
            if response.status_code >= 500:
                permit.failed()
            elif response.status_code == 429:
                permit.abandoned()  # alive, yet no reason to send it more
            return response

    async def _leave(self, call: _Call) -> Permit:
        breaker = call.destination.breaker
        try:
            if not call.wait_if_open:
                return breaker.admit()
            async with asyncio.timeout_at(call.deadline):
                return await breaker.wait_until_allowed()
        except (BreakerOpenError, TimeoutError) as error:
            refused = CircuitOpenError(*call.what, "circuit open")
            refused.retry_after = breaker.retry_after
            raise refused from error

    def _record(self, call: _Call, started: float, outcome: str, maybe_done: bool) -> None:
        attempt = Attempt(started - call.began, time.monotonic() - started, outcome, maybe_done)
        call.attempts.append(attempt)
        if self._on_attempt is not None:
            self._on_attempt(call.destination.breaker.name, call.request.method, attempt)


def _can_heal(error: BaseException) -> bool:
    if isinstance(error, FaultyAnswerError):
        return error.status in RETRYABLE_STATUS
    return isinstance(error, NoAnswerError)


@functools.cache
def _tls() -> ssl.SSLContext:
    """One context for every client of the process: reading the system's authorities takes milliseconds."""
    return ssl.create_default_context()
