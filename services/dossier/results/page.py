"""The verification page (trang tra cứu kết quả): HTML of our own, no script, nothing from elsewhere."""

from __future__ import annotations

import base64
import hashlib
from dataclasses import dataclass
from functools import cache
from importlib import resources
from urllib.parse import urlencode

from contracts.problems import Language, Text
from contracts.results import ResultState
from contracts.results.views import Verification
from contracts.times import to_vn
from services.dossier.results import texts
from services.dossier.results.display import day, plain
from services.dossier.results.html import Markup, tag

_ICON = (
    "data:image/svg+xml,%3Csvg xmlns='http://www.w3.org/2000/svg' viewBox='0 0 16 16'%3E%3Crect width='16' "
    "height='16' rx='3' fill='%239b1c24'/%3E%3Cpath d='M4 8.5l3 3 5-6' stroke='%23fff' stroke-width='2' "
    "fill='none'/%3E%3C/svg%3E"
)
_TONES = {
    ResultState.VALID: "good",
    ResultState.EXPIRED: "ask",
    ResultState.REVOKED: "bad",
    ResultState.SUPERSEDED: "bad",
}


@dataclass(frozen=True, slots=True)
class Page:
    """What every page knows: its language and the address it is shown at."""

    language: Language
    path: str

    def say(self, text: Text) -> str:
        return text.in_(self.language)

    def link(self, path: str, language: Language | None = None) -> str:
        return f"{path}?{urlencode({'lang': language or self.language})}"


@cache
def style() -> Markup:
    return Markup(resources.files("services.dossier.results").joinpath("page.css").read_text("utf-8"))


@cache
def headers() -> dict[str, str]:
    """Nothing may run, load or frame; the one stylesheet is named by its hash."""
    digest = base64.b64encode(hashlib.sha256(style().encode()).digest()).decode()
    return {
        "Content-Security-Policy": (
            f"default-src 'none'; style-src 'sha256-{digest}'; img-src data:; form-action 'self'; "
            "frame-ancestors 'none'; base-uri 'none'"
        ),
        "Referrer-Policy": "no-referrer",
        "Cache-Control": "no-store",
        "X-Robots-Tag": "noindex",
    }


def start(page: Page) -> Markup:
    """Where a code is entered."""
    content = [
        tag("h1", page.say(texts.TITLE)),
        tag("p", page.say(texts.LEAD), class_="soft"),
        _form(page, page.say(texts.CODE)),
    ]
    return _document(page, texts.SERVICE, content)


def found(page: Page, told: Verification) -> Markup:
    """What is known of a result: whether it holds, and what to compare."""
    title, text, tone = texts.STATES[told.state], texts.STATE_TEXTS[told.state], _TONES[told.state]
    if not told.signature_valid:
        title, text, tone = texts.BROKEN, texts.BROKEN_TEXT, "bad"
    base = f"/verify/{told.verification_code}"
    content = [
        _state(page, title, text, tone),
        tag("div", tag("dl", [_fact(page, name, value) for name, value in _facts(page, told)]), class_="card"),
        tag(
            "div",
            tag("p", page.say(texts.OFFLINE), class_="soft"),
            tag(
                "ul",
                tag("li", tag("a", page.say(texts.PAPER), href=f"{base}/paper.pdf")),
                tag("li", tag("a", page.say(texts.DOCUMENT), href=f"{base}/document")),
                tag("li", tag("a", page.say(texts.KEYS), href="/v1/results/keys")),
            ),
            class_="card",
        ),
        _form(page, page.say(texts.ANOTHER)),
    ]
    return _document(page, title, content)


def refused(page: Page, title: Text, text: str, *, entered: str = "") -> Markup:
    """Why nothing is shown, and the field again."""
    content = [_banner(page.say(title), text, "ask"), _form(page, page.say(texts.CODE), entered)]
    return _document(page, title, content)


def not_found(page: Page, entered: str) -> Markup:
    content = [
        _state(page, texts.NOT_FOUND, texts.NOT_FOUND_TEXT, "bad"),
        _form(page, page.say(texts.CODE), entered),
    ]
    return _document(page, texts.NOT_FOUND, content)


def _facts(page: Page, told: Verification) -> list[tuple[Text, str]]:
    citizen = len(told.owner.id) == 12
    checked = to_vn(told.checked_at)
    facts = [
        (texts.KIND, told.title.text.in_(page.language)),
        (texts.NUMBER, plain(told.number or "")),
        (texts.AGENCY, told.agency.name),
        (texts.ISSUED_ON, day(told.issued_on)),
        (texts.VALID_UNTIL, day(told.valid_until) if told.valid_until is not None else ""),
        (texts.REVOKED_ON, day(told.revoked_on) if told.revoked_on is not None else ""),
        (texts.OWNER if citizen else texts.OWNER_OPEN, plain(told.owner.name)),
        (texts.OWNER_ID if citizen else texts.TAX_CODE, told.owner.id),
        (texts.CODE, told.verification_code),
        (texts.CHECKED_AT, f"{checked:%H:%M:%S %d/%m/%Y}"),
    ]
    return [(name, value) for name, value in facts if value]


def _fact(page: Page, name: Text, value: str) -> Markup:
    return tag("div", tag("dt", page.say(name)), tag("dd", value))


def _state(page: Page, title: Text, text: Text, tone: str) -> Markup:
    return _banner(page.say(title), page.say(text), tone)


def _banner(title: str, text: str, tone: str) -> Markup:
    return tag("section", tag("h1", title), tag("p", text), class_=f"state {tone}", role="status")


def _form(page: Page, label: str, entered: str = "") -> Markup:
    field = tag(
        "input",
        id="code",
        name="code",
        value=entered,
        required=True,
        maxlength="60",
        autocomplete="off",
        autocapitalize="characters",
        spellcheck="false",
        aria_describedby="hint",
    )
    return tag(
        "form",
        tag("label", label, for_="code"),
        tag("p", page.say(texts.CODE_HINT), id="hint", class_="soft"),
        tag("div", field, tag("button", page.say(texts.CHECK)), class_="row"),
        tag("input", type="hidden", name="lang", value=page.language),
        action="/verify",
        method="get",
        class_="card",
    )


def _document(page: Page, title: Text, content: list[Markup]) -> Markup:
    other: Language = "en" if page.language == "vi" else "vi"
    switch = tag(
        "a",
        "English" if other == "en" else "Tiếng Việt",
        href=page.link(page.path, other),
        lang=other,
        hreflang=other,
    )
    head = tag(
        "head",
        tag("meta", charset="utf-8"),
        tag("meta", name="viewport", content="width=device-width, initial-scale=1"),
        tag("meta", name="color-scheme", content="light dark"),
        tag("title", f"{page.say(title)} · {page.say(texts.SERVICE)}"),
        tag("link", rel="icon", href=_ICON),
        tag("style", style()),
    )
    brand = tag("a", tag("strong", page.say(texts.SERVICE)), href=page.link("/verify"))
    body = tag(
        "body",
        tag("a", page.say(texts.SKIP), class_="skip", href="#main"),
        tag("header", tag("div", brand, switch, class_="wrap")),
        tag("main", *content, id="main", class_="wrap"),
        tag("footer", tag("div", page.say(texts.FOOTER), class_="wrap")),
    )
    return Markup("<!doctype html>" + tag("html", head, body, lang=page.language))
