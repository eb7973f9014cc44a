"""Dead letters: what the portal refused for its content, and what is to become of it."""

from __future__ import annotations

from typing import Annotated, Literal

import structlog
from fastapi import APIRouter, Query, Request, Response
from pydantic import Field

from contracts import scopes
from gateway.sync.api.common import CursorText, Id, Limit, alone_with
from gateway.sync.commands import operator as commands
from gateway.sync.engine import engine_of
from gateway.sync.queries import operator as queries
from gateway.sync.queries.operator import LetterDetail, LetterView
from services.bus.kit.api import Body, read_answer, requires, service_of, write_answer
from services.bus.kit.paging import Page
from services.bus.kit.requests import AxisRoute
from services.bus.kit.store import Tx
from services.bus.kit.tokens import Caller

log = structlog.get_logger(__name__)
router = APIRouter(prefix="/v1/dead-letters", tags=["dead letters"], route_class=AxisRoute)

Reader = Annotated[Caller, requires(scopes.SYNC_READ)]
Repairer = Annotated[Caller, requires(scopes.SYNC_REPAIR)]


class Reason(Body):
    """Why the refused step may be given up; kept with the letter."""

    reason: Annotated[str, Field(min_length=5, max_length=500)]


@router.get("", response_model=Page[LetterView])
async def letters(
    request: Request,
    caller: Reader,
    state: Literal["open", "retried", "discarded"] | None = None,
    key: Annotated[str | None, Query(max_length=100)] = None,
    cursor: CursorText = None,
    limit: Limit = 50,
) -> Response:
    """Dead letters, newest first; `key` is a dossier code or a citizen's reference."""
    return await read_answer(request, lambda tx: queries.letters(tx, state, key, cursor, limit))


@router.get("/{id}", response_model=LetterDetail)
async def letter(request: Request, id: Id, caller: Reader) -> Response:
    """One letter with what was sent, everything personal masked."""
    return await read_answer(request, lambda tx: queries.letter(tx, id))


@router.post("/{id}/retry", response_model=LetterView)
async def retry(request: Request, id: Id, caller: Repairer) -> Response:
    """Send it again as it now stands, and what waits behind it after it."""
    now = service_of(request).clock.now()
    log.info("letter.retry", id=id, by=caller.client_id)
    return await _close(
        request, caller, id, lambda tx: commands.retry_letter(tx, id, by=caller.client_id, now=now)
    )


@router.post("/{id}/discard", response_model=LetterView)
async def discard(request: Request, id: Id, body: Reason, caller: Repairer) -> Response:
    """Give the refused step up, with a reason; what waits behind it goes on."""
    now = service_of(request).clock.now()
    log.warning("letter.discard", id=id, by=caller.client_id, why=body.reason)
    return await _close(
        request,
        caller,
        id,
        lambda tx: commands.discard_letter(tx, id, by=caller.client_id, why=body.reason, now=now),
    )


async def _close(request: Request, caller: Caller, id: str, command: commands.ClosesLetter) -> Response:
    service, engine = service_of(request), engine_of(request)
    key = await service.store.read(lambda tx: commands.letter_key(tx, id))
    closed: list[commands.Closed] = []

    def closing(tx: Tx) -> LetterView:
        closed[:] = [command(tx)]
        return closed[0].letter

    async with alone_with(engine, key):
        response = await write_answer(request, caller, closing)
        for each in closed:  # empty if the answer was a stored one
            engine.lanes.parked -= each.unparked
            engine.lanes.backlog -= each.given_up
    engine.declines.wake()
    return response
