"""The sheets of digitised books: births, deaths, marriages. Read in the second process: no database here."""

from __future__ import annotations

from collections.abc import Collection, Mapping, Sequence
from typing import Any, Final, cast

from contracts.civil import ROWS, BirthRow, DeathRow, ImportKind, Row
from services.bus.kit.importing.sheet import BadRowError, Circumstances, Written, error_of
from services.registry.civil.importing.checks import row_errors
from services.registry.civil.importing.rows import COLUMNS, Entry, write_birth, write_death, write_marriage


class BookSheet:
    """A book of one kind."""

    def __init__(self, kind: ImportKind, model: type[Row]) -> None:
        self.kind = kind.value
        self.known: Collection[str] = tuple(model.model_fields)
        self.required: Collection[str] = tuple(
            name for name, info in model.model_fields.items() if info.is_required()
        )
        self.tables: Mapping[str, Sequence[str]] = COLUMNS
        self._validated = model.__pydantic_validator__.validate_python

    def take(self, values: dict[str, Any], line: int, at: Circumstances, written: Written) -> None:
        """Check a row and write what it becomes."""
        row = cast("Row", self._validated(values))
        errors = [error_of(*each) for each in row_errors(row, at.today)]
        if errors:
            raise BadRowError(errors)
        entry = Entry(self.kind, line, at.now, written)
        if isinstance(row, BirthRow):
            write_birth(row, entry)
        elif isinstance(row, DeathRow):
            write_death(row, entry)
        else:
            write_marriage(row, entry)


SHEETS: Final = {kind.value: BookSheet(kind, model) for kind, model in ROWS.items()}
