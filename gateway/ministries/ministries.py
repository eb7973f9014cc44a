"""The stand-ins that are played in this process, and what their routes and background task share."""

from __future__ import annotations

import asyncio
from dataclasses import dataclass, field

from fastapi import Request

from contracts.problems import NOT_FOUND, SYSTEM_OFF, Problem
from contracts.tasks import System
from gateway.ministries.desks import StandIn
from gateway.ministries.kinds import kinds_of
from gateway.ministries.settings import PLAYED, MinistriesSettings
from services.bus.kit.api import service_of
from services.bus.kit.clock import Clock
from services.bus.kit.consumer import ConsumerSpec
from services.bus.kit.inbox import Arrival
from services.bus.kit.service import Service

EXTRA = "ministries"


@dataclass
class Ministries:
    """The desks by system name; `wake` tells the background task that something new may be due."""

    seed: int
    tick_seconds: float
    lookup_seconds_at_most: float
    desks: dict[str, StandIn]
    wake: asyncio.Event = field(default_factory=asyncio.Event)
    lookups: dict[str, int] = field(default_factory=dict)
    """How many lookups each persona has decided about since this process began, by edition."""

    @classmethod
    def of(cls, settings: MinistriesSettings, clock: Clock) -> Ministries:
        """What the settings say is played here."""
        desks = {system.value: StandIn(system, clock, settings.seed) for system in settings.on}
        return cls(settings.seed, settings.tick_seconds, settings.lookup_seconds_at_most, desks)

    @property
    def systems(self) -> tuple[System, ...]:
        return tuple(desk.system for desk in self.desks.values())

    def consumers(self) -> list[ConsumerSpec]:
        """One a system, so that each has its own place on the axis and can be handed over by itself."""
        return [
            ConsumerSpec(f"{EXTRA}-{name}", desk.subjects, desk.react, after_commit=self._woken, brief=True)
            for name, desk in self.desks.items()
        ]

    def desk(self, system: System | str, where: str) -> StandIn:
        """The desk of a system. Raises Problem NOT_FOUND if nobody plays it, SYSTEM_OFF if not here."""
        name = str(system)
        if name not in {each.value for each in PLAYED}:
            raise Problem(NOT_FOUND, field=where, what="stand-in", id=name)
        desk = self.desks.get(name)
        if desk is None:
            raise Problem(SYSTEM_OFF, field=where, system=name)
        return desk

    def kind(self, system: System, kind: str | None) -> str | None:
        """The kind, if it is one of this system's. Raises Problem NOT_FOUND."""
        if kind is not None and kind not in kinds_of(system):
            raise Problem(NOT_FOUND, field="query.kind", what="task kind", id=kind)
        return kind

    def _woken(self, arrivals: list[Arrival]) -> None:
        self.wake.set()


def ministries_of(service: Service) -> Ministries:
    """The stand-ins of this service."""
    found: Ministries = service.extra[EXTRA]
    return found


def ministries_behind(request: Request) -> Ministries:
    """The stand-ins behind this request."""
    return ministries_of(service_of(request))
