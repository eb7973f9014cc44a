"""Routes of the provider: discovery, the login form, the code for a token, who somebody is, logout."""

from __future__ import annotations

import hmac
import math
import secrets
from datetime import datetime, timedelta
from typing import Any, Final

import structlog
from fastapi import APIRouter, Request, Response
from joserfc.errors import JoseError
from pydantic import BaseModel
from pydantic_core import to_json

from contracts.problems import Problem, Text
from services.bus.hub.hub import hub_of
from services.bus.hub.operators import commands, queries
from services.bus.hub.operators.failures import account_key, address_key
from services.bus.hub.operators.models import AuthorizationCode
from services.bus.hub.operators.schemas import OperatorView
from services.bus.hub.provider import pages, tokens
from services.bus.hub.provider.asking import (
    CALLBACK_PATH,
    SCOPES,
    Asking,
    BadRequestError,
    NowhereToReturnError,
    digest,
    fits,
    read,
)
from services.bus.hub.secrets import TooManyChecksError
from services.bus.hub.web.browser import is_https, language_for, posted
from services.bus.hub.web.frame import show
from services.bus.hub.words import login as words
from services.bus.kit.access_token import TokenRefusedError, check, key_id
from services.bus.kit.api import JSON, service_of

log = structlog.get_logger(__name__)
router = APIRouter(tags=["login"])

CODE_LIFETIME: Final = timedelta(minutes=1)
FORM_COOKIE: Final = "truc_form"
NO_STORE: Final = {"Cache-Control": "no-store", "Pragma": "no-cache"}


class Discovery(BaseModel):
    """OpenID Connect Discovery 1.0, 3."""

    issuer: str
    authorization_endpoint: str
    token_endpoint: str
    userinfo_endpoint: str
    end_session_endpoint: str
    jwks_uri: str
    scopes_supported: list[str]
    response_types_supported: list[str]
    response_modes_supported: list[str]
    grant_types_supported: list[str]
    subject_types_supported: list[str]
    id_token_signing_alg_values_supported: list[str]
    token_endpoint_auth_methods_supported: list[str]
    code_challenge_methods_supported: list[str]
    claims_supported: list[str]
    authorization_response_iss_parameter_supported: bool


@router.get("/.well-known/openid-configuration", response_model=Discovery)
async def discovery(request: Request) -> Discovery:
    """Where a client of the operators' login finds everything."""
    issuer = hub_of(request).settings.issuer
    return Discovery(
        issuer=issuer,
        authorization_endpoint=f"{issuer}/authorize",
        token_endpoint=f"{issuer}/token",
        userinfo_endpoint=f"{issuer}/userinfo",
        end_session_endpoint=f"{issuer}/logout",
        jwks_uri=f"{issuer}/oauth/jwks",
        scopes_supported=list(SCOPES),
        response_types_supported=["code"],
        response_modes_supported=["query"],
        grant_types_supported=["authorization_code"],
        subject_types_supported=["public"],
        id_token_signing_alg_values_supported=["EdDSA"],
        token_endpoint_auth_methods_supported=["none"],
        code_challenge_methods_supported=["S256"],
        claims_supported=["sub", "preferred_username", "name", "roles", "auth_time"],
        authorization_response_iss_parameter_supported=True,
    )


@router.get("/authorize", include_in_schema=False)
async def authorize(request: Request) -> Response:
    """The login form."""
    try:
        asking = read(request.query_params, hub_of(request).settings)
    except NowhereToReturnError:
        return show(request, pages.nowhere(request), 400)
    except BadRequestError as refusal:
        return _told(request, refusal)
    return _form(request, asking)


@router.post("/authorize", include_in_schema=False)
async def log_in(request: Request) -> Response:
    """Name and password; a right one sends the browser back with a code."""
    fields = await posted(request)
    try:
        asking = read(fields, hub_of(request).settings)
    except NowhereToReturnError:
        return show(request, pages.nowhere(request), 400)
    except BadRequestError as refusal:
        return _told(request, refusal)
    username = fields.get("username", "").strip().lower()[:64]
    form_token = request.cookies.get(FORM_COOKIE, "")
    if not form_token or not hmac.compare_digest(form_token.encode(), fields.get(pages.FORM_TOKEN, "").encode()):
        return _form(request, asking, words.STALE, username=username, status=403)
    return await _checked(request, asking, username, fields.get("password", ""))


async def _checked(request: Request, asking: Asking, username: str, password: str) -> Response:
    service, hub = service_of(request), hub_of(request)
    now = service.clock.now()
    keys = [account_key(username), address_key(request.client.host if request.client else "")]
    until = await service.store.read(lambda tx: queries.wait_until(tx, keys, now))
    if until is not None:
        return _blocked(request, asking, username, until - now)
    stored = await service.store.read(lambda tx: queries.password_of(tx, username))
    try:
        right = await hub.passwords.matches(username, password[:200], stored)
    except TooManyChecksError:
        return _form(request, asking, words.BUSY, username=username, status=429)
    if stored is None or not right:
        await service.store.write(lambda tx: commands.note_failure(tx, keys, now))
        log.warning("operator.login-failed", username=username if stored is not None else "(unknown)")
        return _form(request, asking, words.WRONG, username=username, status=401)
    code = secrets.token_urlsafe(32)
    row = AuthorizationCode(
        code_hash=digest(code),
        client_id=asking.client_id,
        redirect_uri=asking.redirect_uri,
        username=username,
        scope=asking.scope,
        nonce=asking.nonce or None,
        challenge=asking.challenge,
        logged_in_at=now,
        expires_at=now + CODE_LIFETIME,
        used_at=None,
    )
    await service.store.write(lambda tx: commands.note_login(tx, username, row, now))
    log.info("operator.login", username=username)
    answer = _redirect(asking.back(hub.settings.issuer, code=code))
    answer.delete_cookie(FORM_COOKIE, path="/authorize")
    return answer


