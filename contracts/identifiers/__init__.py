"""Identifiers that cross a boundary, as validated pydantic types and as plain parse functions.

Each type (`PersonalId`, `DossierCode` ...) is a `str` that has passed its `parse_...` function, in its one
canonical spelling. A value that breaks a rule raises `PydanticCustomError` (a ValueError) whose type is the
rule's name in `contracts.rules`. Nothing here asks a database: well-formed does not mean issued.
"""

from contracts.identifiers.agencies import (
    AgencyCode,
    AgencyCodeParts,
    FieldCode,
    ProcedureCode,
    ProcedureCodeParts,
    ResultCode,
    convert_agency_code,
    parse_agency_code,
    parse_field_code,
    parse_procedure_code,
    parse_result_code,
)
from contracts.identifiers.dossiers import (
    DossierCode,
    DossierCodeParts,
    find_dossier_code,
    format_dossier_code,
    parse_dossier_code,
)
from contracts.identifiers.names import PersonName, PhoneNumber, parse_person_name, parse_phone_number
from contracts.identifiers.people import (
    LegacyIdCard,
    PersonalId,
    PersonalIdParts,
    Sex,
    check_personal_id_agrees,
    parse_legacy_id_card,
    parse_personal_id,
)
from contracts.identifiers.places import (
    CertificateCode,
    CertificateCodeParts,
    ParcelGeohash,
    ParcelKey,
    ParcelKeyParts,
    UnitCode,
    format_parcel_key,
    parse_certificate_code,
    parse_parcel_geohash,
    parse_parcel_key,
    parse_unit_code,
)
from contracts.identifiers.tax import TaxCode, TaxCodeParts, parse_tax_code, tax_check_digit

__all__ = [
    "AgencyCode",
    "AgencyCodeParts",
    "CertificateCode",
    "CertificateCodeParts",
    "DossierCode",
    "DossierCodeParts",
    "FieldCode",
    "LegacyIdCard",
    "ParcelGeohash",
    "ParcelKey",
    "ParcelKeyParts",
    "PersonName",
    "PersonalId",
    "PersonalIdParts",
    "PhoneNumber",
    "ProcedureCode",
    "ProcedureCodeParts",
    "ResultCode",
    "Sex",
    "TaxCode",
    "TaxCodeParts",
    "UnitCode",
    "check_personal_id_agrees",
    "convert_agency_code",
    "find_dossier_code",
    "format_dossier_code",
    "format_parcel_key",
    "parse_agency_code",
    "parse_certificate_code",
    "parse_dossier_code",
    "parse_field_code",
    "parse_legacy_id_card",
    "parse_parcel_geohash",
    "parse_parcel_key",
    "parse_person_name",
    "parse_personal_id",
    "parse_phone_number",
    "parse_procedure_code",
    "parse_result_code",
    "parse_tax_code",
    "parse_unit_code",
    "tax_check_digit",
]
