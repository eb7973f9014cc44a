"""Rules of a death (khai tử): Luật Hộ tịch 2014, Đ.33 and 34."""

from __future__ import annotations

from collections.abc import Iterator
from datetime import date, datetime, timedelta
from typing import NamedTuple

from contracts.catalogue.civil_rules import parameter
from contracts.civil import Death
from contracts.times import vn_date
from services.registry.civil.rules import Finding, Known, found
from services.registry.civil.rules.ages import first_day, surely_before


class DeathFacts(NamedTuple):
    """What the registry knows of the deceased. `birth_known`: None if no birth record was named, else whether
    there is one by that name."""

    deceased: Known | None = None
    birth_known: bool | None = None


def findings(death: Death, facts: DeathFacts, now: datetime, *, again: bool = False) -> Iterator[Finding]:
    """Every rule a death breaks. `again`: it is registered once more."""
    yield from possible(death, now)
    if not again and not isinstance(death.died_on, date):
        yield found("death.day-needed", "died_on")
    limit = parameter("death.late", "days")
    days = (vn_date(now) - first_day(death.died_on)).days
    if not again and days > limit:
        yield found("death.late", "died_on", days=days, limit=limit)
    if facts.deceased is not None and facts.deceased.is_dead:
        yield found("death.registered", "deceased.personal_id")
    if facts.birth_known is False:
        yield found("death.birth-unknown", "birth_record_id")
    elif not again:
        yield from _infant(death, facts)


def possible(death: Death, now: datetime) -> Iterator[Finding]:
    """What cannot be, whatever the registry knows: also asked of a corrected record."""
    if first_day(death.died_on) > vn_date(now) or (death.died_at is not None and death.died_at > now):
        yield found("death.future", "died_on")
    if death.died_at is not None and isinstance(death.died_on, date) and vn_date(death.died_at) != death.died_on:
        yield found("death.hour-mismatch", "died_at")
    born_after = death.born_at is not None and death.died_at is not None and death.died_at < death.born_at
    if born_after or surely_before(death.died_on, death.deceased.date_of_birth):
        yield found("death.before-birth", "died_on")


def _infant(death: Death, facts: DeathFacts) -> Iterator[Finding]:
    """A child who lived 24 hours has its birth and its death registered."""
    born, died = death.deceased.date_of_birth, death.died_on
    if not isinstance(born, date) or not isinstance(died, date):
        return
    if (died - born).days > parameter("death.birth-first", "infant_days"):
        return
    hours = parameter("death.birth-first", "hours")
    if death.born_at is not None and death.died_at is not None:
        briefly = death.died_at - death.born_at < timedelta(hours=hours)
    else:
        briefly = died == born
    has_birth = facts.birth_known or (facts.deceased is not None and facts.deceased.birth_record is not None)
    if briefly:
        yield found("death.lived-briefly", "died_on", hours=hours)
    elif not has_birth and death.deceased.personal_id is None:
        yield found("death.birth-first", "birth_record_id", hours=hours)
