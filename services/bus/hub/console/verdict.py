"""The overview in one sentence: is anything lost, is anything late. Pure.

lost      a dossier is not the same at province, axis and portal, as the continuous comparison knows
stopped   dead letters wait for somebody; nothing is lost, but what they hold back stands still
blind     a process does not say what waits there, so nobody can say that all is well
late      something waits longer than it may, or a link stands still or grows worse
fine      none of these
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Final, Literal

from services.bus.hub.console.continuous import Continuous
from services.bus.hub.ledger.names import PORTAL
from services.bus.hub.ledger.views import LinkView

State = Literal["lost", "stopped", "blind", "late", "fine"]
LATE_AFTER_S: Final = 60.0
"""Where no service level says otherwise."""


@dataclass(frozen=True, slots=True)
class Verdict:
    """`compared`: what the comparison knows; `lost`: dossiers that differ, None before the first one. `late`:
    links, the worst first. `silent`: processes that have not been heard for a while."""

    state: State
    lost: int | None
    dead: int
    late: tuple[LinkView, ...]
    silent: tuple[str, ...] = ()
    compared: Continuous | None = None


def verdict(
    links: Sequence[LinkView],
    compared: Continuous | None,
    within_s: Mapping[str, float],
    silent: Sequence[str] = (),
) -> Verdict:
    """What is to be said of these links and of what the comparison knows. `within_s`: by link."""
    late = sorted(
        (link for link in links if is_late(link, within_s)),
        key=lambda link: (link.trend != "stalled", -(link.oldest_s or 0.0), link.id),
    )
    dead = dead_letters(links)
    lost = None if compared is None else compared.lost
    state: State = "lost" if lost else "stopped" if dead else "blind" if silent else "late" if late else "fine"
    return Verdict(state, lost, dead, tuple(late), tuple(silent), compared)


def is_late(link: LinkView, within_s: Mapping[str, float]) -> bool:
    """Whether something on this link waits too long, or does not move."""
    limit = within_s.get(link.id, LATE_AFTER_S)
    return link.trend in ("stalled", "worsening") or (link.oldest_s is not None and link.oldest_s > limit)


def dead_letters(links: Sequence[LinkView]) -> int:
    """All there are. A consumer has one pile for all its types; the portal's links have their own."""
    ours: dict[str, int] = {}
    for link in links:
        if link.consumer != PORTAL:
            ours[link.consumer] = max(ours.get(link.consumer, 0), link.dead)
    return sum(ours.values()) + sum(link.dead for link in links if link.consumer == PORTAL)
