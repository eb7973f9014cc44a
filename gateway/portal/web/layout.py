"""The frame around every page: head, header, language switch, footer."""

from __future__ import annotations

import hashlib
from dataclasses import dataclass
from datetime import datetime
from functools import cache
from pathlib import Path
from urllib.parse import urlencode

from contracts.problems import Language, Text
from contracts.times import to_vn
from gateway.portal.web import texts
from gateway.portal.web.texts import say
from services.bus.kit.html import Html, el, join

STATIC = Path(__file__).parent / "static"


@dataclass(frozen=True, slots=True)
class Page:
    """What every page knows: its language, its own address, and the time."""

    language: Language
    path: str
    now: datetime
    query: tuple[tuple[str, str], ...] = ()

    def say(self, text: Text, **params: object) -> str:
        return say(text, self.language, **params)

    def in_language(self, language: Language) -> str:
        """This page's address in a language."""
        kept = [(key, value) for key, value in self.query if key != "lang"]
        return f"{self.path}?{urlencode([*kept, ('lang', language)])}"


@cache
def asset(name: str) -> str:
    """The address of a static file, which changes with its content so that it can be kept for good."""
    digest = hashlib.sha256((STATIC / name).read_bytes()).hexdigest()[:12]
    return f"/assets/{digest}/{name}"


def document(page: Page, title: str, *content: object, here: str = "") -> Html:
    """A whole page. `here` is the address of the menu entry it belongs to."""
    head = el(
        "head",
        None,
        el("meta", {"charset": "utf-8"}),
        el("meta", {"name": "viewport", "content": "width=device-width, initial-scale=1"}),
        el("meta", {"name": "color-scheme", "content": "light dark"}),
        el("meta", {"name": "robots", "content": "noindex"}),
        el("title", None, f"{title} · {page.say(texts.BRAND)}"),
        el("link", {"rel": "icon", "href": asset("emblem.svg"), "type": "image/svg+xml"}),
        el("link", {"rel": "stylesheet", "href": asset("portal.css")}),
        el("script", {"src": asset("portal.js"), "defer": True}),
    )
    body = el(
        "body",
        None,
        el("a", {"class": "skip", "href": "#main"}, page.say(texts.SKIP)),
        _header(page, here),
        el("main", {"id": "main", "class": "wrap"}, *content),
        el("footer", {"class": "foot"}, el("div", {"class": "wrap"}, page.say(texts.FOOTER))),
    )
    return join(Html("<!doctype html>"), el("html", {"lang": page.language}, head, body))


def _header(page: Page, here: str) -> Html:
    menu = (("/", texts.FOLLOW), ("/nop-ho-so", texts.SUBMIT), ("/hoi-dap", texts.QUESTIONS))
    other: Language = "en" if page.language == "vi" else "vi"
    switch = el(
        "a",
        {"class": "switch", "href": page.in_language(other), "lang": other, "hreflang": other},
        "English" if other == "en" else "Tiếng Việt",
    )
    return el(
        "header",
        {"class": "top"},
        el("p", {"class": "ribbon"}, el("span", {"class": "wrap"}, page.say(texts.REHEARSAL))),
        el(
            "div",
            {"class": "wrap bar"},
            el(
                "a",
                {"class": "brand", "href": "/"},
                el("img", {"src": asset("emblem.svg"), "alt": "", "width": 36, "height": 36}),
                el("span", None, page.say(texts.BRAND)),
            ),
            el(
                "nav",
                {"aria-label": page.say(texts.MAIN_MENU)},
                *(
                    el("a", {"href": href, "aria-current": "page" if href == here else None}, page.say(text))
                    for href, text in menu
                ),
                switch,
            ),
        ),
    )


def moment(page: Page, at: datetime) -> Html:
    """A time to the second on a Vietnamese clock, and for machines in full."""
    local = to_vn(at)
    shown = f"{local:%H:%M:%S}"
    day = f"{local:%d/%m/%Y}"
    return el("time", {"datetime": local.isoformat(timespec="seconds")}, el("b", None, shown), " ", day)


def day(at: datetime) -> str:
    """A Vietnamese calendar day, as it is written there."""
    return f"{to_vn(at):%d/%m/%Y}"
