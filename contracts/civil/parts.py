"""People and places as civil-status records name them. Names of the national form's fields in brackets."""

from __future__ import annotations

from typing import Annotated

from pydantic import Field

from contracts.identifiers import PersonalId, PersonName, Sex, UnitCode
from contracts.population.values import (
    BirthDate,
    CountryCode,
    Day,
    EthnicityCode,
    Input,
    Line,
)

ShortLine = Annotated[Line, Field(max_length=100)]
TextLine = Annotated[Line, Field(max_length=500)]


class CivilPlaceInput(Input):
    """A place as written [NoiSinh, QueQuan]. `unit_code` is read on the day of the event itself."""

    unit_code: UnitCode | None = None
    detail: Annotated[Line, Field(max_length=300)] = ""
    country: CountryCode = "VN"


class Party(Input):
    """Somebody a record names [me*, cha*, chong*, vo*]: HoTen, NgaySinh, SoDDCN, DanToc, QuocTich, NoiCuTru."""

    full_name: PersonName
    personal_id: PersonalId | None = None
    date_of_birth: BirthDate | None = None
    sex: Sex | None = None
    ethnicity: EthnicityCode | None = None
    nationality: CountryCode = "VN"
    residence: Annotated[Line, Field(max_length=300)] = ""


class BornParty(Party):
    """Somebody whose birth date has to be known."""

    date_of_birth: BirthDate


class SexedParty(BornParty):
    """Somebody whose sex and birth date have to be known."""

    sex: Sex


class Spouse(SexedParty):
    """One side of a marriage; `times_married` counts this one [SoLanKH]. `certificate_id` is the record of the
    marital-status certificate shown."""

    times_married: Annotated[int, Field(strict=True, ge=1, le=20)] | None = None
    certificate_id: Annotated[Line, Field(min_length=1, max_length=36)] | None = None


class Child(SexedParty):
    """The child of a birth [nks]. `birth_order` tells twins apart: 1 for the first of them."""

    birth_order: Annotated[int, Field(strict=True, ge=1, le=9)] | None = None
    birth_place: CivilPlaceInput
    hometown: CivilPlaceInput | None = None


class Declarant(Input):
    """Who came to declare [nyc*], and what they are to the person."""

    full_name: PersonName
    personal_id: PersonalId | None = None
    relation: ShortLine = ""


class Document(Input):
    """A paper something rests on (giấy tờ làm căn cứ)."""

    kind: ShortLine = ""
    number: Annotated[Line, Field(max_length=60)] = ""
    issued_on: Day | None = None
    issued_by: Annotated[Line, Field(max_length=200)] = ""


class EarlierEntry(Input):
    """Where a record stood before its book was lost."""

    agency: Annotated[Line, Field(max_length=200)] = ""
    number: Annotated[Line, Field(min_length=1, max_length=20)]
    book: Annotated[Line, Field(max_length=30)] = ""
    registered_on: Day
