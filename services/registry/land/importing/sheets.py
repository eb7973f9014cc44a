"""The sheet of parcels. Read in the second process: no database here."""

from __future__ import annotations

from collections.abc import Collection, Mapping, Sequence
from typing import Any, Final

from contracts.land.imports import PARCEL_COLUMNS, PARCEL_REQUIRED, ImportKind
from services.bus.kit.importing.sheet import BadRowError, Circumstances, Error, Written
from services.registry.land.importing.rows import COLUMNS, row_of, write

_MOST_TOLD: Final = 20
"""Unknown fields told of one line."""


class ParcelSheet:
    """Parcels with their holders and certificates."""

    known: Collection[str] = frozenset(PARCEL_COLUMNS)
    required: Collection[str] = PARCEL_REQUIRED
    tables: Mapping[str, Sequence[str]] = COLUMNS

    def take(self, values: dict[str, Any], line: int, at: Circumstances, written: Written) -> None:
        """Check a row and write what it becomes."""
        unknown: list[Error] = [(name[:100], "extra_forbidden", {}) for name in values if name not in self.known]
        if unknown:
            raise BadRowError(unknown[:_MOST_TOLD])
        write(row_of(values, at.today), line, at.import_id, at.now, written)


SHEETS: Final = {ImportKind.PARCEL.value: ParcelSheet()}
