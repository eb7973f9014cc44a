"""A checked row as what is written of it: the record's content, its people, and what they show of individuals.

Built a million times over, so it is tuples in the order of `COLUMNS`, as `kit.bulk` wants them; columns that are
empty in every digitised record are left out.
"""

from __future__ import annotations

from datetime import date
from typing import Any, Final

import orjson

from contracts.catalogue.agencies import agency
from contracts.civil import BirthRow, ChangeKind, DeathRow, MarriageRow, RegistrationKind, Role, Row
from services.bus.kit.ids import new_id
from services.bus.kit.importing.sheet import Written
from services.registry.civil.books import book_id
from services.registry.civil.names import fold, with_marks

RECORDS, VERSIONS, PARTICIPANTS = "records", "record_versions", "participants"
COLUMNS: Final = {
    RECORDS: (
        "id", "kind", "registration", "agency", "book_id", "year", "number", "volume", "page", "registered_on",
        "version", "events", "personal_id", "warnings", "changed_at",
    ),
    VERSIONS: (
        "record_id", "version", "valid_on", "at", "change", "changed", "reason", "ground", "agency", "officer",
        "content",
    ),
    PARTICIPANTS: (
        "record_id", "role", "kind", "personal_id", "full_name", "marked_name", "folded_name", "birth_year",
        "birth_date",
    ),
}  # fmt: skip
"""What is written of each table, in this order."""
SHOWN: Final = (
    "personal_id", "birth_record", "mother_id", "father_id", "married_by", "spouse_id", "was_married",
    "death_record", "died_on", "guarded_by",
)  # fmt: skip
"""What a row shows of an individual, in this order."""

_DIGITISED: Final = RegistrationKind.DIGITISED.value
_ENTRY: Final = ChangeKind.ENTRY.value
_CHILD, _MOTHER, _FATHER = Role.CHILD.value, Role.MOTHER.value, Role.FATHER.value
_DECEASED, _HUSBAND, _WIFE = Role.DECEASED.value, Role.HUSBAND.value, Role.WIFE.value
UNKNOWN: Final = 0
"""The year of birth of somebody whose is not known."""

Individual = tuple[Any, ...]


class Entry:
    """A record being written."""

    __slots__ = ("_line", "_now", "_written", "id", "kind")

    def __init__(self, kind: str, line: int, now: int | str, written: Written) -> None:
        self.id = new_id()
        self.kind = kind
        self._line = line
        self._now = now
        self._written = written

    def begin(self, row: Row, number: str | None, content: dict[str, Any], *shown: Individual) -> None:
        """The record and its version. `number` is the personal id of whom it is about; the claim is the place in
        the book, and what the record shows of individuals."""
        code, year, registered_on = agency(row.agency).code, row.registered_on.year, row.registered_on.isoformat()
        book, now, written = book_id(code, self.kind, year), self._now, self._written
        written.take(self._line, (book, row.number, row.volume, shown))
        record = (
            self.id, self.kind, _DIGITISED, code, book, year, row.number, row.volume, row.page, registered_on,
            1, 0, number, "[]", now,
        )  # fmt: skip
        written.add(RECORDS, record)
        text = orjson.dumps(content).decode()
        version = (self.id, 1, registered_on, now, _ENTRY, "[]", "", "null", code, "", text)
        written.add(VERSIONS, version)

    def person(self, role: str, name: str, personal_id: str | None, born: date | str | None) -> None:
        """Somebody in the record."""
        if born is None:
            year, day = UNKNOWN, None
        elif isinstance(born, str):
            year, day = int(born), None
        else:
            year, day = born.year, born.isoformat()
        row = (self.id, role, self.kind, personal_id, name, with_marks(name), fold(name), year, day)
        self._written.add(PARTICIPANTS, row)


def write_birth(row: BirthRow, entry: Entry) -> None:
    """A birth: child, mother and father, and whose child it is."""
    child = _party(row.child_name, row.child_personal_id, row.child_born, row.child_sex.value)
    if row.child_ethnicity is not None:
        child["ethnicity"] = row.child_ethnicity
    child["birth_place"] = {"detail": row.birth_place, "country": "VN"}
    content = {"child": child}
    if row.mother_name is not None:
        content["mother"] = _party(row.mother_name, row.mother_personal_id, row.mother_born, None)
    if row.father_name is not None:
        content["father"] = _party(row.father_name, row.father_personal_id, row.father_born, None)
    number, shown = row.child_personal_id, ()
    if number is not None:
        mother, father = row.mother_personal_id, row.father_personal_id
        shown = ((number, entry.id, mother, father, None, None, 0, None, None, None),)  # type: ignore[assignment]
    entry.begin(row, number, content, *shown)
    entry.person(_CHILD, row.child_name, number, row.child_born)
    if row.mother_name is not None:
        entry.person(_MOTHER, row.mother_name, row.mother_personal_id, row.mother_born)
    if row.father_name is not None:
        entry.person(_FATHER, row.father_name, row.father_personal_id, row.father_born)


def write_death(row: DeathRow, entry: Entry) -> None:
    """A death."""
    number, died_on = row.deceased_personal_id, str(row.died_on)
    content = {
        "deceased": _party(row.deceased_name, number, row.deceased_born, row.deceased_sex.value),
        "died_on": died_on,
        "place": {"detail": row.death_place, "country": "VN"},
        "cause": row.cause,
    }
    shown = [] if number is None else [(number, None, None, None, None, None, 0, entry.id, died_on, None)]
    entry.begin(row, number, content, *shown)
    entry.person(_DECEASED, row.deceased_name, number, row.deceased_born)


def write_marriage(row: MarriageRow, entry: Entry) -> None:
    """A marriage: what it shows of either side."""
    husband, wife = row.husband_personal_id, row.wife_personal_id
    content = {
        "husband": _party(row.husband_name, husband, row.husband_born, "male"),
        "wife": _party(row.wife_name, wife, row.wife_born, "female"),
    }
    shown = [
        (own, None, None, None, entry.id, other, 1, None, None, None)
        for own, other in ((husband, wife), (wife, husband))
        if own is not None
    ]
    entry.begin(row, None, content, *shown)
    entry.person(_HUSBAND, row.husband_name, husband, row.husband_born)
    entry.person(_WIFE, row.wife_name, wife, row.wife_born)


def _party(name: str, personal_id: str | None, born: date | str | None, sex: str | None) -> dict[str, Any]:
    party: dict[str, Any] = {"full_name": name}
    if personal_id is not None:
        party["personal_id"] = personal_id
    if born is not None:
        party["date_of_birth"] = born  # as JSON a date is the text it is in a file
    if sex is not None:
        party["sex"] = sex
    return party
