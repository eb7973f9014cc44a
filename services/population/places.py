"""Administrative units as the population data need them: checked on their day, named, and carried over.

A code is never read without its day. What became of an old unit is listed, and chosen only if there is
exactly one: nothing here guesses a successor.
"""

from __future__ import annotations

from datetime import date
from functools import lru_cache

from pydantic_core import PydanticCustomError

from contracts.catalogue.loader import REFORM_DAY, Level, became, check_unit, path
from contracts.population import AfterReform, UnitName
from contracts.problems import FieldError
from contracts.rules import explain


def unit_errors(field: str, code: str, on: date, *, level: Level | None = None) -> list[FieldError]:
    """What is wrong with this code on this day (unit.unknown, .wrong_period, .wrong_level), if anything."""
    try:
        check_unit(code, on, level=level)
    except PydanticCustomError as error:
        context = error.context or {}
        return [FieldError(field, error.type, explain(error.type, context), context)]
    return []


@lru_cache(maxsize=20_000)
def full_name(code: str, on: date) -> str:
    """The unit with those above it: `Xã Phước An, Huyện Tuy Phước, Tỉnh Bình Định`."""
    return ", ".join(step.name for step in reversed(path(code, on)))


@lru_cache(maxsize=20_000)
def after_reform(code: str, on: date) -> AfterReform | None:
    """What the unit of that day became on 2025-07-01; None for a code of the structure in force since."""
    if on >= REFORM_DAY:
        return None
    candidates = [
        UnitName(code=unit.code, name=full_name(unit.code, REFORM_DAY)) for unit in became(code, on, REFORM_DAY)
    ]
    return AfterReform(equivalent=candidates[0] if len(candidates) == 1 else None, candidates=candidates)
