"""Which persona is in force, and showing it."""

from __future__ import annotations

from collections.abc import Mapping
from datetime import datetime
from functools import cache, lru_cache
from typing import Any, Final

from sqlalchemy import select

from contracts.tasks import System
from gateway.ministries.draws import data
from gateway.ministries.kinds import kinds_of
from gateway.ministries.models import PersonaInForce
from gateway.ministries.personas import Persona, Scripted
from gateway.ministries.schemas import PersonaView
from services.bus.kit.tx import Tx

_EVERY: Final = select(PersonaInForce.__table__)


def key_of(system: System, kind: str | None) -> str:
    """What the persona of a system, or of one kind of its tasks, is stored under."""
    return system.value if kind is None else f"{system.value}/{kind}"


@cache
def default_persona(system: System) -> Persona:
    """The persona nobody has set: `data/personas.json`."""
    return Persona.model_validate(data("personas")[system.value])


class InForce:
    """The persona in force for one kind of tasks, with the row it comes from (None: the default)."""

    def __init__(self, system: System, row: Any) -> None:
        self.row = row
        self.persona = default_persona(system) if row is None else _parsed(row.edition, row)

    def away(self, now: datetime) -> bool:
        """The system has an outage."""
        return self.row is not None and self.row.outage_until is not None and now < self.row.outage_until

    def holds(self, now: datetime) -> bool:
        """Nothing is taken up or said by itself: an outage, or somebody plays the ministry by hand."""
        return self.persona.manual or self.away(now)

    def next_scripted(self, dossier: str, kind: str) -> tuple[int, Scripted] | None:
        """The next answer of the script that is meant for this task, and its place; one that names the dossier
        goes before one for anybody."""
        if not self.persona.script:
            return None
        used = frozenset(self.row.script_used)
        fitting = [
            (place, each)
            for place, each in enumerate(self.persona.script)
            if place not in used and each.meant_for(dossier, kind)
        ]
        return min(fitting, key=lambda found: (found[1].dossier is None, found[0]), default=None)


class _Edition:
    """A row, hashed by the edition it holds."""

    def __init__(self, edition: str, document: Any) -> None:
        self.edition = edition
        self.document = document

    def __hash__(self) -> int:
        return hash(self.edition)

    def __eq__(self, other: object) -> bool:
        return isinstance(other, _Edition) and other.edition == self.edition


def _parsed(edition: str, row: Any) -> Persona:
    return _parse(_Edition(edition, row.document))


@lru_cache(maxsize=64)
def _parse(edition: _Edition) -> Persona:
    return Persona.model_validate(edition.document)


def in_force(tx: Tx, system: System, kind: str | None = None) -> InForce:
    """The persona of this kind, else of its system, else the default."""
    keys = (key_of(system, kind), key_of(system, None)) if kind is not None else (key_of(system, None),)
    for key in keys:
        row = tx.find(PersonaInForce, key)
        if row is not None and row.document is not None:
            return InForce(system, row)
    return InForce(system, None)


def every_persona(tx: Tx) -> dict[str, Any]:
    """Every persona that was ever set, by its key."""
    return {row.key: row for row in tx.rows(PersonaInForce, _EVERY)}


def in_force_among(personas: Mapping[str, Any], system: System, kind: str) -> InForce:
    """As `in_force`, of `every_persona`."""
    rows = (personas.get(key_of(system, kind)), personas.get(key_of(system, None)))
    return InForce(system, next((row for row in rows if row is not None and row.document is not None), None))


def persona_view(tx: Tx, system: System, kind: str | None = None) -> PersonaView:
    """The persona set for a system, or for one kind of its tasks; the default where none is set."""
    row: Any = tx.find(PersonaInForce, key_of(system, kind))
    set_here = row is not None and row.document is not None
    force = in_force(tx, system, kind)
    script = force.persona.script
    return PersonaView(
        system=system,
        kind=kind,
        version=row.version if row is not None else 0,
        is_set=set_here,
        persona=force.persona,
        outage_until=force.row.outage_until if force.row is not None else None,
        script_left=len(script) - (len(force.row.script_used) if force.row is not None else 0),
        set_at=row.set_at if row is not None else None,
        set_by=row.set_by if row is not None else None,
    )


def persona_views(tx: Tx, systems: tuple[System, ...]) -> list[PersonaView]:
    """The persona of each system, and of each kind that has one of its own."""
    found = []
    for system in systems:
        found.append(persona_view(tx, system))
        kinds = (persona_view(tx, system, kind) for kind in kinds_of(system))
        found += [view for view in kinds if view.is_set]
    return found
