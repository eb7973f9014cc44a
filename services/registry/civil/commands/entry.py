"""What every act has in common: a place in the books, a record with its first version, the people in it.

Commands of one batch must see each other's people: `settle` writes what earlier ones left for the commit.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from datetime import date, datetime
from typing import Any, NamedTuple

from pydantic import BaseModel

from contracts.catalogue.agencies import agency
from contracts.civil import (
    BookKind,
    ChangeKind,
    Filing,
    Party,
    RecordKind,
    RegistrationKind,
    Role,
)
from contracts.identifiers import check_personal_id_agrees
from contracts.population.values import birth_year
from contracts.problems import AGENCY_CANNOT_RECEIVE, VALIDATION, FieldError, Problem
from contracts.rules import explain
from contracts.times import vn_date
from services.bus.kit.ids import new_id
from services.bus.kit.touching import has_touched, touch, untouched
from services.bus.kit.tx import Tx
from services.registry.civil.books import USUAL, Layout, book_id
from services.registry.civil.models import UNKNOWN_YEAR, Book, Participant, Record, RecordVersion
from services.registry.civil.names import fold, with_marks
from services.registry.civil.rules import Finding, acts

People = Iterable[tuple[Role, Party | None]]


@dataclass(frozen=True, slots=True)
class Act:
    """The circumstances of an act: when, into books of which layout, for which task; `again` with its ground if
    it is registered once more."""

    now: datetime
    layout: Layout = USUAL
    task_id: str | None = None
    again: bool = False
    reason: str = ""

    @property
    def today(self) -> date:
        return vn_date(self.now)

    def rules(self, kind: str, filing: Any) -> Iterable[Finding]:
        """What the rules of every act find."""
        received = filing.received_at or self.now
        return acts.findings("again" if self.again else kind, received, agency_of(filing), self.now)


class Place(NamedTuple):
    """A place in a book."""

    book_id: str
    year: int
    number: int
    volume: int
    page: int


def settle(tx: Tx) -> None:
    """Let queries see what earlier commands of this batch have left for the commit. If writing that fails, the
    batch is spoiled, as it would have been at the commit."""
    before = has_touched()
    touch()
    tx.run_later()
    if not before:
        untouched()


def agency_of(filing: Any) -> str:
    """The registering agency's code in its one spelling. Raises AGENCY_CANNOT_RECEIVE."""
    try:
        return agency(filing.agency).code
    except ValueError:
        raise Problem(AGENCY_CANNOT_RECEIVE, field="body.agency", agency=filing.agency) from None


def refuse_wrong_numbers(people: Mapping[str, Party | None]) -> None:
    """A personal id says sex and year of birth, which must be those stated. Raises VALIDATION."""
    errors = []
    for at, party in people.items():
        if party is None or party.personal_id is None:
            continue
        born = party.date_of_birth
        try:
            check_personal_id_agrees(
                party.personal_id, sex=party.sex, date_of_birth=None if born is None else birth_year(born)
            )
        except ValueError as error:
            rule = str(getattr(error, "type", "value_error"))
            errors.append(FieldError(f"body.{at}.personal_id", rule, explain(rule)))
    if errors:
        raise Problem(VALIDATION, errors=errors, count=len(errors))


def next_place(tx: Tx, agency_code: str, kind: BookKind, year: int, layout: Layout) -> Place:
    """The next entry of a book: counted in the transaction that uses it, so there is no gap."""
    key = book_id(agency_code, kind.value, year)
    tx.preload(Book, [key], for_update=True)
    book: Any = tx.find(Book, key)
    if book is None:
        book = tx.insert(
            Book, id=key, agency=agency_code, kind=kind.value, year=year, last=0, entries=0, volumes=0
        )
    book.last += 1
    book.entries += 1
    volume, page = layout.place(book.last)
    book.volumes = max(book.volumes, volume)
    return Place(key, year, book.last, volume, page)


def content_document(content: BaseModel, model: type[BaseModel]) -> dict[str, Any]:
    """What a record says, as stored: the fields of its kind, without what is not known."""
    return content.model_dump(mode="json", include=set(model.model_fields), exclude_none=True)


def enter(
    tx: Tx,
    kind: RecordKind,
    filing: Filing,
    content: dict[str, Any],
    people: People,
    warnings: list[dict[str, Any]],
    act: Act,
    *,
    personal_id: str | None = None,
    announced: bool = True,
) -> Any:
    """Enter a record: its place, its row, its first version, its people. `announced`: its event follows."""
    code = agency_of(filing)
    place = next_place(tx, code, BookKind(kind.value), act.today.year, act.layout)
    registration = RegistrationKind.AGAIN if act.again else RegistrationKind.REGISTERED
    record = tx.insert(
        Record,
        id=new_id(),
        kind=kind.value,
        registration=registration.value,
        agency=code,
        **place._asdict(),
        registered_on=act.today,
        version=1,
        events=1 if announced else 0,
        personal_id=personal_id,
        dossier_code=filing.dossier_code,
        task_id=act.task_id,
        due_at=acts.due_at("again" if act.again else kind.value, filing.received_at or act.now),
        warnings=warnings,
        changed_at=act.now,
    )
    tx.append(RecordVersion, version_row(record, content, ChangeKind.ENTRY, act, officer=filing.officer))
    for row in participant_rows(record, people):
        tx.append(Participant, row)
    return record


def version_row(
    record: Any,
    content: dict[str, Any],
    change: ChangeKind,
    act: Act,
    *,
    changed: Iterable[str] = (),
    ground: dict[str, Any] | None = None,
    reason: str = "",
    agency_code: str | None = None,
    officer: str = "",
    place: Place | None = None,
) -> dict[str, Any]:
    """The row of a record's newest version."""
    return {
        "record_id": record.id,
        "version": record.version,
        "valid_on": act.today,
        "at": act.now,
        "change": change.value,
        "changed": list(changed),
        "reason": reason or act.reason,
        "ground": ground,
        "agency": agency_code or record.agency,
        "officer": officer,
        "book_id": place.book_id if place else None,
        "number": place.number if place else None,
        "volume": place.volume if place else None,
        "page": place.page if place else None,
        "content": content,
    }


def participant_rows(record: Any, people: People) -> Iterable[dict[str, Any]]:
    """One row for each person of a record."""
    for role, party in people:
        if party is not None:
            yield participant_row(record.id, record.kind, role, party, record.personal_id)


def participant_row(
    record_id: str, kind: str, role: Role, party: Party, child_id: str | None = None
) -> dict[str, Any]:
    """The row of one person; a registered child bears the number that came later."""
    born = party.date_of_birth
    number = party.personal_id
    if number is None and role is Role.CHILD and kind == RecordKind.BIRTH.value:
        number = child_id
    return {
        "record_id": record_id,
        "role": role.value,
        "kind": kind,
        "personal_id": number,
        "full_name": party.full_name,
        "marked_name": with_marks(party.full_name),
        "folded_name": fold(party.full_name),
        "birth_year": UNKNOWN_YEAR if born is None else birth_year(born),
        "birth_date": born if isinstance(born, date) else None,
    }
