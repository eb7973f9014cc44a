"""The checks a one-stop shop makes: identity, household, old card against new number.

Every check names its purpose (the procedure) and its dossier, and is logged before it is answered. A check
answers match or no match and never says which field differs.
"""

from __future__ import annotations

from collections.abc import Callable
from enum import StrEnum
from typing import Annotated, Any, Final

from pydantic import AfterValidator, BaseModel, Field, ValidationInfo
from pydantic_core import PydanticKnownError

from contracts.identifiers import AgencyCode, LegacyIdCard, PersonalId, PersonName, ProcedureCode
from contracts.population.values import BirthDate, Input, LifeStatus, Line, Relation
from contracts.status import Channel

_CHECKED_NONE: Final[Any] = Field(default=None, validate_default=True)


def _or(other: str) -> Callable[[str | None, ValidationInfo], str | None]:
    """A validator that calls a field missing if neither it nor `other`, declared before it, is given."""

    def needed(value: str | None, info: ValidationInfo) -> str | None:
        if value is None and info.data.get(other, "") is None:
            raise PydanticKnownError("missing")
        return value

    return needed


class CheckOutcome(StrEnum):
    """matched: all that was stated agrees; mismatched: the id exists, something differs; not_found: no such
    id (or household)."""

    MATCHED = "matched"
    MISMATCHED = "mismatched"
    NOT_FOUND = "not_found"


class Check(Input):
    """What every check states. Field names of the national API in brackets: request_id [MaYeuCau],
    procedure_code [MaDVC, the purpose], dossier [MaTichHop], agency [MaDonVi], officer [MaCanBo]; `channel`
    is that of the dossier, for the counts by channel."""

    request_id: Annotated[Line, Field(min_length=1, max_length=40)]
    procedure_code: ProcedureCode
    dossier: Annotated[Line, Field(min_length=1, max_length=40)]
    agency: AgencyCode | None = None
    officer: Annotated[Line, Field(max_length=50)] | None = None
    channel: Channel | None = None


class IdentityCheck(Check):
    """Is this the person? (xác thực thông tin công dân). One of personal_id [SoDinhDanh, 12 digits] and
    id_card [SoCMND, 9 digits] is needed; if both are given both must agree. A bare year as date of birth
    agrees with any day of that year; a day never agrees with a record that holds only a year."""

    id_card: LegacyIdCard | None = None
    personal_id: Annotated[PersonalId | None, AfterValidator(_or("id_card"))] = _CHECKED_NONE
    full_name: PersonName
    date_of_birth: BirthDate


class CheckResult(BaseModel):
    """The answer to one check."""

    request_id: str
    outcome: CheckOutcome


class IdentityCheckResult(CheckResult):
    """`life_status` is told only where everything matched: the dead match, and are told to be dead."""

    life_status: LifeStatus | None = None


class IdentityCheckResults(BaseModel):
    """The answers, in the order asked."""

    results: list[IdentityCheckResult]


class IdCardCheck(Check):
    """Does this 9-digit card (CMND) belong to the holder of this 12-digit number (CCCD)?"""

    personal_id: PersonalId
    id_card: LegacyIdCard


class IdCardCheckResults(BaseModel):
    """The answers, in the order asked."""

    results: list[CheckResult]


class HouseholdConfirmation(Check):
    """Does this person belong to that household? (xác nhận thông tin hộ gia đình). The household is named by
    its id or by its head; `relation`, if stated, must agree too."""

    household_id: Annotated[Line, Field(max_length=36)] | None = None
    head_personal_id: Annotated[PersonalId | None, AfterValidator(_or("household_id"))] = _CHECKED_NONE
    personal_id: PersonalId
    full_name: PersonName
    date_of_birth: BirthDate
    relation: Relation | None = None


class HouseholdConfirmationResult(CheckResult):
    """`relation_to_head` is told only where everything matched."""

    relation_to_head: Relation | None = None


class HouseholdConfirmationResults(BaseModel):
    """The answers, in the order asked."""

    results: list[HouseholdConfirmationResult]
