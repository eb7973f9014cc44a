"""What there is: procedures and agencies."""

from __future__ import annotations

from typing import Annotated

from fastapi import APIRouter
from pydantic import BaseModel

from contracts import scopes
from contracts.catalogue.agencies import agencies
from contracts.catalogue.form_schemas import form_schema
from contracts.catalogue.procedure_rules import rules_of
from contracts.catalogue.procedures import Procedure, procedure, procedures
from contracts.identifiers import ProcedureCode
from contracts.problems import NOT_FOUND, Problem
from services.bus.kit.api import requires
from services.bus.kit.requests import AxisRoute
from services.bus.kit.tokens import Caller
from services.dossier import schemas

router = APIRouter(prefix="/v1", tags=["catalogue"], route_class=AxisRoute)


class Procedures(BaseModel):
    items: list[schemas.ProcedureView]


class Agencies(BaseModel):
    items: list[schemas.AgencyView]


@router.get("/procedures")
async def list_procedures(caller: Annotated[Caller, requires(scopes.DOSSIER_READ)]) -> Procedures:
    """Every procedure the one-stop shop takes, with its fee, time limit and e-form."""
    return Procedures(items=[_view(each) for each in procedures()])


@router.get("/procedures/{code}")
async def show_procedure(
    code: ProcedureCode, caller: Annotated[Caller, requires(scopes.DOSSIER_READ)]
) -> schemas.ProcedureView:
    """One procedure."""
    try:
        return _view(procedure(code))
    except ValueError:
        raise Problem(NOT_FOUND, field="path.code", what="procedure", id=code) from None


@router.get("/agencies")
async def list_agencies(caller: Annotated[Caller, requires(scopes.DOSSIER_READ)]) -> Agencies:
    """Every agency that can receive dossiers."""
    return Agencies(items=[schemas.AgencyView(**each._asdict()) for each in agencies()])


def _view(about: Procedure) -> schemas.ProcedureView:
    rules = rules_of(about.code)
    return schemas.ProcedureView(
        **{**about._asdict(), "handled_by": list(about.handled_by)},
        **rules._asdict(),
        form_schema=form_schema(about.code),
    )
