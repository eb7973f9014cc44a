"""From events to facts. Each event touches only the columns it speaks of, so that the order in which different
sources are heard makes no difference; within one source the version decides.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from datetime import datetime, timedelta
from functools import lru_cache
from typing import Any, Final

from contracts.catalogue.indicators import on_time_rule
from contracts.status import Channel, DossierStatus
from contracts.times import vn_date
from services.bus.hub.indicators.models import DossierFacts
from services.bus.hub.indicators.on_time import Course, end_moment, judge
from services.bus.hub.indicators.sets import COSTS, LISTED, PAID_ONLINE, about, flags_of
from services.bus.kit.calendars import Calendar
from services.bus.kit.deadlines import Duration, due

CALENDAR: Final = Calendar()
RUNNING: Final = "running"
SUSPENDED: Final = "suspended"
PENDING: Final = "pending"
_BEFORE_RECEIPT: Final = DossierStatus.SUBMITTED
_STOPS_THE_CLOCK: Final = {each.value: each.stops_the_clock for each in DossierStatus}
_RUNS: Final = (DossierStatus.RECEIVED.value, DossierStatus.IN_PROGRESS.value)
_CHANNELS: Final = {each.value: each.value for each in Channel}
_RECEIVED: Final = frozenset(each.value for each in DossierStatus if each.counts_as_received)

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
    "verification": PENDING,
    "synced_at": None,
    "received_on": None,
    "flags": 0,
    "late_after": None,
    "clock": None,
}
"""A dossier of which nothing is known but its code."""


Told = Mapping[str, Any]
"""The data of an event, as JSON gives them."""


def step(row: DossierFacts, version: int, columns: Mapping[str, Any]) -> bool:
    """The dossier took a step, of which `columns_of` tells; its newest snapshot is all that counts. Whether that
    changed anything."""
    return version > row.version and put(row, {"version": version, **columns})


def columns_of(told: Told) -> dict[str, Any]:
    """What a `dossier.status-changed` says of its dossier. Raises what Python raises where it says it in another
    way than our own systems do."""
    dossier, status, at = told["dossier"], told["status"], instant(told["at"])
    stops_the_clock = _STOPS_THE_CLOCK[status]
    procedure, agency, kind = dossier["procedure_code"], dossier["receiving_agency"], dossier["applicant"]["kind"]
    if not (isinstance(procedure, str) and isinstance(agency, str) and isinstance(kind, int)):
        raise TypeError("a text or a number is something else")
    received_at = _instant(dossier["received_at"])
    completed_at, returned_at = _instant(dossier["completed_at"]), _instant(dossier["returned_at"])
    supplements, attachments, fees = dossier["supplements"], dossier["attachments"], dossier["fees"]
    columns = {
        "status": status,
        "procedure_code": procedure,
        "agency": agency,
        "channel": _CHANNELS[dossier["channel"]],
        "applicant_kind": kind,
        "submitted_at": _instant(dossier["submitted_at"]),
        "received_at": received_at,
        "due_at": _instant(dossier["due_at"]) or _latest(procedure, received_at),
        "completed_at": completed_at,
        "returned_at": returned_at,
        "ended_at": end_moment(status, at, completed_at, returned_at, on_time_rule()),
        "paused_at": at if stops_the_clock else None,
        "supplements": len(supplements),
        "waited_s": sum(map(_waited, supplements)) if supplements else 0,
        "fees": _fees(fees) if fees else 0,
        "attachments": len(attachments),
        "digitised": sum(bool(each["digitised"]) for each in attachments) if attachments else 0,
        "reused": sum(bool(each["reused"]) for each in attachments) if attachments else 0,
        "results": len(dossier["results"]),
    }
    if (verification := dossier["verification"]) != PENDING:
        columns["verification"] = text(verification)
    return columns


def put(row: DossierFacts, columns: Mapping[str, Any]) -> bool:
    """Set what is not so already: a column nobody touches is in no index that has to be written."""
    changed = False
    for name, value in columns.items():
        if getattr(row, name) != value:
            setattr(row, name, value)
            changed = True
    return changed


def verification_of(told: Told) -> dict[str, Any]:
    """What a `dossier.verification-recorded` says: the applicant was checked in the population data."""
    return {"verification": text(told["verification"])}


def first_received(told: Told) -> datetime | None:
    """When the first of the steps a `portal.status-acknowledged` tells of that says received was acknowledged."""
    times = [instant(each["acknowledged_at"]) for each in told["steps"] if each["status"] in _RECEIVED]
    return min(times, default=None)


def acknowledged(row: DossierFacts, at: datetime | None) -> bool:
    """The portal has it as received, since then."""
    return at is not None and (row.synced_at is None or at < row.synced_at) and put(row, {"synced_at": at})


def conclude(row: DossierFacts) -> None:
    """What follows from the facts: the day it counts on, its sets, and its clocks."""
    if row.version == 0:
        return
    late, late_after, clock, received_on = False, None, None, None
    received_at = row.received_at
    if received_at is not None:
        course = Course(
            row.status,
            row.due_at,
            row.ended_at,
            row.paused_at,
            row.supplements,
            timedelta(seconds=row.waited_s),
        )
        late, late_after = judge(course, on_time_rule())
        clock, received_on = _clock(row), vn_date(received_at)
    flags = flags_of(row, about(row.procedure_code), late=late)
    put(row, {"received_on": received_on, "flags": flags, "late_after": late_after, "clock": clock})


def _clock(row: DossierFacts) -> str | None:
    if _STOPS_THE_CLOCK[row.status]:
        return SUSPENDED
    return RUNNING if row.status in _RUNS else None


def _latest(procedure: str, received_at: datetime | None) -> datetime | None:
    """The due date of one that was promised none: the longest time its procedure may take."""
    duration = about(procedure).duration
    return None if received_at is None or duration is None else _due(received_at, duration)


@lru_cache(maxsize=1024)
def _due(start: datetime, duration: str) -> datetime:
    return due(start, Duration.parse(duration), CALENDAR).at


def _waited(supplement: Told) -> int:
    answered_at = _instant(supplement["answered_at"])
    if answered_at is None or supplement["due_after"] is not None:
        return 0
    return int((answered_at - instant(supplement["requested_at"])).total_seconds())


def _fees(fees: Sequence[Told]) -> int:
    costs = any(fee["amount_vnd"] > 0 for fee in fees)
    online = any(fee["paid"] and fee["online"] for fee in fees)
    return (COSTS if costs else 0) | (PAID_ONLINE if online else 0) | (LISTED if fees else 0)


def text(value: object) -> str:
    """What has to be a text."""
    if not isinstance(value, str):
        raise TypeError(f"a text is expected, not {type(value).__name__}")
    return value


def instant(value: str) -> datetime:
    """An instant as JSON has it. One without a zone says nothing."""
    at = datetime.fromisoformat(value)
    if at.tzinfo is None:
        raise ValueError("an instant needs a time zone")
    return at


def _instant(value: str | None) -> datetime | None:
    return None if value is None else instant(value)
