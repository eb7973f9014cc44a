"""The first page: look a dossier up, or begin a new one."""

from __future__ import annotations

from gateway.portal import catalogue
from gateway.portal.web import texts
from gateway.portal.web.layout import Page, document
from services.bus.kit.html import Html, el


def home(page: Page, *, code: str = "", error: str | None = None) -> Html:
    """The page at `/`."""
    return document(
        page,
        page.say(texts.FOLLOW),
        el(
            "section",
            {"class": "hero"},
            el("h1", None, page.say(texts.HOME_TITLE)),
            el("p", {"class": "lead"}, page.say(texts.HOME_LEAD)),
            look_up_form(page, code=code, error=error),
        ),
        el(
            "section",
            {"class": "block"},
            el("h2", None, page.say(texts.HOW_TITLE)),
            el(
                "ol",
                {"class": "how"},
                *(
                    el("li", None, el("h3", None, page.say(title)), el("p", None, page.say(text)))
                    for title, text in texts.HOW
                ),
            ),
            el("p", None, el("a", {"class": "button", "href": "/nop-ho-so"}, page.say(texts.SUBMIT_TITLE))),
        ),
        el(
            "section",
            {"class": "block"},
            el("h2", None, page.say(texts.FIELDS_TITLE)),
            el("ul", {"class": "fields"}, *_fields(page)),
        ),
        here="/",
    )


def look_up_form(page: Page, *, code: str = "", error: str | None = None) -> Html:
    """The field for a code, with its button."""
    return el(
        "form",
        {"class": "lookup", "action": "/tra-cuu", "method": "get", "role": "search"},
        el("label", {"for": "ma"}, page.say(texts.CODE_LABEL)),
        el("p", {"class": "error", "role": "alert"}, error) if error else None,
        el(
            "div",
            {"class": "row"},
            el(
                "input",
                {
                    "id": "ma",
                    "name": "ma",
                    "value": code,
                    "required": True,
                    "maxlength": 60,
                    "autocomplete": "off",
                    "autocapitalize": "characters",
                    "spellcheck": "false",
                    "aria-describedby": "ma-hint",
                },
            ),
            el("button", {"type": "submit"}, page.say(texts.LOOK_UP)),
        ),
        el("p", {"class": "hint", "id": "ma-hint"}, page.say(texts.CODE_HINT)),
    )


def _fields(page: Page) -> list[Html]:
    return [
        el(
            "li",
            None,
            el(
                "a",
                {"href": f"/nop-ho-so#linh-vuc-{number}"},
                el("b", None, name),
                el("span", None, page.say(texts.PROCEDURES_COUNT, count=len(procedures))),
            ),
        )
        for number, (name, procedures) in enumerate(catalogue.by_field().items(), start=1)
    ]
