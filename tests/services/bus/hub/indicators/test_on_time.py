"""The on-time rule, case by case (domain 6: "On time")."""

from __future__ import annotations

from datetime import datetime, timedelta

import pytest

from contracts.catalogue.indicators import on_time_rule
from services.bus.hub.indicators.on_time import Course, Judgement, end_moment, judge
from tests.services.bus.hub.indicators.telling import DAY, HOUR, MONDAY

RULE = on_time_rule()
DUE = MONDAY + 3 * DAY
IN_TIME, LATE = Judgement(False), Judgement(True)


def course(status: int = 4, **given: object) -> Course:
    values: dict[str, object] = {
        "due_at": DUE,
        "ended_at": None,
        "paused_at": None,
        "supplements": 0,
        "waited": timedelta(),
        **given,
    }
    return Course(status, **values)  # type: ignore[arg-type]


@pytest.mark.parametrize(
    ("case", "judged"),
    [
        (course(9, ended_at=DUE), IN_TIME),
        (course(9, ended_at=DUE + timedelta(microseconds=1)), LATE),
        (course(4), Judgement(False, DUE)),
        (course(2), Judgement(False, DUE)),
        (course(5, supplements=1, paused_at=DUE), IN_TIME),
        (course(5, supplements=1, paused_at=DUE + HOUR), LATE),
        (course(6, paused_at=DUE), IN_TIME),
        (course(5, supplements=2, paused_at=MONDAY), LATE),
        (course(9, supplements=2, ended_at=MONDAY), LATE),
        (course(9, supplements=1, ended_at=DUE + HOUR, waited=HOUR), IN_TIME),
        (course(9, supplements=1, ended_at=DUE + 2 * HOUR, waited=HOUR), LATE),
        (course(4, supplements=1, waited=HOUR), Judgement(False, DUE + HOUR)),
        (course(9, due_at=None, ended_at=DUE + 100 * DAY), IN_TIME),
        (course(4, due_at=None), IN_TIME),
    ],
    ids=[
        "ended at the due moment",
        "ended a moment after",
        "unfinished: late from the due date on",
        "not begun: the same",
        "asked once, waiting: cut at the request",
        "asked once, too late already",
        "waiting for a payment: cut as well",
        "asked twice, still waiting: late",
        "asked twice, ended early: late all the same",
        "the citizen's time is taken off",
        "and no more than that",
        "also of one that is unfinished",
        "nothing was promised and nothing is known",
        "nor of one unfinished",
    ],
)
def test_the_rule(case: Course, judged: Judgement) -> None:
    assert judge(case, RULE) == judged


@pytest.mark.parametrize(
    ("status", "completed", "returned", "end"),
    [
        (9, DUE, None, DUE),
        (10, DUE, DUE + DAY, DUE),
        (10, None, DUE + DAY, DUE + DAY),
        (8, None, None, MONDAY),
        (3, None, None, MONDAY),
        (7, None, None, MONDAY),
        (5, None, None, None),
        (6, None, None, None),
        (4, None, None, None),
        (2, None, None, None),
        (1, None, None, None),
    ],
)
def test_the_end_is_that_of_9_else_of_10_else_of_8_3_7(
    status: int, completed: datetime | None, returned: datetime | None, end: datetime | None
) -> None:
    assert end_moment(status, MONDAY, completed, returned, RULE) == end
