"""The forms of the follow-up page: prove who you are, hand in more papers, withdraw."""

from __future__ import annotations

import secrets

from gateway.portal.schemas import FollowView
from gateway.portal.web import texts
from gateway.portal.web.fields import Label, labelled
from gateway.portal.web.layout import Page
from services.bus.kit.html import Html, el


def once() -> Html:
    """A hidden number that makes sending the same form twice the same as sending it once."""
    return el("input", {"type": "hidden", "name": "once", "value": secrets.token_urlsafe(18)})


def proof_form(page: Page) -> Html:
    """Asks for the personal id or phone number given with the dossier."""
    return el(
        "section",
        {"class": "card proof"},
        el("h2", None, page.say(texts.PROOF_TITLE)),
        el("p", None, page.say(texts.PROOF_LEAD)),
        el(
            "form",
            {"method": "post", "action": f"{page.path}/xac-minh"},
            labelled(
                Label("so", page.say(texts.PROOF_LABEL), True),
                page.language,
                "input",
                {"inputmode": "numeric", "maxlength": 20, "autocomplete": "off"},
            ),
            el("button", {"type": "submit", "class": "second"}, page.say(texts.PROOF_SEND)),
        ),
    )


def supplement_form(page: Page, view: FollowView, entered: str) -> Html:
    """What is handed in after a request for more papers."""
    return el(
        "form",
        {"method": "post", "action": f"/ho-so/{view.reference}/bo-sung", "class": "act"},
        once(),
        labelled(
            Label("content", page.say(texts.SUPPLEMENT_LABEL), True, page.say(texts.SUPPLEMENT_HINT)),
            page.language,
            "textarea",
            {"rows": 3, "maxlength": 2000},
            entered,
        ),
        el("button", {"type": "submit"}, page.say(texts.SUPPLEMENT_SEND)),
    )


def withdraw_form(page: Page, view: FollowView) -> Html:
    """Why the dossier is withdrawn; folded away, because few want it."""
    return el(
        "details",
        {"class": "act"},
        el("summary", None, page.say(texts.WITHDRAW)),
        el(
            "form",
            {"method": "post", "action": f"/ho-so/{view.reference}/rut"},
            once(),
            labelled(
                Label("reason", page.say(texts.WITHDRAW_LABEL), True),
                page.language,
                "textarea",
                {"rows": 2, "maxlength": 2000},
            ),
            el("button", {"type": "submit", "class": "danger"}, page.say(texts.WITHDRAW_SEND)),
        ),
    )
