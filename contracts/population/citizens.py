"""A citizen (công dân) as registered, changed and shown: the fields of QCVN 109:2017 in our own words."""

from __future__ import annotations

from datetime import date
from typing import Annotated, Any, Final

from pydantic import BaseModel, Field

from contracts.identifiers import LegacyIdCard, PersonalId, PersonName, Sex, UnitCode
from contracts.population.residences import AfterReform, Detail, NewResidence, Residence
from contracts.population.values import (
    BirthDate,
    BloodGroup,
    CountryCode,
    Day,
    EidLevel,
    EthnicityCode,
    Input,
    LifeStatus,
    Line,
    MaritalStatus,
    Relation,
    ReligionCode,
)

NamePart = Annotated[Line, Field(max_length=60)]

# A field that may be left out of a change but never be null; the schema then shows no default.
_UNNAMED: Final[Any] = Field(default_factory=lambda: None)


class Place(Input):
    """A place that stays as it was written down. `on` is the day the code is meant for; without it the day
    (or the first of January of the year) of birth."""

    unit_code: UnitCode | None = None
    on: Day | None = None
    detail: Detail = ""
    country: CountryCode = "VN"


class PlaceView(BaseModel):
    """A place with the name its code had on its day."""

    unit_code: str | None
    on: date
    unit_name: str | None
    detail: str
    country: str
    after_reform: AfterReform | None


class Relative(Input):
    """A father, mother or spouse as written in the citizen's own record [Cha, Me, VoChong]."""

    full_name: PersonName
    personal_id: PersonalId | None = None
    id_card: LegacyIdCard | None = None
    nationality: CountryCode = "VN"


class NewCitizen(Input):
    """A citizen to register. The three name parts [Ho, ChuDem, Ten] are split from the full name (first word,
    the words between, last word) unless they are given, as a compound family name needs."""

    personal_id: PersonalId
    id_card: LegacyIdCard | None = None
    full_name: PersonName
    family_name: NamePart | None = None
    middle_name: NamePart | None = None
    given_name: NamePart | None = None
    date_of_birth: BirthDate
    sex: Sex
    ethnicity: EthnicityCode = "01"
    religion: ReligionCode = "00"
    marital_status: MaritalStatus = MaritalStatus.UNKNOWN
    blood_group: BloodGroup = BloodGroup.UNKNOWN
    nationality: CountryCode = "VN"
    birth_place: Place | None = None
    hometown: Place | None = None
    father: Relative | None = None
    mother: Relative | None = None
    spouse: Relative | None = None
    eid_level: EidLevel = 0
    residences: Annotated[list[NewResidence], Field(max_length=20, default_factory=list)]


class CitizenChange(Input):
    """Fields to change; what is not named stays, null clears a field that may be empty. A change of the full
    name without its parts splits it anew."""

    id_card: LegacyIdCard | None = None
    full_name: PersonName = _UNNAMED
    family_name: NamePart | None = None
    middle_name: NamePart | None = None
    given_name: NamePart | None = None
    date_of_birth: BirthDate = _UNNAMED
    sex: Sex = _UNNAMED
    ethnicity: EthnicityCode = _UNNAMED
    religion: ReligionCode = _UNNAMED
    marital_status: MaritalStatus = _UNNAMED
    blood_group: BloodGroup = _UNNAMED
    nationality: CountryCode = _UNNAMED
    birth_place: Place | None = None
    hometown: Place | None = None
    father: Relative | None = None
    mother: Relative | None = None
    spouse: Relative | None = None
    eid_level: EidLevel = _UNNAMED


class RegisteredCitizen(BaseModel):
    """The answer to a registration or a change: what the caller does not know yet."""

    personal_id: str
    version: int


class HouseholdOfCitizen(BaseModel):
    """The household a citizen belongs to, and what they are to its head [ChuHo, SoSoHoKhau]."""

    household_id: str
    number: str | None
    relation: Relation
    head_personal_id: str | None
    head_full_name: str | None


class Citizen(BaseModel):
    """A citizen as the population data hold them, with today's residences and household."""

    personal_id: str
    version: int
    status: LifeStatus
    died_on: date | None = None
    id_card: str | None
    full_name: str
    family_name: str
    middle_name: str
    given_name: str
    date_of_birth: BirthDate
    sex: Sex
    ethnicity: str
    religion: str
    marital_status: MaritalStatus
    blood_group: BloodGroup
    nationality: str
    birth_place: PlaceView | None
    hometown: PlaceView | None
    father: Relative | None
    mother: Relative | None
    spouse: Relative | None
    eid_level: EidLevel
    residences: list[Residence]
    household: HouseholdOfCitizen | None
