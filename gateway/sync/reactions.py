"""Events in. A status change becomes a step of its dossier's lane; a declined request becomes one to tell.

A reaction is a command: it may run twice and nothing it does counts before the commit. So what it has stored
is told to the worker by the transaction itself, after it has committed, whoever ran it: the consumer, or an
operator who retries a dead letter.
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass, field
from functools import cache
from typing import Any, Final, TypeVar, cast

import orjson
from pydantic import ValidationError
from sqlalchemy import Table, func
from sqlalchemy.dialects.postgresql import insert as postgresql_insert
from sqlalchemy.dialects.sqlite import insert as sqlite_insert

from contracts.envelope import Event, EventData
from contracts.events.dossier import RequestDeclined, StatusChanged
from contracts.problems import VALIDATION, FieldError, Problem, Text
from gateway.sync.lane import News, step_of
from gateway.sync.lanes import Lanes
from gateway.sync.models import OK, Decline, Lane, Step
from gateway.sync.queries.backlog import LoadedLane, lane_row
from services.bus.kit.clock import Clock
from services.bus.kit.tx import Tx

D = TypeVar("D", bound=EventData)

_INTAKE: Final = "sync.intake"
_LANES = cast("Table", Lane.__table__)


@dataclass(slots=True)
class _Intake:
    """What one transaction takes in: the heads of its lanes, and the news to tell once it has committed."""

    heads: dict[str, tuple[int, int]] = field(default_factory=dict)
    news: list[News] = field(default_factory=list)


class StatusReaction:
    """The reaction to dossier.status-changed. `tell` is called in the thread that commits, afterwards."""

    def __init__(self, lanes: Lanes, clock: Clock, tell: Callable[[list[News]], None]) -> None:
        self._lanes = lanes
        self._clock = clock
        self._tell = tell

    def __call__(self, tx: Tx, event: Event) -> None:
        told = _read(event, StatusChanged)
        intake = _intake_of(tx, self._tell)
        after, prior = self._head(tx, intake, event)
        step = step_of(event, told, after=after, received_at=self._clock.now())
        step.published_at = tx.published_at
        tx.append(
            Step,
            {
                "code": event.key,
                "version": step.version,
                "status": step.status,
                "wire_second": step.second,
                "officer": step.officer,
                "department": step.department,
                "note": step.note,
                "due_at": step.due_at,
                "committed_at": step.committed_at,
                "published_at": step.published_at,
                "received_at": step.received_at,
                "attempts": 0,
            },
        )
        tx.later(
            _upsert(tx.dialect),
            {
                "code": event.key,
                "newest_version": step.version,
                "newest_second": step.second,
                "acknowledged_version": 0,
                "announced": 0,
                "portal_knows": False,
                "state": OK,
                "waiting_since": step.committed_at,
                "traceparent": event.traceparent,
                "snapshot": orjson.dumps(event.data),
            },
        )
        intake.heads[event.key] = (step.version, step.second)
        intake.news.append(News(told, step, event.traceparent, after is None, prior))

    def _head(self, tx: Tx, intake: _Intake, event: Event) -> tuple[int | None, LoadedLane | None]:
        """The wire second of the step before this one, None if there is none; and the lane's row, if it had
        to be read: memory answers for dossiers that are under way."""
        before = event.version - 1
        if before == 0:
            return None, None
        head = intake.heads.get(event.key) or self._lanes.committed_head(event.key)
        if head is not None and head[0] == before:
            return head[1], None
        prior = lane_row(tx, event.key)
        return (None, None) if prior is None else (prior.newest_second, prior)


def on_request_declined(tx: Tx, event: Event) -> None:
    """The province declined a citizen's request: keep it until the portal has been told."""
    told = _read(event, RequestDeclined)
    if tx.find(Decline, (told.portal_reference, told.request)) is None:
        tx.add(Decline(reference=told.portal_reference, request=told.request, reason=told.reason, at=told.at))


def _read(event: Event, model: type[D]) -> D:
    """The event's data; a Problem that names what does not fit, because trying again would not help."""
    try:
        return event.data_as(model)
    except ValidationError as error:
        errors = [
            FieldError("data." + ".".join(map(str, each["loc"])), each["type"], Text(each["msg"], each["msg"]))
            for each in error.errors(include_input=False, include_url=False)
        ]
        raise Problem(VALIDATION, count=len(errors), errors=errors) from error


def _intake_of(tx: Tx, tell: Callable[[list[News]], None]) -> _Intake:
    intake = tx.info.get(_INTAKE)
    if intake is None:
        intake = tx.info[_INTAKE] = _Intake()
        tx.after_commit(lambda news=intake.news: tell(news))  # type: ignore[misc]
    return cast("_Intake", intake)


@cache
def _upsert(dialect: str) -> Any:
    """Writes a lane's newest step. A lane that is there keeps what the portal has acknowledged, and how long
    it has waited."""
    statement = (sqlite_insert if dialect == "sqlite" else postgresql_insert)(_LANES)
    new = statement.excluded
    newest = ("newest_version", "newest_second", "traceparent", "snapshot")
    return statement.on_conflict_do_update(
        index_elements=[_LANES.c.code],
        set_={
            **{name: new[name] for name in newest},
            "waiting_since": func.coalesce(_LANES.c.waiting_since, new.waiting_since),
        },
    )
