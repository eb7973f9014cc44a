"""Rules of a birth (khai sinh): Luật Hộ tịch 2014, Đ.14 to 16."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from datetime import date, datetime, timedelta
from typing import NamedTuple

from contracts.catalogue.civil_rules import parameter
from contracts.civil import Birth, Duplicate, Party
from contracts.identifiers import Sex
from contracts.times import vn_date
from services.registry.civil.rules import Finding, Known, found
from services.registry.civil.rules.acts import is_of_sex
from services.registry.civil.rules.ages import age_on, first_day, no_older, surely_before


class BirthFacts(NamedTuple):
    """What the registry knows of the people of a birth, and of births that may be the same one."""

    child: Known | None = None
    mother: Known | None = None
    father: Known | None = None
    duplicates: Sequence[Duplicate] = ()


def findings(birth: Birth, facts: BirthFacts, now: datetime, *, again: bool = False) -> Iterator[Finding]:
    """Every rule a birth breaks. `again`: it is registered once more, so never late, and a year is enough."""
    born, today = birth.child.date_of_birth, vn_date(now)
    yield from possible(birth, now)
    if not again and not isinstance(born, date):
        yield found("birth.day-needed", "child.date_of_birth")
    limit = parameter("birth.late", "days")
    days = (today - first_day(born)).days
    if not again and days > limit:
        yield found("birth.late", "child.date_of_birth", days=days, limit=limit)
    if birth.mother is None and birth.father is None:
        yield found("birth.no-parent", "mother")
    if facts.mother is not None and facts.mother.died_on and surely_before(_day(facts.mother.died_on), born):
        yield found("birth.mother-dead", "mother.personal_id")
    yield from _father_alive(facts.father, born)
    if facts.child is not None and facts.child.birth_record is not None:
        yield found("birth.registered", "child.personal_id")
    yield from _duplicates(facts.duplicates)
    yield from _died(birth, now)


def possible(birth: Birth, now: datetime) -> Iterator[Finding]:
    """What cannot be, whatever the registry knows: also asked of a corrected record."""
    child = birth.child
    if first_day(child.date_of_birth) > vn_date(now) or (birth.born_at is not None and birth.born_at > now):
        yield found("birth.future", "child.date_of_birth")
    day = child.date_of_birth
    if birth.born_at is not None and isinstance(day, date) and vn_date(birth.born_at) != day:
        yield found("birth.hour-mismatch", "born_at")
    for role, parent, sex in (("mother", birth.mother, Sex.FEMALE), ("father", birth.father, Sex.MALE)):
        if parent is not None:
            yield from _parent(role, parent, sex, child.date_of_birth)
    ids = [each.personal_id for each in (child, birth.mother, birth.father) if each and each.personal_id]
    if len(set(ids)) < len(ids):
        yield found("birth.same-parent", "mother.personal_id")


def _parent(role: str, parent: Party, sex: Sex, born: date | str) -> Iterator[Finding]:
    if not is_of_sex(sex, parent.sex, parent.personal_id):
        yield found("birth.parent-sex", role)
    if parent.date_of_birth is None:
        return
    if no_older(parent.date_of_birth, born):
        yield found("birth.parent-younger", f"{role}.date_of_birth")
        return
    least, most = (parameter("birth.parent-age", f"{role}_{end}") for end in ("least", "most"))
    age = age_on(parent.date_of_birth, born)
    if not least <= age <= most:
        yield found("birth.parent-age", f"{role}.date_of_birth", age=age, least=least, most=most)


def _father_alive(father: Known | None, born: date | str) -> Iterator[Finding]:
    if father is None or not father.died_on or not isinstance(born, date):
        return
    days = parameter("birth.father-dead", "days")
    if surely_before(_day(father.died_on), born - timedelta(days=days)):
        yield found("birth.father-dead", "father.personal_id", days=days)


def _duplicates(duplicates: Sequence[Duplicate]) -> Iterator[Finding]:
    certain = parameter("birth.duplicate", "certain")
    likely = parameter("birth.likely-duplicate", "likely")
    for each in duplicates:
        if each.score >= likely:
            rule = "birth.duplicate" if each.score >= certain else "birth.likely-duplicate"
            yield found(rule, "child", number=each.number, book=each.book, score=f"{each.score:.2f}")


def _died(birth: Birth, now: datetime) -> Iterator[Finding]:
    if birth.died_at is None:
        return
    before = vn_date(birth.died_at) < first_day(birth.child.date_of_birth)
    if before or birth.died_at > now or (birth.born_at is not None and birth.died_at < birth.born_at):
        yield found("birth.died-before", "died_at")
        return
    hours = parameter("birth.lived-briefly", "hours")
    if birth.born_at is not None and birth.died_at - birth.born_at < timedelta(hours=hours):
        yield found("birth.lived-briefly", "died_at", hours=hours)
    else:
        yield found("birth.death-also", "died_at", hours=parameter("birth.death-also", "hours"))


def _day(text: str) -> date | str:
    return date.fromisoformat(text) if len(text) > 4 else text
