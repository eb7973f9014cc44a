"""What is asked for: procedures and agencies of the catalogue, and forms that follow the procedures' schemas.

How often each field is asked for is our own estimate of a province's one-stop shops; the catalogue says the rest.
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from itertools import accumulate
from random import Random
from typing import Any, Final

from contracts.catalogue.agencies import AgencyLevel, agencies
from contracts.catalogue.form_schemas import form_schema
from contracts.catalogue.procedure_rules import ProcedureRules, rules_of
from contracts.catalogue.procedures import Procedure, procedures
from contracts.status import Channel
from deploy.demo.sampling import sample

_FIELDS: Final[dict[str, float]] = {
    "Chứng thực": 40.0,
    "Hộ tịch": 26.0,
    "Cư trú": 12.0,
    "Đất đai": 9.0,
    "Đăng ký kinh doanh": 6.0,
    "Bảo trợ xã hội": 5.0,
    "Liên thông": 1.5,
    "Lý lịch tư pháp": 1.0,
    "Nuôi con nuôi": 0.5,
}
_AT_DISTRICT: Final = frozenset({"Đất đai", "Đăng ký kinh doanh"})
"""Handled by districts in 2023; the rest of these fields by communes."""
_OUTSIDE_THE_OFFICE: Final = ("lưu động",)
"""Procedures that are never handed in at a counter or online: the officer comes to the citizen."""

Form = Callable[[Random], dict[str, Any]]


def _birth(rng: Random) -> dict[str, Any]:
    sex = rng.choice(("male", "female"))
    middle = "Văn" if sex == "male" else "Thị"
    month, day = rng.randint(1, 5), rng.randint(1, 28)
    return {
        "child_name": f"Nguyễn {middle} {rng.choice(('An', 'Bình', 'Minh', 'Ngọc', 'Phúc', 'Thảo'))}",
        "child_sex": sex,
        "child_born_at": f"2023-{month:02d}-{day:02d}T{rng.randint(0, 23):02d}:{rng.randint(0, 59):02d}:00+07:00",
        "place_of_birth": "Bệnh viện Đa khoa tỉnh Bình Định",
        "relation_of_applicant": rng.choice(("mother", "father", "grandparent")),
    }


def _business(rng: Random) -> dict[str, Any]:
    trade = rng.choice(("Tạp hóa", "Quán cà phê", "Sửa xe máy", "May mặc", "Nông cụ"))
    return {
        "business_name": f"Hộ kinh doanh {trade} {rng.randint(1, 999)}",
        "address": f"{rng.randint(1, 400)} Nguyễn Huệ",
        "lines_of_business": [trade],
        "capital_vnd": rng.randint(10, 500) * 1_000_000,
        "employees": rng.randint(1, 9),
    }


def _copies(rng: Random) -> dict[str, Any]:
    paper = rng.choice(("Bằng tốt nghiệp", "Giấy chứng nhận quyền sử dụng đất", "Căn cước công dân"))
    return {"document_name": paper, "copies": rng.randint(1, 10), "pages": rng.randint(1, 12)}


_FORMS: Final[dict[str, Form]] = {"1.001193": _birth, "1.001612": _business, "2.000815": _copies}


def _form(procedure_code: str, rng: Random) -> dict[str, Any]:
    own = _FORMS.get(procedure_code)
    drawn: dict[str, Any] = own(rng) if own is not None else sample(form_schema(procedure_code), rng)
    return drawn


@dataclass(frozen=True, slots=True)
class Request:
    """What one dossier asks for, and of whom."""

    procedure: Procedure
    rules: ProcedureRules
    agency: str
    form: dict[str, Any]

    def upfront_fee(self, channel: Channel) -> bool:
        """Whether the fee has to be paid before an online dossier is received."""
        return bool(self.procedure.fee_vnd) and self.rules.fee_due == "upfront" and channel is Channel.ONLINE


class Requests:
    """Draws what is asked for; the same seed gives the same."""

    def __init__(self, rng: Random) -> None:
        self._rng = rng
        by_field: dict[str, list[Procedure]] = {field: [] for field in _FIELDS}
        for each in procedures():
            if not any(word in each.name for word in _OUTSIDE_THE_OFFICE):
                by_field.setdefault(each.field, []).append(each)
        self._fields = [field for field in _FIELDS if by_field[field]]
        self._weights = list(accumulate(_FIELDS[field] for field in self._fields))
        self._procedures = by_field
        self._agencies: dict[AgencyLevel, list[str]] = {
            level: [each.code for each in agencies() if each.level == level] for level in ("district", "commune")
        }

    def commune(self) -> str:
        """An agency of a commune."""
        return self._rng.choice(self._agencies["commune"])

    def draw(self) -> Request:
        rng = self._rng
        field = rng.choices(self._fields, cum_weights=self._weights)[0]
        found = rng.choice(self._procedures[field])
        at = rng.choice(self._agencies["district" if field in _AT_DISTRICT else "commune"])
        return Request(found, rules_of(found.code), at, _form(found.code, rng))
