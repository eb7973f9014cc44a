"""A birth is registered (đăng ký khai sinh), or once more; later its child's personal id comes."""

from __future__ import annotations

from datetime import datetime
from itertools import chain
from typing import Any, Final

from sqlalchemy import bindparam, update

from contracts.civil import Birth, Entered, NewBirth, RecordKind, Role
from contracts.events.civil import BirthRegistered
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
from services.registry.civil.commands.individuals import note_birth
from services.registry.civil.models import Participant, Record
from services.registry.civil.places import place_errors
from services.registry.civil.queries.duplicates import candidates
from services.registry.civil.queries.people import content_of, hold, known
from services.registry.civil.rules import births, judged
from services.registry.civil.views import entered

MOST_WARNED_OF: Final = 3
"""Likely duplicates told with a registration; all of them are at `GET /v1/records/{id}/duplicates`."""

_CHILD_NUMBER: Final = (
    update(Participant)
    .where(Participant.record_id == bindparam("of_record"), Participant.role == Role.CHILD.value)
    .values(personal_id=bindparam("number"))
)


def people_of(birth: Birth) -> tuple[tuple[Role, Any], ...]:
    """Who is in a birth."""
    return ((Role.CHILD, birth.child), (Role.MOTHER, birth.mother), (Role.FATHER, birth.father))


def register_birth(tx: Tx, new: NewBirth, act: Act) -> Entered:
    """Register a birth. Raises VALIDATION, AGENCY_CANNOT_RECEIVE, CIVIL_RULES_BROKEN."""
    settle(tx)
    check_people(new)
    child_id = new.child.personal_id
    hold(tx, [child_id, *(parent.personal_id for parent in (new.mother, new.father) if parent)])
    facts = births.BirthFacts(
        child=known(tx, child_id),
        mother=known(tx, new.mother.personal_id if new.mother else None),
        father=known(tx, new.father.personal_id if new.father else None),
        duplicates=candidates(tx, new, limit=MOST_WARNED_OF),
    )
    found = chain(act.rules("birth", new), births.findings(new, facts, act.now, again=act.again))
    warnings = judged(found)
    content = content_document(new, Birth)
    record = enter(tx, RecordKind.BIRTH, new, content, people_of(new), warnings, act, personal_id=child_id)
    if child_id is not None:
        note_birth(tx, record.id, child_id, new)
    born = new.child.date_of_birth
    event = BirthRegistered(
        **announcing.common(record, act),
        child=announcing.person(new.child),
        born_on=born,
        birth_place=announcing.place(new.child.birth_place, born),
        hometown=announcing.place(new.child.hometown, born) if new.child.hometown else None,
        mother=announcing.person_or_none(new.mother),
        father=announcing.person_or_none(new.father),
        registered_unit_code=announcing.unit_of(record.agency),
        registered_unit_on=announcing.AGENCIES_AS_OF,
        again=act.again,
    )
    announcing.announce(tx, record, event, act)
    return entered(record)


def check_people(birth: Birth) -> None:
    """Numbers agree with what is stated, places are places. Raises VALIDATION."""
    refuse_wrong_numbers({"child": birth.child, "mother": birth.mother, "father": birth.father})
    child, born = birth.child, birth.child.date_of_birth
    errors = place_errors("body.child.birth_place", child.birth_place, born)
    if child.hometown is not None:
        errors += place_errors("body.child.hometown", child.hometown, born)
    if errors:
        raise Problem(VALIDATION, errors=errors, count=len(errors))


def assign_personal_id(tx: Tx, record_id: str, personal_id: str, now: datetime) -> Any:
    """The child's personal id has come: it stands on the record, which has no new version by that. Returns the
    record if a task waits for it; None if there is no such record, or it has its number."""
    record: Any = tx.find(Record, record_id)
    if record is None or record.kind != RecordKind.BIRTH.value or record.personal_id is not None:
        return None
    settle(tx)
    birth = Birth.model_validate(content_of(tx, record))
    record.personal_id, record.changed_at = personal_id, now
    tx.later(_CHILD_NUMBER, {"of_record": record_id, "number": personal_id})
    hold(tx, [personal_id])
    note_birth(tx, record_id, personal_id, birth)
    return record if record.task_id is not None else None
