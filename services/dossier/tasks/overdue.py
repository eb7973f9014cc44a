"""Tasks nobody answered in time: found, marked once, announced. A late one may still be answered."""

from __future__ import annotations

import asyncio
from datetime import datetime
from typing import Final

import structlog
from sqlalchemy import select

from contracts.events.dossier import TaskOverdue
from services.bus.kit.outbox import emit
from services.bus.kit.service import Service
from services.bus.kit.tx import Tx
from services.dossier import metrics
from services.dossier.settings import DossierSettings
from services.dossier.tasks.models import IN_PROGRESS, REQUESTED, Task

AT_ONCE: Final = 200

log = structlog.get_logger(__name__)


class Overdue:
    """Looks through the tasks for ever."""

    def __init__(self, service: Service, settings: DossierSettings) -> None:
        self._service = service
        self._every_s = settings.overdue_every_s

    async def run(self) -> None:
        """Mark what has become late; cancelled on shutdown."""
        while True:
            try:
                while await self.mark() == AT_ONCE:
                    pass
            except Exception as error:
                log.warning("tasks.overdue-not-marked", error=type(error).__name__)
            await asyncio.sleep(self._every_s)

    async def mark(self) -> int:
        """Mark the oldest that are late now; how many."""
        now = self._service.clock.now()
        late = await self._service.store.read(lambda tx: _late(tx, now))
        if not late:
            return 0
        marked: int = await self._service.store.write(lambda tx: _mark(tx, late, now))
        metrics.record_overdue(marked)
        return len(late)


def _late(tx: Tx, now: datetime) -> list[str]:
    """Tasks that owe an answer past their limit. While a citizen is asked for something, no limit runs."""
    found = (
        select(Task.id)
        .where(Task.state.in_((REQUESTED, IN_PROGRESS)), Task.due_at < now, Task.overdue_at.is_(None))
        .order_by(Task.due_at)
        .limit(AT_ONCE)
    )
    return list(tx.scalars(found))


def _mark(tx: Tx, ids: list[str], now: datetime) -> int:
    tx.preload(Task, ids, for_update=True)
    marked = 0
    for id_ in ids:
        task = tx.find(Task, id_)
        if task is None or task.state not in (REQUESTED, IN_PROGRESS) or task.overdue_at is not None:
            continue
        assert task.due_at is not None
        task.overdue_at = now
        task.times_overdue += 1
        event = TaskOverdue(
            task_id=task.id,
            code=task.code,
            step=task.step,
            system=task.system,
            kind=task.kind,
            due_at=task.due_at,
            at=now,
        )
        emit(tx, event, key=f"{task.id}/overdue", version=task.times_overdue, at=now)
        marked += 1
    return marked
