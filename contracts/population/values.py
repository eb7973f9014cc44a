"""The small values of the population data: dates as people have them, and the code lists of QCVN 109:2017.

Our API speaks words; the numbers of the national message stand beside them as tables. A date is only ever an
ISO date: numbers and timestamps that a lenient parser would take for one are refused.
"""

from __future__ import annotations

import re
from datetime import date
from enum import StrEnum
from typing import Annotated, Any, Final

from pydantic import BaseModel, BeforeValidator, ConfigDict, Field, WithJsonSchema
from pydantic_core import PydanticKnownError

_DATE: Final = re.compile(r"[0-9]{4}-[0-9]{2}-[0-9]{2}")
_YEAR: Final = re.compile(r"(?:18|19|20)[0-9]{2}")


class Input(BaseModel):
    """Base of what a caller sends: a field nobody knows is an error, not a silence."""

    model_config = ConfigDict(extra="forbid")


def _day(value: Any) -> date:
    if type(value) is date:
        return value
    if not isinstance(value, str) or not _DATE.fullmatch(value):
        raise PydanticKnownError("date_type")
    try:
        return date.fromisoformat(value)
    except ValueError as error:
        raise PydanticKnownError("date_from_datetime_parsing", {"error": str(error)}) from error


def _birth_date(value: Any) -> date | str:
    return value if isinstance(value, str) and _YEAR.fullmatch(value) else _day(value)


Line = Annotated[str, Field(pattern=r"^[^\x00-\x1f\x7f]*$")]
"""One line of text: no control characters, which no form holds and PostgreSQL refuses."""

Day = Annotated[date, BeforeValidator(_day)]
"""A calendar day in Vietnam, `2023-06-17`."""

BirthDate = Annotated[
    date | str,
    BeforeValidator(_birth_date),
    WithJsonSchema(
        {
            "anyOf": [
                {"type": "string", "format": "date"},
                {"type": "string", "pattern": f"^{_YEAR.pattern}$"},
            ],
            "examples": ["1990-04-30", "1952"],
        }
    ),
]
"""A date of birth [NgayThangNamSinh]: a day, or a bare year where no more was ever recorded."""


def birth_year(born: date | str) -> int:
    """The year of a `BirthDate`."""
    return born.year if isinstance(born, date) else int(born)


class MaritalStatus(StrEnum):
    """TinhTrangHonNhan."""

    UNKNOWN = "unknown"
    SINGLE = "single"
    MARRIED = "married"
    DIVORCED_OR_WIDOWED = "divorced_or_widowed"


class BloodGroup(StrEnum):
    """NhomMau."""

    UNKNOWN = "unknown"
    A = "A"
    B = "B"
    AB = "AB"
    O = "O"  # noqa: E741 - the name of the group


class LifeStatus(StrEnum):
    """Whether the citizen lives; a death is entered by the civil registry."""

    ALIVE = "alive"
    DECEASED = "deceased"


class ResidenceKind(StrEnum):
    """ThuongTru, tạm trú, NoiOHienTai."""

    PERMANENT = "permanent"
    TEMPORARY = "temporary"
    CURRENT = "current"


class EndReason(StrEnum):
    """Why a stay ended before another of its kind began (xóa đăng ký cư trú: Luật Cư trú 2020, Đ.24 and 29).

    `became_permanent`: a temporary stay where the citizen then settled; `moved`: a new stay of the kind began."""

    MOVED = "moved"
    BECAME_PERMANENT = "became_permanent"
    DEATH = "death"
    EMIGRATED = "emigrated"
    DECISION_REVOKED = "decision_revoked"
    LONG_ABSENCE = "long_absence"
    NATIONALITY_ENDED = "nationality_ended"
    HOUSING_ENDED = "housing_ended"
    OTHER = "other"


class AbsenceReason(StrEnum):
    """Why somebody has to say that they are away (tạm vắng: Luật Cư trú 2020, Đ.31)."""

    SUPERVISED = "supervised"
    MILITARY = "military"
    LONG_ABSENCE = "long_absence"
    OTHER = "other"


class Relation(StrEnum):
    """What a member is to the head of the household (quan hệ với chủ hộ)."""

    HEAD = "head"
    SPOUSE = "spouse"
    CHILD = "child"
    PARENT = "parent"
    GRANDPARENT = "grandparent"
    GRANDCHILD = "grandchild"
    SIBLING = "sibling"
    OTHER = "other"


MARITAL_STATUS_CODES: Final = {
    MaritalStatus.UNKNOWN: "0",
    MaritalStatus.SINGLE: "1",
    MaritalStatus.MARRIED: "2",
    MaritalStatus.DIVORCED_OR_WIDOWED: "3",
}
BLOOD_GROUP_CODES: Final = {
    BloodGroup.UNKNOWN: "00",
    BloodGroup.A: "01",
    BloodGroup.B: "02",
    BloodGroup.AB: "03",
    BloodGroup.O: "04",
}
SEX_CODES: Final = {"male": "1", "female": "2"}

EthnicityCode = Annotated[str, Field(pattern=r"^(0[1-9]|[1-4][0-9]|5[0-5])$", examples=["01"])]
"""DanToc: QĐ 1019/QĐ-TCTK as QCVN 109:2017 annex E lists it; 01 Kinh."""

ReligionCode = Annotated[str, Field(pattern=r"^[0-9]{2}$", examples=["00"])]
"""TonGiao: two digits, 00 none stated."""

CountryCode = Annotated[str, Field(pattern=r"^[A-Z]{2}$", examples=["VN"])]
"""ISO 3166-1 alpha-2."""

EidLevel = Annotated[int, Field(strict=True, ge=0, le=2)]
"""Level of the electronic identity (định danh điện tử, VNeID): 0 none; level 2 counts as verified."""
