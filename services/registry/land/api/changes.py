"""Routes of changes: file one of any kind, read the history, confirm what is pending or give it up."""

from __future__ import annotations

from typing import Annotated, Any, Final, get_args

from fastapi import APIRouter, Query, Request, Response
from pydantic import Field, WrapValidator

from contracts.land import ChangeView, OneOfChanges, RegisteredChange
from contracts.land.values import Vnd
from contracts.population.values import Line
from services.bus.kit.api import Body, expected_version, read_answer, service_of, write_answer
from services.bus.kit.paging import Page
from services.bus.kit.requests import AxisRoute
from services.bus.kit.tx import Tx
from services.registry.land.api.parts import IF_MATCH, IdPath, ParcelKeyPath, Reader, Writer, tag
from services.registry.land.commands import changes
from services.registry.land.commands.rows import parcel_not_found
from services.registry.land.models import Change, Parcel
from services.registry.land.queries import changes as queries

router = APIRouter(prefix="/v1", tags=["changes"], route_class=AxisRoute)


def _by_kind(value: Any, _union: Any) -> Any:
    """Validate as what `kind` says, so that an error is at `body.field` and never names a branch of the union."""
    kind = value.get("kind") if isinstance(value, dict) else None
    model = _MODELS.get(kind) if isinstance(kind, str) else None
    return changes.ANY_CHANGE.validate_python(value) if model is None else model.model_validate(value)


_MODELS: Final = {get_args(each.model_fields["kind"].annotation)[0]: each for each in get_args(OneOfChanges)}
FiledChange = Annotated[OneOfChanges, WrapValidator(_by_kind)]


class Confirmation(Body):
    """How the financial obligation was settled: the notice and what was paid, or why nothing was due."""

    notice: Annotated[Line, Field(max_length=60)] = ""
    amount_vnd: Vnd = 0
    exempt: bool = False
    reason: Annotated[Line, Field(max_length=500)] = ""


class GivingUp(Body):
    """Why the pending change will not come."""

    reason: Annotated[Line, Field(min_length=5, max_length=500)]


@router.post("/parcels/{key}/changes", status_code=201, response_model=RegisteredChange, openapi_extra=IF_MATCH)
async def file_change(request: Request, key: ParcelKeyPath, caller: Writer, asked: FiledChange) -> Response:
    """File a change. One that needs a tax notice stays pending, and locks the right, until it is confirmed."""
    now, expected = service_of(request).clock.now(), expected_version(request)
    return await write_answer(
        request,
        caller,
        lambda tx: changes.file(tx, key, asked, expected=expected, now=now),
        status=201,
        headers=lambda made: {"Location": f"/v1/changes/{made.id}", **tag(made)},
    )


@router.get("/parcels/{key}/changes", response_model=Page[ChangeView])
async def list_changes(
    request: Request,
    key: ParcelKeyPath,
    caller: Reader,
    limit: Annotated[int, Query(ge=1, le=200)] = 50,
    cursor: Annotated[str | None, Query(max_length=300)] = None,
) -> Response:
    """The history of a parcel, newest first."""

    def query(tx: Tx) -> Page[ChangeView]:
        if tx.find(Parcel, key) is None:
            raise parcel_not_found(key)
        return queries.history(tx, key, limit=limit, cursor=cursor)

    return await read_answer(request, query)


@router.get("/changes/{change_id}", response_model=ChangeView)
async def show_change(request: Request, change_id: IdPath, caller: Reader) -> Response:
    """One change: what was asked, what it did."""

    def query(tx: Tx) -> ChangeView:
        row = tx.find(Change, change_id)
        if row is None:
            raise changes.change_not_found(change_id)
        return queries.view(tx, row)

    return await read_answer(request, query)


@router.post("/changes/{change_id}/confirm", response_model=RegisteredChange, openapi_extra=IF_MATCH)
async def confirm_change(request: Request, change_id: IdPath, caller: Writer, body: Confirmation) -> Response:
    """The tax is settled: register the pending change. The rules are asked again."""
    now, expected = service_of(request).clock.now(), expected_version(request)
    settled = changes.TaxSettled(**body.model_dump())
    return await write_answer(
        request,
        caller,
        lambda tx: changes.confirm(tx, change_id, settled, expected=expected, now=now),
        headers=tag,
    )


@router.post("/changes/{change_id}/give-up", response_model=RegisteredChange, openapi_extra=IF_MATCH)
async def give_up_change(request: Request, change_id: IdPath, caller: Writer, body: GivingUp) -> Response:
    """The pending change will not come: unlock the right."""
    return await write_answer(request, caller, lambda tx: changes.give_up(tx, change_id, body.reason), headers=tag)
