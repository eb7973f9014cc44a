"""What is told about results: to officials in full, to the owner's next dossier, to anybody who holds the code."""

from __future__ import annotations

from datetime import date, datetime
from typing import Annotated, Any

from pydantic import BaseModel, Field

from contracts.catalogue.result_kinds import Label
from contracts.results.documents import IssuingAgency, ResultState, SignedResult


class ResultLine(BaseModel):
    """A result in a list. `code` is the national code of its kind (MaKetQua)."""

    id: str
    kind: str
    code: str
    title: Label
    number: str | None
    owner_id: str
    dossier_code: str
    procedure_code: str
    agency: IssuingAgency
    issued_at: datetime
    valid_until: date | None
    state: ResultState
    times_reused: int
    verification_code: str


class ResultView(ResultLine):
    """A result with all that is known of it. `sha256` is that of the signed document as it is handed out;
    `revoked_reason` was given by the office and may name persons."""

    document: SignedResult
    sha256: str
    key_id: str
    version: int
    supersedes: str | None
    superseded_by: str | None
    revoked_at: datetime | None
    revoked_by: str | None
    revoked_reason: str | None


class ShownOwner(BaseModel):
    """An owner as strangers see them: enough to compare with the paper. An organisation's name is public."""

    name: str
    id: str


class Verification(BaseModel):
    """What anybody who holds the code is told (tra cứu kết quả điện tử). `signature_valid` was checked for
    this answer, over the document as it is kept."""

    verification_code: str
    state: ResultState
    signature_valid: bool
    kind: str
    title: Label
    number: str | None
    agency: IssuingAgency
    issued_on: date
    valid_until: date | None
    owner: ShownOwner
    revoked_on: date | None
    checked_at: datetime


class Offer(BaseModel):
    """A paper of a procedure that need not be handed in: results of the owner stand in its place."""

    component: str
    name: Label
    required: bool
    results: list[ResultLine]


class Offers(BaseModel):
    procedure_code: str
    items: list[Offer]


class ReuseCount(BaseModel):
    """How often results of a kind were used again in dossiers of a procedure, and in how many dossiers."""

    kind: str
    code: str
    procedure_code: str
    times: int
    dossiers: int


class ReuseCounts(BaseModel):
    """`times` and `dossiers` in all; the dossiers of the rows may add up to more."""

    times: int
    dossiers: int
    items: list[ReuseCount]


class ResultLookupEntry(BaseModel):
    """One access to somebody's results: who asked, for which procedure and dossier."""

    id: str
    at: datetime
    client_id: str
    agency: str | None
    officer: str | None
    procedure_code: str
    dossier: str
    owner_id: str
    what: str
    shown: int


class ResultKeyView(BaseModel):
    """A key that signs results, or did. It stays published for as long as there is a result it signed."""

    kid: str
    created_at: datetime
    retired_at: datetime | None


class JwkSet(BaseModel):
    """The public keys (RFC 7517)."""

    keys: list[dict[str, Any]]


class ResultKindView(BaseModel):
    """A kind of result."""

    kind: str
    code: str
    title: Label
    valid_months: int | None
    fields: Annotated[dict[str, Label], Field(description="Labels by field, in the order they are shown")]
