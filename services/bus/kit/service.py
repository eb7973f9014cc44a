"""`create_service`: everything a service of the axis is built from, wired once.

migrations ─► store ─► bus ─► relay ─► consumers ─► background ─► serving
and back again in reverse on SIGTERM: stop taking requests, let the relay empty, close the store.
"""

from __future__ import annotations

import asyncio
import contextlib
import gc
import os
from collections.abc import AsyncIterator, Awaitable, Callable, Sequence
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

import structlog
from fastapi import APIRouter, FastAPI, Request, Response
from fastapi.responses import JSONResponse
from sqlalchemy import MetaData, select

from services.bus.kit import errors, logs, metrics, migrations, openapi, operations, spans
from services.bus.kit.api import ProblemDocument
from services.bus.kit.bus import Bus
from services.bus.kit.clock import Clock, SystemClock
from services.bus.kit.consumer import Consumer, ConsumerSpec
from services.bus.kit.edge import Edge
from services.bus.kit.errors import PROBLEM_JSON
from services.bus.kit.front import AxisApp
from services.bus.kit.http import HttpClient
from services.bus.kit.idempotency import forget_old_answers
from services.bus.kit.receipts import forget_old_receipts
from services.bus.kit.relay import Relay, Sweep
from services.bus.kit.scraping import Scraping
from services.bus.kit.settings import ServiceSettings
from services.bus.kit.shortcut import Shortcut, Shortcuts
from services.bus.kit.store import Store
from services.bus.kit.tasks import end
from services.bus.kit.tokens import TokenSource, TokenVerifier

log = structlog.get_logger(__name__)

Background = Callable[["Service"], Awaitable[None]]
Lifespan = Callable[["Service"], contextlib.AbstractAsyncContextManager[Any]]


@dataclass
class Service:
    """A running service: what its routes, reactions and background tasks work with."""

    name: str
    settings: ServiceSettings
    store: Store
    bus: Bus
    relay: Relay
    clock: Clock
    http: HttpClient
    tokens: TokenSource
    verifier: TokenVerifier
    on_axis: bool = True
    consumers: list[Consumer] = field(default_factory=list)
    running_keys: set[bytes] = field(default_factory=set)
    extra: dict[str, Any] = field(default_factory=dict)
    scraping: Scraping = field(init=False)
    """What `/metrics` looks up; a service adds its own look-ups."""

    def __post_init__(self) -> None:
        self.scraping = Scraping(self)


def create_service(
    name: str,
    *,
    title: str,
    description: str,
    settings: ServiceSettings,
    metadata: MetaData,
    versions: Path,
    routers: Sequence[APIRouter],
    consumers: Sequence[ConsumerSpec] = (),
    background: Sequence[Background] = (),
    lifespan: Sequence[Lifespan] = (),
    clock: Clock | None = None,
    on_axis: bool = True,
    waits_for_broker: bool = True,
    verifier: TokenVerifier | None = None,
    shortcuts: Sequence[Shortcut] = (),
) -> AxisApp:
    """An app with health, metrics, problems, tokens, idempotency, store, relay and consumers.

    `versions` is the folder of the service's migrations. `on_axis=False` leaves the broker out (the stand-in
    portal stands outside the axis); `waits_for_broker=False` is for who is ready without it too. `shortcuts` are
    the busy routes. `verifier` replaces the one that reads the hub's keys (the hub's own).
    """
    logs.configure(settings.log_level, name)

    @contextlib.asynccontextmanager
    async def run(app: FastAPI) -> AsyncIterator[None]:
        store = Store(settings.database(name), source=f"/truc/{name}")
        await asyncio.to_thread(migrations.upgrade, store.writer, versions, metadata)
        bus = Bus(settings.nats_url, name=name, nkey_seed_file=settings.nats_nkey_seed_file)
        async with contextlib.AsyncExitStack() as stack:
            if settings.otlp_endpoint:
                spans.start(name, settings.otlp_endpoint, settings.traces_share)
                stack.push_async_callback(asyncio.to_thread, spans.stop)
            anonymous = await stack.enter_async_context(HttpClient(connections=4))
            tokens = TokenSource(anonymous, settings.hub_url, settings.client_id, settings.client_secret)
            stack.push_async_callback(tokens.aclose)
            http = await stack.enter_async_context(
                HttpClient(tokens=tokens, on_attempt=metrics.record_call, on_breaker=metrics.record_breaker)
            )
            checks = verifier or TokenVerifier(
                anonymous,
                hub_url=settings.hub_url,
                jwks_file=settings.jwks_file,
                issuer=settings.token_issuer,
            )
            stack.push_async_callback(checks.aclose)
            service = Service(
                name=name,
                settings=settings,
                store=await stack.enter_async_context(store),
                bus=bus,
                relay=Relay(store, bus),
                clock=clock or SystemClock(),
                http=http,
                tokens=tokens,
                verifier=checks,
                on_axis=on_axis,
            )
            app.state.service = service
            if on_axis:
                await stack.enter_async_context(bus)
                await stack.enter_async_context(_running(f"{name}-relay", service.relay.run))
                stack.push_async_callback(_drain, service)
                if store.writer.dialect.name == "postgresql":
                    await stack.enter_async_context(_running(f"{name}-sweep", Sweep(service.relay).run))
            await stack.enter_async_context(_running(f"{name}-keys", checks.keep_fresh))
            for each in lifespan:
                await stack.enter_async_context(each(service))
            for spec in consumers:
                consumer = Consumer(spec, store, bus, service.clock)
                service.consumers.append(consumer)
                await stack.enter_async_context(_running(spec.name, consumer.run))
            for task in (*background, _tidy):
                await stack.enter_async_context(_running(f"{name}-{task.__name__}", task, service))
            gc.freeze()
            log.info("service.started", port=settings.port)
            yield
            log.info("service.stopping")

    app = AxisApp(
        title=title,
        description=description,
        version="1",
        lifespan=run,
        telemetry={"tracing": False, "metrics": False, "logs": False},
        responses=dict(PROBLEMS),
        generate_unique_id_function=lambda route: f"{route.name}",
        redirect_slashes=False,
    )
    app.state.max_body_bytes = settings.max_body_bytes
    errors.install(app)
    if shortcuts:
        app.put_in_front(lambda behind: Shortcuts(behind, app, tuple(shortcuts)))
    app.put_in_front(Edge)
    for router in routers:  # first the service's own: routes are tried in order, and these are the busy ones
        app.include_router(router)
    if on_axis:
        app.include_router(operations.router)
    app.include_router(_health_routes(on_axis and waits_for_broker))
    openapi.install(app)
    return app


