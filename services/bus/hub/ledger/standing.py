"""What has not been acknowledged, link by link, as the broker, every process and the portal's worker last told.

    in an outbox        the broker does not have it yet            asked of the process
    at the broker       the consumer has not acknowledged it       asked of the broker
    held                acknowledged, and waits for another        asked of the process
    in a lane of sync   the national portal has not acknowledged   asked of sync

Nothing is worked out from counts: the age is that of the oldest thing itself. So it is right when a link is idle
(there is none), stuck, or has just caught up, and as soon as everybody has been asked once after a restart.
"""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass, field
from datetime import datetime
from typing import Final

from services.bus.hub.ledger.names import (
    PORTAL,
    LinkName,
    common_pattern,
    link_of,
    portal_link,
)
from services.bus.kit.standing import Standing

TO_SYNC: Final = "sync-dossiers"
"""The consumer from which the lanes of the national portal are fed."""


@dataclass(frozen=True, slots=True)
class ConsumerState:
    """A durable consumer as the broker knows it. `oldest`: when the oldest message of each link that is not
    acknowledged was made."""

    name: str
    subjects: tuple[str, ...]
    backlog: int
    redelivered: int
    oldest: dict[LinkName, datetime]


@dataclass(frozen=True, slots=True)
class PortalState:
    """What waits in sync for the national portal; parked dossiers aside."""

    backlog: int
    parked: int
    oldest_at: datetime | None
    breaker: str
    late: int = 0
    """Statuses that have waited longer than the service level allows."""


@dataclass(frozen=True, slots=True)
class Waiting:
    """What is not acknowledged on one link. `backlog` of a consumer that hears several types is that of all of
    them. `dead` is what lies dead now; `as_of` when the slowest witness was asked, None if one never was."""

    oldest_at: datetime | None
    backlog: int
    held: int
    dead: int
    as_of: datetime | None


@dataclass(slots=True)
class Standings:
    """The last word of every witness, on the event loop."""

    processes: dict[str, tuple[Standing, datetime]] = field(default_factory=dict)
    consumers: dict[str, ConsumerState] = field(default_factory=dict)
    broker_asked_at: datetime | None = None
    portal: PortalState | None = None
    portal_asked_at: datetime | None = None

    def links(self) -> set[LinkName]:
        """Links on which something waits, whether or not anything ever arrived there."""
        found = {link for state in self.consumers.values() for link in state.oldest}
        for owed_type, owed_source, subject, _ in self._owed():
            for state in self.consumers.values():
                if _hears(state, subject):
                    found.add(link_of(owed_source, owed_type, state.name))
        if self.portal is not None and self.portal.backlog:
            found.add(portal_link())
        return found

    def of(self, link: LinkName) -> Waiting:
        """What waits on this link."""
        return self._of_portal(link) if link.consumer == PORTAL else self._of_consumer(link)

    def _of_portal(self, link: LinkName) -> Waiting:
        before = self._of_consumer(LinkName(link.source, link.type, TO_SYNC))
        if link != portal_link() or self.portal is None:
            return Waiting(None, 0, 0, 0, self.portal_asked_at)
        oldest = _oldest((before.oldest_at, self.portal.oldest_at))
        as_of = _oldest((before.as_of, self.portal_asked_at)) if before.as_of is not None else None
        return Waiting(oldest, before.backlog + self.portal.backlog, before.held, self.portal.parked, as_of)

    def _of_consumer(self, link: LinkName) -> Waiting:
        state = self.consumers.get(link.consumer)
        oldest = [state.oldest.get(link)] if state is not None else []
        backlog = state.backlog if state is not None else 0
        for type_, source, subject, owed in self._owed():
            if link_of(source, type_, link.consumer) == link and (state is None or _hears(state, subject)):
                oldest.append(owed[0])
                backlog += owed[1]
        held = dead = 0
        for standing, _ in self.processes.values():
            for each in standing.held:
                if each.consumer != link.consumer:
                    continue
                its_own = each.type is not None and link_of(each.source or "", each.type, each.consumer) == link
                if each.state == "dead":
                    dead += each.events
                else:
                    held += each.events
                    oldest.append(each.oldest_at if its_own else None)
        asked = [self.broker_asked_at, *(at for _, at in self.processes.values())]
        as_of = None if None in asked or not self.processes else _oldest(asked)
        return Waiting(_oldest(oldest), backlog, held, dead, as_of)

    def _owed(self) -> Iterable[tuple[str, str, str, tuple[datetime, int]]]:
        for standing, _ in self.processes.values():
            for each in standing.owed:
                yield each.type, each.source, each.subject, (each.oldest_at, each.events)


def _hears(state: ConsumerState, subject: str) -> bool:
    return any(common_pattern(subject, pattern) is not None for pattern in state.subjects)


def _oldest(times: Iterable[datetime | None]) -> datetime | None:
    return min((each for each in times if each is not None), default=None)
