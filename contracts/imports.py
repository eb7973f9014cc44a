"""Bulk imports of the registries: how far one has come, and the lines it did not take."""

from __future__ import annotations

from datetime import datetime
from enum import StrEnum

from pydantic import BaseModel


class ImportState(StrEnum):
    """`open` until the last byte has come."""

    OPEN = "open"
    COMPLETE = "complete"


class ImportView(BaseModel):
    """How far an import has come. `offset` is the byte to go on from: everything before it is taken or reported,
    nothing after it is. `lines` counts lines read so far, the header included."""

    id: str
    kind: str
    format: str
    state: ImportState
    offset: int
    lines: int
    taken: int
    refused: int
    began_at: datetime
    changed_at: datetime


class RowError(BaseModel):
    """What is wrong with a field of a row, or with the line as a whole (`field` is then empty)."""

    field: str
    rule: str
    vi: str
    en: str


class BadRow(BaseModel):
    """A line that was not taken: its number in the file, beginning with 1, and why."""

    line: int
    errors: list[RowError]
