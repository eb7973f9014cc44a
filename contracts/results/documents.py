"""The electronic result (kết quả giải quyết TTHC bản điện tử), as it is signed and handed on.

What is signed never changes. Whether it still holds (revoked, replaced by a correction) is told by the service
that issued it, and is therefore not part of it.
"""

from __future__ import annotations

from datetime import date, datetime
from enum import StrEnum
from typing import Annotated, Any, Final, Literal

from pydantic import AfterValidator, BaseModel, ConfigDict, Field, StringConstraints, WithJsonSchema

from contracts.catalogue.result_kinds import result_kind
from contracts.identifiers import (
    AgencyCode,
    DossierCode,
    ProcedureCode,
    ResultCode,
    parse_personal_id,
    parse_tax_code,
)
from contracts.results.codes import VerificationCode
from contracts.rules import refuse

FORMAT: Final = "truc.result.v1"
MAX_BYTES: Final = 65_536
"""Limit of a result in canonical JSON."""

Line = Annotated[str, StringConstraints(min_length=1, max_length=200, pattern=r"^[^\x00-\x1f\x7f]*$")]


def _kind(name: str) -> str:
    return result_kind(name).name


def _owner_id(text: str) -> str:
    if len(text) == 12 and text.isdecimal():
        parse_personal_id(text)
        return text
    if not text[:10].isdecimal():
        raise refuse("owner_id.format")
    return str(parse_tax_code(text))


ResultKindName = Annotated[
    str, AfterValidator(_kind), WithJsonSchema({"type": "string", "examples": ["birth-certificate"]})
]
OwnerId = Annotated[
    str,
    AfterValidator(_owner_id),
    WithJsonSchema(
        {
            "type": "string",
            "pattern": "^[0-9]{10}(-?[0-9]{3})?$|^[0-9]{12}$",
            "examples": ["052090000123", "0100233488"],
        }
    ),
]
"""A personal id (12 digits) or the tax code of an organisation."""


class ResultState(StrEnum):
    """Whether a result holds. `superseded`: a corrected one was issued in its place."""

    VALID = "valid"
    EXPIRED = "expired"
    REVOKED = "revoked"
    SUPERSEDED = "superseded"


class _Part(BaseModel):
    model_config = ConfigDict(extra="ignore", frozen=True, allow_inf_nan=False)


class Owner(_Part):
    """Whose result it is (chủ sở hữu kết quả): a citizen by personal id, an organisation by tax code."""

    id: OwnerId
    name: Line


class IssuingAgency(_Part):
    """Who issued it (cơ quan cấp)."""

    code: AgencyCode
    name: Line


class ElectronicResult(_Part):
    """One result. `code` is the national code of its kind (MaKetQua), `number` the one in the register,
    `valid_until` the last Vietnamese day it is good for; `supersedes` the id of the result it corrects."""

    format: Literal["truc.result.v1"] = FORMAT
    id: Annotated[str, Field(min_length=1, max_length=36)]
    kind: ResultKindName
    code: ResultCode
    number: Line | None
    owner: Owner
    dossier_code: DossierCode
    procedure_code: ProcedureCode
    agency: IssuingAgency
    issued_at: datetime
    valid_until: date | None
    content: dict[str, Any]
    verification_code: VerificationCode
    supersedes: str | None


class SignedResult(_Part):
    """A result with its signature: a detached JWS (RFC 7515, appendix F) over the canonical JSON of `result`."""

    result: ElectronicResult
    signature: Annotated[str, Field(min_length=1, max_length=1_000)]
