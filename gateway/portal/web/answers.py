"""What every page route needs: the visitor's language, the posted fields, a response with its headers, and a
page instead of problem+json when something is refused."""

from __future__ import annotations

import unicodedata
from collections.abc import Callable, Coroutine, Mapping
from typing import Any
from urllib.parse import parse_qsl, urlencode

from fastapi import Request, Response
from fastapi.routing import APIRoute

from contracts.problems import MALFORMED_BODY, NOT_FOUND, Language, Problem
from gateway.portal.web import texts
from gateway.portal.web.home import look_up_form
from gateway.portal.web.layout import Page, document
from services.bus.kit.api import service_of
from services.bus.kit.errors import language_of
from services.bus.kit.html import Html, el
from services.bus.kit.requests import AxisRequest

LANGUAGE_COOKIE = "lang"
MAX_FIELDS = 300
HEADERS = {
    "Content-Security-Policy": (
        "default-src 'none'; style-src 'self'; script-src 'self'; img-src 'self'; connect-src 'self'; "
        "form-action 'self'; frame-ancestors 'none'; base-uri 'none'"
    ),
    "Referrer-Policy": "same-origin",
    "Cache-Control": "no-store",
}


class PageRoute(APIRoute):
    """A route whose refusals are pages."""

    def get_route_handler(self) -> Callable[[Request], Coroutine[Any, Any, Response]]:
        handler = super().get_route_handler()

        async def handle(request: Request) -> Response:
            try:
                return await handler(AxisRequest(request.scope, request.receive))
            except Problem as problem:
                return refusal(request, problem)

        return handle


def page_of(request: Request, path: str | None = None) -> Page:
    """The page this request is for; `path` where forms of another address show it again."""
    return Page(
        language=_language(request),
        path=path or request.url.path,
        now=service_of(request).clock.now(),
        query=tuple(request.query_params.multi_items()) if path is None else (),
    )


def show(request: Request, markup: Html, status: int = 200, headers: Mapping[str, str] | None = None) -> Response:
    """A page as a response; a language that was asked for is remembered."""
    response = Response(markup, status, {**HEADERS, **(headers or {})}, "text/html")
    asked = _asked_language(request)
    if asked is not None:
        response.set_cookie(LANGUAGE_COOKIE, asked, max_age=31_536_000, httponly=True, samesite="lax")
    return response


def see_other(path: str, **query: str) -> Response:
    """Send the browser on, so that reloading does not post again."""
    location = f"{path}?{urlencode(query)}" if query else path
    return Response(status_code=303, headers={**HEADERS, "Location": location})


def refusal(request: Request, problem: Problem) -> Response:
    """A refusal as a page, with the way on."""
    page = page_of(request)
    unknown = problem.type is NOT_FOUND
    title = page.say(texts.NOT_FOUND_TITLE if unknown else texts.PROBLEM_TITLE)
    lead = page.say(texts.NOT_FOUND_LEAD) if unknown else problem_text(problem, page.language)
    content = el(
        "section",
        {"class": "hero"},
        el("h1", None, title),
        el("p", {"class": "lead"}, lead),
        look_up_form(page, code=str(problem.params.get("id", "")) if unknown else ""),
    )
    return show(request, document(page, title, content), problem.type.status, problem.headers)


def problem_text(problem: Problem, language: Language) -> str:
    """What a problem says, as a sentence."""
    text = problem.type.detail.render(language, problem.params)
    return text[:1].upper() + text[1:]


async def posted(request: Request) -> dict[str, str]:
    """The fields of a posted form; Problem MALFORMED_BODY if it is none."""
    try:
        pairs = parse_qsl(
            (await request.body()).decode("ascii"),
            keep_blank_values=True,
            errors="strict",
            max_num_fields=MAX_FIELDS,
        )
    except ValueError:
        raise Problem(MALFORMED_BODY, reason="application/x-www-form-urlencoded") from None
    values = {name: unicodedata.normalize("NFC", value) for name, value in pairs}
    if any("\x00" in value for value in values.values()):
        raise Problem(MALFORMED_BODY, reason="U+0000")
    return values


def _asked_language(request: Request) -> Language | None:
    asked = request.query_params.get("lang")
    return "vi" if asked == "vi" else "en" if asked == "en" else None


def _language(request: Request) -> Language:
    remembered = request.cookies.get(LANGUAGE_COOKIE)
    kept: Language | None = "vi" if remembered == "vi" else "en" if remembered == "en" else None
    return _asked_language(request) or kept or language_of(request)
