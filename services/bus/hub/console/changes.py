"""What changed on a link when: read from its figures, minute by minute. Pure.

A link has become slower when the p95 of a moment is three times the usual one and clearly above it; it is
back when that is nearly gone. Attempts fail from the first that failed until three moments without. So one
odd minute is told once, and not as two dozen changes.
"""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from datetime import datetime
from statistics import median
from typing import Final, Literal

USUAL: Final = 12
"""Moments that tell what is usual."""
SLOWER, BACK = 3.0, 1.5
CLEARLY_MS: Final = 200.0
QUIET: Final = 3
MOST: Final = 30

Kind = Literal["slower", "faster", "failing", "healed", "died"]


@dataclass(frozen=True, slots=True)
class Figures:
    """A link in one second, minute or hour."""

    at: datetime
    p95_ms: float | None
    retries: int = 0
    dead: int = 0


@dataclass(frozen=True, slots=True)
class Change:
    """`before_ms` and `now_ms` of a latency, `n` of what is counted, `lasted_s` of what has ended."""

    at: datetime
    kind: Kind
    before_ms: float | None = None
    now_ms: float | None = None
    n: int = 0
    lasted_s: float | None = None


def changes(moments: Sequence[Figures]) -> list[Change]:
    """Newest first."""
    found = [*_speed(moments), *_failures(moments)]
    found += [Change(each.at, "died", n=each.dead) for each in moments if each.dead]
    return sorted(found, key=lambda each: each.at, reverse=True)[:MOST]


def _speed(moments: Iterable[Figures]) -> Iterable[Change]:
    usual: list[float] = []
    slow_since: datetime | None = None
    for each in moments:
        if each.p95_ms is None:
            continue
        normal = median(usual[-USUAL:]) if len(usual) >= QUIET else None
        if normal is None:
            usual.append(each.p95_ms)
        elif slow_since is None:
            if each.p95_ms > max(normal * SLOWER, normal + CLEARLY_MS):
                slow_since = each.at
                yield Change(each.at, "slower", before_ms=normal, now_ms=each.p95_ms)
            else:
                usual.append(each.p95_ms)
        elif each.p95_ms <= max(normal * BACK, normal + CLEARLY_MS / 2):
            lasted = (each.at - slow_since).total_seconds()
            slow_since = None
            yield Change(each.at, "faster", now_ms=each.p95_ms, lasted_s=lasted)


def _failures(moments: Iterable[Figures]) -> Iterable[Change]:
    since: datetime | None = None
    quiet = 0
    for each in moments:
        if each.retries:
            quiet = 0
            if since is None:
                since = each.at
                yield Change(each.at, "failing", n=each.retries)
        elif since is not None:
            quiet += 1
            if quiet == QUIET:
                yield Change(each.at, "healed", lasted_s=(each.at - since).total_seconds())
                since = None
