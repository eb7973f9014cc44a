"""Where a link is heading: improving, steady, worsening or stalled. Pure functions over one sample a second.

    stalled     something has waited for ten seconds, and nothing was done in them
    worsening   the oldest thing waiting grew clearly older from one ten seconds to the next
    improving   it grew clearly younger
    steady      neither

A verdict is left less easily than it is reached: a new one has to hold for `HOLDS` samples, and worsening and
improving go on until the change is nearly gone. So a link on the edge does not flicker.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Final, Literal

Verdict = Literal["improving", "steady", "worsening", "stalled"]

SPAN: Final = 10
"""Samples that are compared with as many before them."""
HOLDS: Final = {"stalled": 1, "worsening": 3, "improving": 3, "steady": 5}
STALLED_AFTER_S: Final = 10.0
ENTER, STAY = 0.25, 0.05
"""By how much of itself the age has to have changed, to reach a verdict and to stay with it."""
ENTER_S, STAY_S = 0.5, 0.1
"""And by how many seconds: a few milliseconds more are no news."""


@dataclass(frozen=True, slots=True)
class Sample:
    """A link at one second: the age of the oldest thing not acknowledged, in seconds, and what was done since the
    sample before."""

    oldest_s: float
    done: int


@dataclass(frozen=True, slots=True)
class Trend:
    """The verdict, and another one that has been seen `seen` times in a row."""

    verdict: Verdict = "steady"
    candidate: Verdict = "steady"
    seen: int = 0


def next_trend(before: Trend, samples: Sequence[Sample]) -> Trend:
    """The trend after the last of these samples, of which the last twenty count."""
    found = _verdict(before.verdict, samples)
    if found == before.verdict:
        return Trend(found, found)
    seen = before.seen + 1 if found == before.candidate else 1
    if seen >= HOLDS[found]:
        return Trend(found, found)
    return Trend(before.verdict, found, seen)


def _verdict(now: Verdict, samples: Sequence[Sample]) -> Verdict:
    recent, earlier = samples[-SPAN:], samples[-2 * SPAN : -SPAN]
    if recent and recent[-1].oldest_s >= STALLED_AFTER_S and not any(each.done for each in recent):
        return "stalled"
    if len(earlier) < SPAN:
        return "steady" if now == "stalled" else now
    was, is_ = _mean(earlier), _mean(recent)
    share, seconds = (STAY, STAY_S) if now in ("worsening", "improving") else (ENTER, ENTER_S)
    needed = max(was * share, seconds)
    if is_ - was > (needed if now != "improving" else max(was * ENTER, ENTER_S)):
        return "worsening"
    if was - is_ > (needed if now != "worsening" else max(was * ENTER, ENTER_S)):
        return "improving"
    return "steady"


def _mean(samples: Sequence[Sample]) -> float:
    return sum(each.oldest_s for each in samples) / len(samples)
