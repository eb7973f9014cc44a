"""The desk of the land registry: it works on the tasks itself, or hands them to a real VBDLIS."""

from __future__ import annotations

from contracts.tasks import System
from services.bus.kit.clock import Clock
from services.bus.kit.desk import Desk
from services.registry.land.desk.handlers import Handlers
from services.registry.land.models import Task
from services.registry.land.settings import LandSettings
from services.registry.land.vbdlis.handover import Handover


def land_desk(settings: LandSettings, clock: Clock) -> Desk:
    """The desk; with `vbdlis_url` set every kind of task goes to VBDLIS."""
    own = Handlers(clock).by_kind
    if not settings.vbdlis_url:
        return Desk(System.LAND, Task, own, clock)
    return Desk(System.LAND, Task, dict.fromkeys(own, Handover(settings, clock)), clock)


__all__ = ["land_desk"]
