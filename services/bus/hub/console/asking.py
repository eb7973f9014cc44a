"""What a page of figures is asked for: a period, a unit, a procedure, read from its address. What does not fit
is left out rather than refused: the form shows what was taken."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import date, datetime, timedelta
from typing import Final, cast

from pydantic import TypeAdapter, ValidationError

from contracts.identifiers import AgencyCode, ProcedureCode
from contracts.problems import Problem
from contracts.times import vn_date
from services.bus.hub.indicators.api.parts import EARLIEST, LATEST, chosen
from services.bus.hub.indicators.book import Book
from services.bus.hub.indicators.counting import Grain, Where
from services.bus.hub.indicators.tables import Rows
from services.bus.hub.words import indicators as words

_AGENCY: Final[TypeAdapter[str]] = TypeAdapter(AgencyCode)
_PROCEDURE: Final[TypeAdapter[str]] = TypeAdapter(ProcedureCode)


@dataclass(frozen=True, slots=True)
class Asked:
    """`query` is the same as an address has it, with `to` as the last day."""

    where: Where
    rows: Rows
    grain: Grain
    query: dict[str, str]


def asked(given: Mapping[str, str], book: Book, now: datetime) -> Asked:
    """Without a period: this year so far."""
    today = vn_date(now)
    last = _day(given.get("to")) or today
    first = _day(given.get("from")) or date(last.year, 1, 1)
    if last < first:
        first = last
    unit, procedure = _fitting(_AGENCY, given.get("unit")), _fitting(_PROCEDURE, given.get("procedure_code"))
    try:
        agencies, procedures = chosen(book, unit, procedure)
    except Problem:
        agencies = procedures = None
    rows, grain = given.get("rows", ""), given.get("period", "")
    query = {"from": first.isoformat(), "to": last.isoformat()}
    query |= {name: value for name, value in (("unit", unit), ("procedure_code", procedure)) if value}
    query |= {"rows": rows} if rows in words.ROWS else {}
    query |= {"period": grain} if grain in words.GRAINS else {}
    return Asked(
        Where(first, last + timedelta(days=1), agencies, procedures),
        cast("Rows", rows if rows in words.ROWS else "unit"),
        cast("Grain", grain if grain in words.GRAINS else "total"),
        query,
    )


def _day(text: str | None) -> date | None:
    try:
        found = date.fromisoformat(text or "")
    except ValueError:
        return None
    return found if EARLIEST <= found < LATEST else None


def _fitting(kind: TypeAdapter[str], text: str | None) -> str | None:
    try:
        return str(kind.validate_python(text.strip())) if text and text.strip() else None
    except ValidationError:
        return None
