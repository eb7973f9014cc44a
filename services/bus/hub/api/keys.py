"""Routes of the signing keys: which there are, and rotating them. Private halves never pass through here."""

from __future__ import annotations

from functools import partial
from typing import Annotated, Any

import structlog
from fastapi import APIRouter, Request, Response

from contracts import scopes
from services.bus.hub import commands, queries
from services.bus.hub.hub import hub_of
from services.bus.hub.schemas import SigningKeys, SigningKeyView
from services.bus.kit.api import read_answer, requires, respond, service_of, write_reply
from services.bus.kit.idempotency import Reply
from services.bus.kit.requests import AxisRoute
from services.bus.kit.tokens import Caller

log = structlog.get_logger(__name__)
router = APIRouter(prefix="/v1/signing-keys", tags=["signing keys"], route_class=AxisRoute)

Manager = Annotated[Caller, requires(scopes.HUB_MEMBERS)]


@router.get("", response_model=SigningKeys)
async def list_signing_keys(request: Request, caller: Manager) -> Response:
    """Every signing key, newest first."""
    return await read_answer(request, queries.signing_keys)


@router.post("", status_code=201, response_model=SigningKeyView)
async def rotate_signing_key(request: Request, caller: Manager) -> Response:
    """A new key signs from now on; the old one stays published until its last token has expired."""
    service, hub = service_of(request), hub_of(request)

    async def write(public_jwk: dict[str, Any]) -> Reply:
        rotate = partial(
            commands.rotate_signing_key,
            public_jwk=public_jwk,
            lifetime=hub.settings.token_lifetime,
            now=service.clock.now(),  # now that it is this rotation's turn
        )
        return await write_reply(request, caller, rotate, status=201)

    log.warning("signing-key.rotate", by=caller.client_id)
    return respond(await hub.rotate(service, write))