PROBLEMS: dict[int | str, dict[str, Any]] = {
    status: {
        "model": ProblemDocument,
        "description": text,
        "content": {PROBLEM_JSON: {"schema": {"$ref": "#/components/schemas/ProblemDocument"}}},
    }
    for status, text in {
        400: "The body or a header cannot be read",
        401: "No valid token",
        403: "The token lacks a scope, or a purpose is missing",
        404: "There is no such thing",
        409: "In conflict with the state or another change",
        412: "If-Match names another version",
        413: "The body is too large",
        415: "The content type is not supported",
        422: "A field breaks a rule",
        503: "Overloaded, or something it needs is away; nothing was done",
    }.items()
}


def _health_routes(needs_broker: bool) -> APIRouter:
    router = APIRouter(tags=["operation"])

    @router.get("/healthz")
    async def healthz() -> dict[str, str]:
        """The process is alive."""
        return {"status": "alive"}

    @router.get("/readyz")
    async def readyz(request: Request) -> Response:
        """Database, broker and stream are reachable. 503 names what is not."""
        service: Service = request.app.state.service
        checks = {"database": service.store.read(lambda tx: tx.scalar(select(1)))}
        if needs_broker:
            checks["broker"] = service.bus.check()
        found = await asyncio.gather(
            *(asyncio.wait_for(check, 3) for check in checks.values()), return_exceptions=True
        )
        consumers = service.consumers if needs_broker else []
        state = {each.spec.name: "not subscribed" for each in consumers if not each.subscribed}
        if not await service.verifier.knows_keys():
            state["keys"] = "the hub's keys are not known yet"
        state |= {
            name: "ok" if not isinstance(result, BaseException) else f"{type(result).__name__}: {result}"
            for name, result in zip(checks, found, strict=True)
        }
        ready = all(value == "ok" for value in state.values())
        return JSONResponse({"status": "ready" if ready else "not ready", **state}, 200 if ready else 503)

    @router.get("/metrics", include_in_schema=False)
    async def prometheus(request: Request) -> Response:
        service: Service = request.app.state.service
        body, content_type = await service.scraping.answer(request.headers.get("accept", ""))
        return Response(body, headers={"content-type": content_type})

    return router


@contextlib.asynccontextmanager
async def _running(name: str, body: Callable[..., Awaitable[None]], *args: Any) -> AsyncIterator[None]:
    """Run `body` for the length of the block. If it ever ends by itself, the process must not go on half
    alive: it is logged and ended, and whoever supervises starts it again."""

    async def guarded() -> None:
        try:
            await body(*args)
        except asyncio.CancelledError:
            raise
        except BaseException as error:
            log.critical("task.died", task=name, exc_info=error)
            os._exit(70)

    task = asyncio.create_task(guarded(), name=name)
    try:
        yield
    finally:
        await end(task)


async def _drain(service: Service) -> None:
    if service.bus.is_connected and not await service.relay.flushed(service.settings.drain_seconds):
        log.warning("relay.left-for-next-start", events=service.relay.waiting)


async def _tidy(service: Service) -> None:
    """Forget stored answers and receipts after a week, a little at a time."""
    while True:
        await asyncio.sleep(60)
        for forget in (forget_old_answers, forget_old_receipts):
            while await service.store.write(forget(service.clock.now())):
                await asyncio.sleep(0.1)
