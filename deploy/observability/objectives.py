"""Rules made from the service levels of `contracts/catalogue`: recorded counts by window, burn rates, ages.

A burn alert looks at two windows: the long one says that it matters, the short one that it still goes on. Factors,
windows and the least number of late events are those the hub itself goes by (`services.bus.hub.ledger.levels`).
What waits and is late already is in no count yet: it is seen by the age of the oldest thing.
"""

from __future__ import annotations

from collections.abc import Iterator
from typing import Final

from contracts.catalogue.service_levels import ServiceLevel, service_levels
from contracts.problems.text import Text
from deploy.observability.alerts import Alert
from services.bus.hub.ledger.levels import FEWEST, RULES, WINDOWS_S, Rule
from services.bus.hub.ledger.names import LinkName

EVENTS, LATE = "truc:service_level_events:increase", "truc:service_level_late:increase"
RECORDED: Final = {EVENTS: "truc_service_level_events_total", LATE: "truc_service_level_late_total"}
_UNITS: Final = ((86_400, "d"), (3_600, "h"), (60, "m"), (1, "s"))


def duration(seconds: int) -> str:
    """As Prometheus writes it: `3d`, `30m`."""
    size, letter = next(each for each in _UNITS if seconds % each[0] == 0)
    return f"{seconds // size}{letter}"


def recordings() -> Iterator[tuple[str, str]]:
    """Name and query of each recorded count: by level, over every window an alert looks at."""
    for name, counter in RECORDED.items():
        for window in map(duration, WINDOWS_S):
            yield f"{name}{window}", f"sum by (level) (increase({counter}[{window}]))"


def alerts() -> Iterator[Alert]:
    """The alerts of every level."""
    for level in service_levels():
        for rule in RULES:
            yield _burns(level, rule)
        yield _late(level)


def _burns(level: ServiceLevel, rule: Rule) -> Alert:
    share = f"{rule.factor * level.tolerated:.6g}"
    long, short = duration(rule.long_s), duration(rule.short_s)
    chosen = f'{{level="{level.id}"}}'
    # an increase is extrapolated to the whole window: three events are 2.9 or 3.1
    conditions = (
        f"{LATE}{long}{chosen} >= {share} * {EVENTS}{long}{chosen}",
        f"{LATE}{long}{chosen} > {FEWEST - 0.5}",
        f"{LATE}{short}{chosen} >= {share} * {EVENTS}{short}{chosen}",
        f"{LATE}{short}{chosen} > 0.5",
    )
    return Alert(
        "TrucServiceLevelBurns",
        " and ".join(conditions),
        "0m",
        "page" if rule.urgency == "now" else "ticket",
        Text(
            f"{level.name.vi}: ngân sách lỗi cạn nhanh gấp {rule.factor:g} lần mức cho phép trong {long}",
            f"{level.name.en}: over {long} the error budget burns {rule.factor:g} times as fast as it may",
        ),
        (("level", level.id), ("window", long)),
    )


def _late(level: ServiceLevel) -> Alert:
    link = level.link
    slug = LinkName(link.source, link.type, link.consumer, link.verb).slug
    return Alert(
        "TrucLinkLate",
        f'max by (link) (truc_link_oldest_seconds{{link="{slug}"}}) > {level.within_s:g}',
        "1m",
        "page",
        Text(
            f"{level.name.vi}: có sự kiện đã chờ {{{{ $value | humanizeDuration }}}}",
            f"{level.name.en}: something has waited {{{{ $value | humanizeDuration }}}}",
        ),
        (("level", level.id),),
    )
