"""What the three sides hold of one dossier, or of one day's, right now: what signed statements are made of."""

from __future__ import annotations

from datetime import date
from typing import Any, Final

from sqlalchemy import func, select

from contracts.extents import ExtentsWanted, only
from contracts.problems import NOT_FOUND, UNAVAILABLE, Problem
from contracts.statements import Agreement
from gateway.sync.models import Step
from gateway.sync.reconcile.sides import Sides
from services.bus.kit.http_errors import CallError
from services.bus.kit.service import Service
from services.bus.kit.tx import Tx

RETRY_AFTER_S: Final = 5


async def of_dossier(sides: Sides, service: Service, code: str) -> Agreement:
    """Of one dossier. Problem NOT_FOUND if no side has it."""
    wanted = ExtentsWanted(bounds=only(code), open_end=False)
    found = await _agreement(sides, service, wanted, Step.code == code, code=code, day=None)
    if not (found.province.dossiers or found.axis.dossiers or (found.portal and found.portal.dossiers)):
        raise Problem(NOT_FOUND, field="path.code", what="dossier", id=code)
    return found


async def of_day(sides: Sides, service: Service, day: date) -> Agreement:
    """Of all dossiers numbered on that day."""
    number = f"{day:%y%m%d}"
    wanted = ExtentsWanted(day=number)
    return await _agreement(sides, service, wanted, Step.code.like(f"%-{number}-%"), code=None, day=day)


async def _agreement(
    sides: Sides, service: Service, wanted: ExtentsWanted, which: Any, *, code: str | None, day: date | None
) -> Agreement:
    at = service.clock.now()
    try:
        held = await sides.held(wanted)
    except (CallError, ValueError) as error:  # it does not answer, or not what it should
        raise Problem(UNAVAILABLE, what="side of the comparison", retry_after=RETRY_AFTER_S) from error
    waiting = await service.store.read(lambda tx: _waiting(tx, which))
    return Agreement(
        code=code,
        day=day,
        at=at,
        agree=not held.differing() and (sides.asks_portal or not waiting),
        province=held.province[0],
        axis=held.axis[0],
        axis_wire=held.axis_wire[0],
        portal=None if held.portal is None else held.portal[0],
        waiting=waiting,
    )


def _waiting(tx: Tx, which: Any) -> int:
    """Steps the portal has not acknowledged, and nobody gave up."""
    waits = select(func.count()).select_from(Step).where(
        which, Step.acknowledged_at.is_(None), Step.discarded_at.is_(None)
    )  # fmt: skip
    return tx.scalar(waits) or 0
