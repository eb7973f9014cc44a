"""Digitised books (số hóa sổ hộ tịch): the rows of a file.

A file holds one kind of record: CSV with a header line, or JSON Lines with the same names. Empty means unknown.
"""

from __future__ import annotations

from enum import StrEnum
from typing import Annotated, Final

from pydantic import BaseModel, ConfigDict, Field

from contracts.civil.values import RecordKind
from contracts.identifiers import PersonalId, PersonName, Sex
from contracts.identifiers.agencies import AGENCY_CODE_MAX_LENGTH
from contracts.population.values import BirthDate, Day, EthnicityCode, Line

Text200 = Annotated[Line, Field(max_length=200)]


class ImportKind(StrEnum):
    """The kinds of records that are taken in from books."""

    BIRTH = RecordKind.BIRTH.value
    DEATH = RecordKind.DEATH.value
    MARRIAGE = RecordKind.MARRIAGE.value


class _Row(BaseModel):
    """Where an entry stands: the agency that kept the book, number, volume and page, the day."""

    model_config = ConfigDict(extra="forbid")

    agency: Annotated[Line, Field(max_length=AGENCY_CODE_MAX_LENGTH)]
    number: Annotated[int, Field(ge=1, le=999_999)]
    volume: Annotated[int, Field(ge=1, le=999)] = 1
    page: Annotated[int, Field(ge=1, le=9_999)] = 1
    registered_on: Day


class BirthRow(_Row):
    """A birth in a digitised book."""

    child_name: PersonName
    child_sex: Sex
    child_born: BirthDate
    child_personal_id: PersonalId | None = None
    child_ethnicity: EthnicityCode | None = None
    birth_place: Text200 = ""
    mother_name: PersonName | None = None
    mother_born: BirthDate | None = None
    mother_personal_id: PersonalId | None = None
    father_name: PersonName | None = None
    father_born: BirthDate | None = None
    father_personal_id: PersonalId | None = None


class DeathRow(_Row):
    """A death in a digitised book."""

    deceased_name: PersonName
    deceased_sex: Sex
    deceased_born: BirthDate
    deceased_personal_id: PersonalId | None = None
    died_on: BirthDate
    death_place: Text200 = ""
    cause: Text200 = ""


class MarriageRow(_Row):
    """A marriage in a digitised book."""

    husband_name: PersonName
    husband_born: BirthDate
    husband_personal_id: PersonalId | None = None
    wife_name: PersonName
    wife_born: BirthDate
    wife_personal_id: PersonalId | None = None


Row = BirthRow | DeathRow | MarriageRow

ROWS: Final[dict[ImportKind, type[Row]]] = {
    ImportKind.BIRTH: BirthRow,
    ImportKind.DEATH: DeathRow,
    ImportKind.MARRIAGE: MarriageRow,
}
"""Kinds that can be taken in, with what their rows hold."""
