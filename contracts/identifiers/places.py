"""Codes of places: administrative units, parcels of land and the certificates over them.

Only the shape is checked here. Whether a unit code means anything on a given day is asked of
`contracts.catalogue` (the same number meant another place before July 2025), whether a parcel exists of
the land service.
"""

import re
from typing import Annotated, Final, Literal, NamedTuple

from pydantic import AfterValidator, WithJsonSchema

from contracts.rules import refuse

_UNIT: Final = re.compile(r"[0-9]{2}|[0-9]{3}|[0-9]{5}")
_PARCEL_KEY: Final = re.compile(r"([0-9]{5})-([1-9][0-9]{0,4})-([1-9][0-9]{0,5})")
_GEOHASH: Final = re.compile(r"[0-9b-hjkmnp-z]{12}")
_CERTIFICATE_2024: Final = re.compile(r"[0-9A-Z]{12}")
_CERTIFICATE_BARCODE: Final = re.compile(r"[0-9]{13}|[0-9]{15}")


class ParcelKeyParts(NamedTuple):
    """A parcel (thửa đất) as every cadastral map names it: commune, map sheet (tờ), parcel number (thửa)."""

    commune_code: str
    map_sheet: int
    parcel_number: int


class CertificateCodeParts(NamedTuple):
    """`issuer` is the authority prefix of the 2024 form (T1, T2 ...) or the commune part of the barcode."""

    form: Literal["2024", "barcode"]
    issuer: str
    serial: str


def parse_unit_code(text: str) -> str:
    """Accept 2 digits (province), 3 (district) or 5 (commune): QĐ 124/2004/QĐ-TTg.

    Raises unit_code.format.
    """
    if not _UNIT.fullmatch(text):
        raise refuse("unit_code.format")
    return text


def parse_parcel_key(text: str) -> ParcelKeyParts:
    """Take a parcel key apart. Numbers carry no leading zeros, so a parcel has one key.

    Raises parcel_key.format.
    """
    match = _PARCEL_KEY.fullmatch(text)
    if match is None:
        raise refuse("parcel_key.format")
    return ParcelKeyParts(match[1], int(match[2]), int(match[3]))


def format_parcel_key(commune_code: str, map_sheet: int, parcel_number: int) -> str:
    """Write the key of a parcel: 21553, 12, 345 gives `21553-12-345`. Raises parcel_key.format."""
    key = f"{commune_code}-{map_sheet}-{parcel_number}"
    parse_parcel_key(key)
    return key


def parse_parcel_geohash(text: str) -> str:
    """Accept the national parcel identifier (mã định danh thửa đất): 12 GeoHash characters in WGS84.

    Raises parcel_geohash.format, parcel_geohash.outside_vietnam (a cheap check: Vietnam lies in cells w...).
    """
    if not _GEOHASH.fullmatch(text):
        raise refuse("parcel_geohash.format")
    if text[0] != "w":
        raise refuse("parcel_geohash.outside_vietnam")
    return text


def parse_certificate_code(text: str) -> CertificateCodeParts:
    """Take the code of a land certificate (mã giấy chứng nhận) apart.

    The form of TT 10/2024/TT-BTNMT has 12 characters, the first two the issuing authority; T1 and T2 are
    seen, others are not refused. Older certificates carry a barcode of 13 digits (commune 5, year 2,
    original file 6), or 15 with the province in front. Raises certificate_code.format.
    """
    if _CERTIFICATE_2024.fullmatch(text):
        return CertificateCodeParts("2024", text[:2], text[2:])
    if _CERTIFICATE_BARCODE.fullmatch(text):
        return CertificateCodeParts("barcode", text[:-8], text[-8:])
    raise refuse("certificate_code.format")


def _parcel_key(text: str) -> str:
    parse_parcel_key(text)
    return text


def _certificate_code(text: str) -> str:
    parse_certificate_code(text)
    return text


UnitCode = Annotated[
    str,
    AfterValidator(parse_unit_code),
    WithJsonSchema({"type": "string", "pattern": f"^({_UNIT.pattern})$", "examples": ["52", "540", "21553"]}),
]
ParcelKey = Annotated[
    str,
    AfterValidator(_parcel_key),
    WithJsonSchema({"type": "string", "pattern": f"^{_PARCEL_KEY.pattern}$", "examples": ["21553-12-345"]}),
]
ParcelGeohash = Annotated[
    str,
    AfterValidator(parse_parcel_geohash),
    WithJsonSchema({"type": "string", "pattern": "^w[0-9b-hjkmnp-z]{11}$", "examples": ["w6u2mpv1x0ke"]}),
]
CertificateCode = Annotated[
    str,
    AfterValidator(_certificate_code),
    WithJsonSchema(
        {
            "type": "string",
            "pattern": f"^({_CERTIFICATE_2024.pattern}|{_CERTIFICATE_BARCODE.pattern})$",
            "examples": ["T1A2B3C4D5E6"],
        }
    ),
]
