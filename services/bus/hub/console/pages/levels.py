"""Service levels with their error budgets, hour by hour."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import UTC, datetime, timedelta

from nicegui import ui
from starlette.requests import Request

from contracts.problems import Problem
from services.bus.hub.console import charts
from services.bus.hub.console.draw import levels as draw
from services.bus.hub.console.draw import parts
from services.bus.hub.console.live import Live
from services.bus.hub.console.looking import burn
from services.bus.hub.console.pages.frame import Reader, framed, heading
from services.bus.hub.ledger import queries
from services.bus.hub.ledger.agreed import ServiceLevelView
from services.bus.hub.ledger.ledger import Ledger
from services.bus.hub.ledger.names import DEAD, TOTAL
from services.bus.hub.words import common
from services.bus.hub.words import levels as words
from services.bus.kit.html import el, join
from services.bus.kit.tx import Tx

HOUR = timedelta(hours=1)


@dataclass(frozen=True, slots=True)
class History:
    """Hour by hour since the first event: what was left of the budget, and late events."""

    times: list[datetime]
    left: list[float | None]
    late: list[int]


async def page(request: Request) -> None:
    """`/console/levels`"""
    reader = Reader.of(request)
    ledger, now = reader.console.ledger, reader.console.now()
    with framed(reader, "/levels", words.TITLE):
        if ledger is None:
            Live(join(heading(reader, words.TITLE), parts.alert(reader.say(common.NO_LEDGER))))
            return
        levels = (await reader.console.snapshots.now()).levels
        histories = await reader.read(lambda tx: [_history(tx, ledger, level, now) for level in levels])
        Live(join(heading(reader, words.TITLE), draw.verdict(levels, reader.language)))
        for level, history in zip(levels, histories, strict=True):
            with ui.element("section").classes("card stack"):
                Live(draw.level(level, reader.language))
                if history.times:
                    Live(el("h3", None, reader.say(words.HISTORY)))
                    options = charts.budget_line(
                        history.times, history.left, history.late, reader.language, reader.dark
                    )
                    ui.echart(options).classes("chart low").props(
                        f'role=img aria-label="{reader.say(words.HISTORY)}"'
                    )


def _history(tx: Tx, ledger: Ledger, level: ServiceLevelView, now: datetime) -> History:
    end = now.replace(minute=0, second=0, microsecond=0) + HOUR
    since = end - timedelta(days=level.over_days)
    try:
        course = queries.course(tx, ledger, level.link, TOTAL, "hour", since, end)
        refused = queries.tally(tx, ledger, level.link, DEAD, "hour", since, end)
    except Problem:  # nothing has ever travelled there
        return History([], [], [])
    if not course:
        return History([], [], [])
    first = max(datetime.fromtimestamp(course[0][0], UTC) - HOUR, since)
    hours = [first + HOUR * place for place in range(int((end - first) / HOUR))]
    counted = burn(course, refused, round(level.within_s * 1_000_000), hours)
    left: list[float | None] = []
    events = bad = 0
    for of_hour, late in counted:
        events, bad = events + of_hour, bad + late
        left.append(1 - bad / (events * (1 - level.share)) if events else None)
    left[-1] = level.left  # with what waits and is late already
    return History(hours, left, [late for _, late in counted])
