"""A dossier told again in full, to who has lost what he was told of it."""

from __future__ import annotations

from datetime import datetime

from pydantic import BaseModel

from contracts.events.dossier import StatusChanged


class RetoldStep(BaseModel):
    """One step, and what the province heard of its way to the portal."""

    version: int
    status: int
    at: datetime
    officer: str
    department: str
    note: str
    due_at: datetime | None
    sent_at: datetime | None
    acknowledged_at: datetime | None
    attempts: int


class RetoldDossier(BaseModel):
    """`newest` is the data of the newest step's event; `heard_of_portal` the version of the last event of sync
    about this dossier that the province has applied."""

    newest: StatusChanged
    steps: list[RetoldStep]
    heard_of_portal: int
