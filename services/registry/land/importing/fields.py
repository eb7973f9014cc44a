"""The fields of a line, by name: CSV or JSON, UTF-8, and nothing that no form holds."""

from __future__ import annotations

import re
from collections.abc import Mapping
from typing import Any, Final, NamedTuple

import orjson

COLUMNS: Final = (
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
"""Columns of a CSV file, and fields of a JSON line. `land_uses`: `ONT:120.5;CLN:80`. `owners`: number, name and
share, `052090000123|Nguyễn Văn An|1/2;…`; in JSON either may also be a list."""

REQUIRED: Final = frozenset(
    {"unit_code", "map_sheet", "parcel_number", "area_m2", "land_uses", "geohash", "registered_on", "owners"}
)
_CONTROL: Final = re.compile(r"[\x00-\x08\x0a-\x1f\x7f]")


class Wrong(NamedTuple):
    """A field at fault, the rule it breaks and what the rule's text needs."""

    field: str
    rule: str
    context: dict[str, Any]


class BadLineError(Exception):
    """A line that cannot be taken, with all that is wrong with it."""

    def __init__(self, *wrong: Wrong) -> None:
        super().__init__()
        self.wrong = wrong


def fields_of(text: bytes, file_format: str, header: list[str]) -> Mapping[str, Any]:
    """The fields of a line by name. Raises BadLineError."""
    try:
        line = text.decode("utf-8")
    except UnicodeDecodeError as error:
        raise BadLineError(Wrong("", "import.encoding", {"byte": error.start + 1})) from None
    if _CONTROL.search(line):
        raise BadLineError(Wrong("", "import.control_character", {}))
    return _from_json(line) if file_format == "jsonl" else _from_csv(line, header)


def _from_json(line: str) -> Mapping[str, Any]:
    try:
        told = orjson.loads(line)
    except orjson.JSONDecodeError as error:
        raise BadLineError(Wrong("", "import.json", {"byte": error.pos + 1})) from None
    if not isinstance(told, dict):
        raise BadLineError(Wrong("", "model_type", {}))
    unknown = [Wrong(name[:100], "extra_forbidden", {}) for name in told if name not in _KNOWN]
    if unknown:
        raise BadLineError(*unknown[:20])
    return told


_KNOWN: Final = frozenset(COLUMNS)


def _from_csv(line: str, header: list[str]) -> Mapping[str, Any]:
    values = split_csv(line)
    if len(values) != len(header):
        raise BadLineError(Wrong("", "import.columns", {"found": len(values), "wanted": len(header)}))
    return dict(zip(header, values, strict=True))


def split_csv(line: str) -> list[str]:
    """The values of one CSV line. A quote that stays open is an error of this line and of no other."""
    if '"' not in line:
        return line.split(",")
    values: list[str] = []
    place, end = 0, len(line)
    while True:
        if place < end and line[place] == '"':
            value, place = _quoted(line, place + 1)
        else:
            comma = line.find(",", place)
            stop = end if comma < 0 else comma
            value, place = line[place:stop], stop
        values.append(value)
        if place >= end:
            return values
        if line[place] != ",":
            raise BadLineError(Wrong("", "import.quote", {}))
        place += 1


def _quoted(line: str, place: int) -> tuple[str, int]:
    parts = []
    while True:
        quote = line.find('"', place)
        if quote < 0:
            raise BadLineError(Wrong("", "import.quote", {}))
        parts.append(line[place:quote])
        if line[quote + 1 : quote + 2] != '"':
            return '"'.join(parts), quote + 1
        place = quote + 2
