"""Rules of recognising a parent (nhận cha, mẹ, con), of guardianship (giám hộ) and of marital status."""

from __future__ import annotations

from collections.abc import Collection, Iterator
from datetime import date
from typing import NamedTuple

from contracts.catalogue.civil_rules import parameter
from contracts.civil import Guardianship, MaritalStatusCertificate, Recognition
from contracts.identifiers import Sex
from services.registry.civil.rules import Finding, Known, found
from services.registry.civil.rules.acts import is_of_sex
from services.registry.civil.rules.ages import age_on, no_older


class RecognitionFacts(NamedTuple):
    """`birth_record` is the child's, if it is here; `birth_known` is False if one was named that is none of this
    child; `has_other`: it names another father or mother in that role; `ancestors` of the parent."""

    birth_record: str | None = None
    birth_known: bool = True
    has_other: bool = False
    ancestors: Collection[str] = ()


def recognition_findings(recognition: Recognition, facts: RecognitionFacts) -> Iterator[Finding]:
    """Every rule a recognition breaks."""
    child, parent = recognition.child, recognition.parent
    if no_older(parent.date_of_birth, child.date_of_birth):
        yield found("recognition.parent-younger", "parent.date_of_birth")
    wanted = Sex.MALE if recognition.role == "father" else Sex.FEMALE
    if not is_of_sex(wanted, parent.sex, parent.personal_id):
        yield found("recognition.parent-sex", "parent.sex")
    if child.personal_id is not None:
        if child.personal_id == parent.personal_id:
            yield found("recognition.same-person", "parent.personal_id")
        elif child.personal_id in facts.ancestors:
            yield found("recognition.circle", "parent.personal_id")
    if not facts.birth_known:
        yield found("recognition.birth-unknown", "birth_record_id")
    elif facts.birth_record is None:
        yield found("recognition.no-birth", "birth_record_id")
    if facts.has_other:
        yield found("recognition.has-parent", "role")


class GuardianshipFacts(NamedTuple):
    """What the registry knows of the two, and whether a parent of the ward is known to live."""

    ward: Known | None = None
    guardian: Known | None = None
    parent_alive: bool = False


def guardianship_findings(guardianship: Guardianship, facts: GuardianshipFacts, today: date) -> Iterator[Finding]:
    """Every rule a guardianship breaks."""
    yield from guardianship_possible(guardianship, today)
    for role, known in (("ward", facts.ward), ("guardian", facts.guardian)):
        if known is not None and known.is_dead:
            yield found("guardianship.dead", f"{role}.personal_id")
    if facts.ward is not None and facts.ward.guarded_by is not None:
        yield found("guardianship.has-guardian", "ward.personal_id")
    if facts.parent_alive:
        yield found("guardianship.parent-alive", "ward")


def guardianship_possible(guardianship: Guardianship, on: date) -> Iterator[Finding]:
    """Ages on the day of registration: also asked of a corrected record."""
    ward, guardian = guardianship.ward, guardianship.guardian
    limit = parameter("guardianship.ward-of-age", "years")
    if not guardianship.ward_incapable and age_on(ward.date_of_birth, on) >= limit:
        yield found("guardianship.ward-of-age", "ward.date_of_birth", limit=limit)
    limit, age = parameter("guardianship.guardian-age", "years"), age_on(guardian.date_of_birth, on)
    if age < limit:
        yield found("guardianship.guardian-age", "guardian.date_of_birth", age=age, limit=limit)
    if ward.personal_id is not None and ward.personal_id == guardian.personal_id:
        yield found("guardianship.same-person", "guardian.personal_id")


def guardianship_ended(guardianship: Guardianship, registered_on: date, today: date) -> Iterator[Finding]:
    """An end is within the time of the guardianship."""
    if guardianship.ended_on is not None and not registered_on <= guardianship.ended_on <= today:
        yield found("guardianship.ended-early", "fields.ended_on")


def known_status(known: Known | None) -> str | None:
    """The marital status the registry shows; None if it knows nothing of a marriage. A person whose birth is
    here and who never married is only as single as these books know, so that is not shown as proven."""
    if known is None:
        return None
    if known.married_by is not None:
        return "married"
    return "divorced_or_widowed" if known.was_married else None


def marital_status_findings(certificate: MaritalStatusCertificate, known: Known | None) -> Iterator[Finding]:
    """Every rule a certificate breaks."""
    if known is not None and known.is_dead:
        yield found("marital-status.dead", "person.personal_id")
    shown = known_status(known)
    if shown is None:
        if certificate.declared_status != "single" or known is None:
            yield found("marital-status.unproven", "declared_status")
    elif shown != certificate.declared_status:
        declared = certificate.declared_status
        yield found("marital-status.contradiction", "declared_status", declared=declared, known=shown)
