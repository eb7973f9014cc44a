"""Parents are recognised (nhận cha, mẹ, con), guardians registered (giám hộ), marital status certified."""

from __future__ import annotations

from itertools import chain
from typing import Any

from sqlalchemy import Select, bindparam, select

from contracts.catalogue.civil_rules import parameter
from contracts.civil import (
    Birth,
    ChangeKind,
    Entered,
    Guardianship,
    MaritalStatusCertificate,
    NewGuardianship,
    NewMaritalStatusCertificate,
    NewRecognition,
    Recognition,
    RecordKind,
    Role,
)
from contracts.events.civil import ParentageRecognised
from services.bus.kit.tx import Tx
from services.registry.civil import announcing
from services.registry.civil.commands.entry import (
    Act,
    content_document,
    enter,
    refuse_wrong_numbers,
    settle,
)
from services.registry.civil.commands.individuals import note_guardianship, note_parent
from services.registry.civil.commands.versions import new_version, normal
from services.registry.civil.models import Individual, Participant, Record
from services.registry.civil.queries.people import ancestors, content_of, hold, known
from services.registry.civil.rules import judged, relations
from services.registry.civil.rules.ages import in_months
from services.registry.civil.views import entered

_BIRTHS_OF: Select[Any] = select(Participant.record_id).where(
    Participant.personal_id == bindparam("personal_id"),
    Participant.role == Role.CHILD.value,
    Participant.kind == RecordKind.BIRTH.value,
)


def recognise_parent(tx: Tx, new: NewRecognition, act: Act) -> Entered:
    """Recognise a father or mother; the child's birth record gets a version that names them. Raises VALIDATION,
    AGENCY_CANNOT_RECEIVE, CIVIL_RULES_BROKEN."""
    settle(tx)
    refuse_wrong_numbers({"child": new.child, "parent": new.parent})
    hold(tx, [new.child.personal_id, new.parent.personal_id])
    birth_record, birth_known = _birth_of(tx, new)
    birth = Birth.model_validate(content_of(tx, birth_record)) if birth_record is not None else None
    up = parameter("recognition.circle", "generations")
    facts = relations.RecognitionFacts(
        birth_record=birth_record.id if birth_record is not None else None,
        birth_known=birth_known,
        has_other=_has_other(tx, new, birth),
        ancestors=[each for each, steps in ancestors(tx, new.parent.personal_id, up).items() if steps],
    )
    warnings = judged(chain(act.rules("recognition", new), relations.recognition_findings(new, facts)))
    content = content_document(new, Recognition)
    if birth_record is not None:
        content["birth_record_id"] = birth_record.id
    people = ((Role.CHILD, new.child), (Role.PARENT, new.parent))
    record = enter(tx, RecordKind.RECOGNITION, new, content, people, warnings, act)
    if new.child.personal_id is not None and new.parent.personal_id is not None:
        note_parent(tx, new.child.personal_id, new.role, new.parent.personal_id)
    event = ParentageRecognised(
        **announcing.common(record, act),
        child=announcing.person(new.child),
        parent=announcing.person(new.parent),
        role=new.role,
        birth_record_id=facts.birth_record,
    )
    announcing.announce(tx, record, event, act)
    if birth_record is not None and birth is not None:
        parent = new.parent.model_dump(mode="json", exclude_none=True)
        document = {**normal(RecordKind.BIRTH, content_of(tx, birth_record)), new.role: parent}
        new_version(tx, birth_record, document, ChangeKind.RECOGNITION, act, reason=f"recognition {record.id}")
    return entered(record)


def _birth_of(tx: Tx, new: NewRecognition) -> tuple[Any, bool]:
    """The child's birth record, None if it is not here; and whether one that was named is this child's."""
    if new.birth_record_id is not None:
        record: Any = tx.find(Record, new.birth_record_id)
        if record is None or record.kind != RecordKind.BIRTH.value:
            return None, False
        child = Birth.model_validate(content_of(tx, record)).child
        number = record.personal_id or child.personal_id
        same_number = number is not None and number == new.child.personal_id
        same_person = child.full_name == new.child.full_name and child.date_of_birth == new.child.date_of_birth
        if same_number or (same_person and (number is None or new.child.personal_id is None)):
            return record, True
        return None, False
    if new.child.personal_id is not None:
        for (record_id,) in tx.fetch(_BIRTHS_OF, personal_id=new.child.personal_id):
            return tx.find(Record, record_id), True
    return None, True


def _has_other(tx: Tx, new: NewRecognition, birth: Birth | None) -> bool:
    if birth is not None and getattr(birth, new.role) is not None:
        return True
    row: Any = tx.find(Individual, new.child.personal_id) if new.child.personal_id else None
    return row is not None and getattr(row, f"{new.role}_id") is not None


def register_guardianship(tx: Tx, new: NewGuardianship, act: Act) -> Entered:
    """Register a guardianship. Raises VALIDATION, AGENCY_CANNOT_RECEIVE, CIVIL_RULES_BROKEN."""
    settle(tx)
    refuse_wrong_numbers({"ward": new.ward, "guardian": new.guardian})
    hold(tx, [new.ward.personal_id, new.guardian.personal_id])
    ward = known(tx, new.ward.personal_id)
    facts = relations.GuardianshipFacts(
        ward=ward,
        guardian=known(tx, new.guardian.personal_id),
        parent_alive=ward is not None and _parent_alive(tx, (ward.mother_id, ward.father_id)),
    )
    told = relations.guardianship_findings(new, facts, act.today)
    ended = relations.guardianship_ended(new, act.today, act.today)
    warnings = judged(chain(act.rules("guardianship", new), told, ended))
    people = ((Role.WARD, new.ward), (Role.GUARDIAN, new.guardian))
    content = content_document(new, Guardianship)
    record = enter(tx, RecordKind.GUARDIANSHIP, new, content, people, warnings, act, announced=False)
    note_guardianship(tx, record.id, new)
    return entered(record)


def _parent_alive(tx: Tx, parents: tuple[str | None, ...]) -> bool:
    for parent in parents:
        row = known(tx, parent)
        if parent is not None and (row is None or not row.is_dead):
            return True
    return False


def certify_marital_status(tx: Tx, new: NewMaritalStatusCertificate, act: Act) -> Entered:
    """Certify a marital status: what the registry shows, else what is declared. Raises VALIDATION,
    AGENCY_CANNOT_RECEIVE, CIVIL_RULES_BROKEN."""
    settle(tx)
    refuse_wrong_numbers({"person": new.person})
    about = known(tx, new.person.personal_id)
    told = relations.marital_status_findings(new, about)
    warnings = judged(chain(act.rules("marital-status", new), told))
    months = parameter("marriage.certificate", "months")
    content = content_document(new, MaritalStatusCertificate) | {
        "certified_status": relations.known_status(about) or new.declared_status,
        "valid_until": in_months(act.today, months).isoformat(),
    }
    people = ((Role.PERSON, new.person),)
    record = enter(tx, RecordKind.MARITAL_STATUS, new, content, people, warnings, act, announced=False)
    return entered(record)
