"""A marriage is registered (đăng ký kết hôn): both sides are free, of age, and not related."""

from __future__ import annotations

from itertools import chain
from typing import Any

from contracts.civil import Entered, Marriage, NewMarriage, RecordKind, Role
from contracts.events.civil import MarriageRegistered
from services.bus.kit.tx import Tx
from services.registry.civil import announcing
from services.registry.civil.commands.entry import (
    Act,
    content_document,
    enter,
    refuse_wrong_numbers,
    settle,
)
from services.registry.civil.commands.individuals import note_marriage
from services.registry.civil.queries.people import hold, spouse_facts
from services.registry.civil.rules import found, judged, marriages
from services.registry.civil.rules.ages import first_day
from services.registry.civil.views import entered


def people_of(marriage: Marriage) -> tuple[tuple[Role, Any], ...]:
    """Who is in a marriage."""
    return ((Role.HUSBAND, marriage.husband), (Role.WIFE, marriage.wife))


def register_marriage(tx: Tx, new: NewMarriage, act: Act) -> Entered:
    """Register a marriage. Raises VALIDATION, AGENCY_CANNOT_RECEIVE, CIVIL_RULES_BROKEN."""
    settle(tx)
    check_people(new)
    hold(tx, [new.husband.personal_id, new.wife.personal_id])
    sides = (spouse_facts(tx, new.husband, act.today), spouse_facts(tx, new.wife, act.today))
    told = marriages.findings(new, *sides, act.today)
    extra = [found("marriage.ended-early", "ended_on")] if _says_ended(new) else []
    warnings = judged(chain(act.rules("marriage", new), told, extra))
    record = enter(tx, RecordKind.MARRIAGE, new, content_document(new, Marriage), people_of(new), warnings, act)
    note_marriage(tx, record.id, new)
    event = MarriageRegistered(
        **announcing.common(record, act),
        husband=announcing.person(new.husband),
        wife=announcing.person(new.wife),
        married_on=first_day(new.earlier.registered_on) if new.earlier else record.registered_on,
    )
    announcing.announce(tx, record, event, act)
    return entered(record)


def check_people(marriage: Marriage) -> None:
    """Numbers agree with what is stated. Raises VALIDATION."""
    refuse_wrong_numbers({"husband": marriage.husband, "wife": marriage.wife})


def _says_ended(new: NewMarriage) -> bool:
    """A marriage that is over is not registered: its end is a note to the record."""
    return new.ended_on is not None or new.ended_by is not None
