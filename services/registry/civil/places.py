"""Unit codes in records: each is read on the day of the event it belongs to."""

from __future__ import annotations

from datetime import date

from contracts.catalogue.loader import check_unit
from contracts.civil import CivilPlaceInput
from contracts.problems import FieldError
from contracts.rules import explain
from services.registry.civil.rules.ages import first_day


def place_errors(field: str, place: CivilPlaceInput, on: date | str) -> list[FieldError]:
    """What is wrong with a place's code on that day, if anything."""
    if place.unit_code is None:
        return []
    try:
        check_unit(place.unit_code, first_day(on))
    except ValueError as error:
        rule = str(getattr(error, "type", "value_error"))
        context = getattr(error, "context", None)
        return [FieldError(f"{field}.unit_code", rule, explain(rule, context))]
    return []
