"""What the routes of the indicators share: who may look, the period, the unit, the procedure."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import date, datetime, timedelta
from typing import Annotated, Final

from fastapi import Depends, Query, Request
from pydantic import Field

from contracts import scopes
from contracts.identifiers import AgencyCode, ProcedureCode
from contracts.problems import VALIDATION, FieldError, Problem, Text
from contracts.times import vn_date
from services.bus.hub.indicators.book import Book
from services.bus.hub.indicators.counting import Where
from services.bus.hub.indicators.room import room_of
from services.bus.kit.api import requires, service_of
from services.bus.kit.tokens import Caller

Observer = Annotated[Caller, requires(scopes.AXIS_OBSERVE)]
PageLimit = Annotated[int, Query(ge=1, le=1000)]
PageCursor = Annotated[str | None, Query(max_length=300)]

EARLIEST: Final = date(2000, 1, 1)
LATEST: Final = date(2100, 1, 1)
EMPTY_PERIOD: Final = Text("Ngày kết thúc phải sau ngày bắt đầu.", "The period has to end after it begins.")
UNKNOWN_FIELD: Final = Text("Lĩnh vực không có trong danh mục.", "The catalogue has no such field.")

_Day = Annotated[date, Field(ge=EARLIEST, le=LATEST)]


@dataclass(frozen=True, slots=True)
class Asked:
    """What a request asks for: the period in days, and whose dossiers."""

    where: Where
    narrowed: Mapping[str, str]
    now: datetime
    book: Book

    @property
    def query(self) -> Mapping[str, str]:
        """The same as a query, for links."""
        return {"from": self.where.since.isoformat(), "to": self.where.until.isoformat(), **self.narrowed}


def _asked(
    request: Request,
    since: Annotated[_Day | None, Query(alias="from", description="The first day; that of the year")] = None,
    until: Annotated[_Day | None, Query(alias="to", description="The first day after it; tomorrow")] = None,
    unit: Annotated[AgencyCode | None, Query(description="An agency, with all below it")] = None,
    procedure_code: ProcedureCode | None = None,
    field: Annotated[str | None, Query(max_length=100, description="A field of procedures (lĩnh vực)")] = None,
) -> Asked:
    book, now = room_of(request).book, service_of(request).clock.now()
    today = vn_date(now)
    end = until or (today if since is None or since <= today else since) + timedelta(days=1)
    begin = since or date((end - timedelta(days=1)).year, 1, 1)
    if end <= begin:
        raise Problem(VALIDATION, errors=[FieldError("query.to", "period.empty", EMPTY_PERIOD)], count=1)
    agencies, procedures = chosen(book, unit, procedure_code, field)
    given = (("unit", unit), ("procedure_code", procedure_code), ("field", field))
    return Asked(
        Where(begin, end, agencies, procedures), {name: value for name, value in given if value}, now, book
    )


def chosen(
    book: Book, unit: str | None, procedure_code: str | None, field: str | None = None
) -> tuple[tuple[str, ...] | None, tuple[str, ...] | None]:
    """Agencies and procedures to look at; None for all. Raises VALIDATION for a field no procedure has."""
    if field is not None and field not in book.fields():
        raise Problem(VALIDATION, errors=[FieldError("query.field", "field.unknown", UNKNOWN_FIELD)], count=1)
    agencies = book.below(unit) if unit else None
    if procedure_code is not None:
        fits = field is None or book.field_of(procedure_code) == field
        return agencies, (procedure_code,) if fits else ()
    return agencies, book.of_field(field) if field is not None else None


ForPeriod = Annotated[Asked, Depends(_asked)]
