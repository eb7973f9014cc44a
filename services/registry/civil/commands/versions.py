"""Another version of a record: what it says from today on. The old one stays as it was."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any, Final

from sqlalchemy import Select, bindparam, delete, select

from contracts.civil import (
    CONTENTS,
    Birth,
    ChangeKind,
    Content,
    Death,
    Guardianship,
    MaritalStatusCertificate,
    Marriage,
    Recognition,
    RecordKind,
    Role,
)
from contracts.events.civil import RecordCorrected
from services.bus.kit.tx import Tx
from services.registry.civil import announcing
from services.registry.civil.commands.entry import (
    Act,
    Place,
    content_document,
    participant_rows,
    version_row,
)
from services.registry.civil.commands.individuals import (
    note_birth,
    note_death,
    note_guardianship,
    note_marriage,
)
from services.registry.civil.models import Participant, Record, RecordVersion
from services.registry.civil.queries.people import content_of, hold

_MARRIAGES_OF: Select[Any] = select(Participant.record_id).where(
    Participant.personal_id == bindparam("personal_id"), Participant.kind == RecordKind.MARRIAGE.value
)
_FORGET_PEOPLE: Final = delete(Participant).where(Participant.record_id == bindparam("of_record"))


def new_version(
    tx: Tx,
    record: Any,
    document: dict[str, Any],
    change: ChangeKind,
    act: Act,
    *,
    ground: dict[str, Any] | None = None,
    reason: str = "",
    agency_code: str | None = None,
    officer: str = "",
    place: Place | None = None,
) -> tuple[str, ...]:
    """Add a version that says `document`, and announce it. Returns the fields that changed, with dots."""
    before = normal(RecordKind(record.kind), content_of(tx, record))
    changed = tuple(sorted(_differences(before, document)))
    content = CONTENTS[RecordKind(record.kind)].model_validate(document)
    record.version += 1
    record.events += 1
    record.changed_at = act.now
    row = version_row(
        record,
        document,
        change,
        act,
        changed=changed,
        ground=ground,
        reason=reason,
        agency_code=agency_code,
        officer=officer,
        place=place,
    )
    tx.append(RecordVersion, row)
    _show_anew(tx, record, content)
    event = RecordCorrected(
        record_id=record.id,
        kind=record.kind,
        record_version=record.version,
        reason=change.value,
        changed=changed,
        content=document,
        personal_id=record.personal_id,
        agency=agency_code or record.agency,
        valid_on=act.today,
        at=act.now,
    )
    announcing.announce(tx, record, event, act)
    return changed


def normal(kind: RecordKind, document: dict[str, Any]) -> dict[str, Any]:
    """The document as this version of the software writes it: with what its fields are by default."""
    model = CONTENTS[kind]
    return content_document(model.model_validate(document), model)


def people_in(content: Content) -> tuple[tuple[Role, Any], ...]:
    """Who is in a record of any kind."""
    roles = [role for role in Role if hasattr(content, role.value)]
    return tuple((role, getattr(content, role.value)) for role in roles)


def _show_anew(tx: Tx, record: Any, content: Content) -> None:
    """Searches and the people's own rows follow the newest version."""
    people = people_in(content)
    hold(tx, [party.personal_id for _, party in people if party is not None])
    match content:
        case Birth():
            number = record.personal_id or content.child.personal_id
            if number is not None:
                record.personal_id = number
                note_birth(tx, record.id, number, content)
        case Death():
            _died(tx, record, content)
        case Marriage():
            note_marriage(tx, record.id, content)
            if content.ended_on is not None:
                _still_bound(tx, record.id, content)
        case Guardianship():
            note_guardianship(tx, record.id, content)
        case Recognition() | MaritalStatusCertificate():
            pass
    tx.run_later()  # what this batch has entered of these people goes first, then it is replaced
    tx.later(_FORGET_PEOPLE, {"of_record": record.id})
    tx.run_later()
    for row in participant_rows(record, people):
        tx.append(Participant, row)


def _still_bound(tx: Tx, record_id: str, ended: Marriage) -> None:
    """Where one marriage has ended, another may bind still: books that came in late may hold several."""
    for personal_id in (ended.husband.personal_id, ended.wife.personal_id):
        if personal_id is None:
            continue
        for (other_id,) in tx.fetch(_MARRIAGES_OF, personal_id=personal_id):
            if other_id != record_id:
                other = Marriage.model_validate(content_of(tx, tx.find(Record, other_id)))
                if other.ended_on is None:
                    note_marriage(tx, other_id, other)


def _died(tx: Tx, record: Any, death: Death) -> None:
    number = death.deceased.personal_id
    if number is not None:
        record.personal_id = number
        note_death(tx, record.id, number, str(death.died_on))


def _differences(before: Mapping[str, Any], after: Mapping[str, Any], at: str = "") -> set[str]:
    """The paths at which two documents differ."""
    found: set[str] = set()
    for name in {*before, *after}:
        path, one, other = f"{at}{name}", before.get(name), after.get(name)
        if isinstance(one, Mapping) and isinstance(other, Mapping):
            found |= _differences(one, other, f"{path}.")
        elif one != other:
            found.add(path)
    return found
