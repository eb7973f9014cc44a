"""One dossier's lane in memory: what the worker knows of it while it is under way, and the news that feed it."""

from __future__ import annotations

import asyncio
from dataclasses import dataclass, field
from datetime import datetime

from contracts.envelope import Event
from contracts.events.dossier import StatusChanged
from gateway.sync.payloads import wire_second
from gateway.sync.queries.backlog import LoadedLane


@dataclass(slots=True)
class HotStep:
    """A step the portal has not acknowledged. `seen_before`: it had, and is sent again on request. `sent_at` is
    when the last attempt began; `trouble` what became of the one before it."""

    version: int
    status: int
    second: int
    officer: str
    department: str
    note: str
    due_at: datetime | None
    committed_at: datetime
    received_at: datetime
    published_at: datetime | None = None
    sent_at: datetime | None = None
    first_sent_at: datetime | None = None
    attempts: int = 0
    trouble: str | None = None
    seen_before: bool = False


@dataclass(slots=True, eq=False)
class HotLane:
    """A dossier as the worker knows it. `head` is (version, wire second) of its newest step, `committed` that of
    the newest one in the database: a step may be sent while its commit is still to come. `unsaved` counts
    what is acknowledged or refused and on its way into the database. `told` is the newest state, kept only
    while something waits; `alone`: a call it shared with others was refused, so it gets calls of its own."""

    code: str
    head: tuple[int, int]
    committed: tuple[int, int]
    told: StatusChanged | None = None
    traceparent: str | None = None
    announced: int = 0
    knows: bool = False
    parked: bool = False
    steps: list[HotStep] = field(default_factory=list)
    sending: bool = False
    pause: asyncio.TimerHandle | None = None
    alone: bool = False
    failures: int = 0
    faults: int = 0
    unsaved: int = 0

    @property
    def waits(self) -> bool:
        """There is something to send, and it may be sent."""
        return bool(self.steps) and not self.parked

    @property
    def in_use(self) -> bool:
        """Must not be forgotten now."""
        return self.sending or self.pause is not None or self.is_unsaved

    @property
    def is_unsaved(self) -> bool:
        """Memory knows more than the database."""
        return self.unsaved > 0 or self.committed[0] < self.head[0]


@dataclass(frozen=True, slots=True)
class News:
    """A step the reaction has committed. `prior` is the lane's row before it, if the reaction had to read it;
    `first`: the lane began with this step."""

    told: StatusChanged
    step: HotStep
    traceparent: str | None
    first: bool
    prior: LoadedLane | None


_OFFICER, _DEPARTMENT, _NOTE = 200, 500, 4000


def step_of(event: Event, told: StatusChanged, *, after: int | None, received_at: datetime) -> HotStep:
    """The step an event tells of, when the one before it has the wire second `after` (None: there is none)."""
    return HotStep(
        version=event.version,
        status=int(told.status),
        second=wire_second(told.at, after),
        officer=told.officer[:_OFFICER],
        department=told.department[:_DEPARTMENT],
        note=told.note[:_NOTE],
        due_at=told.dossier.due_at,
        committed_at=event.time,
        received_at=received_at,
    )


def hot_lane(loaded: LoadedLane) -> HotLane:
    """A lane as the database has it."""
    steps = [
        HotStep(
            version=row.version,
            status=row.status,
            second=row.wire_second,
            officer=row.officer,
            department=row.department,
            note=row.note,
            due_at=row.due_at,
            committed_at=row.committed_at,
            published_at=row.published_at,
            received_at=row.received_at,
            attempts=row.attempts,
            seen_before=row.acknowledged_at is not None,
        )
        for row in loaded.steps
    ]
    return HotLane(
        code=loaded.code,
        head=(loaded.newest_version, loaded.newest_second),
        committed=(loaded.newest_version, loaded.newest_second),
        told=StatusChanged.model_validate_json(loaded.snapshot),
        traceparent=loaded.traceparent,
        announced=loaded.announced,
        knows=loaded.portal_knows,
        steps=steps,
    )
