"""Questions and answers: ask an agency, read what others were told."""

from __future__ import annotations

from contracts.catalogue.loader import agencies
from contracts.problems import Text
from gateway.portal.schemas import QuestionList
from gateway.portal.web import texts
from gateway.portal.web.fields import Errors, Label, Values, labelled, nothing_chosen
from gateway.portal.web.follow_forms import once
from gateway.portal.web.layout import Page, day, document
from services.bus.kit.html import Attributes, Html, el


def questions(
    page: Page,
    found: QuestionList,
    *,
    values: Values | None = None,
    errors: Errors | None = None,
    thanks: bool = False,
) -> Html:
    """The page at `/hoi-dap`."""
    return document(
        page,
        page.say(texts.QUESTIONS),
        el("h1", None, page.say(texts.QUESTIONS)),
        el("div", {"class": "notice good", "role": "status"}, page.say(texts.ASK_THANKS)) if thanks else None,
        el("h2", None, page.say(texts.ANSWERED_TITLE)),
        _answers(page, found),
        _ask(page, values or {}, errors or {}),
        here="/hoi-dap",
    )


def _answers(page: Page, found: QuestionList) -> Html:
    if not found.items:
        return el("p", {"class": "hint"}, page.say(texts.NO_ANSWERS))
    return el(
        "div",
        {"class": "answers"},
        *(
            el(
                "details",
                {"class": "card"},
                el("summary", None, each.title or each.content[:80]),
                el("p", None, each.content),
                el("p", {"class": "quote"}, each.answer),
                el("p", {"class": "hint"}, f"{each.answered_by or each.agency} · {day(each.answered_at)}"),
            )
            for each in found.items
        ),
    )


def _ask(page: Page, values: Values, errors: Errors) -> Html:
    chosen = values.get("agency", "")

    def field(name: str, text: Text, control: str, attributes: Attributes, *children: object) -> Html:
        label = Label(name, page.say(text), True, error=errors.get(name), wide=True)
        return labelled(label, page.language, control, attributes, *children)

    options = (
        el("option", {"value": each.code, "selected": each.code == chosen}, each.name)
        for each in agencies()
        if each.level != "commune"
    )
    subject: Attributes = {"maxlength": 200, "value": values.get("title", "")}
    return el(
        "form",
        {"method": "post", "action": "/hoi-dap", "class": "sheet"},
        once(),
        el(
            "fieldset",
            None,
            el("legend", None, page.say(texts.ASK_TITLE)),
            field("agency", texts.ASK_AGENCY, "select", {}, nothing_chosen(page.language), *options),
            field("title", texts.ASK_SUBJECT, "input", subject),
            field(
                "content",
                texts.ASK_CONTENT,
                "textarea",
                {"rows": 4, "maxlength": 2000},
                values.get("content", ""),
            ),
        ),
        el("button", {"type": "submit"}, page.say(texts.ASK_SEND)),
    )
