"""What several routes share: the purpose of a lookup, one body or many, numbers in a path.

A lookup without its purpose and its dossier is refused before anything is read (domain 7.2).
"""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from datetime import date, datetime
from typing import Annotated, Any, Final, TypeVar

from fastapi import Depends, Header, Path, Query
from pydantic import Field, TypeAdapter, WrapValidator

from contracts.identifiers import AgencyCode, PersonalId, ProcedureCode
from contracts.population.values import Day, Line
from contracts.problems import PURPOSE_REQUIRED, Problem
from contracts.status import Channel
from contracts.times import vn_date
from services.bus.kit.ids import new_id
from services.bus.kit.tokens import Caller
from services.population.commands.log import Access
from services.population.queries.residents import Period

T = TypeVar("T")

MAX_BATCH: Final = 1_000

PersonalIdPath = Annotated[PersonalId, Path()]
HouseholdIdPath = Annotated[str, Path(min_length=1, max_length=36)]
ResidenceIdPath = Annotated[str, Path(min_length=1, max_length=36)]
AbsenceIdPath = Annotated[str, Path(min_length=1, max_length=36)]
_Dossier = Annotated[Line, Field(min_length=1, max_length=40)]


@dataclass(frozen=True, slots=True)
class Purpose:
    """Why somebody looks: from the headers X-Purpose, X-Dossier, X-Agency, X-Officer, X-Channel."""

    procedure_code: str
    dossier: str
    agency: str | None
    officer: str | None
    channel: Channel | None

    def access(self, caller: Caller) -> Access:
        """The access to log; the request id is ours, since a header lookup has none."""
        return Access(
            client_id=caller.client_id,
            procedure_code=self.procedure_code,
            dossier=self.dossier,
            request_id=new_id(),
            agency=self.agency,
            officer=self.officer,
            channel=self.channel,
        )


async def _purpose(
    x_purpose: Annotated[ProcedureCode | None, Header(description="The procedure served [MaDVC]")] = None,
    x_dossier: Annotated[_Dossier | None, Header(description="The dossier served [MaTichHop]")] = None,
    x_agency: Annotated[AgencyCode | None, Header(description="The unit that asks [MaDonVi]")] = None,
    x_officer: Annotated[Annotated[Line, Field(max_length=50)] | None, Header()] = None,
    x_channel: Annotated[Channel | None, Header(description="The dossier's channel")] = None,
) -> Purpose:
    if x_purpose is None:
        raise Problem(PURPOSE_REQUIRED, field="header.X-Purpose", header="X-Purpose")
    if x_dossier is None:
        raise Problem(PURPOSE_REQUIRED, field="header.X-Dossier", header="X-Dossier")
    return Purpose(x_purpose, x_dossier, x_agency, x_officer, x_channel)


ForPurpose = Annotated[Purpose, Depends(_purpose)]


@dataclass(frozen=True, slots=True)
class AskedDays:
    """The days a lookup asks for, as they stand in the query; today if it names none."""

    on: date | None
    since: date | None
    until: date | None

    def period(self, now: datetime) -> Period:
        """The period meant. Raises VALIDATION."""
        return Period.asked(self.on, self.since, self.until, vn_date(now))


async def _days(
    on: Annotated[Day | None, Query(description="The day; today without any of the three")] = None,
    since: Annotated[Day | None, Query(alias="from", description="The first day of a period")] = None,
    until: Annotated[Day | None, Query(alias="to", description="The first day after it; none: no end")] = None,
) -> AskedDays:
    return AskedDays(on, since, until)


AskedPeriod = Annotated[AskedDays, Depends(_days)]
PageLimit = Annotated[int, Query(ge=1, le=500)]


def one_or_many(one: Any, many: Any) -> WrapValidator:
    """Validate a list as `many` and anything else as `one`, so that an error is at `body[3].field` or at
    `body.field` and never names the branch of a union."""
    single, several = TypeAdapter(one), TypeAdapter(many)

    def by_shape(value: Any, _handler: Callable[[Any], Any]) -> Any:
        return (several if isinstance(value, list) else single).validate_python(value)

    return WrapValidator(by_shape)


def as_list(body: T | list[T]) -> Sequence[T]:
    """The body as a list, whichever way it came."""
    return body if isinstance(body, list) else [body]


def version_tag(version: int) -> dict[str, str]:
    """The ETag of this version, for `If-Match`."""
    return {"ETag": f'"{version}"'}
