"""A sheet: what one kind of file holds, and what its rows become. The reading half, run in the second process.

What is built here is written as it is: tuples of text, whole numbers and None in the order of the columns, dates
and documents as text, truth as 1 and 0. `Piece` is all that goes back.
"""

from __future__ import annotations

from collections.abc import Collection, Iterator, Mapping, Sequence
from datetime import date, datetime
from typing import Any, NamedTuple, Protocol

from pydantic import ValidationError
from pydantic_core import PydanticCustomError

from contracts.rules import refuse
from services.bus.kit.bulk import instant, packed
from services.bus.kit.field_paths import field_path
from services.bus.kit.importing.lines import CSV, csv_values, json_values
from services.bus.kit.sealed import Sealed

Error = tuple[str, str, dict[str, Any]]
"""A field at fault (empty: the line), the rule it breaks, and the context of the rule's text."""
Tuple = tuple[Any, ...]
Owned = tuple[list[Any], list[int]]
"""Rows, or events, each with the place of the good row it belongs to."""


class BadRowError(Exception):
    """A row that cannot be taken, with all that is wrong with it."""

    def __init__(self, errors: Sequence[Error]) -> None:
        super().__init__()
        self.errors = [(_fit(field, 100), rule, _kept(context)) for field, rule, context in errors]


class Circumstances(NamedTuple):
    """What a piece belongs to, and when it is read. `now` is `moment` as the driver takes an instant."""

    import_id: str
    form: str
    today: date
    moment: datetime
    now: int | str


class Written:
    """What good rows become: `claims` says of each what must not be there yet, `tables` the rows of each table,
    `events` what is told of them."""

    def __init__(self, tables: Mapping[str, Sequence[str]]) -> None:
        self.lines: list[int] = []
        self.claims: list[Tuple] = []
        self.tables: dict[str, Owned] = {name: ([], []) for name in tables}
        self.events: Owned = ([], [])

    def take(self, line: int, claim: Tuple) -> None:
        """A good row begins."""
        self.lines.append(line)
        self.claims.append(claim)

    def add(self, table: str, row: Tuple) -> None:
        """A row of a table, of the good row that was begun last."""
        rows, owners = self.tables[table]
        rows.append(row)
        owners.append(len(self.lines) - 1)

    def tell(self, event: Sealed) -> None:
        """An event that tells of the good row that was begun last."""
        events, owners = self.events
        events.append(tuple(event))
        owners.append(len(self.lines) - 1)


class Sheet(Protocol):
    """One kind of file. `tables`: the columns of each table in the order its rows have them."""

    @property
    def known(self) -> Collection[str]: ...

    @property
    def required(self) -> Collection[str]: ...

    @property
    def tables(self) -> Mapping[str, Sequence[str]]: ...

    def take(self, values: dict[str, Any], line: int, at: Circumstances, written: Written) -> None:
        """Check a row and write what it becomes. Raises BadRowError, ValidationError or PydanticCustomError,
        before anything is written."""
        ...


class Piece(NamedTuple):
    """What a piece of a file holds, `size` lines. Plain values only: it crosses from process to process."""

    size: int
    lines: list[int]
    claims: list[Tuple]
    tables: dict[str, Owned]
    events: Owned
    bad: list[tuple[int, list[Error]]]


def read_piece(
    sheet: Sheet,
    data: bytes,
    form: str,
    columns: Sequence[str],
    *,
    import_id: str,
    first_line: int,
    today: date,
    now: datetime,
    dialect: str,
) -> Piece:
    """Read whole lines, the first of which has the number `first_line`."""
    written, bad = Written(sheet.tables), []
    at = Circumstances(import_id, form, today, now, instant(now, dialect))
    lines = data.split(b"\n")[:-1]
    for number, line in enumerate(lines, first_line):
        if not line or line.isspace():
            continue
        try:
            values = csv_values(line, columns) if form == CSV else json_values(line)
            sheet.take(values, number, at, written)
        except PydanticCustomError as error:
            bad.append((number, [error_of("", error)]))
        except ValidationError as invalid:
            bad.append((number, list(field_errors(invalid))))
        except BadRowError as wrong:
            bad.append((number, wrong.errors))
    tables = {name: (packed(rows, dialect), owners) for name, (rows, owners) in written.tables.items()}
    return Piece(len(lines), written.lines, written.claims, tables, written.events, bad)


def truncated(number: int) -> Piece:
    """The bad line that a last line without an end is: what is missing of it nobody knows."""
    return Piece(1, [], [], {}, ([], []), [(number, [error_of("", refuse("import.line_truncated"))])])


NOTHING = Piece(0, [], [], {}, ([], []), [])


def error_of(field: str, error: PydanticCustomError) -> Error:
    """An error as it is kept."""
    return field, error.type, _kept(error.context or {})


def field_errors(error: ValidationError) -> Iterator[Error]:
    """The same of all that pydantic found."""
    for each in error.errors(include_url=False, include_input=False):
        yield _fit(field_path(each["loc"]), 100), each["type"], _kept(each.get("ctx") or {})


def _kept(context: Mapping[str, Any]) -> dict[str, Any]:
    return {name: value if type(value) is int else _fit(str(value), 200) for name, value in context.items()}


def _fit(text: str, longest: int) -> str:
    """Without U+0000, which PostgreSQL keeps in no document."""
    return text[:longest].replace("\0", "\ufffd")
