"""The sheet of citizens. Read in the second process: no database here.

What a citizen has to be and becomes is `consistency` and `commands.citizen_rows`, as at registration.
"""

from __future__ import annotations

from collections.abc import Collection, Mapping, Sequence
from operator import itemgetter
from typing import Any, Final, cast

import orjson
from pydantic import ValidationError

from contracts.population import NewCitizen
from contracts.population.imports import (
    CITIZEN_COLUMNS,
    CITIZEN_REQUIRED,
    COLUMN_OF,
    PARTS,
    RESIDENCES,
    ImportKind,
)
from services.bus.kit.importing.lines import CSV
from services.bus.kit.importing.sheet import BadRowError, Circumstances, Error, Written, field_errors
from services.bus.kit.sealed import sealed
from services.population import consistency
from services.population.commands.citizen_rows import citizen_row, registered, residence_rows

CITIZENS, STAYS = "citizens", "residences"
COLUMNS: Final = {
    CITIZENS: (
        "personal_id", "version", "status", "id_card", "full_name", "folded_name", "family_name", "middle_name",
        "given_name", "birth_year", "sex", "ethnicity", "religion", "marital_status", "blood_group", "nationality",
        "eid_level", "registered_at", "changed_at", "birth_date", "birth_place", "hometown", "father", "mother",
        "spouse",
    ),
    STAYS: ("id", "personal_id", "kind", "unit_code", "detail", "end_reason", "valid_from", "valid_to"),
}  # fmt: skip
"""What is written of each table, in this order."""

_DOCUMENTS: Final = ("birth_place", "hometown", "father", "mother", "spouse")
_PLAIN: Final = COLUMNS[CITIZENS][: -len(_DOCUMENTS) - 1]
_plain_of = itemgetter(*_PLAIN)
_documents_of = itemgetter(*_DOCUMENTS)
_stay_of = itemgetter(*COLUMNS[STAYS][:-2])
_NULL: Final = "null"
"""JSON's null, as a document that is not there is kept."""


class CitizenSheet:
    """Citizens with their residences."""

    known: Collection[str] = frozenset(CITIZEN_COLUMNS)
    required: Collection[str] = CITIZEN_REQUIRED
    tables: Mapping[str, Sequence[str]] = COLUMNS

    def __init__(self) -> None:
        self._validated = NewCitizen.__pydantic_validator__.validate_python

    def take(self, values: dict[str, Any], line: int, at: Circumstances, written: Written) -> None:
        """Check a citizen and write what it becomes. The claim is its personal id and its card."""
        if at.form == CSV:
            values, column_of = _nested(values)
            try:
                citizen = cast("NewCitizen", self._validated(values))
                _refuse(citizen, at)
            except ValidationError as invalid:
                raise BadRowError([_of_column(each, column_of) for each in field_errors(invalid)]) from None
            except BadRowError as wrong:
                raise BadRowError([_of_column(each, column_of) for each in wrong.errors]) from None
        else:
            citizen = cast("NewCitizen", self._validated(values))
            _refuse(citizen, at)
        _write(citizen, line, at, written)


def _refuse(citizen: NewCitizen, at: Circumstances) -> None:
    errors = consistency.citizen_errors("", citizen, at.today)
    if errors:
        raise BadRowError([(each.field[1:], each.rule, dict(each.params)) for each in errors])


def _write(citizen: NewCitizen, line: int, at: Circumstances, written: Written) -> None:
    written.take(line, (citizen.personal_id, citizen.id_card))
    row = citizen_row(citizen, at.moment)
    row["registered_at"] = row["changed_at"] = at.now
    born = row["birth_date"]
    documents = [_NULL if each is None else orjson.dumps(each).decode() for each in _documents_of(row)]
    written.add(CITIZENS, (*_plain_of(row), None if born is None else born.isoformat(), *documents))
    for stay in residence_rows(citizen):
        until = stay["valid_to"]
        period = (stay["valid_from"].isoformat(), None if until is None else until.isoformat())
        written.add(STAYS, (*_stay_of(stay), *period))
    written.tell(sealed(registered(citizen, at.moment), key=citizen.personal_id, version=1, at=at.moment))


# -- CSV ---------------------------------------------------------------------------------------------------


def _nested(values: dict[str, Any]) -> tuple[dict[str, Any], dict[str, str]]:
    """A flat row as the object it stands for, and the beginnings of columns by the fields they have become."""
    citizen: dict[str, Any] = {}
    parts: dict[str, dict[str, Any]] = {}
    for name, value in values.items():
        if name in COLUMN_OF:
            part, field = COLUMN_OF[name]
            parts.setdefault(part, {})[field] = value
        else:
            citizen[name] = value
    level = citizen.get("eid_level", "")
    if level.isdecimal() and level.isascii() and len(level) < 10:
        citizen["eid_level"] = int(level)
    column_of = {f"{part}.": f"{part}_" for part in PARTS}
    stays: list[dict[str, Any]] = []
    for part, fields in parts.items():
        if part in PARTS:
            citizen[part] = fields
        else:
            column_of[f"{RESIDENCES}[{len(stays)}]."] = f"{part}_"
            stays.append({"kind": part, **fields})
    if stays:
        citizen[RESIDENCES] = stays
    return citizen, column_of


def _of_column(error: Error, column_of: Mapping[str, str]) -> Error:
    field, rule, context = error
    for beginning, column in column_of.items():
        if field.startswith(beginning):
            return column + field.removeprefix(beginning), rule, context
    return error


SHEETS: Final = {ImportKind.CITIZEN.value: CitizenSheet()}
