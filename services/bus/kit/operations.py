"""What an operator can ask of any service: its dead letters and held events; retry one, discard one; and the
receipts of what it was given, from which the hub keeps the latency ledger.

Payloads are shown with everything personal masked: the letter's reason and address are what an operator needs.
"""

from __future__ import annotations

from datetime import datetime
from typing import Annotated, Any

import orjson
import structlog
from fastapi import APIRouter, Path, Query, Request, Response
from pydantic import BaseModel, Field
from sqlalchemy import literal, select, tuple_

from contracts import scopes
from contracts.envelope import Event
from contracts.problems import NOT_FOUND, Problem
from services.bus.kit.api import JSON, Body, read_answer, requires, service_of, write_answer
from services.bus.kit.columns import UtcDateTime, to_micros
from services.bus.kit.consumer import ConsumerSpec
from services.bus.kit.inbox import correct, discard, retry
from services.bus.kit.masking import masked
from services.bus.kit.paging import Cursor, Page
from services.bus.kit.receipts import receipts_page
from services.bus.kit.requests import AxisRoute
from services.bus.kit.standing import Standing
from services.bus.kit.tables import Held
from services.bus.kit.tokens import Caller
from services.bus.kit.tx import Tx

log = structlog.get_logger(__name__)
router = APIRouter(prefix="/v1/axis", tags=["axis"], route_class=AxisRoute)


class HeldEvent(BaseModel):
    """An event that waits, or a dead letter. `type` is null if the event could not be read."""

    consumer: str
    key: str
    version: int
    state: str
    reason: str | None
    attempts: int
    held_at: datetime
    type: str | None


class HeldPayload(HeldEvent):
    """With what it holds, everything personal masked; text if it is no JSON."""

    payload: Any


class RetryResult(BaseModel):
    """How many events of the key were applied."""

    applied: int


class BatchReceipt(BaseModel):
    """What became of one batch. `kinds`: [source, type, procedure, agency] each. `events`: [place of the kind,
    version, outcome (0 applied, 1 duplicate, 2 held, 3 dead, 4 discarded), committed, published, received, dossier
    code] each; times in microseconds since 1970, null where they are not known."""

    id: int
    consumer: str
    at: datetime
    kinds: list[tuple[str, str, str | None, str | None]]
    events: list[tuple[int, int, int, int | None, int | None, int | None, str | None]]


class Receipts(BaseModel):
    """The next receipts by id; `more`: there are others behind them already. `standing` is as of `now`."""

    now: datetime
    receipts: list[BatchReceipt]
    more: bool
    standing: Standing


class DiscardReason(Body):
    """Why the letter may go: kept in the log with who did it."""

    version: Annotated[int, Field(ge=1, lt=2**31)]
    reason: Annotated[str, Field(min_length=5, max_length=500)]


class Correction(Body):
    """A JSON merge patch (RFC 7396) of the data of the dead letter of this version, put right before the retry."""

    version: Annotated[int, Field(ge=1, lt=2**31)]
    data: Annotated[dict[str, Any], Field(min_length=1)]


@router.get("/held", response_model=Page[HeldEvent])
async def held(
    request: Request,
    caller: Annotated[Caller, requires(scopes.AXIS_READ)],
    state: Annotated[str | None, Query(pattern="^(waiting|dead)$")] = None,
    cursor: str | None = None,
    limit: Annotated[int, Query(ge=1, le=500)] = 50,
) -> Response:
    """Events held back: dead letters, and those waiting behind a gap or a dead letter. Those of one state come the
    oldest first, all of them by consumer and key."""
    by_age = state is not None
    key = (Held.consumer, Held.key, Held.version)
    order: tuple[Any, ...] = (Held.held_at, *key) if by_age else key

    def query(tx: Tx) -> Page[HeldEvent]:
        statement = select(Held).order_by(*order).limit(limit + 1)
        if state is not None:
            statement = statement.where(Held.state == state)
        if cursor is not None:
            statement = statement.where(tuple_(*order) > tuple_(*_place(cursor, by_age=by_age)))
        rows = list(tx.scalars(statement))
        last = rows[limit - 1] if len(rows) > limit else None
        return Page(
            items=[_view(row) for row in rows[:limit]],
            next_cursor=None if last is None else _cursor(last, by_age=by_age),
        )

    return await read_answer(request, query)


def _cursor(row: Held, *, by_age: bool) -> str:
    age = [to_micros(row.held_at)] if by_age else []
    return Cursor.encode([*age, row.consumer, row.key, row.version])


