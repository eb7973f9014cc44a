"""What each act does to whom: carried out at once, or kept until the person is in the population data.

death       the deceased (and through them a spouse, a household)
marriage    the husband and the wife, each by themselves
recognition the child
correction  the child of a birth, the deceased, both sides of a marriage
"""

from __future__ import annotations

from collections.abc import Callable, Iterable
from datetime import datetime
from typing import Any

from sqlalchemy import select

from contracts.civil import CONTENTS, Birth, Death, Marriage, RecordKind
from contracts.envelope import REGISTRY, EventData
from contracts.events.civil import (
    CivilPerson,
    DeathRegistered,
    MarriageRegistered,
    ParentageRecognised,
    RecordCorrected,
)
from services.bus.kit.tx import Tx
from services.population import models
from services.population.commands.acts.corrections import birth_corrected, parent_recognised
from services.population.commands.acts.deaths import (
    day_of_death_corrected,
    death_registered,
    last_day,
)
from services.population.commands.acts.marriages import marriage_ended, married
from services.population.commands.acts.people import BY_RECORD, citizen_of, number_of_record, wait_for
from services.population.queries import records
from services.population.queries.records import chunks

Effect = Callable[[Tx, models.Citizen, datetime], None]

_ANY_WAITING = select(models.WaitingAct.__table__.c.who).limit(1)


def carry_out(tx: Tx, act: EventData, event_id: str, *, now: datetime) -> None:
    """Carry out an act on everybody it is about who is here, and keep it for the others."""
    for who, effect in effects(tx, act):
        citizen = citizen_of(tx, who)
        if citizen is None:
            wait_for(tx, who, event_id, act, now=now)
        else:
            effect(tx, citizen, now)


def settle(tx: Tx, numbers: Iterable[str], *, record_id: str | None = None, now: datetime) -> dict[str, int]:
    """Carry out what waited for these people, in the order it came; if anything did, the version of each after
    it. `record_id` is the birth record of the one person there then is."""
    tx.flush()
    if not tx.fetch(_ANY_WAITING):
        return {}
    by_name = {number: number for number in numbers}
    if record_id is not None:
        (by_name[BY_RECORD + record_id],) = by_name
    settled = False
    for chunk in chunks(by_name):
        for row in _waiting(tx, chunk):
            if not settled:
                tx.run_later()  # those who have just come in have to be there
                settled = True
            number = by_name[row.who]
            citizen = citizen_of(tx, number)
            if citizen is None:
                continue
            for who, effect in effects(tx, REGISTRY[row.type].model_validate(row.data)):
                if who in (number, row.who):
                    effect(tx, citizen, now)
            tx.delete(row)
    return records.versions_of(tx, by_name.values()) if settled else {}


def _waiting(tx: Tx, people: list[str]) -> list[models.WaitingAct]:
    table = models.WaitingAct
    rows = select(table).where(table.who.in_(people)).order_by(table.came_at, table.event_id)
    return list(tx.scalars(rows))


def effects(tx: Tx, act: EventData) -> list[tuple[str, Effect]]:
    """Whom the act is about, by personal id or birth record, and what it does to each. People whom it names by
    neither are nobody here."""
    if isinstance(act, DeathRegistered):
        number = act.personal_id or act.deceased.personal_id
        return _one(
            _who(tx, number, act.birth_record_id), lambda tx, who, now: death_registered(tx, who, act, now=now)
        )
    if isinstance(act, MarriageRegistered):
        return [*_side(act.husband, act.wife, married), *_side(act.wife, act.husband, married)]
    if isinstance(act, ParentageRecognised):
        who = _who(tx, act.child.personal_id, act.birth_record_id)
        return _one(who, lambda tx, child, now: parent_recognised(tx, child, act.role, act.parent, now=now))
    if isinstance(act, RecordCorrected):
        return _corrected(tx, act)
    return []


def _corrected(tx: Tx, act: RecordCorrected) -> list[tuple[str, Effect]]:
    model = CONTENTS.get(RecordKind(act.kind)) if act.kind in set(RecordKind) else None
    if model not in (Birth, Death, Marriage):
        return []
    content: Any = model.model_validate(act.content)
    if isinstance(content, Birth):
        number = number_of_record(tx, act.record_id) or act.personal_id
        birth = content
        return _one(
            _who(tx, number, act.record_id),
            lambda tx, child, now: birth_corrected(tx, child, act.changed, birth, now=now),
        )
    if isinstance(content, Death):
        died_on = last_day(content.died_on, act.valid_on)
        number = act.personal_id or content.deceased.personal_id
        return _one(
            _who(tx, number, content.birth_record_id),
            lambda tx, who, now: day_of_death_corrected(tx, who, died_on, now=now),
        )
    if content.ended_on is None:
        return []
    husband = CivilPerson.model_validate(content.husband.model_dump())
    wife = CivilPerson.model_validate(content.wife.model_dump())
    return [*_side(husband, wife, marriage_ended), *_side(wife, husband, marriage_ended)]


def _side(who: CivilPerson, other: CivilPerson, done: Callable[..., None]) -> list[tuple[str, Effect]]:
    return _one(who.personal_id, lambda tx, citizen, now: done(tx, citizen, other, now=now))


def _who(tx: Tx, number: str | None, record_id: str | None) -> str | None:
    if number is None and record_id is not None:
        return number_of_record(tx, record_id) or BY_RECORD + record_id
    return number


def _one(who: str | None, effect: Effect) -> list[tuple[str, Effect]]:
    return [(who, effect)] if who is not None else []
