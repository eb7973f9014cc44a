"""The way of one dossier, put together from those who saw it: the one-stop shop, sync, the systems, the ledger.
Who does not answer is named, and the rest is shown."""

from __future__ import annotations

import asyncio
from dataclasses import dataclass, field
from typing import Any, Final

from contracts.problems import Language, Problem
from services.bus.hub.console.remote import Remote, RemoteError
from services.bus.hub.ledger import queries
from services.bus.hub.ledger.views import DossierRecords, RecordView
from services.bus.hub.operators.queries import Somebody
from services.bus.kit.store import Store

MOST_TASKS: Final = 40
UNKNOWN: Final = (404, 422)


@dataclass
class Journey:
    """What was found. `timeline`, `lane`, `letters` and `tasks` are as the services tell them; None: nobody
    knows the dossier, or did not answer, as `away` says."""

    code: str
    timeline: dict[str, Any] | None = None
    lane: dict[str, Any] | None = None
    letters: list[dict[str, Any]] = field(default_factory=list)
    tasks: list[dict[str, Any]] = field(default_factory=list)
    records: list[RecordView] = field(default_factory=list)
    away: dict[str, str] = field(default_factory=dict)

    @property
    def known(self) -> bool:
        return bool(self.timeline or self.lane or self.records or self.away)


async def journey(store: Store, remote: Remote, by: Somebody, code: str, language: Language) -> Journey:
    """Asks everybody at once."""
    found = Journey(code)

    async def asked(process: str, path: str, **params: Any) -> Any:
        try:
            return await remote.get(by, process, path, language, **params)
        except RemoteError as error:
            if error.status not in UNKNOWN:
                found.away[process] = str(error)
            return None

    async def of_the_systems() -> list[dict[str, Any]]:
        run = await asked("dossier", f"/v1/dossiers/{code}/run")
        return await asyncio.gather(*(with_answers(task) for task in (run or {"tasks": []})["tasks"][:MOST_TASKS]))

    async def with_answers(task: dict[str, Any]) -> dict[str, Any]:
        if task["requested_at"] is None:
            return {**task, "answers": []}
        told = await asked("dossier", f"/v1/tasks/{task['id']}")
        return {**task, "answers": told["answers"] if told else []}

    found.timeline, found.lane, letters, found.tasks, records = await asyncio.gather(
        asked("dossier", f"/v1/dossiers/{code}/timeline"),
        asked("sync", f"/v1/lanes/{code}"),
        asked("sync", "/v1/dead-letters", key=code, limit=20),
        of_the_systems(),
        _records(store, code),
    )
    found.letters = letters["items"] if letters else []
    found.records = records.items if records else []
    return found


async def _records(store: Store, code: str) -> DossierRecords | None:
    try:
        return await store.read(lambda tx: queries.dossier(tx, code))
    except Problem:
        return None
