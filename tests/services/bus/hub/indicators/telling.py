"""Events of the axis for tests: what a dossier's systems say, with as little as a test has to know."""

from __future__ import annotations

from collections.abc import Iterable
from datetime import UTC, date, datetime, timedelta
from typing import Any

from contracts.envelope import Event, EventData
from contracts.events.dossier import (
    Applicant,
    Attachment,
    DossierSnapshot,
    Fee,
    StatusChanged,
    Supplement,
    VerificationRecorded,
)
from contracts.events.population import CountedCheck, IdentityChecksRecorded
from contracts.events.portal import StatusAcknowledged, SyncedStep
from contracts.events.result import ResultIssued
from contracts.status import Channel, DossierStatus
from services.bus.hub.indicators.reactions import CONSUMERS
from services.bus.kit.clock import FixedClock
from services.bus.kit.ids import new_id
from services.bus.kit.inbox import Apply, Arrival
from services.bus.kit.store import Store

MONDAY = datetime(2023, 5, 8, 2, 0, tzinfo=UTC)
"""9:00 in Vietnam."""
HOUR, DAY = timedelta(hours=1), timedelta(days=1)
CERTIFIED_COPY = "2.000815"
"""A fee of 2,000 đồng, the same day, no result paper."""
BIRTH = "1.001193"
"""Free, the same day, returns a paper."""
COMMUNE = "H08.31.21"


def event(data: EventData, key: str, version: int = 1) -> Event:
    return Event.of(data, id=new_id(), source="/test", key=key, version=version, time=MONDAY)


def paper(*, digitised: bool = False, reused: bool = False) -> Attachment:
    return Attachment(
        id=new_id(), name="a.pdf", component="C1", sha256="0" * 64, size=1, digitised=digitised, reused=reused
    )


def fee(amount: int, *, online: bool = False) -> Fee:
    return Fee(code="F", name="Lệ phí", amount_vnd=amount, paid=online, online=online)


def asked(at: datetime, answered: datetime | None = None, *, moved: bool = True) -> Supplement:
    """A request for papers; `moved`: the deadline was worked out anew."""
    due = at if moved and answered else None
    return Supplement(
        id=new_id(),
        requested_at=at,
        requested_by="x",
        content="x",
        answered_at=answered,
        due_before=due,
        due_after=due,
    )


def step(code: str, version: int, status: int, at: datetime, **told: Any) -> Event:
    """A status change; whatever is given stands in the snapshot."""
    channel = told.pop("channel", Channel.DIRECT)
    values: dict[str, Any] = {
        "procedure_code": CERTIFIED_COPY,
        "procedure_name": "x",
        "field": "x",
        "receiving_agency": COMMUNE,
        "channel": channel,
        "applicant": Applicant(personal_id="052090000123", full_name="Nguyễn Văn An", kind=told.pop("kind", 1)),
        "submitted_at": told.get("received_at") or at,
        **told,
    }
    data = StatusChanged(
        code=code,
        status=DossierStatus(status),
        at=at,
        officer="x",
        department="x",
        dossier=DossierSnapshot(**values),
    )
    return event(data, code, version)


def verification(code: str, outcome: str = "matched") -> Event:
    data = VerificationRecorded(
        code=code,
        verification=outcome,
        procedure_code=CERTIFIED_COPY,
        receiving_agency=COMMUNE,
        channel=Channel.DIRECT,
        attempts=1,
        at=MONDAY,
    )
    return event(data, f"{code}/verification")


def acknowledgement(code: str, version: int, *statuses: int) -> Event:
    steps = tuple(
        SyncedStep(
            version=place,
            status=DossierStatus(status),
            committed_at=MONDAY,
            received_at=MONDAY,
            sent_at=MONDAY,
            acknowledged_at=MONDAY + version * HOUR,
            attempts=1,
        )
        for place, status in enumerate(statuses, start=1)
    )
    data = StatusAcknowledged(
        code=code, procedure_code=CERTIFIED_COPY, receiving_agency=COMMUNE, profile="strict", steps=steps
    )
    return event(data, code, version)


def issued(code: str) -> Event:
    result = new_id()
    data = ResultIssued(
        result_id=result,
        kind="k",
        code="H08-KQ000101",
        dossier_code=code,
        procedure_code=BIRTH,
        agency=COMMUNE,
        at=MONDAY,
    )
    return event(data, result)


def checked(at: datetime, *checks: tuple[str, str, str, str]) -> Event:
    """Checks of one request: dossier, kind, channel, outcome."""
    counted = tuple(
        CountedCheck(
            dossier=dossier,
            kind=kind,
            channel=channel or None,
            outcome=outcome,
            procedure_code=CERTIFIED_COPY,
            agency=COMMUNE,
        )
        for dossier, kind, channel, outcome in checks
    )
    return event(IdentityChecksRecorded(checks=counted, at=at), f"identity-checks/{new_id()}")


async def tell(store: Store, events: Iterable[Event], *, at_once: int = 50) -> None:
    """Deliver events to the consumers of their domain, as the axis would, in this order."""
    waiting = list(events)
    for start in range(0, len(waiting), at_once):
        part = waiting[start : start + at_once]
        for spec in CONSUMERS:
            prefix = spec.subjects[0].removesuffix(">")
            arrivals = [
                Arrival(each, b"", MONDAY, MONDAY) for each in part if each.axis_subject.startswith(prefix)
            ]
            arrivals = [Arrival(a.event, a.event.model_dump_json().encode(), MONDAY, MONDAY) for a in arrivals]
            if arrivals:
                await store.write(Apply(spec.name, spec.reaction, arrivals, FixedClock(MONDAY)))


def days(first: str, last: str) -> tuple[date, date]:
    """[first, last] as [since, until)."""
    return date.fromisoformat(first), date.fromisoformat(last) + DAY
