"""The frame of every page: skip link, navigation, language, theme, account; and what a page knows of who reads
it."""

from __future__ import annotations

import asyncio
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from typing import Any, Final, TypeVar
from urllib.parse import urlencode

from nicegui import ui
from starlette.requests import Request

from contracts.problems import Language, Problem, Text
from services.bus.hub.console.console import Console
from services.bus.hub.console.draw import parts
from services.bus.hub.console.gate import CONSOLE, somebody_of
from services.bus.hub.console.live import Live
from services.bus.hub.console.remote import RemoteError
from services.bus.hub.console.sessions import FORM_TOKEN, cookie_of, form_token
from services.bus.hub.operators.queries import Somebody
from services.bus.hub.operators.roles import holds
from services.bus.hub.web.assets import asset
from services.bus.hub.web.browser import is_dark, language_for, theme_of
from services.bus.hub.words import common
from services.bus.kit.html import Html, el, join
from services.bus.kit.tx import Tx

T = TypeVar("T")

PAGES: Final = (
    ("/", common.OVERVIEW),
    ("/dossiers", common.DOSSIERS),
    ("/stuck", common.STUCK),
    ("/reconciliation", common.COMPARE),
    ("/levels", common.LEVELS),
    ("/indicators", common.INDICATORS),
    ("/clock", common.CLOCK),
    ("/actions", common.ACTIONS),
)
_MOON: Final = Html(
    '<svg class="icon" viewBox="0 0 24 24" aria-hidden="true">'
    '<path d="M20 14.5A8.500 8.500 0 1 1 9.500 4a7 7 0 0 0 10.500 10.500z"/></svg>'
)
_PERSON: Final = Html(
    '<svg class="icon" viewBox="0 0 24 24" aria-hidden="true"><circle cx="12" cy="8" r="4"/>'
    '<path d="M4.500 20a7.500 7.500 0 0 1 15 0"/></svg>'
)


@dataclass(frozen=True)
class Reader:
    """Who reads a page, and how."""

    request: Request
    console: Console
    somebody: Somebody
    language: Language
    dark: bool

    @classmethod
    def of(cls, request: Request) -> Reader:
        return cls(request, request.scope[CONSOLE], somebody_of(request), language_for(request), is_dark(request))

    def say(self, text: Text, **params: object) -> str:
        """In the reader's language."""
        return text.in_(self.language).format(**params) if params else text.in_(self.language)

    @property
    def acts(self) -> bool:
        """Whether buttons that change something are of any use."""
        return holds(self.somebody.role, "operator")

    def asked(self, name: str, *, longest: int = 300) -> str | None:
        """A parameter of the address, if it says something."""
        value = self.request.query_params.get(name, "").strip()
        return value[:longest] if value and "\x00" not in value else None

    def address(self, process: str) -> str:
        """Of a process, for calls to be made by hand."""
        return self.console.settings.issuer if process == "hub" else self.console.remote.address(process)

    async def read(self, query: Callable[[Tx], T]) -> T:
        return await self.console.service.store.read(query)

    async def drawn(self, draw: Callable[..., Html], *values: Any) -> Html:
        """Markup made beside the event loop."""
        return await asyncio.to_thread(draw, *values)


@contextmanager
def framed(reader: Reader, here: str, title: Text | str) -> Iterator[None]:
    """The page around what is made in the block. `here` is the address of its entry in the navigation."""
    said = title if isinstance(title, str) else reader.say(title)
    ui.page_title(f"{said} · {reader.say(common.BRAND)}")
    theme = theme_of(reader.request)
    ui.add_head_html(
        f'<script>document.documentElement.dataset.theme="{theme}";'
        f'document.documentElement.lang="{reader.language}"</script>'
        f'<script src="{asset("console.js")}"></script>'
        f'<link rel="stylesheet" href="{asset("console.css")}">'
    )
    with ui.context.client.layout:  # beside the `main` that NiceGUI makes, not in it
        Live(_top(reader, here), tag="header").move(target_index=0)
    with ui.element("div").classes("page"):
        yield


def heading(reader: Reader, title: Text | str, *more: object) -> Html:
    """The heading to which the skip link leads."""
    said = title if isinstance(title, str) else reader.say(title)
    return el("div", {"class": "head"}, el("h1", {"id": "main", "tabindex": "-1"}, said), *more)


def complaint(reader: Reader, title: Text, error: Exception) -> None:
    """Why a page cannot be shown; what is no refusal goes on to whoever writes it down."""
    if isinstance(error, Problem):
        why = error.type.detail.render(reader.language, error.params)
    elif isinstance(error, RemoteError):
        why = reader.say(common.NO_ANSWER, why=str(error))
    else:
        raise error
    Live(join(heading(reader, title), parts.alert(why[:1].upper() + why[1:])))


def _top(reader: Reader, here: str) -> Html:
    entries = [
        el(
            "li",
            None,
            el(
                "a",
                {"href": parts.address(path), "aria-current": "page" if path == here else None},
                reader.say(text),
            ),
        )
        for path, text in PAGES
    ]
    return join(
        el("a", {"class": "skip", "href": "#main"}, reader.say(common.SKIP)),
        el(
            "div",
            {"class": "top"},
            el(
                "a",
                {"class": "brand", "href": "/console/"},
                el("img", {"src": asset("emblem.svg"), "alt": "", "width": 28, "height": 28}),
                reader.say(common.BRAND),
            ),
            el("nav", {"aria-label": reader.say(common.MENU)}, el("ul", None, entries)),
            el("div", {"class": "tools"}, _language(reader), _theme(reader), _account(reader)),
        ),
    )


def _language(reader: Reader) -> Html:
    other: Language = "en" if reader.language == "vi" else "vi"
    kept = [(key, value) for key, value in reader.request.query_params.multi_items() if key != "lang"]
    path = f"{reader.request.url.path}?{urlencode([*kept, ('lang', other)])}"
    return el(
        "a",
        {"class": "button quiet", "href": path, "lang": other, "hreflang": other},
        common.OTHER_LANGUAGE.in_(reader.language),
    )


def _theme(reader: Reader) -> Html:
    label = reader.say(common.THEME)
    return el(
        "button",
        {
            "type": "button",
            "class": "button quiet",
            "data-switch-theme": True,
            "aria-label": label,
            "title": label,
        },
        _MOON,
    )


def _account(reader: Reader) -> Html:
    somebody = reader.somebody
    token = form_token(cookie_of(reader.request))
    label = f"{reader.say(common.ACCOUNT)}: {somebody.name}"
    return el(
        "details",
        {"class": "menu"},
        el("summary", {"class": "button quiet", "aria-label": label, "title": label}, _PERSON),
        el(
            "div",
            None,
            el(
                "p",
                None,
                el("b", None, somebody.name),
                el("span", {"class": "under"}, f"{somebody.username} · {reader.say(common.ROLES[somebody.role])}"),
            ),
            el(
                "form",
                {"method": "post", "action": "/console/logout"},
                el("input", {"type": "hidden", "name": FORM_TOKEN, "value": token}),
                el("button", {"type": "submit", "class": "button"}, reader.say(common.SIGN_OUT)),
            ),
        ),
    )
