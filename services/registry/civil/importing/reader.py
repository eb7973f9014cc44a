"""Lines of a file into checked rows: CSV or JSON Lines, UTF-8, one row a line. Pure; nothing here keeps state.

A line that cannot be read is a bad line with its reason, and the next one is read as if nothing had been.
"""

from __future__ import annotations

import csv
from collections.abc import Iterator, Sequence
from dataclasses import dataclass, field
from datetime import date
from typing import Any, Final, NamedTuple

import orjson
from pydantic import ValidationError
from pydantic_core import PydanticCustomError

from contracts.civil import ROWS, RecordKind, Row
from contracts.problems import BAD_IMPORT_HEADER, Problem
from contracts.rules import refuse
from services.registry.civil.importing.checks import row_errors

CSV, JSON_LINES = "csv", "ndjson"
LONGEST_LINE: Final = 65_536
"""Bytes."""
_BOM: Final = b"\xef\xbb\xbf"


class LineError(NamedTuple):
    """What is wrong with a field of a line (or the whole line): rule and context, as they are stored."""

    field: str
    rule: str
    context: dict[str, Any]

    @classmethod
    def of(cls, at: str, error: PydanticCustomError) -> LineError:
        return cls(at, error.type, dict(error.context or {}))


@dataclass(slots=True)
class Lines:
    """What a piece of a file holds: good rows and bad lines, each with its line number; how many lines in all."""

    rows: list[tuple[int, Row]] = field(default_factory=list)
    bad: list[tuple[int, list[LineError]]] = field(default_factory=list)
    count: int = 0


def read_header(line: bytes, kind: RecordKind) -> list[str]:
    """The column names of a CSV file. Raises BAD_IMPORT_HEADER unless they are those of the kind, in any order,
    with none missing that every row needs."""
    fields = ROWS[kind].model_fields
    try:
        names = _split(line.removeprefix(_BOM).rstrip(b"\r\n").decode("utf-8"))
    except (UnicodeDecodeError, csv.Error):
        names = []
    unknown = [name[:40] for name in names if name not in fields] + [
        name for name in set(names) if names.count(name) > 1
    ]
    missing = [name for name, info in fields.items() if info.is_required() and name not in names]
    if unknown or missing:
        strange, lacking = ", ".join(unknown) or "–", ", ".join(missing) or "–"
        raise Problem(BAD_IMPORT_HEADER, field="body", unknown=strange, missing=lacking)
    return names


def read_lines(
    data: bytes, kind: RecordKind, form: str, columns: Sequence[str], *, first_line: int, today: date
) -> Lines:
    """Read whole lines, the first of which has the number `first_line`."""
    found = Lines()
    model = ROWS[kind]
    for number, line in enumerate(data.split(b"\n")[:-1], first_line):
        found.count += 1
        if not line or line == b"\r":
            continue
        try:
            values = _csv_values(line, columns) if form == CSV else _json_values(line)
            row = model.model_validate(values)
        except PydanticCustomError as error:
            found.bad.append((number, [LineError.of("", error)]))
            continue
        except ValidationError as error:
            found.bad.append((number, list(_field_errors(error))))
            continue
        errors = [LineError.of(*each) for each in row_errors(row, today)]
        if errors:
            found.bad.append((number, errors))
        else:
            found.rows.append((number, row))
    return found


def truncated(number: int) -> tuple[int, list[LineError]]:
    """The bad line that a last line without an end is: what is missing of it nobody knows."""
    return number, [LineError.of("", refuse("import.line_truncated"))]


def _text(line: bytes) -> str:
    if len(line) > LONGEST_LINE:
        raise refuse("import.line_too_long", limit=LONGEST_LINE)
    try:
        return line.decode("utf-8")
    except UnicodeDecodeError as error:
        raise refuse("import.encoding", byte=error.start + 1) from None


def _csv_values(line: bytes, columns: Sequence[str]) -> dict[str, str]:
    text = _text(line).removesuffix("\r")
    try:
        values = text.split(",") if '"' not in text else _split(text)
    except csv.Error:
        raise refuse("import.quotes") from None
    if len(values) != len(columns):
        raise refuse("import.fields", expected=len(columns), found=len(values))
    return {name: value for name, value in zip(columns, values, strict=True) if value}


def _split(text: str) -> list[str]:
    """The fields of one line; a quoted field that does not end on it is an error."""
    return next(csv.reader([text], strict=True), [])


def _json_values(line: bytes) -> dict[str, Any]:
    _text(line)
    try:
        values = orjson.loads(line.removeprefix(_BOM))
    except orjson.JSONDecodeError:
        raise refuse("import.json") from None
    if not isinstance(values, dict):
        raise refuse("import.json")
    return {name: _plain(value) for name, value in values.items() if value is not None and value != ""}


def _plain(value: Any) -> Any:
    """A value as a CSV file would have it: true is no number."""
    return str(value) if isinstance(value, bool) else value


def _field_errors(error: ValidationError) -> Iterator[LineError]:
    for each in error.errors(include_url=False, include_input=False):
        context = {name: value for name, value in (each.get("ctx") or {}).items() if isinstance(value, str | int)}
        yield LineError(".".join(str(part) for part in each["loc"])[:60], each["type"], context)
