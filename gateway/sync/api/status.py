"""How the worker does, in one look."""

from __future__ import annotations

from datetime import datetime, timedelta
from typing import Annotated

from fastapi import APIRouter, Query, Request
from pydantic import BaseModel

from contracts import scopes
from gateway.sync.engine import engine_of
from gateway.sync.queries.operator import late as count_late
from gateway.sync.queries.operator import oldest_waiting
from services.bus.kit.api import requires, service_of
from services.bus.kit.requests import AxisRoute
from services.bus.kit.tokens import Caller

router = APIRouter(tags=["status"], route_class=AxisRoute)


class LaneCounts(BaseModel):
    """Dossiers that have something for the portal. Ready: in line. Pausing: before another try. Parked:
    behind a dead letter."""

    ready: int
    sending: int
    pausing: int
    parked: int


class LatencyView(BaseModel):
    """From commit to the portal's acknowledgement, over the last 10,000 statuses of this process."""

    p50: float | None
    p95: float | None
    p99: float | None


class SyncStatus(BaseModel):
    """`backlog`: statuses the portal has not acknowledged. `oldest_s`: age of the oldest of them, parked ones
    aside; `late`: how many are older than asked for, ten thousand at most. `acknowledged`: since the process
    began; `per_second`: over the last ten seconds."""

    profile: str
    portal: str
    breaker: str
    logged_in: bool
    backlog: int
    lanes: LaneCounts
    oldest_waiting_since: datetime | None
    oldest_s: float
    late: int
    acknowledged: int
    per_second: float
    latency_ms: LatencyView


@router.get("/v1/status", response_model=SyncStatus)
async def status(
    request: Request,
    caller: Annotated[Caller, requires(scopes.SYNC_READ)],
    late_after_s: Annotated[float, Query(ge=0, le=86_400)] = 60.0,
) -> SyncStatus:
    """Backlog, breaker, speed and latency."""
    service, engine = service_of(request), engine_of(request)
    oldest = await service.store.read(oldest_waiting)
    lanes, latencies = engine.lanes, engine.latencies
    p50, p95, p99 = latencies.milliseconds(0.5, 0.95, 0.99)
    now = service.clock.now()
    age = 0.0 if oldest is None else (now - oldest).total_seconds()
    late = 0
    if age > late_after_s:
        late = await service.store.read(lambda tx: count_late(tx, now - timedelta(seconds=late_after_s)))
    return SyncStatus(
        profile=engine.profile.name,
        portal=engine.settings.portal_url,
        breaker=engine.client.breaker.state.value,
        logged_in=engine.client.session.current is not None,
        backlog=lanes.backlog,
        lanes=LaneCounts(ready=lanes.ready, sending=lanes.sending, pausing=lanes.pausing, parked=lanes.parked),
        oldest_waiting_since=oldest,
        oldest_s=round(max(age, 0.0), 3),
        late=late,
        acknowledged=latencies.total,
        per_second=latencies.per_second(),
        latency_ms=LatencyView(p50=p50, p95=p95, p99=p99),
    )
