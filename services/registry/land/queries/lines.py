"""Parcels as lines of a list."""

from __future__ import annotations

from datetime import date
from typing import Any, Final

from contracts.land import ParcelLine, area_text
from services.bus.kit.models import built
from services.registry.land.models import Description, Parcel

LINE: Final[tuple[Any, ...]] = (
    Parcel.key, Parcel.version, Parcel.unit_code, Parcel.map_sheet, Parcel.parcel_number, Parcel.retired_on,
    Description.area, Description.address,
)  # fmt: skip
"""The columns a line is made of, the description being the live one if there is one."""


def line(
    key: str,
    version: int,
    unit_code: str,
    map_sheet: int,
    parcel_number: int,
    retired_on: date | None,
    area: int | None,
    address: str | None,
) -> ParcelLine:
    """One line."""
    return built(
        ParcelLine,
        key=key,
        version=version,
        live=retired_on is None,
        unit_code=unit_code,
        map_sheet=map_sheet,
        parcel_number=parcel_number,
        area_m2=area_text(area or 0),
        address=address or "",
    )
