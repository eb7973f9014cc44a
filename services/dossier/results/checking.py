"""Looking up a code that somebody typed: counted by address, wrong ones twice."""

from __future__ import annotations

from collections.abc import Callable
from datetime import datetime
from typing import TypeVar

from fastapi import Request

from contracts.problems import NOT_FOUND, Problem
from services.bus.kit.api import service_of
from services.bus.kit.tx import Tx
from services.dossier.results.room import room_of

T = TypeVar("T")


async def checked(request: Request, query: Callable[[str, datetime], Callable[[Tx], T]], code: str) -> T:
    """The answer of `query(code, now)`. Raises NOT_FOUND, or TOO_MANY_REQUESTS for who asks too often."""
    service, limits = service_of(request), room_of(request).limits
    address = limits.look(request)
    try:
        return await service.store.read(query(code, service.clock.now()))
    except Problem as problem:
        if problem.type is NOT_FOUND:
            limits.wrong.spend(address)
        raise