def _place(cursor: str, *, by_age: bool) -> list[Any]:
    """Behind which row to go on."""
    if not by_age:
        return list(Cursor.decode(cursor, (str, str, int)))
    micros, *key = Cursor.decode(cursor, (int, str, str, int))
    return [literal(Cursor.instant(micros), UtcDateTime), *key]


@router.get("/held/{consumer}/{key:path}/payload", response_model=HeldPayload)
async def held_payload(
    request: Request,
    consumer: str,
    key: Annotated[str, Path(max_length=100)],
    version: Annotated[int, Query(ge=0, lt=2**31)],
    caller: Annotated[Caller, requires(scopes.AXIS_READ)],
) -> Response:
    """One event that is held, with what it holds."""

    def query(tx: Tx) -> HeldPayload:
        row = tx.get(Held, (consumer, key, version))
        if row is None:
            raise Problem(NOT_FOUND, what="dead letter", id=f"{consumer}/{key}/{version}")
        try:
            payload = masked(orjson.loads(row.payload))
        except ValueError:
            payload = f"*** ({len(row.payload)})"
        return HeldPayload(**_view(row).model_dump(), payload=payload)

    return await read_answer(request, query)


@router.get("/receipts", response_model=Receipts)
async def receipts(
    request: Request,
    caller: Annotated[Caller, requires(scopes.AXIS_OBSERVE)],
    after: Annotated[int, Query(ge=0, lt=2**63)] = 0,
    limit: Annotated[int, Query(ge=1, le=500)] = 100,
) -> Response:
    """What became of the events this service was given, batch by batch after the receipt `after`; and what it
    still owes the axis."""
    service = service_of(request)
    query = receipts_page(after, limit, service.clock.now(), service.relay.acknowledged())
    return Response(await service.store.read(query), media_type=JSON)


@router.post("/held/{consumer}/{key:path}/retry", response_model=RetryResult)
async def retry_key(
    request: Request,
    consumer: str,
    key: Annotated[str, Path(max_length=100)],
    caller: Annotated[Caller, requires(scopes.AXIS_OPERATE)],
    correction: Correction | None = None,
) -> Response:
    """Apply the held events of a key again, in order, with the dead letter corrected if a correction is given.
    If the first still fails, nothing changes."""
    spec, now = _spec(request, consumer), service_of(request).clock.now()

    def command(tx: Tx) -> RetryResult:
        if correction is not None and not correct(tx, spec.name, key, correction.version, correction.data):
            raise Problem(NOT_FOUND, what="dead letter", id=f"{consumer}/{key}/{correction.version}")
        return RetryResult(applied=_again(tx, spec, key, now))

    if correction is None:
        log.info("held.retry", consumer=consumer, by=caller.subject)
    else:
        fields = sorted(correction.data)
        log.warning(
            "held.corrected", consumer=consumer, version=correction.version, fields=fields, by=caller.subject
        )
    return await write_answer(request, caller, command)


@router.post("/held/{consumer}/{key:path}/discard", response_model=RetryResult)
async def discard_letter(
    request: Request,
    consumer: str,
    key: Annotated[str, Path(max_length=100)],
    body: DiscardReason,
    caller: Annotated[Caller, requires(scopes.AXIS_OPERATE)],
) -> Response:
    """Take one dead letter out of the way, with a reason, then apply what waited behind it."""
    spec, now = _spec(request, consumer), service_of(request).clock.now()

    def command(tx: Tx) -> RetryResult:
        if discard(tx, spec.name, key, body.version, now=now) is None:
            raise Problem(NOT_FOUND, what="dead letter", id=f"{consumer}/{key}/{body.version}")
        tx.flush()
        return RetryResult(applied=_again(tx, spec, key, now))

    log.warning("held.discard", consumer=consumer, version=body.version, by=caller.subject, why=body.reason)
    return await write_answer(request, caller, command)


def _again(tx: Tx, spec: ConsumerSpec, key: str, now: datetime) -> int:
    return retry(tx, spec.name, spec.reaction, key, now=now, in_order=spec.in_order)


def _spec(request: Request, consumer: str) -> ConsumerSpec:
    for each in service_of(request).consumers:
        if each.spec.name == consumer:
            return each.spec
    raise Problem(NOT_FOUND, field="path.consumer", what="consumer", id=consumer)


def _view(row: Held) -> HeldEvent:
    type_: str | None
    try:
        type_ = Event.model_validate_json(row.payload).type
    except ValueError:
        type_ = None
    values: dict[str, Any] = {name: getattr(row, name) for name in HeldEvent.model_fields if name != "type"}
    return HeldEvent(**values, type=type_)
