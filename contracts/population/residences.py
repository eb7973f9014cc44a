"""Where a citizen lives, and since when: each address with the unit code that is valid in its own period.

The same number meant another place before July 2025, so a code never stands without its day.
"""

from __future__ import annotations

from datetime import date
from typing import Annotated

from pydantic import BaseModel, Field

from contracts.identifiers import UnitCode
from contracts.population.values import Day, Input, Line, ResidenceKind

Detail = Annotated[Line, Field(max_length=200)]
"""House, street, hamlet [ChiTiet]."""


class NewResidence(Input):
    """A residence from `valid_from` on. `unit_code` is a commune of the structure in force on that day."""

    kind: ResidenceKind
    unit_code: UnitCode
    detail: Detail = ""
    valid_from: Day


class UnitName(BaseModel):
    """An administrative unit as of one structure."""

    code: str
    name: str


class AfterReform(BaseModel):
    """What became of a unit on 2025-07-01: `equivalent` only if exactly one unit succeeded it."""

    equivalent: UnitName | None
    candidates: list[UnitName]


class Residence(BaseModel):
    """A stay in [valid_from, valid_to). `after_reform` is null where the code is of today's structure."""

    id: str
    kind: ResidenceKind
    unit_code: str
    unit_name: str
    detail: str
    valid_from: date
    valid_to: date | None
    after_reform: AfterReform | None
