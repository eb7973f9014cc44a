"""Lists of what is stuck, and one letter whole."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from datetime import datetime
from typing import Any, Final
from urllib.parse import quote

import orjson

from contracts.problems import Language
from services.bus.hub.console.draw import parts
from services.bus.hub.console.draw.parts import Tone
from services.bus.hub.console.format import NOTHING, lasting, moment, number, short_moment
from services.bus.hub.words import common
from services.bus.hub.words import stuck as words
from services.bus.hub.words.links import consumer_name, process_name, type_name
from services.bus.kit.html import Html, el, join

TABS: Final = {
    "letters": words.LETTERS,
    "retrying": words.RETRYING,
    "parked": words.PARKED,
    "held": words.HELD,
}
LEADS: Final = {
    "letters": words.LEAD_LETTERS,
    "retrying": words.LEAD_RETRYING,
    "parked": words.LEAD_PARKED,
    "held": words.LEAD_HELD,
}
TONES: Final[dict[str, Tone]] = {
    "open": "bad",
    "dead": "bad",
    "retried": "good",
    "discarded": "quiet",
    "waiting": "warn",
    "parked": "bad",
}
VERBS: Final = ("DongBoHoSoMC", "CapNhatTienDoHoSoMC", "LayDanhSachYeuCau", "TuChoiYeuCau")
Listing = Sequence[Mapping[str, Any]]


def tabs(here: str, language: Language) -> Html:
    """The kinds of being stuck."""
    return join(
        parts.tabs(
            words.PARTS.in_(language),
            [(text.in_(language), parts.address("/stuck", tab=key), key == here) for key, text in TABS.items()],
        ),
        el("p", {"class": "lead"}, LEADS[here].in_(language)),
    )


def letter_filters(state: str, key: str, verb: str, error: str, language: Language) -> Html:
    """By state, dossier, verb, error."""
    return el(
        "form",
        {"class": "filters", "method": "get", "action": "/console/stuck"},
        el("input", {"type": "hidden", "name": "tab", "value": "letters"}),
        _choice(
            words.STATE.in_(language),
            "state",
            state,
            [(each, words.STATES[each].in_(language)) for each in ("open", "retried", "discarded")],
            language,
        ),
        _field(words.KEY.in_(language), "key", key, grow=True),
        _field(words.VERB.in_(language), "verb", verb),
        _field(words.ERROR.in_(language), "error", error),
        el("button", {"class": "button", "type": "submit"}, words.FILTER.in_(language)),
    )


def held_filters(process: str, state: str, processes: Sequence[str], language: Language) -> Html:
    """By service and state."""
    return el(
        "form",
        {"class": "filters", "method": "get", "action": "/console/stuck"},
        el("input", {"type": "hidden", "name": "tab", "value": "held"}),
        _choice(
            words.PROCESS.in_(language),
            "process",
            process,
            [(each, process_name(each, language)) for each in processes],
            language,
            every=False,
        ),
        _choice(
            words.STATE.in_(language),
            "state",
            state,
            [(each, words.STATES[each].in_(language)) for each in ("dead", "waiting")],
            language,
        ),
        el("button", {"class": "button", "type": "submit"}, words.FILTER.in_(language)),
    )


def _choice(
    label: str,
    name: str,
    value: str,
    choices: Sequence[tuple[str, str]],
    language: Language,
    *,
    every: bool = True,
) -> Html:
    options = [("", common.ALL.in_(language)), *choices] if every else list(choices)
    return el(
        "label",
        None,
        label,
        el(
            "select",
            {"name": name},
            [el("option", {"value": key, "selected": key == value}, text) for key, text in options],
        ),
    )


def _field(label: str, name: str, value: str, *, grow: bool = False) -> Html:
    return el(
        "label",
        {"class": "grow" if grow else None},
        label,
        el("input", {"type": "text", "name": name, "value": value, "maxlength": 100, "autocomplete": "off"}),
    )


def letters_table(letters: Listing, language: Language, caption: str | None = None) -> Html:
    """Calls the portal refused."""
    if not letters:
        return el("section", {"class": "card flush"}, parts.empty(words.NOBODY, language))
    head = [
        words.DOSSIER.in_(language),
        words.REASON.in_(language),
        words.VERB.in_(language),
        words.ERROR.in_(language),
        words.SINCE.in_(language),
        words.STATE.in_(language),
    ]
    rows = [
        parts.row(
            [
                el("a", {"href": letter_address(each["id"]), "class": "mono"}, each["key"]),
                _short(each["reason"]),
                each["verb"],
                each["error_code"],
                short_moment(_at(each["at"])),
                parts.chip(TONES[each["state"]], words.STATES[each["state"]].in_(language)),
            ],
            wide=(2, 3, 4),
            key=each["id"],
        )
        for each in letters
    ]
    title = caption or words.LETTERS.in_(language)
    return el(
        "section",
        {"class": "card flush"},
        parts.table(title, head, rows, wide=(2, 3, 4), hidden_caption=caption is None),
    )


def lanes_table(lanes: Listing, language: Language, now: datetime) -> Html:
    """Dossiers on their way to the portal."""
    if not lanes:
        return el("section", {"class": "card flush"}, parts.empty(words.NOBODY, language))
    head = [
        words.DOSSIER.in_(language),
        words.SINCE.in_(language),
        "",
        words.ON_THE_PORTAL.in_(language),
        words.REASON.in_(language),
    ]
    rows = []
    for lane in lanes:
        since = _at(lane["waiting_since"])
        age = None if since is None else (now - since).total_seconds() * 1000
        rows.append(
            parts.row(
                [
                    parts.dossier_link(lane["code"]),
                    moment(since),
                    lasting(age, language),
                    f"{lane['acknowledged_version']}/{lane['newest_version']}",
                    _short(lane["reason"] or NOTHING),
                ],
                right=(2, 3),
                wide=(1, 4),
                tone="bad" if lane["state"] == "parked" else None,
            )
        )
    title = words.RETRYING.in_(language)
    return el(
        "section",
        {"class": "card flush"},
        parts.table(title, head, rows, right=(2, 3), wide=(1, 4), hidden_caption=True),
    )


def held_table(process: str, events: Listing, language: Language) -> Html:
    """Events a service holds back."""
    if not events:
        return el("section", {"class": "card flush"}, parts.empty(words.NOBODY, language))
    head = [
        words.EVENT.in_(language),
        words.REASON.in_(language),
        words.CONSUMER.in_(language),
        words.NUMBER.in_(language),
        words.SINCE.in_(language),
        words.STATE.in_(language),
    ]
    rows = [
        parts.row(
            [
                join(
                    el("a", {"href": held_address(process, each)}, event_name(each["type"], language)),
                    el("span", {"class": "under mono"}, each["key"]),
                ),
                _short(each["reason"] or NOTHING),
                consumer_name(each["consumer"], language),
                str(each["version"]),
                short_moment(_at(each["held_at"])),
                parts.chip(TONES[each["state"]], words.STATES[each["state"]].in_(language)),
            ],
            right=(3,),
            wide=(2, 3, 4),
        )
        for each in events
    ]
    title = words.HELD.in_(language)
    return el(
        "section",
        {"class": "card flush"},
        parts.table(title, head, rows, right=(3,), wide=(2, 3, 4), hidden_caption=True),
    )


def letter(told: Mapping[str, Any], language: Language, address: str) -> Html:
    """One refused call, with what was sent."""
    state = words.STATES[told["state"]].in_(language)
    plain = words.REFUSED_CONTENT.in_(language).format(
        verb=told["verb"], key=told["key"], number=told["number"], error=told["error_code"], reason=told["reason"]
    )
    closed = None
    if told["closed_at"] is not None:
        closed = words.CLOSED.in_(language).format(
            state=state[:1].upper() + state[1:], by=told["closed_by"], at=moment(_at(told["closed_at"]))
        )
    look = parts.curl("GET", f"{address}/v1/dead-letters/{told['id']}", "operator")
    again = parts.curl("POST", f"{address}/v1/dead-letters/{told['id']}/retry", "operator")
    return join(
        _verdict(TONES[told["state"]], plain, closed or _upper(state)),
        el(
            "dl",
            {"class": "card facts"},
            _fact(words.DOSSIER.in_(language), parts.dossier_link(told["key"])),
            _fact(words.NUMBER.in_(language), str(told["number"])),
            _fact(words.ATTEMPTS.in_(language), number(told["attempts"], language)),
            _fact(words.SINCE.in_(language), moment(_at(told["at"]))),
            _fact(words.REASON.in_(language), told["why"]) if told["why"] else None,
        ),
        el(
            "section",
            {"class": "card stack"},
            el(
                "div",
                {"class": "head"},
                el("h2", None, words.PAYLOAD.in_(language)),
                el(
                    "div",
                    {"class": "row"},
                    parts.copied(look, language, common.LOOK),
                    parts.copied(again, language, words.RETRY),
                ),
            ),
            el("pre", {"class": "block", "tabindex": "0"}, _pretty(told["payload"])),
        ),
    )


def held(process: str, event: Mapping[str, Any], payload: Any, language: Language, address: str) -> Html:
    """One event that is held, with what it holds."""
    state = words.STATES[event["state"]].in_(language)
    name = f"{event_name(event['type'], language)} → {consumer_name(event['consumer'], language)}"
    said = f"{name}: {event['reason']}" if event["reason"] else name
    key = quote(event["key"], safe="/")
    again = parts.curl("POST", f"{address}/v1/axis/held/{event['consumer']}/{key}/retry", "operator")
    return join(
        _verdict(TONES[event["state"]], said, _upper(state)),
        el(
            "dl",
            {"class": "card facts"},
            _fact(words.PROCESS.in_(language), process_name(process, language)),
            _fact(words.EVENT.in_(language), el("span", {"class": "mono"}, event["key"])),
            _fact(words.NUMBER.in_(language), str(event["version"])),
            _fact(words.ATTEMPTS.in_(language), number(event["attempts"], language)),
            _fact(words.SINCE.in_(language), moment(_at(event["held_at"]))),
        ),
        el(
            "section",
            {"class": "card stack"},
            el(
                "div",
                {"class": "head"},
                el("h2", None, words.PAYLOAD_EVENT.in_(language)),
                parts.copied(again, language),
            ),
            el("pre", {"class": "block", "tabindex": "0"}, _pretty(payload)),
        ),
    )


def letter_address(id: str) -> str:
    return parts.address(f"/stuck/letters/{id}")


def held_address(process: str, event: Mapping[str, Any]) -> str:
    return parts.address(
        "/stuck/held", process=process, consumer=event["consumer"], key=event["key"], version=event["version"]
    )


def event_name(type_: str | None, language: Language) -> str:
    if type_ is None:
        return words.UNREADABLE.in_(language)
    return type_name(type_.removeprefix("vn.truc.").removesuffix(".v1"), language)


def _verdict(tone: Tone, text: str, under: str) -> Html:
    return el(
        "section",
        {"class": f"verdict tone-{tone}"},
        el("span", {"class": "sign", "aria-hidden": "true"}, parts.SIGNS[tone]),
        el("div", None, el("p", None, text), el("p", {"class": "soft"}, under)),
    )


def _fact(name: str, value: object) -> Html:
    return el("div", None, el("dt", None, name), el("dd", None, value))


def _pretty(payload: Any) -> str:
    return orjson.dumps(payload, option=orjson.OPT_INDENT_2).decode()


def _upper(text: str) -> str:
    return text[:1].upper() + text[1:]


def _short(text: str, most: int = 160) -> str:
    return text if len(text) <= most else f"{text[: most - 1]}…"


def _at(text: str | None) -> datetime | None:
    return None if text is None else datetime.fromisoformat(text)
