"""What each kind of record says. A version of a record is one of these, whole."""

from __future__ import annotations

from typing import Annotated, Final, Literal

from pydantic import AwareDatetime, Field

from contracts.civil.parts import (
    BornParty,
    Child,
    CivilPlaceInput,
    Declarant,
    Document,
    EarlierEntry,
    Party,
    SexedParty,
    Spouse,
    TextLine,
)
from contracts.civil.values import RecordKind
from contracts.population.values import BirthDate, Day, Input, Line

RecordId = Annotated[Line, Field(min_length=1, max_length=36)]


class Birth(Input):
    """Khai sinh. `born_at` is the hour, where the notice tells it; `died_at` if the child has died since."""

    child: Child
    born_at: AwareDatetime | None = None
    mother: Party | None = None
    father: Party | None = None
    declarant: Declarant | None = None
    notice_number: Annotated[Line, Field(max_length=60)] = ""
    died_at: AwareDatetime | None = None
    earlier: EarlierEntry | None = None


class Death(Input):
    """Khai tử. `born_at` and `birth_record_id` matter for an infant without a personal id."""

    deceased: SexedParty
    died_on: BirthDate
    died_at: AwareDatetime | None = None
    place: CivilPlaceInput
    cause: Annotated[Line, Field(max_length=200)] = ""
    notice: Document | None = None
    declarant: Declarant | None = None
    born_at: AwareDatetime | None = None
    birth_record_id: RecordId | None = None
    earlier: EarlierEntry | None = None


class Marriage(Input):
    """Kết hôn. `ended_on` and `ended_by` are entered by a note, after a court has decided, or after
    the death of a spouse who has no personal id."""

    husband: Spouse
    wife: Spouse
    voluntary: bool = True
    capable: bool = True
    ended_on: Day | None = None
    ended_by: Literal["divorce", "annulment", "death"] | None = None
    earlier: EarlierEntry | None = None


class Recognition(Input):
    """Nhận cha, mẹ, con. `birth_record_id` is found by the child's personal id if it is not given."""

    role: Literal["father", "mother"]
    child: BornParty
    parent: BornParty
    evidence: TextLine = ""
    birth_record_id: RecordId | None = None


class Guardianship(Input):
    """Giám hộ: by law (đương nhiên) or appointed (cử). `ended_on` is entered by a note."""

    arrangement: Literal["natural", "appointed"]
    ward: BornParty
    guardian: BornParty
    ward_incapable: bool = False
    reason: TextLine = ""
    ended_on: Day | None = None


class MaritalStatusCertificate(Input):
    """Xác nhận tình trạng hôn nhân. `certified_status` is what the registry shows, or what was declared where it
    shows nothing; `valid_until` is the last day of the certificate."""

    person: SexedParty
    declared_status: Literal["single", "married", "divorced_or_widowed"]
    purpose: TextLine = ""
    certified_status: Literal["single", "married", "divorced_or_widowed"] | None = None
    valid_until: Day | None = None


Content = Birth | Death | Marriage | Recognition | Guardianship | MaritalStatusCertificate

CONTENTS: Final[dict[RecordKind, type[Content]]] = {
    RecordKind.BIRTH: Birth,
    RecordKind.DEATH: Death,
    RecordKind.MARRIAGE: Marriage,
    RecordKind.RECOGNITION: Recognition,
    RecordKind.GUARDIANSHIP: Guardianship,
    RecordKind.MARITAL_STATUS: MaritalStatusCertificate,
}
