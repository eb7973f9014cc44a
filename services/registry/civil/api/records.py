"""Routes of records: shown, found, corrected, copied; and of the books they stand in."""

from __future__ import annotations

from typing import Annotated

from fastapi import APIRouter, Depends, Query, Request, Response
from pydantic import Field

from contracts.civil import (
    BookKind,
    BookView,
    Corrected,
    Correction,
    Extract,
    NewExtract,
    RecordKind,
    RecordLine,
    RecordView,
    Version,
)
from contracts.identifiers import AgencyCode, PersonalId
from contracts.identifiers.agencies import convert_agency_code
from contracts.population.values import BirthDate, Day, Line
from services.bus.kit.api import expected_version, read_answer, write_answer
from services.bus.kit.paging import Page
from services.bus.kit.requests import AxisRoute
from services.registry.civil.api.parts import (
    ForPurpose,
    Reader,
    RecordIdPath,
    Writer,
    act_of,
    look,
    version_tag,
)
from services.registry.civil.commands.corrections import correct
from services.registry.civil.commands.extracts import issue_extract
from services.registry.civil.queries import records as queries
from services.registry.civil.queries import search

router = APIRouter(prefix="/v1", tags=["records"], route_class=AxisRoute)

Limit = Annotated[int, Query(ge=1, le=200)]
_Name = Annotated[Annotated[Line, Field(min_length=1, max_length=101)] | None, Query()]
_Year = Annotated[int | None, Query(ge=1800, le=2200)]
_Born = Annotated[BirthDate | None, Query(description="A day, or a year")]


async def _wanted(
    kind: RecordKind | None = None,
    personal_id: PersonalId | None = None,
    name: _Name = None,
    born: _Born = None,
    agency: AgencyCode | None = None,
    year: _Year = None,
    number: Annotated[int | None, Query(ge=1, le=999_999)] = None,
    since: Annotated[Day | None, Query(alias="from", description="Registered on or after")] = None,
    until: Annotated[Day | None, Query(alias="to", description="Registered on or before")] = None,
) -> search.Wanted:
    return search.Wanted(kind, personal_id, name, born, _one_spelling(agency), year, number, since, until)


def _one_spelling(agency: str | None) -> str | None:
    """The new form of an agency's code, if it has one."""
    if agency is None:
        return None
    try:
        return convert_agency_code(agency)
    except ValueError:
        return agency


@router.get("/records", response_model=Page[RecordLine])
async def find_records(
    request: Request,
    caller: Reader,
    purpose: ForPurpose,
    wanted: Annotated[search.Wanted, Depends(_wanted)],
    limit: Limit = 50,
    cursor: str | None = None,
) -> Response:
    """Records by person (personal_id, name with or without diacritics, born), by book (agency, kind, year), or
    the newest of a kind. A name ending with `*` finds every name that begins so."""
    return await look(
        request,
        caller,
        purpose,
        "search",
        lambda tx: search.records(tx, wanted, limit=limit, cursor=cursor),
        personal_id=wanted.personal_id,
    )


@router.get("/records/{record_id}", response_model=RecordView)
async def show_record(
    request: Request,
    record_id: RecordIdPath,
    caller: Reader,
    purpose: ForPurpose,
    as_of: Annotated[Day | None, Query()] = None,
) -> Response:
    """A record as it is, or was at the end of a day."""
    return await look(
        request,
        caller,
        purpose,
        "record",
        lambda tx: queries.record_view(tx, record_id, as_of=as_of),
        record_id=record_id,
        headers=version_tag,
    )


@router.get("/records/{record_id}/versions", response_model=list[Version])
async def show_versions(
    request: Request, record_id: RecordIdPath, caller: Reader, purpose: ForPurpose
) -> Response:
    """What was changed, when, and on what ground."""
    return await look(
        request,
        caller,
        purpose,
        "history",
        lambda tx: queries.versions(tx, record_id),
        record_id=record_id,
    )


@router.post("/records/{record_id}/corrections", status_code=201, response_model=Corrected)
async def correct_record(request: Request, record_id: RecordIdPath, caller: Writer, body: Correction) -> Response:
    """Put a record right (cải chính), change (thay đổi), supplement (bổ sung) or note to it (ghi chú). The old
    version is kept; with `If-Match`, only if nobody has changed the record since."""
    act, expected = act_of(request), expected_version(request)
    return await write_answer(
        request,
        caller,
        lambda tx: correct(tx, record_id, body, act, expected=expected),
        status=201,
        headers=version_tag,
    )


@router.post("/records/{record_id}/extracts", status_code=201, response_model=Extract)
async def extract_record(request: Request, record_id: RecordIdPath, caller: Writer, body: NewExtract) -> Response:
    """Issue copies of an extract (trích lục), of the record as it is or was."""
    act = act_of(request)
    return await write_answer(request, caller, lambda tx: issue_extract(tx, record_id, body, act), status=201)


@router.get("/books", response_model=Page[BookView])
async def list_books(
    request: Request,
    caller: Reader,
    agency: AgencyCode | None = None,
    kind: BookKind | None = None,
    year: _Year = None,
    limit: Limit = 50,
    cursor: str | None = None,
) -> Response:
    """The books (sổ hộ tịch), by agency, kind and year."""
    code = _one_spelling(agency)
    return await read_answer(
        request,
        lambda tx: search.books(tx, agency=code, kind=kind, year=year, limit=limit, cursor=cursor),
    )
