"""The business register's look-up by tax code."""

from __future__ import annotations

from typing import Annotated

from fastapi import APIRouter, Path, Request, Response
from pydantic_core import to_json

from contracts.identifiers import TaxCode
from contracts.problems import NOT_FOUND, Problem
from contracts.tasks import System
from gateway.ministries.api.parts import Reader
from gateway.ministries.companies import Company, company
from gateway.ministries.lookups import behave
from gateway.ministries.ministries import ministries_behind
from gateway.ministries.schemas import Misreport
from services.bus.kit.api import JSON
from services.bus.kit.requests import AxisRoute

router = APIRouter(prefix="/v1/business-register", tags=["business register"], route_class=AxisRoute)


@router.get("/{tax_code}", response_model=Company | Misreport)
async def look_up_tax_code(request: Request, caller: Reader, tax_code: Annotated[TaxCode, Path()]) -> Response:
    """The business with this tax code (mã số thuế). A lying persona answers 200 with an error text instead."""
    lie = await behave(request, System.BUSINESS_REGISTER)
    found = lie or company(ministries_behind(request).seed, tax_code)
    if found is None:
        raise Problem(NOT_FOUND, field="path.tax_code", what="business", id=tax_code)
    return Response(to_json(found), 200, media_type=JSON)
