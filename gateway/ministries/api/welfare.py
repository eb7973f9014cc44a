"""Welfare's payment lists: who was paid without cash, who in cash, who not yet."""

from __future__ import annotations

from typing import Annotated

from fastapi import APIRouter, Path, Query, Request, Response
from pydantic import Field
from pydantic_core import to_json

from contracts.identifiers import AgencyCode
from contracts.population.values import Line
from contracts.tasks import System
from gateway.ministries.api.parts import Player, Reader
from gateway.ministries.commands.payments import mark_paid
from gateway.ministries.lookups import behave
from gateway.ministries.ministries import ministries_behind
from gateway.ministries.queries.payments import known_list, list_key, payment_list
from gateway.ministries.schemas import Misreport, PaymentList, PaymentsBody
from services.bus.kit.api import JSON, read_answer, service_of, write_answer
from services.bus.kit.requests import AxisRoute

router = APIRouter(prefix="/v1/welfare/payment-lists", tags=["welfare"], route_class=AxisRoute)

Month = Annotated[str, Query(pattern=r"^20[0-9]{2}-(0[1-9]|1[0-2])$", examples=["2023-05"])]
ListId = Annotated[Annotated[Line, Field(min_length=1, max_length=30)], Path()]


@router.get("", response_model=PaymentList | Misreport)
async def show_payment_list(
    request: Request,
    caller: Reader,
    month: Month,
    unit: Annotated[AgencyCode, Query(description="A commune's agency")],
) -> Response:
    """The list of a commune's agency for a month. A lying persona answers 200 with an error text instead."""
    now, seed = service_of(request).clock.now(), ministries_behind(request).seed
    key = list_key(unit, month, now)
    lie = await behave(request, System.WELFARE)
    if lie is not None:
        return Response(to_json(lie), 200, media_type=JSON)
    return await read_answer(request, lambda tx: payment_list(tx, seed, key, now))


@router.post("/{list_id}/payments", status_code=201, response_model=PaymentList)
async def mark_as_paid(request: Request, caller: Player, list_id: ListId, body: PaymentsBody) -> Response:
    """Mark entries as paid, all or none; the list as it then stands."""
    ministries, now = ministries_behind(request), service_of(request).clock.now()
    ministries.desk(System.WELFARE, "path.list_id")
    key = known_list(list_id, now)
    return await write_answer(
        request,
        caller,
        lambda tx: mark_paid(
            tx, ministries.seed, key, body.entries, method=body.method, by=caller.client_id, now=now
        ),
        status=201,
    )
