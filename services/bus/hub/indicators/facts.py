"""From events to facts. Each event touches only the columns it speaks of, so that the order in which different
sources are heard makes no difference; within one source the version decides.
"""

from __future__ import annotations

from datetime import datetime, timedelta
from functools import lru_cache
from typing import Any, Final

from contracts.catalogue.indicators import on_time_rule
from contracts.events.dossier import DossierSnapshot, StatusChanged, Supplement
from contracts.events.portal import StatusAcknowledged
from contracts.status import Channel, DossierStatus
from contracts.times import vn_date
from services.bus.hub.indicators.models import DossierFacts
from services.bus.hub.indicators.on_time import Course, end_moment, judge
from services.bus.hub.indicators.sets import COSTS, LISTED, PAID_ONLINE, About, about, flags_of
from services.bus.kit.calendars import Calendar
from services.bus.kit.deadlines import Duration, due

CALENDAR: Final = Calendar()
RUNNING: Final = "running"
SUSPENDED: Final = "suspended"
_BEFORE_RECEIPT: Final = DossierStatus.SUBMITTED

NOTHING: Final[dict[str, Any]] = {
    "version": 0,
    "status": _BEFORE_RECEIPT.value,
    "procedure_code": "",
    "agency": "",
    "channel": Channel.DIRECT.value,
    "applicant_kind": 0,
    "submitted_at": None,
    "received_at": None,
    "due_at": None,
    "completed_at": None,
    "returned_at": None,
    "ended_at": None,
    "paused_at": None,
    "supplements": 0,
    "waited_s": 0,
    "fees": 0,
    "attachments": 0,
    "digitised": 0,
    "reused": 0,
    "results": 0,
    "signed_results": 0,
    "store_uses": 0,
    "verification": "pending",
    "synced_at": None,
    "received_on": None,
    "flags": 0,
    "late_after": None,
    "clock": None,
}
"""A dossier of which nothing is known but its code."""


def step(row: DossierFacts, version: int, told: StatusChanged) -> None:
    """The dossier took a step: its newest snapshot is all that counts."""
    if version <= row.version:
        return
    dossier, status, rule = told.dossier, told.status, on_time_rule()
    row.version = version
    row.status = status.value
    row.procedure_code = dossier.procedure_code
    row.agency = dossier.receiving_agency
    row.channel = dossier.channel.value
    row.applicant_kind = dossier.applicant.kind
    row.submitted_at = dossier.submitted_at
    row.received_at = dossier.received_at
    row.due_at = dossier.due_at or _latest(dossier)
    row.completed_at = dossier.completed_at
    row.returned_at = dossier.returned_at
    row.ended_at = end_moment(status, told.at, dossier.completed_at, dossier.returned_at, rule)
    row.paused_at = told.at if status.stops_the_clock else None
    row.supplements = len(dossier.supplements)
    row.waited_s = sum(_waited(each) for each in dossier.supplements)
    row.fees = _fees(dossier)
    row.attachments = len(dossier.attachments)
    row.digitised = sum(each.digitised for each in dossier.attachments)
    row.reused = sum(each.reused for each in dossier.attachments)
    row.results = len(dossier.results)
    if dossier.verification != "pending":
        row.verification = dossier.verification


def verified(row: DossierFacts, outcome: str) -> None:
    """The applicant was checked in the population data."""
    row.verification = outcome


def acknowledged(row: DossierFacts, told: StatusAcknowledged) -> None:
    """The portal has it; as received, if one of the steps it acknowledged says so."""
    for each in told.steps:
        if each.status.counts_as_received and (row.synced_at is None or each.acknowledged_at < row.synced_at):
            row.synced_at = each.acknowledged_at


def conclude(row: DossierFacts) -> None:
    """What follows from the facts: the day it counts on, its sets, and its clocks."""
    if row.version == 0:
        return
    of_procedure: About = about(row.procedure_code)
    late, late_after = False, None
    received = row.received_at is not None
    if received:
        course = Course(
            row.status,
            row.due_at,
            row.ended_at,
            row.paused_at,
            row.supplements,
            timedelta(seconds=row.waited_s),
        )
        judgement = judge(course, on_time_rule())
        late, late_after = judgement.late, judgement.late_after
    row.received_on = vn_date(row.received_at) if row.received_at is not None else None
    row.flags = flags_of(row, of_procedure, late=late)
    row.late_after = late_after
    row.clock = _clock(row) if received else None


def _clock(row: DossierFacts) -> str | None:
    status = DossierStatus(row.status)
    if status.stops_the_clock:
        return SUSPENDED
    return RUNNING if status in (DossierStatus.RECEIVED, DossierStatus.IN_PROGRESS) else None


def _latest(dossier: DossierSnapshot) -> datetime | None:
    """The due date of one that was promised none: the longest time its procedure may take."""
    duration = about(dossier.procedure_code).duration
    if dossier.received_at is None or duration is None:
        return None
    return _due(dossier.received_at, duration)


@lru_cache(maxsize=1024)
def _due(start: datetime, duration: str) -> datetime:
    return due(start, Duration.parse(duration), CALENDAR).at


def _waited(supplement: Supplement) -> int:
    if supplement.answered_at is None or supplement.due_after is not None:
        return 0
    return int((supplement.answered_at - supplement.requested_at).total_seconds())


def _fees(dossier: DossierSnapshot) -> int:
    costs = any(fee.amount_vnd > 0 for fee in dossier.fees)
    online = any(fee.paid and fee.online for fee in dossier.fees)
    return (COSTS if costs else 0) | (PAID_ONLINE if online else 0) | (LISTED if dossier.fees else 0)
