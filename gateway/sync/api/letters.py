"""Dead letters: what the portal refused for its content, and what is to become of it."""

from __future__ import annotations

from functools import partial
from typing import Annotated, Final, Literal

import structlog
from fastapi import APIRouter, Query, Request, Response
from pydantic import BaseModel, Field

from contracts import scopes
from contracts.problems import Problem
from gateway.sync.api.common import CursorText, Id, Limit, alone_with
from gateway.sync.commands import operator as commands
from gateway.sync.engine import Engine, engine_of
from gateway.sync.queries import operator as queries
from gateway.sync.queries.operator import LetterDetail, LetterView
from services.bus.kit.api import Body, read_answer, requires, service_of, write_answer
from services.bus.kit.paging import Page
from services.bus.kit.requests import AxisRoute
from services.bus.kit.service import Service
from services.bus.kit.tokens import Caller
from services.bus.kit.tx import Tx

log = structlog.get_logger(__name__)
router = APIRouter(prefix="/v1/dead-letters", tags=["dead letters"], route_class=AxisRoute)

Reader = Annotated[Caller, requires(scopes.SYNC_READ)]
Repairer = Annotated[Caller, requires(scopes.SYNC_REPAIR)]
AT_ONCE: Final = 500
"""Letters that are looked up together while an order to retry many is carried out."""


class Reason(Body):
    """Why the refused step may be given up; kept with the letter."""

    reason: Annotated[str, Field(min_length=5, max_length=500)]


class Which(Body):
    """Which letters: those of this verb and this error code, where given."""

    verb: Annotated[str, Field(max_length=60)] | None = None
    error_code: Annotated[str, Field(max_length=40)] | None = None


class Changes(Body):
    """What to say otherwise in a refused row of progress, by the portal's names; what is left out stays."""

    NguoiXuLy: Annotated[str, Field(min_length=1, max_length=50)] | None = None
    PhongBanXuLy: Annotated[str, Field(min_length=1, max_length=500)] | None = None
    NoiDungXuLy: Annotated[str, Field(max_length=4000)] | None = None


class Retry(Body):
    """How to send it again."""

    changes: Changes | None = None


class RetryTaken(BaseModel):
    """How many letters are being retried."""

    letters: int


@router.get("", response_model=Page[LetterView])
async def letters(
    request: Request,
    caller: Reader,
    state: Literal["open", "retried", "discarded"] | None = None,
    key: Annotated[str | None, Query(max_length=100)] = None,
    verb: Annotated[str | None, Query(max_length=60)] = None,
    error_code: Annotated[str | None, Query(max_length=40)] = None,
    cursor: CursorText = None,
    limit: Limit = 50,
) -> Response:
    """Dead letters, newest first; `key` is a dossier code or a citizen's reference."""
    return await read_answer(
        request,
        lambda tx: queries.letters(tx, state, key, cursor, limit, verb=verb, error_code=error_code),
    )


@router.post("/retry", response_model=RetryTaken, status_code=202)
async def retry_many(request: Request, which: Which, caller: Repairer) -> Response:
    """Retry every open letter, or those of one verb or one error code: after a mistake that parked many, such
    as a wrong unit in the settings."""
    service, engine = service_of(request), engine_of(request)
    ordered: list[tuple[int, str]] = []  # stays empty if the answer was a stored one

    def command(tx: Tx) -> RetryTaken:
        number, newest = commands.order_to_retry(tx, verb=which.verb, error_code=which.error_code)
        ordered[:] = [(number, newest)] if number else []
        return RetryTaken(letters=number)

    response = await write_answer(request, caller, command, status=202)
    for number, newest in ordered:
        log.info("letters.retry", letters=number, verb=which.verb, error_code=which.error_code, by=caller.subject)
        engine.background(_retry_all(service, engine, which, newest, caller.subject))
    return response


@router.get("/{id}", response_model=LetterDetail)
async def letter(request: Request, id: Id, caller: Reader) -> Response:
    """One letter with what was sent, everything personal masked."""
    return await read_answer(request, lambda tx: queries.letter(tx, id))


@router.post("/{id}/retry", response_model=LetterView)
async def retry(request: Request, id: Id, caller: Repairer, how: Retry | None = None) -> Response:
    """Send it again as it now stands, or with changes, and what waits behind it after it."""
    now = service_of(request).clock.now()
    changes = {} if how is None or how.changes is None else how.changes.model_dump(exclude_none=True)
    log.info("letter.retry", id=id, by=caller.subject, changed=sorted(changes))
    return await _close(
        request, caller, id, lambda tx: commands.retry_letter(tx, id, by=caller.subject, now=now, changes=changes)
    )


@router.post("/{id}/discard", response_model=LetterView)
async def discard(request: Request, id: Id, body: Reason, caller: Repairer) -> Response:
    """Give the refused step up, with a reason; what waits behind it goes on."""
    now = service_of(request).clock.now()
    log.warning("letter.discard", id=id, by=caller.subject, why=body.reason)
    return await _close(
        request,
        caller,
        id,
        lambda tx: commands.discard_letter(tx, id, by=caller.subject, why=body.reason, now=now),
    )


async def _close(request: Request, caller: Caller, id: str, command: commands.ClosesLetter) -> Response:
    service, engine = service_of(request), engine_of(request)
    key = await service.store.read(lambda tx: commands.letter_key(tx, id))
    closed: list[commands.Closed] = []  # stays empty if the answer was a stored one

    def closing(tx: Tx) -> LetterView:
        closed[:] = [command(tx)]
        return closed[0].letter

    async with alone_with(engine, key):
        response = await write_answer(request, caller, closing)
        _count(engine, *closed)
    return response


async def _retry_all(service: Service, engine: Engine, which: Which, upto: str, by: str) -> None:
    """The oldest first, some at a time, up to what was the newest when it was ordered."""
    after = ""
    while letters := await service.store.read(partial(_next_to_retry, which=which, after=after, upto=upto)):
        for id, key in letters:
            try:
                async with alone_with(engine, key):
                    now = service.clock.now()
                    closed = await service.store.write(partial(commands.retry_letter, id=id, by=by, now=now))
                    _count(engine, closed)
            except Problem as problem:  # closed meanwhile, or its lane is busy: the next order takes it up again
                log.warning("letter.not-retried", id=id, reason=problem.type.slug)
        after = letters[-1][0]


def _next_to_retry(tx: Tx, which: Which, after: str, upto: str) -> list[tuple[str, str]]:
    return commands.letters_to_retry(
        tx, verb=which.verb, error_code=which.error_code, after=after, upto=upto, limit=AT_ONCE
    )


def _count(engine: Engine, *closed: commands.Closed) -> None:
    for each in closed:
        engine.lanes.parked -= each.unparked
        engine.lanes.backlog -= each.given_up
    engine.declines.wake()
