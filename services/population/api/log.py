"""Routes of the log of lookups: search it by citizen, unit, member, dossier and time; count it."""

from __future__ import annotations

from typing import Annotated

from fastapi import APIRouter, Depends, Query, Request, Response
from pydantic import AwareDatetime, BeforeValidator, Field
from pydantic_core import PydanticKnownError

from contracts import scopes
from contracts.identifiers import AgencyCode, PersonalId
from contracts.population import LookupEntry, LookupSummary
from contracts.population.values import Line
from services.bus.kit.api import read_answer, requires
from services.bus.kit.paging import Page
from services.bus.kit.requests import AxisRoute
from services.bus.kit.tokens import Caller
from services.population.commands.log import one_spelling
from services.population.queries import log
from services.population.queries.log import LogFilter

router = APIRouter(prefix="/v1/lookups", tags=["log of lookups"], route_class=AxisRoute)

Auditor = Annotated[Caller, requires(scopes.POPULATION_AUDIT)]


def _rfc3339(value: str) -> str:
    """Keep out the numbers that a lenient parser would take for a time."""
    if not value[:11].endswith(("T", "t", " ")):
        raise PydanticKnownError("datetime_type")
    return value


Moment = Annotated[AwareDatetime, BeforeValidator(_rfc3339)]


async def _filter(
    personal_id: PersonalId | None = None,
    agency: AgencyCode | None = None,
    client: Annotated[Annotated[Line, Field(max_length=100)] | None, Query()] = None,
    dossier: Annotated[Annotated[Line, Field(max_length=40)] | None, Query()] = None,
    since: Annotated[Moment | None, Query(alias="from", description="Not before")] = None,
    until: Annotated[Moment | None, Query(alias="to", description="Before")] = None,
) -> LogFilter:
    return LogFilter(personal_id, one_spelling(agency), client, dossier, since, until)


Wanted = Annotated[LogFilter, Depends(_filter)]


@router.get("", response_model=Page[LookupEntry])
async def list_lookups(
    request: Request,
    caller: Auditor,
    wanted: Wanted,
    limit: Annotated[int, Query(ge=1, le=500)] = 100,
    cursor: str | None = None,
) -> Response:
    """The log, newest first. A citizen's entries include the households they were shown in."""
    return await read_answer(request, lambda tx: log.entries(tx, wanted, limit=limit, cursor=cursor))


@router.get("/summary", response_model=LookupSummary)
async def summarise_lookups(request: Request, caller: Auditor, wanted: Wanted) -> Response:
    """How many accesses and for how many distinct dossiers, by unit, kind and channel. The two counts are
    reported side by side and never made equal."""
    return await read_answer(request, lambda tx: log.summary(tx, wanted))
