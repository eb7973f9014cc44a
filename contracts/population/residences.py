"""Where a citizen lives, and since when: each address with the unit code that is valid in its own period.

The same number meant another place before July 2025, so a code never stands without its day.
"""

from __future__ import annotations

from datetime import date
from typing import Annotated, Literal

from pydantic import BaseModel, Field

from contracts.identifiers import UnitCode
from contracts.population.values import AbsenceReason, Day, EndReason, Input, Line, Relation, ResidenceKind

Detail = Annotated[Line, Field(max_length=200)]
"""House, street, hamlet [ChiTiet]."""


class NewResidence(Input):
    """A residence from `valid_from` on. `unit_code` is a commune of the structure in force on that day. A
    temporary one has its end, `valid_to`, the first day it no longer counts: at most two years later."""

    kind: ResidenceKind
    unit_code: UnitCode
    detail: Detail = ""
    valid_from: Day
    valid_to: Day | None = None


class Renewal(Input):
    """A temporary residence goes on until `valid_to`, at most two years after it would have ended."""

    valid_to: Day


class Deregistration(Input):
    """A residence ends: `on` is the first day the citizen no longer lives there."""

    on: Day
    reason: Literal[
        EndReason.DEATH,
        EndReason.EMIGRATED,
        EndReason.DECISION_REVOKED,
        EndReason.LONG_ABSENCE,
        EndReason.NATIONALITY_ENDED,
        EndReason.HOUSING_ENDED,
        EndReason.OTHER,
    ]
    note: Annotated[Line, Field(max_length=200)] = ""


class NewAbsence(Input):
    """A citizen will be away from `valid_from` on, until `valid_to` (the day they are back) if that is known."""

    reason: AbsenceReason
    valid_from: Day
    valid_to: Day | None = None
    unit_code: UnitCode | None = None
    detail: Detail = ""


class Return(Input):
    """The citizen is back: `valid_to` is the first day they are no longer away."""

    valid_to: Day


class EnteredResidence(BaseModel):
    """The answer to a residence entered, renewed or ended."""

    personal_id: str
    version: int
    residence_id: str


class RecordedAbsence(BaseModel):
    """The answer to an absence declared or ended."""

    personal_id: str
    version: int
    absence_id: str


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
    end_reason: EndReason | None = None
    after_reform: AfterReform | None


class Absence(BaseModel):
    """A time away (tạm vắng) in [valid_from, valid_to). `unit_code` is where to, valid on `valid_from`."""

    id: str
    reason: AbsenceReason
    valid_from: date
    valid_to: date | None
    unit_code: str | None
    unit_name: str | None
    detail: str


class HouseholdResident(BaseModel):
    """A citizen's time in a household, or a part of it with one relation to the head, [valid_from, valid_to)."""

    personal_id: str
    full_name: str
    relation: Relation
    valid_from: date
    valid_to: date | None


class UnitResident(BaseModel):
    """A stay in a commune. `unit_code` is that of its first day; `certain` is false where the unit of that day
    has since been divided, so that the stay may lie in another of its successors."""

    personal_id: str
    full_name: str
    kind: ResidenceKind
    unit_code: str
    unit_name: str
    detail: str
    valid_from: date
    valid_to: date | None
    certain: bool
