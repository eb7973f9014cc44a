"""Bulk imports of parcels with their holders and certificates: the columns of a file.

CSV with a header line, or JSON Lines with the same names, one line a parcel. `land_uses`: `ONT:120.5;CLN:80`.
`owners`: number, name and share, `052090000123|Nguyễn Văn An|1/2;…`. In JSON either may also be a list.
"""

from __future__ import annotations

from enum import StrEnum
from typing import Final


class ImportKind(StrEnum):
    """What a file holds."""

    PARCEL = "parcel"


PARCEL_COLUMNS: Final = (
    "unit_code",
    "map_sheet",
    "parcel_number",
    "area_m2",
    "land_uses",
    "geohash",
    "address",
    "source",
    "term_until",
    "registered_on",
    "serial",
    "issue_number",
    "certificate_code",
    "issued_on",
    "owners",
)
"""Every column there may be."""

PARCEL_REQUIRED: Final = (
    "unit_code",
    "map_sheet",
    "parcel_number",
    "area_m2",
    "land_uses",
    "geohash",
    "registered_on",
    "owners",
)
"""Those that every row needs."""
