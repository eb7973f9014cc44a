"""A whole page made here: login, logout, errors."""

from __future__ import annotations

from typing import Final
from urllib.parse import urlencode

from starlette.requests import Request
from starlette.responses import Response

from contracts.problems import Language
from services.bus.hub.web.assets import asset
from services.bus.hub.web.browser import language_for, remember_language, theme_of
from services.bus.hub.words import common
from services.bus.kit.html import Html, el, join

HEADERS: Final = {
    "Content-Security-Policy": (
        "default-src 'none'; style-src 'self'; script-src 'self'; img-src 'self'; "
        "frame-ancestors 'none'; base-uri 'none'"
    ),
    "Referrer-Policy": "same-origin",
    "Cache-Control": "no-store",
}
"""No form-action: after a login the browser is sent on to whoever asked for it."""


def document(request: Request, title: str, *content: object) -> Html:
    """A small page in the middle of the window."""
    language = language_for(request)
    head = el(
        "head",
        None,
        el("meta", {"charset": "utf-8"}),
        el("meta", {"name": "viewport", "content": "width=device-width, initial-scale=1"}),
        el("meta", {"name": "robots", "content": "noindex"}),
        el("title", None, f"{title} · {common.BRAND.in_(language)}"),
        el("link", {"rel": "icon", "href": asset("emblem.svg"), "type": "image/svg+xml"}),
        el("link", {"rel": "stylesheet", "href": asset("console.css")}),
        el("script", {"src": asset("console.js")}),
    )
    body = el(
        "body",
        {"class": "door"},
        el(
            "main",
            {"class": "door-card", "id": "main"},
            el(
                "p",
                {"class": "door-brand"},
                el("img", {"src": asset("emblem.svg"), "alt": "", "width": 40, "height": 40}),
                el("span", None, common.BRAND.in_(language)),
            ),
            el("h1", None, title),
            *content,
        ),
        el("p", {"class": "door-foot"}, _switch(request, language)),
    )
    page = el("html", {"lang": language, "data-theme": theme_of(request)}, head, body)
    return join(Html("<!doctype html>"), page)


def _switch(request: Request, language: Language) -> Html:
    other: Language = "en" if language == "vi" else "vi"
    kept = [(key, value) for key, value in request.query_params.multi_items() if key != "lang"]
    path = f"{request.url.path}?{urlencode([*kept, ('lang', other)])}"
    return el("a", {"href": path, "lang": other, "hreflang": other}, common.OTHER_LANGUAGE.in_(language))


def show(request: Request, markup: Html, status: int = 200) -> Response:
    """A page as a response."""
    response = Response(markup, status, HEADERS, "text/html")
    remember_language(request, response)
    return response