def _form(
    request: Request,
    asking: Asking,
    wrong: Text | None = None,
    *,
    username: str = "",
    status: int = 200,
    **params: object,
) -> Response:
    """The form, with a token of its own in a cookie: nobody else's page can fill it in for somebody."""
    token = request.cookies.get(FORM_COOKIE) or secrets.token_urlsafe(24)
    said = wrong.render(language_for(request), params) if wrong is not None else ""
    response = show(request, pages.login_form(request, asking, token, wrong=said, username=username), status)
    response.set_cookie(
        FORM_COOKIE, token, path="/authorize", httponly=True, samesite="lax", secure=is_https(request)
    )
    return response


def _blocked(request: Request, asking: Asking, username: str, wait: timedelta) -> Response:
    minutes = max(math.ceil(wait.total_seconds() / 60), 1)
    response = _form(request, asking, words.BLOCKED, username=username, status=429, minutes=minutes)
    response.headers["Retry-After"] = str(math.ceil(wait.total_seconds()))
    return response


def _told(request: Request, refusal: BadRequestError) -> Response:
    issuer = hub_of(request).settings.issuer
    return _redirect(refusal.asking.back(issuer, error=refusal.error, error_description=refusal.description))


def _redirect(address: str) -> Response:
    return Response(status_code=303, headers={**NO_STORE, "Location": address, "Referrer-Policy": "no-referrer"})


@router.post("/token", include_in_schema=False)
async def token(request: Request) -> Response:
    """A code for an ID token; the verifier proves that who asks is who began (RFC 7636)."""
    service, hub = service_of(request), hub_of(request)
    try:
        fields = await posted(request)
    except Problem:
        return _token_error("invalid_request", "not a form")
    if fields.get("grant_type") != "authorization_code":
        return _token_error("unsupported_grant_type", "only authorization_code")
    now = service.clock.now()
    code_hash = digest(fields.get("code", ""))
    row = await service.store.write(lambda tx: commands.use_code(tx, code_hash, now))
    if (
        row is None
        or fields.get("client_id") != row.client_id
        or fields.get("redirect_uri") != row.redirect_uri
        or not fits(fields.get("code_verifier", ""), row.challenge)
    ):
        log.warning("operator.code-refused")
        return _token_error("invalid_grant", "the code is not good, or was used before")
    operator = await _active(request, row.username)
    if operator is None:
        return _token_error("invalid_grant", "the account is disabled")
    issuer, key = hub.settings.issuer, hub.ring.active
    answer = {
        "access_token": tokens.userinfo_token(
            key, operator.username, issuer=issuer, client_id=row.client_id, now=now
        ),
        "token_type": "Bearer",
        "expires_in": int(tokens.LIFETIME.total_seconds()),
        "scope": row.scope,
        "id_token": tokens.id_token(
            key,
            tokens.claims_of(operator),
            issuer=issuer,
            audience=row.client_id,
            nonce=row.nonce,
            logged_in_at=row.logged_in_at,
            now=now,
        ),
    }
    return Response(to_json(answer), 200, NO_STORE, JSON)


def _token_error(error: str, description: str) -> Response:
    return Response(to_json({"error": error, "error_description": description}), 400, NO_STORE, JSON)


@router.get("/userinfo", include_in_schema=False)
async def userinfo(request: Request) -> Response:
    """The claims of whom the access token speaks for (OpenID Connect Core 5.3)."""
    now = service_of(request).clock.now()
    scheme, _, value = request.headers.get("authorization", "").partition(" ")
    try:
        if scheme.lower() != "bearer":
            raise TokenRefusedError("no bearer token")
        caller = check(
            value,
            _published(request, key_id(value), now),
            issuer=hub_of(request).settings.issuer,
            now=now,
            leeway=timedelta(),
            audience=tokens.USERINFO,
        )
    except (TokenRefusedError, JoseError):
        return Response(status_code=401, headers={**NO_STORE, "WWW-Authenticate": 'Bearer error="invalid_token"'})
    operator = await _active(request, caller.subject)
    if operator is None:
        return Response(status_code=401, headers={**NO_STORE, "WWW-Authenticate": 'Bearer error="invalid_token"'})
    return Response(to_json(tokens.claims_of(operator)), 200, NO_STORE, JSON)


def _published(request: Request, kid: str, now: datetime) -> Any:
    key = hub_of(request).ring.public(kid, now)
    if key is None:
        raise TokenRefusedError("unknown key")
    return key


async def _active(request: Request, username: str) -> OperatorView | None:
    try:
        found = await service_of(request).store.read(lambda tx: queries.operator(tx, username))
    except Problem:
        return None
    return found if found.status == queries.ACTIVE else None


@router.get("/logout", include_in_schema=False)
async def log_out(request: Request) -> Response:
    """The end of a logout (OpenID Connect RP-Initiated Logout): every login asks for the password, so there is no
    session here to end. The browser goes only where the console may send it."""
    wanted = request.query_params.get("post_logout_redirect_uri")
    issuer = hub_of(request).settings.issuer
    if wanted == issuer + CALLBACK_PATH.replace("callback", "signed-out"):
        return _redirect(wanted)
    return show(request, pages.signed_out(request))
