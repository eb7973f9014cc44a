"""The login form, and what is said where there is nobody to send the browser back to."""

from __future__ import annotations

from starlette.requests import Request

from contracts.problems import Text
from services.bus.hub.provider.asking import Asking
from services.bus.hub.web.browser import language_for
from services.bus.hub.web.frame import document
from services.bus.hub.words import login as words
from services.bus.kit.html import Html, el

FORM_TOKEN = "form_token"  # noqa: S105 - the name of a field


def login_form(request: Request, asking: Asking, token: str, *, wrong: str = "", username: str = "") -> Html:
    """Name and password; what was asked for goes along."""
    language = language_for(request)

    def say(text: Text) -> str:
        return text.in_(language)

    kept = [el("input", {"type": "hidden", "name": key, "value": value}) for key, value in asking.fields.items()]
    return document(
        request,
        say(words.TITLE),
        el("p", {"class": "lead"}, say(words.LEAD)),
        el("p", {"class": "alert", "role": "alert", "id": "wrong"}, wrong) if wrong else None,
        el(
            "form",
            {"method": "post", "action": "/authorize", "class": "fields"},
            kept,
            el("input", {"type": "hidden", "name": FORM_TOKEN, "value": token}),
            el("label", {"for": "username"}, say(words.USERNAME)),
            el(
                "input",
                {
                    "id": "username",
                    "name": "username",
                    "value": username,
                    "autocomplete": "username",
                    "autocapitalize": "none",
                    "spellcheck": "false",
                    "required": True,
                    "autofocus": not username,
                    "maxlength": 64,
                    "aria-describedby": "wrong" if wrong else None,
                },
            ),
            el("label", {"for": "password"}, say(words.PASSWORD)),
            el(
                "input",
                {
                    "id": "password",
                    "name": "password",
                    "type": "password",
                    "autocomplete": "current-password",
                    "required": True,
                    "autofocus": bool(username),
                    "maxlength": 200,
                },
            ),
            el("button", {"type": "submit", "class": "button primary"}, say(words.SIGN_IN)),
        ),
    )


def nowhere(request: Request) -> Html:
    """The request does not come from a client we know."""
    language = language_for(request)
    return document(
        request,
        words.NOWHERE_TITLE.in_(language),
        el("p", {"class": "lead"}, words.NOWHERE.in_(language)),
        el("p", None, el("a", {"class": "button", "href": "/console/"}, words.TO_CONSOLE.in_(language))),
    )


def signed_out(request: Request) -> Html:
    """The end of a session."""
    language = language_for(request)
    return document(
        request,
        words.OUT_TITLE.in_(language),
        el("p", {"class": "lead"}, words.OUT.in_(language)),
        el("p", None, el("a", {"class": "button primary", "href": "/console/"}, words.AGAIN.in_(language))),
    )
