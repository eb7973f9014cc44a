"""Blocks an authority enters against a parcel, and their lifting."""

from __future__ import annotations

from typing import Annotated

from pydantic import Field

from contracts.land.values import BlockKind
from contracts.population.values import Day, Input, Line


class NewRestriction(Input):
    """A dispute (tranh chấp), distraint (kê biên), emergency measure (biện pháp khẩn cấp tạm thời) or easement."""

    kind: BlockKind
    authority: Annotated[Line, Field(min_length=1, max_length=200)]
    document_number: Annotated[Line, Field(min_length=1, max_length=60)]
    document_date: Day
    note: Annotated[Line, Field(max_length=1_000)] = ""


class Lifting(Input):
    """The decision that lifts a restriction."""

    authority: Annotated[Line, Field(min_length=1, max_length=200)]
    document_number: Annotated[Line, Field(min_length=1, max_length=60)]
    document_date: Day
    note: Annotated[Line, Field(max_length=1_000)] = ""
