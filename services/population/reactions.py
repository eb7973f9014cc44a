"""Events in: what the civil registry (hộ tịch) told. Two functions: one that owns the message, one a command."""

from __future__ import annotations

from datetime import datetime

from contracts.envelope import Event, EventData
from contracts.events.civil import (
    BirthRegistered,
    DeathRegistered,
    MarriageRegistered,
    ParentageRecognised,
    RecordCorrected,
)
from services.bus.kit.clock import Clock
from services.bus.kit.inbox import Reaction
from services.bus.kit.tx import Tx
from services.population.commands.acts.births import birth_registered
from services.population.commands.acts.effects import carry_out, settle

_ACTS: tuple[type[EventData], ...] = (
    DeathRegistered,
    MarriageRegistered,
    ParentageRecognised,
    RecordCorrected,
)


def on_civil_event(clock: Clock) -> Reaction:
    """The reaction to the domain `civil`. Types we do not know are passed over: they advance the key only."""

    def react(tx: Tx, event: Event) -> None:
        if event.is_a(BirthRegistered):
            born(tx, event.data_as(BirthRegistered), now=clock.now())
        for act in _ACTS:
            if event.is_a(act):
                acted(tx, event.data_as(act), event.id, now=clock.now())

    return react


def born(tx: Tx, birth: BirthRegistered, *, now: datetime) -> None:
    """A birth: the citizen, the number, and whatever was heard of the child before."""
    tx.run_later()  # citizens who came in with the same batch have to be seen
    number = birth_registered(tx, birth, now=now)
    if number is not None:
        settle(tx, [number], record_id=birth.record_id, now=now)


def acted(tx: Tx, act: EventData, event_id: str, *, now: datetime) -> None:
    """Any other act."""
    tx.run_later()
    carry_out(tx, act, event_id, now=now)
