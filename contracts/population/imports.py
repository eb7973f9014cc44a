"""Bulk imports of citizens: the columns of a file.

JSON Lines: each line the object `POST /v1/citizens` takes, `NewCitizen`. CSV: the same flat, with a header line:
`birth_place_unit_code`, `father_full_name`, `permanent_valid_from`; of residences one of each kind.
"""

from __future__ import annotations

from enum import StrEnum
from typing import Final

from pydantic import BaseModel

from contracts.population.citizens import NewCitizen, Place, Relative
from contracts.population.residences import NewResidence
from contracts.population.values import ResidenceKind


class ImportKind(StrEnum):
    """What a file holds."""

    CITIZEN = "citizen"


PARTS: Final[dict[str, type[BaseModel]]] = {
    "birth_place": Place,
    "hometown": Place,
    "father": Relative,
    "mother": Relative,
    "spouse": Relative,
}
RESIDENCES: Final = "residences"

COLUMN_OF: Final[dict[str, tuple[str, str]]] = {
    f"{part}_{name}": (part, name) for part, model in PARTS.items() for name in model.model_fields
} | {
    f"{kind}_{name}": (kind.value, name)
    for kind in ResidenceKind
    for name in NewResidence.model_fields
    if name != "kind"
}
"""The columns of a part of a citizen: which part (a residence by its kind), and which of its fields."""

CITIZEN_COLUMNS: Final = (
    *(name for name in NewCitizen.model_fields if name not in PARTS and name != RESIDENCES),
    *COLUMN_OF,
)
"""Every column there may be."""

CITIZEN_REQUIRED: Final = tuple(name for name, info in NewCitizen.model_fields.items() if info.is_required())
"""Those that every row needs."""
