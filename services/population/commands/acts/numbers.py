"""The personal id of a newborn (cấp số định danh cá nhân): NĐ 137/2015, Đ.13.

Province of birth registration, century and sex, two digits of the year, six digits without meaning. The six
follow from the id of the birth record, so that a registration that is carried out again proposes the same
number; one that somebody bears gives way to the next.
"""

from __future__ import annotations

import hashlib
from collections.abc import Iterator
from datetime import date
from typing import Any, Final

from sqlalchemy import bindparam, select, union_all

from contracts.catalogue.loader import path
from contracts.identifiers import Sex, parse_personal_id
from services.bus.kit.tx import Tx
from services.population.consistency import birth_digits
from services.population.models import AssignedNumber, Citizen

_ATTEMPTS: Final = 4_000
_BORNE: Final[Any] = union_all(
    *(
        select(table.personal_id).where(table.personal_id == bindparam("number"))
        for table in (Citizen, AssignedNumber)
    )
)


class NumbersExhaustedError(Exception):
    """No free number was found: those of a province, sex and year are as good as used up."""


def free_number(tx: Tx, record_id: str, *, unit_code: str, on: date, sex: Sex, year: int) -> str:
    """A number nobody bears for a birth registered in this unit. The province is that of the day: since July
    2025 one of the 34, whose code is among the 63 of the numbers."""
    stem = f"0{path(unit_code, on)[0].code}{birth_digits(sex, year)}"
    parse_personal_id(f"{stem}000000")  # says so if there is no such prefix
    proposals = _proposals(stem, record_id)
    tx.run_later()  # numbers given earlier in the batch are borne
    for number in proposals:
        if not tx.fetch(_BORNE, number=number):
            return number
    raise NumbersExhaustedError(stem)


def _proposals(stem: str, record_id: str) -> Iterator[str]:
    for attempt in range(_ATTEMPTS):
        digest = hashlib.sha256(f"{record_id}/{attempt}".encode()).digest()
        yield f"{stem}{int.from_bytes(digest[:8]) % 1_000_000:06d}"
