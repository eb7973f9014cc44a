"""Submitting online: choose a procedure, then fill in its form."""

from __future__ import annotations

from collections.abc import Iterator

from contracts.catalogue.loader import Procedure, agencies
from contracts.problems import Text
from gateway.portal import catalogue
from gateway.portal.web import texts
from gateway.portal.web.fields import (
    Errors,
    Label,
    Values,
    draw,
    fields_of,
    labelled,
    nothing_chosen,
)
from gateway.portal.web.follow_forms import once
from gateway.portal.web.layout import Page, document
from services.bus.kit.html import Attributes, Html, el

PERSON: tuple[tuple[str, Text, str, bool, Attributes], ...] = (
    ("full_name", texts.FULL_NAME, "text", True, {"autocomplete": "name", "maxlength": 100}),
    ("personal_id", texts.PERSONAL_ID, "text", True, {"inputmode": "numeric", "maxlength": 12}),
    ("date_of_birth", texts.DATE_OF_BIRTH, "date", True, {"autocomplete": "bday"}),
    ("phone", texts.PHONE, "tel", False, {"autocomplete": "tel", "maxlength": 20}),
    ("email", texts.EMAIL, "email", False, {"autocomplete": "email", "maxlength": 254}),
)
"""What is asked about the applicant: name, label, kind of input, whether it is needed, more attributes."""


def choose(page: Page) -> Html:
    """The page at `/nop-ho-so`: every procedure, by field, with a filter."""
    groups = [
        el(
            "section",
            {"class": "group", "id": f"linh-vuc-{number}"},
            el("h2", None, field),
            el(
                "ul",
                {"class": "procedures"},
                *(
                    el(
                        "li",
                        None,
                        el("a", {"href": f"/nop-ho-so?tthc={each.code}"}, each.name),
                        el("span", None, each.code),
                    )
                    for each in procedures
                ),
            ),
        )
        for number, (field, procedures) in enumerate(catalogue.by_field().items(), start=1)
    ]
    return document(
        page,
        page.say(texts.SUBMIT_TITLE),
        el("h1", None, page.say(texts.SUBMIT_TITLE)),
        el("p", {"class": "lead"}, page.say(texts.CHOOSE_LEAD)),
        el(
            "div",
            {"class": "field filter", "hidden": True},
            el("label", {"for": "filter"}, page.say(texts.FILTER)),
            el("input", {"id": "filter", "type": "search", "autocomplete": "off"}),
            el("p", {"class": "hint", "id": "no-match", "hidden": True}, page.say(texts.NO_MATCH)),
        ),
        *groups,
        here="/nop-ho-so",
    )


def fill_in(
    page: Page, procedure: Procedure, *, values: Values | None = None, errors: Errors | None = None
) -> Html:
    """The page at `/nop-ho-so?tthc=...`: who, where, and the e-form. `errors` are by field name."""
    entered, wrong = values or {}, errors or {}
    return document(
        page,
        page.say(texts.SUBMIT_TITLE),
        el("p", {"class": "back"}, el("a", {"href": "/nop-ho-so"}, "← ", page.say(texts.CHANGE_PROCEDURE))),
        el("h1", None, procedure.name),
        _about(page, procedure),
        _summary(page, procedure, wrong),
        el(
            "form",
            {"method": "post", "action": f"/nop-ho-so?tthc={procedure.code}", "class": "sheet"},
            once(),
            el(
                "fieldset",
                None,
                el("legend", None, page.say(texts.WHO)),
                _agency(page, entered, wrong),
                *_who(page, entered, wrong),
            ),
            _form(page, procedure, entered, wrong),
            el(
                "label",
                {"class": "promise"},
                el("input", {"type": "checkbox", "name": "promise", "required": True}),
                el("span", None, page.say(texts.PROMISE)),
            ),
            el("button", {"type": "submit"}, page.say(texts.SEND)),
        ),
        here="/nop-ho-so",
    )


def _about(page: Page, procedure: Procedure) -> Html:
    fee = f"{procedure.fee_vnd:,} ₫".replace(",", ".") if procedure.fee_vnd else page.say(texts.NO_FEE)
    days = procedure.duration.partition("-")[0]
    time = page.say(texts.WORKING_DAYS, days=days) if days.isdigit() else page.say(texts.SAME_DAY)
    facts = ((texts.TIME_LIMIT, time), (texts.FEE, fee))
    return el(
        "ul",
        {"class": "about"},
        *(el("li", None, f"{page.say(name)}: ", el("b", None, value)) for name, value in facts),
        el("li", None, el("b", None, procedure.code)),
    )


def _summary(page: Page, procedure: Procedure, errors: Errors) -> Html | None:
    """What is wrong, each a way to its field."""
    if not errors:
        return None
    labels = {name: page.say(text) for name, text, *_ in PERSON} | {"agency": page.say(texts.AGENCY_LABEL)}
    for each in fields_of(procedure.code, page.language):
        labels[each.name] = f"{each.group}: {each.label}" if each.group else each.label
    return el(
        "div",
        {"class": "notice bad", "role": "alert"},
        el("h2", None, page.say(texts.ERRORS_TITLE)),
        el(
            "ul",
            None,
            *(
                el("li", None, el("a", {"href": f"#{name}"}, labels.get(name, name)), f": {text}")
                for name, text in errors.items()
            ),
        ),
    )


def _agency(page: Page, values: Values, errors: Errors) -> Html:
    chosen = values.get("agency", "")
    named = {each.code: each.name for each in agencies()}
    groups: dict[str, list[Html]] = {}
    for each in agencies():
        group = each.name if each.level == "district" else named.get(each.parent or "", "")
        if each.level in ("province", "department"):
            group = page.say(texts.PROVINCIAL)
        option = el("option", {"value": each.code, "selected": each.code == chosen}, each.name)
        groups.setdefault(group, []).append(option)
    return labelled(
        Label("agency", page.say(texts.AGENCY_LABEL), True, error=errors.get("agency"), wide=True),
        page.language,
        "select",
        None,
        nothing_chosen(page.language),
        *(el("optgroup", {"label": name}, *options) for name, options in groups.items()),
    )


def _who(page: Page, values: Values, errors: Errors) -> Iterator[Html]:
    for name, text, kind, required, more in PERSON:
        yield labelled(
            Label(name, page.say(text), required, error=errors.get(name), wide=name == "full_name"),
            page.language,
            "input",
            {"type": kind, "value": values.get(name, ""), **more},
        )


def _form(page: Page, procedure: Procedure, values: Values, errors: Errors) -> Html:
    """The e-form, its groups under headings of their own."""
    content: list[Html] = []
    group = ""
    for each in fields_of(procedure.code, page.language):
        if each.group != group:
            content.append(el("h3", {"class": "wide"}, each.group) if each.group else el("hr", {"class": "wide"}))
            group = each.group
        content.append(draw(each, values, errors, page.language))
    return el("fieldset", None, el("legend", None, page.say(texts.FORM_TITLE)), *content)
