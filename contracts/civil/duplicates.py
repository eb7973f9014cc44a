"""Likely duplicates (nghi trùng): who may be the same person, how likely, and why."""

from __future__ import annotations

from typing import Annotated

from pydantic import BaseModel, Field

from contracts.civil.contents import Birth
from contracts.population.values import Input


class DuplicateSearch(Input):
    """A birth not yet registered, to compare with those that are."""

    birth: Birth
    limit: Annotated[int, Field(strict=True, ge=1, le=50)] = 10


class DuplicateReason(BaseModel):
    """One thing that speaks for (positive) or against (negative) the two being one; weights add up."""

    reason: str
    weight: float
    vi: str
    en: str


class Duplicate(BaseModel):
    """A record that may be the same birth, with a score from 0 to 1."""

    record_id: str
    score: float
    full_name: str
    born: str | None
    agency: str
    number: str
    book: str
    reasons: list[DuplicateReason]


class Duplicates(BaseModel):
    """What was found, the most likely first. From `certain` on a registration is refused, from `likely` on it
    carries a warning."""

    likely: float
    certain: float
    items: list[Duplicate]
