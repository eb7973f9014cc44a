"""OAuth 2.0 as members see it: tokens (RFC 6749), public keys (RFC 7517), metadata (RFC 8414).

These routes speak OAuth's own JSON, errors included, so that any OAuth client works unchanged. A token or a
refusal must never be cached by anybody on the way.
"""

from __future__ import annotations

from typing import Any, Final, Literal

import structlog
from fastapi import APIRouter, Request, Response
from pydantic import BaseModel
from pydantic_core import to_json

from contracts import scopes as known
from services.bus.hub import grants, metrics, queries
from services.bus.hub.grants import ErrorCode, GrantError, TokenRequest
from services.bus.hub.hub import hub_of
from services.bus.hub.queries import Credentials
from services.bus.hub.secrets import TooManyChecksError
from services.bus.kit import access_token
from services.bus.kit.api import JSON, service_of

log = structlog.get_logger(__name__)
router = APIRouter(tags=["oauth"])

NO_STORE: Final = {"Cache-Control": "no-store", "Pragma": "no-cache"}


class TokenAnswer(BaseModel):
    """RFC 6749 5.1."""

    access_token: str
    token_type: Literal["Bearer"] = "Bearer"  # noqa: S105 - the name of a scheme
    expires_in: int
    scope: str


class TokenError(BaseModel):
    """RFC 6749 5.2."""

    error: ErrorCode
    error_description: str


class Jwk(BaseModel):
    """A public key (RFC 8037)."""

    kty: Literal["OKP"]
    crv: Literal["Ed25519"]
    alg: Literal["EdDSA"]
    use: Literal["sig"]
    kid: str
    x: str


class JwkSet(BaseModel):
    """RFC 7517 5."""

    keys: list[Jwk]


class Metadata(BaseModel):
    """RFC 8414 2."""

    issuer: str
    token_endpoint: str
    jwks_uri: str
    scopes_supported: list[str]
    response_types_supported: list[str]
    grant_types_supported: list[str]
    token_endpoint_auth_methods_supported: list[str]


_FORM: Final[dict[str, Any]] = {
    "requestBody": {
        "required": True,
        "content": {
            grants.FORM: {
                "schema": {
                    "type": "object",
                    "required": ["grant_type"],
                    "properties": {
                        "grant_type": {"type": "string", "enum": [grants.GRANT_TYPE]},
                        "scope": {"type": "string", "description": "Fewer scopes than the member holds"},
                        "client_id": {"type": "string"},
                        "client_secret": {"type": "string", "format": "password"},
                    },
                }
            }
        },
    }
}
_ERRORS: Final[dict[int | str, dict[str, Any]]] = {
    400: {"model": TokenError, "description": "The request is not one this endpoint understands or allows"},
    401: {"model": TokenError, "description": "The client could not be authenticated"},
    503: {"model": TokenError, "description": "Too many different secrets are being tried for this client"},
}


@router.post("/oauth/token", response_model=TokenAnswer, responses=_ERRORS, openapi_extra=_FORM)
async def token(request: Request) -> Response:
    """A token for a member that proves its secret: HTTP Basic, or client_id and client_secret in the form."""
    hub, now = hub_of(request), service_of(request).clock.now()
    try:
        asked = grants.read(
            request.headers.get("content-type"), request.headers.get("authorization"), await request.body()
        )
        member = await _authenticated(request, asked)
        scopes = grants.granted(asked.scopes, member.scopes)
    except GrantError as refusal:
        metrics.record_token(refusal.error)
        problem = TokenError(error=refusal.error, error_description=refusal.description)
        return Response(to_json(problem), refusal.status, {**NO_STORE, **refusal.headers}, JSON)
    signed = access_token.sign(
        hub.ring.active,
        issuer=hub.settings.issuer,
        client_id=member.client_id,
        scopes=scopes,
        now=now,
        lifetime=hub.settings.token_lifetime,
    )
    metrics.record_token("issued")
    log.info("token.issued", client_id=member.client_id, scopes=len(scopes))
    answer = TokenAnswer(
        access_token=signed, expires_in=hub.settings.token_lifetime_s, scope=" ".join(sorted(scopes))
    )
    return Response(to_json(answer), 200, NO_STORE, JSON)


async def _authenticated(request: Request, asked: TokenRequest) -> Credentials:
    """The member whose secret was proved. A wrong id and a wrong secret look and cost the same."""
    member: Credentials | None = None
    if asked.id_is_possible:
        member = await service_of(request).store.read(lambda tx: queries.credentials(tx, asked.client_id))
    stored = None if member is None else member.secret_hash
    try:
        proved = await hub_of(request).checker.matches(asked.client_id, asked.secret, stored)
    except TooManyChecksError as error:
        raise GrantError("temporarily_unavailable", "too many attempts under way, try again") from error
    if member is None or not proved:
        raise GrantError("invalid_client", "client id or secret is wrong")
    if not member.active:
        raise GrantError("unauthorized_client", "this member is suspended")
    return member


@router.get("/oauth/jwks", response_model=JwkSet)
async def jwks(request: Request) -> Response:
    """The public keys of every token that can still be valid."""
    document = hub_of(request).ring.jwks(service_of(request).clock.now())
    return Response(to_json(document), 200, {"Cache-Control": "public, max-age=5"}, JSON)


@router.get("/.well-known/oauth-authorization-server", response_model=Metadata)
async def metadata(request: Request) -> Metadata:
    """Where everything is, for clients that configure themselves."""
    issuer = hub_of(request).settings.issuer
    return Metadata(
        issuer=issuer,
        token_endpoint=f"{issuer}/oauth/token",
        jwks_uri=f"{issuer}/oauth/jwks",
        scopes_supported=sorted(known.ALL),
        response_types_supported=[],
        grant_types_supported=[grants.GRANT_TYPE],
        token_endpoint_auth_methods_supported=["client_secret_basic", "client_secret_post"],
    )
