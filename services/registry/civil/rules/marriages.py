"""Rules of a marriage (kết hôn): Luật Hôn nhân và gia đình 2014, Đ.5 and 8."""

from __future__ import annotations

from collections.abc import Collection, Iterator, Mapping
from datetime import date
from typing import NamedTuple

from contracts.catalogue.civil_rules import parameter
from contracts.civil import Marriage, Spouse
from contracts.identifiers import Sex
from services.registry.civil.rules import Finding, Known, found
from services.registry.civil.rules.acts import is_of_sex
from services.registry.civil.rules.ages import age_on
from services.registry.civil.rules.kinship import in_direct_line, within_generations


class SpouseFacts(NamedTuple):
    """What the registry knows of one side. `spouses` are all ever married to; `parents_of` the parents of each of
    them; `namesake_married`: somebody of the same name and birth date is; `certificate`: whether the one shown
    holds, None if none was."""

    known: Known | None = None
    ancestors: Mapping[str, int] = {}
    spouses: Collection[str] = ()
    parents_of: Mapping[str, Collection[str]] = {}
    namesake_married: bool = False
    certificate: bool | None = None


def findings(
    marriage: Marriage, husband: SpouseFacts, wife: SpouseFacts, today: date, *, record_id: str | None = None
) -> Iterator[Finding]:
    """Every rule a marriage breaks on this day. `record_id` is its own, if it is registered already."""
    yield from possible(marriage, today)
    if not marriage.voluntary:
        yield found("marriage.voluntary", "voluntary")
    if not marriage.capable:
        yield found("marriage.capable", "capable")
    for role, facts in (("husband", husband), ("wife", wife)):
        yield from _free(role, facts, record_id)
    yield from _related(marriage, husband, wife)


def possible(marriage: Marriage, on: date) -> Iterator[Finding]:
    """Ages and sex on the day of the marriage: also asked of a corrected record."""
    for role, spouse, rule in (
        ("husband", marriage.husband, "marriage.age-man"),
        ("wife", marriage.wife, "marriage.age-woman"),
    ):
        limit = parameter(rule, "years")
        age = age_on(spouse.date_of_birth, on)
        if age < limit:
            yield found(rule, f"{role}.date_of_birth", age=age, limit=limit)
    if not (_is(Sex.MALE, marriage.husband) and _is(Sex.FEMALE, marriage.wife)):
        yield found("marriage.sex", "husband.sex")
    one, other = marriage.husband.personal_id, marriage.wife.personal_id
    if one is not None and one == other:
        yield found("marriage.same-person", "wife.personal_id")


def ended(marriage: Marriage, registered_on: date, today: date) -> Iterator[Finding]:
    """An end is within the time of the marriage, and has its reason."""
    if (marriage.ended_on is None) != (marriage.ended_by is None) or (
        marriage.ended_on is not None and not registered_on <= marriage.ended_on <= today
    ):
        yield found("marriage.ended-early", "fields.ended_on")


def _is(sex: Sex, spouse: Spouse) -> bool:
    return is_of_sex(sex, spouse.sex, spouse.personal_id)


def _free(role: str, facts: SpouseFacts, record_id: str | None) -> Iterator[Finding]:
    known = facts.known
    if known is not None and known.is_dead:
        yield found("marriage.dead", f"{role}.personal_id")
    if known is not None and known.married_by is not None and known.married_by != record_id:
        yield found("marriage.already-married", f"{role}.personal_id")
    elif facts.namesake_married:
        yield found("marriage.namesake-married", role)
    if facts.certificate is False:
        months = parameter("marriage.certificate", "months")
        yield found("marriage.certificate", f"{role}.certificate_id", months=months)


def _related(marriage: Marriage, husband: SpouseFacts, wife: SpouseFacts) -> Iterator[Finding]:
    one, other = marriage.husband.personal_id, marriage.wife.personal_id
    if one is None or other is None or one == other:
        return
    if in_direct_line(husband.ancestors, wife.ancestors, one_id=one, other_id=other):
        yield found("marriage.direct-line", "wife.personal_id")
    elif within_generations(
        husband.ancestors, wife.ancestors, parameter("marriage.three-generations", "generations")
    ):
        yield found("marriage.three-generations", "wife.personal_id")
    if _by_marriage(one, husband, wife) or _by_marriage(other, wife, husband):
        yield found("marriage.affinity", "wife.personal_id")


def _by_marriage(own_id: str, own: SpouseFacts, other: SpouseFacts) -> bool:
    """Whether `own` is a parent of somebody the other was married to, or was married to the other's parent."""
    parent_in_law = any(own_id in parents for parents in other.parents_of.values())
    parents = {ancestor for ancestor, steps in other.ancestors.items() if steps == 1}
    return parent_in_law or any(spouse in parents for spouse in own.spouses)
