"""Who a person is: the 12-digit personal id (số định danh cá nhân) and the 9-digit card before it (CMND).

The personal id has no check digit, so a well-formed number may still belong to nobody, and a number in the
future (a birth year of 2150) is well-formed too: only the population service knows who exists.
Source: NĐ 137/2015 Đ.13, TT 07/2016/TT-BCA Đ.7.
"""

import re
from collections.abc import Mapping
from datetime import date
from enum import StrEnum
from typing import Annotated, Final, NamedTuple

from pydantic import AfterValidator, WithJsonSchema

from contracts.catalogue.prefixes import PersonalIdPrefix, personal_id_prefixes
from contracts.rules import refuse

_TWELVE_DIGITS: Final = re.compile(r"[0-9]{12}")
_NINE_DIGITS: Final = re.compile(r"[0-9]{9}")


class Sex(StrEnum):
    """The two values a personal id can encode (nam, nữ)."""

    MALE = "male"
    FEMALE = "female"


class PersonalIdParts(NamedTuple):
    """What the digits of a personal id say.

    `province_code` is the three-digit prefix: a province before the reform of 2025 (the prefix keeps its
    meaning afterwards), or a country if `born_abroad`. `century` counts as in speech: 20 is 1900 to 1999.
    """

    province_code: str
    province_name: str
    sex: Sex
    century: int
    birth_year: int
    born_abroad: bool


def parse_personal_id(text: str, *, prefixes: Mapping[str, PersonalIdPrefix] | None = None) -> PersonalIdParts:
    """Take a personal id apart: PPP place of birth registration, G century and sex, YY year, 6 random digits.

    `prefixes` replaces the catalogue's table `personal-id-prefixes.csv`. That table holds the 63 provinces
    and no country: add rows of kind `country` there to accept people registered at birth abroad.
    Raises personal_id.format, personal_id.province_unknown.
    """
    if not _TWELVE_DIGITS.fullmatch(text):
        raise refuse("personal_id.format")
    prefix = (personal_id_prefixes() if prefixes is None else prefixes).get(text[:3])
    if prefix is None:
        raise refuse("personal_id.province_unknown", prefix=text[:3])
    centuries_since_1900, sex_bit = divmod(int(text[3]), 2)
    return PersonalIdParts(
        province_code=prefix.code,
        province_name=prefix.name,
        sex=Sex.FEMALE if sex_bit else Sex.MALE,
        century=20 + centuries_since_1900,
        birth_year=1900 + 100 * centuries_since_1900 + int(text[4:6]),
        born_abroad=prefix.kind == "country",
    )


def check_personal_id_agrees(
    personal_id: str, *, sex: Sex | None = None, date_of_birth: date | int | None = None
) -> None:
    """Refuse a personal id that contradicts what its holder states; None leaves that part unchecked.

    `date_of_birth` may be a bare year, as the national lookup allows. Only the year can be compared.
    Raises personal_id.sex_mismatch, personal_id.birth_year_mismatch, or what `parse_personal_id` raises.
    """
    parts = parse_personal_id(personal_id)
    if sex is not None and parts.sex != sex:
        raise refuse("personal_id.sex_mismatch")
    if date_of_birth is not None:
        year = date_of_birth if isinstance(date_of_birth, int) else date_of_birth.year
        if parts.birth_year != year:
            raise refuse("personal_id.birth_year_mismatch")


def parse_legacy_id_card(text: str) -> str:
    """Accept a nine-digit identity card number (chứng minh nhân dân). Raises legacy_id_card.format."""
    if not _NINE_DIGITS.fullmatch(text):
        raise refuse("legacy_id_card.format")
    return text


def _personal_id(text: str) -> str:
    if not _TWELVE_DIGITS.fullmatch(text) or text[:3] not in personal_id_prefixes():
        parse_personal_id(text)  # says what is wrong
    return text


PersonalId = Annotated[
    str,
    AfterValidator(_personal_id),
    WithJsonSchema({"type": "string", "pattern": "^[0-9]{12}$", "examples": ["052090000123"]}),
]
LegacyIdCard = Annotated[
    str,
    AfterValidator(parse_legacy_id_card),
    WithJsonSchema({"type": "string", "pattern": "^[0-9]{9}$", "examples": ["211234567"]}),
]
