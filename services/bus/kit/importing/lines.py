"""One line of a file as values by name: CSV or JSON Lines, UTF-8, one row a line. Pure; nothing here keeps state.

A line that cannot be read is a bad line with its reason, and the next one is read as if nothing had been.
"""

from __future__ import annotations

import csv
from collections.abc import Collection, Sequence
from typing import Any, Final

import orjson

from contracts.problems import BAD_IMPORT_HEADER, Problem
from contracts.rules import refuse

CSV, JSON_LINES = "csv", "ndjson"
LONGEST_LINE: Final = 65_536
"""Bytes."""
_BOM: Final = b"\xef\xbb\xbf"


def read_header(line: bytes, known: Collection[str], required: Collection[str]) -> list[str]:
    """The column names of a CSV file. Raises BAD_IMPORT_HEADER unless they are known ones, each once and in any
    order, with none missing that every row needs."""
    try:
        names = [name.strip() for name in _split(line.removeprefix(_BOM).rstrip(b"\r\n").decode("utf-8"))]
    except (UnicodeDecodeError, csv.Error):
        names = []
    unknown = [name[:40] for name in names if name not in known]
    unknown += [name for name in dict.fromkeys(names) if names.count(name) > 1]
    missing = [name for name in required if name not in names]
    if unknown or missing:
        strange, lacking = ", ".join(unknown) or "–", ", ".join(missing) or "–"
        raise Problem(BAD_IMPORT_HEADER, field="body", unknown=strange, missing=lacking)
    return names


def csv_values(line: bytes, columns: Sequence[str]) -> dict[str, Any]:
    """What a CSV line says; an empty field says nothing. Raises import.line_too_long, .encoding, .quotes,
    .fields."""
    text = _text(line).removesuffix("\r")
    try:
        values = text.split(",") if '"' not in text else _split(text)
    except csv.Error:
        raise refuse("import.quotes") from None
    if len(values) != len(columns):
        raise refuse("import.fields", expected=len(columns), found=len(values))
    return {name: value for name, value in zip(columns, values, strict=True) if value}


def json_values(line: bytes) -> dict[str, Any]:
    """What a JSON line says. Raises import.line_too_long, .encoding, .json."""
    if len(line) > LONGEST_LINE:
        raise refuse("import.line_too_long", limit=LONGEST_LINE)
    try:
        values = orjson.loads(line.removeprefix(_BOM))
    except orjson.JSONDecodeError:
        _text(line)
        raise refuse("import.json") from None
    if not isinstance(values, dict):
        raise refuse("import.json")
    odd = [name for name, value in values.items() if value is None or value == "" or isinstance(value, bool)]
    for name in odd:
        if isinstance(value := values.pop(name), bool):
            values[name] = str(value)  # as a CSV file would have it: true is no number
    return values


def _text(line: bytes) -> str:
    if len(line) > LONGEST_LINE:
        raise refuse("import.line_too_long", limit=LONGEST_LINE)
    try:
        return line.decode("utf-8")
    except UnicodeDecodeError as error:
        raise refuse("import.encoding", byte=error.start + 1) from None


def _split(text: str) -> list[str]:
    """The fields of one line; a quoted field that does not end on it is an error."""
    return next(csv.reader([text], strict=True), [])
