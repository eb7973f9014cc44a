"""Ahead of the commit: a step of a dossier that is under way goes to the portal as soon as it arrives, while its
commit is still to come.

Nothing depends on the order of the two. The step's wire second follows from the one before it, so if we die in
between, the broker gives the event again and the portal is sent the very same row. What the portal answered is
saved only once the step itself is. A dossier that memory does not know goes the ordinary way.
"""

from __future__ import annotations

from collections.abc import Iterable
from typing import Final

from pydantic import ValidationError

from contracts.events.dossier import StatusChanged
from gateway.sync.lane import step_of
from gateway.sync.lanes import Lanes
from services.bus.kit.inbox import Arrival

MOST_UNCOMMITTED: Final = 10
"""Steps of one dossier. If their commit keeps failing, the dossier does not run away from it."""


class Ahead:
    """For the event loop."""

    def __init__(self, lanes: Lanes) -> None:
        self._lanes = lanes

    def take(self, arrivals: Iterable[Arrival]) -> bool:
        """Put what can be sent already into its lane; whether that was all there is to send."""
        taken = [self._take(arrival) for arrival in arrivals]
        return all(taken)

    def _take(self, arrival: Arrival) -> bool:
        event = arrival.event
        lane = self._lanes.lane(event.key)
        if lane is None:
            return False
        version, second = lane.head
        if event.version <= version or lane.parked:
            return True
        if event.version > version + 1 or version - lane.committed[0] >= MOST_UNCOMMITTED:
            return False
        try:
            told = event.data_as(StatusChanged)
        except ValidationError:
            return False
        step = step_of(event, told, after=second, received_at=arrival.received_at)
        step.published_at = arrival.published_at
        self._lanes.extend(lane, told, step, event.traceparent)
        return True
