"""Rules of every act: its time limit (same day before 15:00, else the next working day) and who registers."""

from __future__ import annotations

from collections.abc import Iterator
from datetime import datetime
from functools import cache

from contracts.catalogue.agencies import agency
from contracts.catalogue.civil_rules import parameter
from contracts.identifiers import Sex, parse_personal_id
from contracts.times import to_vn
from services.bus.kit.calendars import Calendar
from services.bus.kit.deadlines import Duration, due
from services.registry.civil.rules import Finding, found

CALENDAR = Calendar()


def due_at(act: str, received_at: datetime) -> datetime:
    """When an act (a kind of record, `again` or `correction`) received then has to be done."""
    return due(received_at, _limit(act), CALENDAR).at


@cache
def _limit(act: str) -> Duration:
    return Duration.parse(parameter("act.late", act))


def findings(act: str, received_at: datetime, code: str, now: datetime) -> Iterator[Finding]:
    """Late, or at an agency that keeps no such books."""
    limit = due_at(act, received_at)
    if now > limit:
        yield found("act.late", "received_at", due=f"{to_vn(limit):%H:%M %d/%m/%Y}")
    if agency(code).level not in parameter("act.agency-level", "levels"):
        yield found("act.agency-level", "agency", agency=code)


def is_of_sex(wanted: Sex, stated: Sex | None, personal_id: str | None) -> bool:
    """Whether nothing that is stated speaks against this sex."""
    if stated is not None and stated is not wanted:
        return False
    return personal_id is None or parse_personal_id(personal_id).sex is wanted
