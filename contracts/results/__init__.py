"""Electronic results: what they look like, how they are written to be signed, how they are looked up by code."""

from contracts.results.canonical import canonical_json
from contracts.results.codes import VerificationCode, new_verification_code, parse_verification_code
from contracts.results.documents import (
    ElectronicResult,
    IssuingAgency,
    Owner,
    OwnerId,
    ResultKindName,
    ResultState,
    SignedResult,
)

__all__ = [
    "ElectronicResult",
    "IssuingAgency",
    "Owner",
    "OwnerId",
    "ResultKindName",
    "ResultState",
    "SignedResult",
    "VerificationCode",
    "canonical_json",
    "new_verification_code",
    "parse_verification_code",
]
