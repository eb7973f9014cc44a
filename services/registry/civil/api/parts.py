"""What several routes share: who may do what, why somebody looks, the circumstances of an act.

A look at personal data names its procedure and its dossier, and is in the log before it is answered (domain 7.2).
"""

from __future__ import annotations

from collections.abc import Callable
from typing import Annotated, Any, cast

from fastapi import Depends, Header, Path, Request, Response
from pydantic import Field

from contracts import scopes
from contracts.identifiers import AgencyCode, ProcedureCode
from contracts.population.values import Line
from contracts.problems import PURPOSE_REQUIRED, Problem
from services.bus.kit.api import read_answer, requires, service_of
from services.bus.kit.tokens import Caller
from services.bus.kit.tx import Tx
from services.registry.civil.commands.entry import Act
from services.registry.civil.commands.lookups import LogLookup, Purpose
from services.registry.civil.settings import CivilSettings

Reader = Annotated[Caller, requires(scopes.CIVIL_READ)]
Writer = Annotated[Caller, requires(scopes.CIVIL_WRITE)]
Auditor = Annotated[Caller, requires(scopes.CIVIL_AUDIT)]
RecordIdPath = Annotated[Line, Path(min_length=1, max_length=36)]


async def _purpose(
    x_purpose: Annotated[ProcedureCode | None, Header(description="The procedure served [MaDVC]")] = None,
    x_dossier: Annotated[
        Annotated[Line, Field(min_length=1, max_length=40)] | None, Header(description="The dossier served")
    ] = None,
    x_agency: Annotated[AgencyCode | None, Header(description="The unit that asks [MaDonVi]")] = None,
    x_officer: Annotated[Annotated[Line, Field(max_length=50)] | None, Header()] = None,
) -> Purpose:
    if x_purpose is None:
        raise Problem(PURPOSE_REQUIRED, field="header.X-Purpose", header="X-Purpose")
    if x_dossier is None:
        raise Problem(PURPOSE_REQUIRED, field="header.X-Dossier", header="X-Dossier")
    return Purpose(x_purpose, x_dossier, x_agency, x_officer)


ForPurpose = Annotated[Purpose, Depends(_purpose)]


async def look(
    request: Request,
    caller: Caller,
    purpose: Purpose,
    kind: str,
    query: Callable[[Tx], Any],
    *,
    record_id: str | None = None,
    personal_id: str | None = None,
    headers: Callable[[Any], dict[str, str]] | None = None,
) -> Response:
    """A look at personal data: logged, whatever it finds, then answered."""
    service = service_of(request)
    log = LogLookup(kind, purpose, caller.client_id, service.clock.now(), record_id, personal_id)
    await service.store.write(log)
    return await read_answer(request, query, headers=headers)


def settings_of(request: Request) -> CivilSettings:
    """The settings of this service."""
    return cast("CivilSettings", service_of(request).settings)


def act_of(request: Request) -> Act:
    """An act carried out now, into books as they are laid out here."""
    return Act(now=service_of(request).clock.now(), layout=settings_of(request).layout())


def made(result: Any) -> dict[str, str]:
    """Where a new record is, and its version."""
    return {"Location": f"/v1/records/{result.id}", **version_tag(result)}


def version_tag(result: Any) -> dict[str, str]:
    """The version as an ETag."""
    return {"ETag": f'"{result.version}"'}
