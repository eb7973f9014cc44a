"""Coming in and going out: login, the provider's answer, logout. Plain routes, without NiceGUI."""

from __future__ import annotations

import hmac
import re
from typing import Final
from urllib.parse import urlsplit

import structlog
from fastapi import APIRouter, Request, Response

from services.bus.hub.console.console import console_of
from services.bus.hub.console.oidc import LoginFailedError
from services.bus.hub.console.sessions import FORM_TOKEN, cookie_of, form_token
from services.bus.hub.provider import pages
from services.bus.hub.provider.asking import digest
from services.bus.hub.web.browser import is_https, language_for, posted
from services.bus.hub.web.frame import document, show
from services.bus.hub.words import login as words
from services.bus.kit.html import el

log = structlog.get_logger(__name__)
router = APIRouter(include_in_schema=False)

BEGUN_COOKIE: Final = "truc_login"
SIGNED_OUT: Final = "/console/signed-out"
_INSIDE: Final = re.compile(r"/console/[A-Za-z0-9._~:@!$&'()*+,;=%/?-]*")


@router.get("/console")
async def to_the_overview() -> Response:
    """The address without its slash."""
    return _redirect("/console/")


@router.get("/console/login")
async def log_in(request: Request, to: str = "/console/") -> Response:
    """Sends the browser to the provider."""
    console = console_of(request)
    wanted = to if _INSIDE.fullmatch(to) and len(to) <= 1000 else "/console/"
    home = urlsplit(console.settings.issuer)
    if request.url.netloc != home.netloc:  # the cookie has to be set where the answer will come
        return _redirect(f"{console.settings.issuer}/console/login")
    console.warm_up()
    try:
        address, cookie = await console.oidc.begin(wanted, language_for(request))
    except LoginFailedError as failure:
        return _failed(request, failure)
    response = _redirect(address)
    response.set_cookie(
        BEGUN_COOKIE, cookie, path="/console", httponly=True, samesite="lax", secure=is_https(request), max_age=600
    )
    return response


@router.get("/console/callback")
async def come_back(request: Request) -> Response:
    """The provider's answer: a session begins, with a cookie nobody has seen before."""
    console = console_of(request)
    now = console.service.clock.now()
    try:
        identity, to = await console.oidc.finish(request.query_params, request.cookies.get(BEGUN_COOKIE, ""), now)
    except LoginFailedError as failure:
        log.warning("console.login-failed", why=failure.why.en)
        return _failed(request, failure)
    response = _redirect(to)
    response.delete_cookie(BEGUN_COOKIE, path="/console")
    await console.sessions.begin(request, identity, response)
    log.info("console.login", username=identity.username, role=identity.role)
    return response


@router.post("/console/logout")
async def log_out(request: Request) -> Response:
    """Ends the session here, then tells the provider. Only from a page of this session."""
    console = console_of(request)
    fields = await posted(request)
    cookie = cookie_of(request)
    if not cookie or not hmac.compare_digest(form_token(cookie), fields.get(FORM_TOKEN, "")):
        return Response(status_code=403)
    somebody = await console.sessions.current(request, used=False)
    back = console.settings.issuer + SIGNED_OUT
    address = await console.oidc.logout_address(somebody.id_token if somebody else "", back)
    response = _redirect(address)
    await console.sessions.end(request, response)
    console.gate.shut(digest(cookie))
    return response


@router.get(SIGNED_OUT)
async def signed_out(request: Request) -> Response:
    """Where a logout ends."""
    return show(request, pages.signed_out(request))


def _failed(request: Request, failure: LoginFailedError) -> Response:
    language = language_for(request)
    why = failure.why.render(language, failure.params)
    page = document(
        request,
        words.NOWHERE_TITLE.in_(language),
        el("p", {"class": "alert", "role": "alert"}, words.FAILED.render(language, {"why": why})),
        el("p", None, el("a", {"class": "button primary", "href": "/console/"}, words.AGAIN.in_(language))),
    )
    return show(request, page, 403)


def _redirect(address: str) -> Response:
    return Response(status_code=303, headers={"Location": address, "Cache-Control": "no-store"})
