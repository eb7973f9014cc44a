"""Extents: how much a side holds of a range of dossiers, and a digest of it. Two sides that say the same hold the
same; two that do not are asked again for smaller ranges.

A digest is the SHA-256 of lines, one a row, in the order of codes and within a dossier in that of its rows. Which
lines a side writes is agreed between the two that are compared (`STATUSES`, `WIRE`).
"""

from __future__ import annotations

from datetime import datetime
from typing import Annotated, Final

from pydantic import BaseModel, ConfigDict, Field

MOST_RANGES: Final = 1_000

STATUSES: Final = "statuses"
"""A line a step: `code version status`. Province and axis."""
WIRE: Final = "wire"
"""A line a row of progress, `code ThoiDiemXuLy TrangThai`, in the order it came; and one a dossier,
`code = TrangThaiHoSo`. Axis and portal."""

Code = Annotated[str, Field(max_length=61)]
"""A code, or where codes are cut; empty: before the first."""
Day = Annotated[str, Field(pattern=r"^[0-9]{6}$")]


class ExtentsWanted(BaseModel):
    """Which ranges: from each bound to before the next, the last one without an end if `open_end`. Or, instead,
    all dossiers numbered on one day (yymmdd), as one range. `until`: only rows of that moment or earlier."""

    model_config = ConfigDict(extra="forbid")

    bounds: Annotated[list[Code], Field(max_length=MOST_RANGES + 1)] = []
    open_end: bool = True
    day: Day | None = None
    until: datetime | None = None

    def ranges(self) -> list[tuple[str, str | None]]:
        """[from, below) of each; None: no end."""
        ends: list[str | None] = [*self.bounds[1:], *([None] if self.open_end else [])]
        return list(zip(self.bounds, ends, strict=False))


class Extent(BaseModel):
    """What there is of one range."""

    dossiers: int
    rows: int
    digest: str


class Extents(BaseModel):
    """One for each range, in their order."""

    extents: list[Extent]


def only(code: str) -> list[str]:
    """Bounds that hold one dossier: no code goes on with a character that sorts before "-"."""
    return [code, code + "!"]
