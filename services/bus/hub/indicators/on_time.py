"""Settled on time or not (đúng hạn): the rule of QĐ 766, group 2, on plain values.

    the end moment: time of 9 ─ else of 10 ─ else of 8, 3 (and 7)
    waiting for papers, asked once: the time is cut at the request
    asked for papers more than once: late
    the citizen's time for papers is taken off, unless a new deadline gave it back already
    no due date: the longest time the procedure may take (whoever calls works it out)
    unfinished: compared with the end of the period, so late from the due date on

What the rule leaves open is data: `contracts/catalogue/indicators/on-time.json`.
"""

from __future__ import annotations

from datetime import datetime, timedelta
from typing import NamedTuple

from contracts.catalogue.indicators import OnTimeRule


class Course(NamedTuple):
    """What the rule looks at. `paused_at`: when the pause it is in began; `waited`: the citizen's time that no
    later deadline made good."""

    status: int
    due_at: datetime | None
    ended_at: datetime | None
    paused_at: datetime | None
    supplements: int
    waited: timedelta


class Judgement(NamedTuple):
    """`late` for good, or late once `late_after` has passed; neither: on time whatever comes of the clock."""

    late: bool
    late_after: datetime | None = None


def end_moment(
    status: int, at: datetime, completed_at: datetime | None, returned_at: datetime | None, rule: OnTimeRule
) -> datetime | None:
    """When the dossier ended, or None while it has not. `at`: when it came to its status."""
    if completed_at is not None or returned_at is not None:
        return completed_at or returned_at
    return at if status in rule.ends else None


def judge(course: Course, rule: OnTimeRule) -> Judgement:
    """Of a dossier that was received."""
    if course.supplements > rule.supplements:
        return Judgement(True)
    if course.due_at is None:
        return Judgement(False)
    limit = course.due_at + course.waited
    moment = course.ended_at
    if moment is None and course.status in rule.cut_while:
        moment = course.paused_at
    if moment is not None:
        return Judgement(moment > limit)
    return Judgement(False, limit)
