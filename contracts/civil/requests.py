"""What callers ask of the civil registry: acts to register, corrections, extracts."""

from __future__ import annotations

from datetime import date, datetime
from typing import Annotated, Any, Literal

from pydantic import AwareDatetime, BaseModel, Field

from contracts.civil.contents import (
    Birth,
    Death,
    Guardianship,
    MaritalStatusCertificate,
    Marriage,
    Recognition,
)
from contracts.civil.parts import Document, TextLine
from contracts.civil.values import ChangeKind, RecordKind, RegistrationKind
from contracts.identifiers import AgencyCode, DossierCode
from contracts.population.values import Day, Input, Line


class Filing(Input):
    """Who registers, for which dossier. `received_at` is when the papers came in; now, unless it is given."""

    agency: AgencyCode
    officer: Annotated[Line, Field(max_length=100)] = ""
    dossier_code: DossierCode | None = None
    received_at: AwareDatetime | None = None


class NewBirth(Birth, Filing):
    """A birth to register."""


class NewDeath(Death, Filing):
    """A death to register."""


class NewMarriage(Marriage, Filing):
    """A marriage to register."""


class NewRecognition(Recognition, Filing):
    """A father or mother to recognise."""


class NewGuardianship(Guardianship, Filing):
    """A guardianship to register."""


class NewMaritalStatusCertificate(MaritalStatusCertificate, Filing):
    """A certificate of marital status to issue."""


class NewReRegistration(Filing):
    """A birth, a death or a marriage to register again (đăng ký lại): exactly the one that `kind` names, with
    where it stood before, if that is known, and the ground."""

    kind: Literal["birth", "death", "marriage"]
    birth: Birth | None = None
    death: Death | None = None
    marriage: Marriage | None = None
    ground: TextLine = Field(min_length=1)


class Correction(Input):
    """New values for fields of a record, named with dots (`child.full_name`); null empties a field. `ground` is
    the paper that proves it."""

    kind: Literal["correction", "change", "supplement", "note"]
    fields: Annotated[dict[Annotated[str, Field(max_length=60)], Any], Field(min_length=1, max_length=30)]
    ground: Document | None = None
    reason: TextLine = ""
    agency: AgencyCode
    officer: Annotated[Line, Field(max_length=100)] = ""
    dossier_code: DossierCode | None = None
    received_at: AwareDatetime | None = None


class NewExtract(Input):
    """Copies of an extract (bản sao trích lục) to issue, as the record is, or was on `as_of`."""

    agency: AgencyCode
    copies: Annotated[int, Field(strict=True, ge=1, le=50)] = 1
    as_of: Day | None = None
    purpose: TextLine = ""
    officer: Annotated[Line, Field(max_length=100)] = ""
    dossier_code: DossierCode | None = None


class Warning(BaseModel):
    """A rule that is not met, yet does not stand in the way; kept with the record."""

    rule: str
    source: str
    vi: str
    en: str


class Entered(BaseModel):
    """The answer to a registration: where it stands in the books, and what was noticed."""

    id: str
    kind: RecordKind
    version: int
    agency: str
    number: str
    book: str
    page: int
    registered_on: date
    due_at: datetime | None
    personal_id: str | None
    warnings: list[Warning]


class RecordView(Entered):
    """A record, as it is or was on a day; `content` has the shape of its kind (`contracts.civil.CONTENTS`)."""

    registration: RegistrationKind
    dossier_code: str | None
    current_version: int
    valid_on: date
    change: ChangeKind
    content: dict[str, Any]


class RecordLine(BaseModel):
    """A record in a list: its place in the books and the person searched for or, without one, the first."""

    id: str
    kind: RecordKind
    agency: str
    number: str
    book: str
    page: int
    registered_on: date
    version: int
    role: str
    full_name: str
    personal_id: str | None
    born: str | None


class Version(BaseModel):
    """One version in the history of a record: what was changed, when, and on what ground."""

    version: int
    valid_on: date
    at: datetime
    change: ChangeKind
    changed: list[str]
    reason: str
    ground: dict[str, Any] | None
    agency: str
    number: str | None
    book: str | None


class Corrected(BaseModel):
    """The answer to a correction: its own entry in the book of corrections."""

    id: str
    version: int
    changed: list[str]
    number: str
    book: str
    page: int
    registered_on: date
    warnings: list[Warning]


class Extract(BaseModel):
    """An extract issued (trích lục): the record as copied, and its own number."""

    id: str
    record_id: str
    kind: RecordKind
    version: int
    number: str
    book: str
    page: int
    issued_on: date
    copies: int
    record: RecordView


class LookupLine(BaseModel):
    """One look at personal data, as the log holds it: who, when, why, at what."""

    id: str
    at: datetime
    kind: str
    client_id: str
    procedure_code: str
    dossier: str
    agency: str | None
    officer: str | None
    record_id: str | None
    personal_id: str | None


class BookView(BaseModel):
    """A book: what was entered last, and how many entries it holds."""

    agency: str
    kind: str
    year: int
    last_number: int
    entries: int
    volumes: int
