"""Service levels: what is left of an error budget, and whether it burns too fast. Pure functions over counts.

An alarm looks at two windows at once: the long one says that it matters, the short one that it still goes on.

    14.4 times as fast as the budget allows, over 1 h and 5 min     2 % of 30 days' budget gone: act now
     6 times, over 6 h and 30 min                                  5 % gone: act now
     1 time, over 3 d and 6 h                                     10 % gone: act this week

Where traffic is low a single late event would burn at any speed, so there an alarm goes by count: it takes
`FEWEST` late ones.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Final, Literal

FEWEST: Final = 3


@dataclass(frozen=True, slots=True)
class Rule:
    """Burning `factor` times as fast as allowed, over both windows, is `urgency`."""

    factor: float
    long_s: int
    short_s: int
    urgency: Literal["now", "this week"]


RULES: Final = (
    Rule(14.4, 3600, 300, "now"),
    Rule(6.0, 6 * 3600, 1800, "now"),
    Rule(1.0, 3 * 86_400, 6 * 3600, "this week"),
)
WINDOWS_S: Final = tuple(sorted({seconds for rule in RULES for seconds in (rule.long_s, rule.short_s)}))


@dataclass(frozen=True, slots=True)
class Counted:
    """Events of a window, and how many of them were late, refused, or are waiting and late already."""

    events: int
    bad: int

    def burn(self, tolerated: float) -> float | None:
        """How many times as fast as allowed the budget burned; None if nothing happened."""
        return self.bad / self.events / tolerated if self.events else None


@dataclass(frozen=True, slots=True)
class Budget:
    """How many may be late in the whole period as it has gone so far, how many were, and the share that is left
    (below zero: spent). None: nothing has happened."""

    allowed: float
    spent: int
    left: float | None


@dataclass(frozen=True, slots=True)
class Alarm:
    """A rule and how it stands. `by`: the speed decided, or, where traffic is low, the count."""

    rule: Rule
    long_burn: float | None
    short_burn: float | None
    by: Literal["speed", "count"]
    firing: bool


def budget(counted: Counted, tolerated: float) -> Budget:
    """The error budget of a period."""
    allowed = counted.events * tolerated
    left = 1 - counted.bad / allowed if counted.events else None
    return Budget(allowed, counted.bad, left)


def alarms(windows: Mapping[int, Counted], tolerated: float) -> list[Alarm]:
    """Every rule over these windows, by their length in seconds."""
    return [_alarm(rule, windows[rule.long_s], windows[rule.short_s], tolerated) for rule in RULES]


def _alarm(rule: Rule, long: Counted, short: Counted, tolerated: float) -> Alarm:
    speed = rule.factor * tolerated
    needed, needed_shortly = (round(each.events * speed, 6) for each in (long, short))
    low = needed < FEWEST
    return Alarm(
        rule,
        long.burn(tolerated),
        short.burn(tolerated),
        "count" if low else "speed",
        long.bad >= max(needed, FEWEST) and short.bad >= max(needed_shortly, 1),
    )
