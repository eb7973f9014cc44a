"""A death is registered (đăng ký khai tử): the person's marriage ends, and nobody marries them any more."""

from __future__ import annotations

from itertools import chain
from typing import Any

from contracts.civil import Death, Entered, NewDeath, RecordKind, Role
from contracts.events.civil import DeathRegistered
from contracts.problems import VALIDATION, Problem
from services.bus.kit.tx import Tx
from services.registry.civil import announcing
from services.registry.civil.commands.entry import (
    Act,
    content_document,
    enter,
    refuse_wrong_numbers,
    settle,
)
from services.registry.civil.commands.individuals import note_death
from services.registry.civil.models import Record
from services.registry.civil.places import place_errors
from services.registry.civil.queries.people import hold, known
from services.registry.civil.rules import deaths, judged
from services.registry.civil.views import entered


def people_of(death: Death) -> tuple[tuple[Role, Any], ...]:
    """Who is in a death."""
    return ((Role.DECEASED, death.deceased),)


def register_death(tx: Tx, new: NewDeath, act: Act) -> Entered:
    """Register a death. Raises VALIDATION, AGENCY_CANNOT_RECEIVE, CIVIL_RULES_BROKEN."""
    settle(tx)
    check_people(new)
    personal_id = new.deceased.personal_id
    hold(tx, [personal_id])
    before = known(tx, personal_id)
    hold(tx, [before.spouse_id if before else None])
    facts = deaths.DeathFacts(deceased=before, birth_known=_birth_known(tx, new))
    warnings = judged(chain(act.rules("death", new), deaths.findings(new, facts, act.now, again=act.again)))
    record = enter(
        tx,
        RecordKind.DEATH,
        new,
        content_document(new, Death),
        people_of(new),
        warnings,
        act,
        personal_id=personal_id,
    )
    widowed = None
    if personal_id is not None:
        widowed = note_death(tx, record.id, personal_id, str(new.died_on))
    event = DeathRegistered(
        **announcing.common(record, act),
        personal_id=personal_id,
        deceased=announcing.person(new.deceased),
        died_on=new.died_on,
        spouse_personal_id=widowed,
        birth_record_id=new.birth_record_id,
    )
    announcing.announce(tx, record, event, act)
    return entered(record)


def check_people(death: Death) -> None:
    """Numbers agree with what is stated, places are places. Raises VALIDATION."""
    refuse_wrong_numbers({"deceased": death.deceased})
    errors = place_errors("body.place", death.place, death.died_on)
    if errors:
        raise Problem(VALIDATION, errors=errors, count=len(errors))


def _birth_known(tx: Tx, death: Death) -> bool | None:
    if death.birth_record_id is None:
        return None
    record: Any = tx.find(Record, death.birth_record_id)
    return record is not None and record.kind == RecordKind.BIRTH.value
