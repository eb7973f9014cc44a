"""How a persona treats an HTTP lookup: late, not at all (an outage), or with 200 and an error text."""

from __future__ import annotations

import asyncio
from typing import Final

from fastapi import Request

from contracts.problems import SYSTEM_AWAY, Problem
from contracts.tasks import System
from gateway.ministries.draws import draws
from gateway.ministries.ministries import ministries_behind
from gateway.ministries.queries.personas import in_force
from gateway.ministries.schemas import Misreport
from services.bus.kit.api import service_of

LIE: Final = Misreport(error_code="0", message="Lỗi kết nối cơ sở dữ liệu (ORA-12541: TNS:no listener)")


async def behave(request: Request, system: System) -> Misreport | None:
    """Hold the lookup as long as the system's persona says; the lie if it tells one. The n-th lookup of a
    persona always fares the same. Raises Problem SYSTEM_OFF, SYSTEM_AWAY."""
    ministries, service = ministries_behind(request), service_of(request)
    ministries.desk(system, "path")
    force = await service.store.read(lambda tx: in_force(tx, system))
    now = service.clock.now()
    if force.away(now):
        left = max(1, int((force.row.outage_until - now).total_seconds()))
        raise Problem(SYSTEM_AWAY, system=system.value, retry_after=left)
    edition = force.row.edition if force.row is not None else system.value
    number = ministries.lookups[edition] = ministries.lookups.get(edition, 0) + 1
    chance = draws(force.persona.seed, "lookup", number)
    seconds = force.persona.latency.drawn(chance.random()) * force.persona.slow
    if seconds > 0:
        await asyncio.sleep(min(seconds, ministries.lookup_seconds_at_most))
    return LIE if chance.random() < force.persona.lie_rate else None
