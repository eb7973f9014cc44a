"""What the registry shows of people: their own row, their ancestors, whom they were married to."""

from __future__ import annotations

from collections.abc import Iterable
from datetime import date
from typing import Any

from sqlalchemy import Select, bindparam, select

from contracts.catalogue.civil_rules import parameter
from contracts.civil import RecordKind, Role, Spouse
from contracts.population.values import birth_year
from services.bus.kit.tx import Tx
from services.registry.civil.models import Individual, Participant, Record, RecordVersion
from services.registry.civil.names import fold, with_marks
from services.registry.civil.rules import Known
from services.registry.civil.rules.marriages import SpouseFacts

_OTHER = Participant.__table__.alias("other")
_MARRIED_TO: Select[Any] = (
    select(_OTHER.c.personal_id)
    .select_from(Participant)
    .join(_OTHER, _OTHER.c.record_id == Participant.record_id)
    .where(
        Participant.personal_id == bindparam("personal_id"),
        Participant.kind == RecordKind.MARRIAGE.value,
        _OTHER.c.role != Participant.role,
        _OTHER.c.personal_id.is_not(None),
    )
)
_COLUMNS: tuple[Any, ...] = (Participant.record_id, Participant.marked_name)
_NAMESAKES: Select[Any] = select(*_COLUMNS).where(
    Participant.folded_name == bindparam("folded_name"),
    Participant.birth_year == bindparam("birth_year"),
    Participant.birth_date == bindparam("birth_date"),
    Participant.kind == RecordKind.MARRIAGE.value,
    Participant.personal_id.is_(None),
)
_CONTENT: Select[Any] = select(RecordVersion.content).where(
    RecordVersion.record_id == bindparam("record_id"), RecordVersion.version == bindparam("version")
)


def hold(tx: Tx, personal_ids: Iterable[str | None]) -> None:
    """Look these people up together, and keep other writers from them until the commit."""
    tx.preload(Individual, [each for each in personal_ids if each is not None], for_update=True)


def known(tx: Tx, personal_id: str | None) -> Known | None:
    """What the registry shows of this person, None if nothing."""
    row: Any = tx.find(Individual, personal_id) if personal_id is not None else None
    if row is None:
        return None
    shown = Known(**{name: getattr(row, name) for name in Known._fields})
    spouse: Any = tx.find(Individual, shown.spouse_id) if shown.spouse_id is not None else None
    if spouse is not None and spouse.death_record is not None:  # books come in any order
        shown = shown._replace(married_by=None, spouse_id=None)
    return shown


def ancestors(tx: Tx, personal_id: str | None, generations: int) -> dict[str, int]:
    """Ancestors by personal id with how many generations up they are, the person at 0; the nearest way counts."""
    if personal_id is None:
        return {}
    found = {personal_id: 0}
    level = [personal_id]
    for steps in range(1, generations + 1):
        tx.preload(Individual, level)
        above: list[str] = []
        for each in level:
            row: Any = tx.find(Individual, each)
            if row is not None:
                above += [parent for parent in (row.mother_id, row.father_id) if parent and parent not in found]
        level = list(dict.fromkeys(above))
        found |= dict.fromkeys(level, steps)
    return found


def married_to(tx: Tx, personal_id: str) -> list[str]:
    """Everybody with a personal id this person is or was married to, by the registry's records."""
    return [other for (other,) in tx.fetch(_MARRIED_TO, personal_id=personal_id)]


def spouse_facts(tx: Tx, spouse: Spouse, today: date) -> SpouseFacts:
    """All that the rules of a marriage ask about one side."""
    own = spouse.personal_id
    spouses = married_to(tx, own) if own is not None else []
    parents = {each: [a for a, steps in ancestors(tx, each, 1).items() if steps == 1] for each in spouses}
    return SpouseFacts(
        known=known(tx, own),
        ancestors=ancestors(tx, own, parameter("marriage.direct-line", "generations")),
        spouses=spouses,
        parents_of=parents,
        namesake_married=own is None and _namesake_married(tx, spouse),
        certificate=_certificate_holds(tx, spouse, today),
    )


def _namesake_married(tx: Tx, spouse: Spouse) -> bool:
    """Whether somebody of this name and day of birth stands in a marriage without a personal id."""
    born = spouse.date_of_birth
    if isinstance(born, str):
        return False
    marked = with_marks(spouse.full_name)
    rows = tx.fetch(_NAMESAKES, folded_name=fold(spouse.full_name), birth_year=birth_year(born), birth_date=born)
    for record_id, their_name in rows:
        record: Any = tx.find(Record, record_id)
        if their_name == marked and content_of(tx, record).get("ended_on") is None:
            return True
    return False


def _certificate_holds(tx: Tx, spouse: Spouse, today: date) -> bool | None:
    if spouse.certificate_id is None:
        return None
    record: Any = tx.find(Record, spouse.certificate_id)
    if record is None or record.kind != RecordKind.MARITAL_STATUS.value:
        return False
    content = content_of(tx, record)
    person = content[Role.PERSON.value]
    same = with_marks(person["full_name"]) == with_marks(spouse.full_name) and (
        person.get("personal_id") == spouse.personal_id
    )
    return same and content["certified_status"] != "married" and content["valid_until"] >= today.isoformat()


def content_of(tx: Tx, record: Any, version: int | None = None) -> dict[str, Any]:
    """What a record says now, or said in that version."""
    rows = tx.fetch(_CONTENT, record_id=record.id, version=version or record.version)
    content: dict[str, Any] = rows[0][0]
    return content
