"""One dossier: in a sentence, then every status hop by hop, the systems, what was refused, and what else
travelled."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from datetime import datetime
from typing import Any, Final

from contracts.problems import Language
from contracts.status import DossierStatus
from services.bus.hub.console.draw import parts
from services.bus.hub.console.draw.link import HOP_ORDER, hop_bar, hop_name
from services.bus.hub.console.draw.parts import Tone
from services.bus.hub.console.draw.stuck import letters_table
from services.bus.hub.console.format import NOTHING, fine_moment, lasting, moment, number, short_moment
from services.bus.hub.console.journey import Journey
from services.bus.hub.ledger.names import PORTAL
from services.bus.hub.ledger.views import RecordView
from services.bus.hub.words import dossier as words
from services.bus.hub.words.links import consumer_name, process_name, type_name
from services.bus.kit.html import Html, el, join

MEMBER: Final = "operator"
STATE_TONES: Final[dict[str, Tone]] = {
    "acknowledged": "good",
    "waiting": "warn",
    "pending": "warn",
    "discarded": "quiet",
    "refused": "bad",
}
OUTCOME_TONES: Final[dict[str, Tone]] = {
    "applied": "good",
    "duplicate": "quiet",
    "held": "warn",
    "dead": "bad",
    "discarded": "quiet",
}
_TIMES: Final = (
    ("committed_at", words.COMMITTED),
    ("published_at", words.PUBLISHED),
    ("received_at", words.RECEIVED),
    ("sent_at", words.SENT),
    ("acknowledged_at", words.ACKNOWLEDGED),
)

Address = Callable[[str], str]
"""The address of a process."""


def at(text: str | None) -> datetime | None:
    """A time as JSON has it."""
    return None if text is None else datetime.fromisoformat(text)


def search(code: str, language: Language, wrong: str = "") -> Html:
    """Where to enter a code."""
    return el(
        "form",
        {"class": "card filters", "method": "get", "action": "/console/dossiers", "role": "search"},
        el(
            "label",
            {"class": "grow"},
            words.CODE.in_(language),
            el(
                "input",
                {
                    "type": "search",
                    "name": "code",
                    "value": code,
                    "maxlength": 60,
                    "required": True,
                    "autocomplete": "off",
                    "autocapitalize": "characters",
                    "spellcheck": "false",
                    "placeholder": words.HINT.in_(language),
                    "aria-describedby": "wrong" if wrong else None,
                },
            ),
        ),
        el("button", {"class": "button primary", "type": "submit"}, words.FIND.in_(language)),
        el("p", {"class": "alert grow", "role": "alert", "id": "wrong"}, wrong) if wrong else None,
    )


def waiting(lanes: list[dict[str, Any]], language: Language, now: datetime) -> Html:
    """Dossiers that wait for the portal, the longest first."""
    if not lanes:
        return el("section", {"class": "card"}, el("p", {"class": "soft"}, words.NOBODY_WAITS.in_(language)))
    rows = []
    for lane in lanes:
        since = at(lane["waiting_since"])
        age = None if since is None else (now - since).total_seconds() * 1000
        rows.append(
            parts.row([parts.dossier_link(lane["code"]), moment(since), lasting(age, language)], right=(2,))
        )
    head = [words.CODE.in_(language), words.WAITING_SINCE.in_(language), words.TOOK.in_(language)]
    return el(
        "section", {"class": "card flush"}, parts.table(words.LATE_ONES.in_(language), head, rows, right=(2,))
    )


def dossier(journey: Journey, language: Language, address: Address) -> Html:
    """All of it."""
    return join(
        _sentence(journey, language),
        [parts.alert(f"{process_name(name, language)}: {why}") for name, why in journey.away.items()],
        _way(journey, language, address),
        _letters(journey, language),
        _systems(journey, language),
        _others(journey, language),
    )


def _sentence(journey: Journey, language: Language) -> Html:
    """Where it stands, and what took longest."""
    tone, said = _standing(journey, language)
    slowest = max(
        (each for each in to_portal(journey) if each.total_ms is not None),
        key=lambda each: each.total_ms or 0,
        default=None,
    )
    under = words.NO_RECORDS.in_(language)
    if slowest is not None:
        under = words.SLOWEST.in_(language).format(version=slowest.version, why=_why(slowest, language)) + "."
    return el(
        "section",
        {"class": f"verdict tone-{tone}"},
        el("span", {"class": "sign", "aria-hidden": "true"}, parts.SIGNS[tone]),
        el("div", None, el("p", None, f"{said}."), el("p", {"class": "soft"}, under)),
    )


def _standing(journey: Journey, language: Language) -> tuple[Tone, str]:
    lane = journey.lane
    if lane is None:
        return "warn", words.NOT_HEARD.in_(language)
    if lane["state"] == "parked":
        return "bad", words.PARKED.in_(language).format(why=lane["reason"] or NOTHING)
    if lane["state"] == "waiting":
        return "warn", words.WAITS.in_(language).format(
            version=lane["acknowledged_version"] + 1, at=moment(at(lane["waiting_since"]))
        )
    return "good", words.ALL_THERE.in_(language).format(n=number(lane["newest_version"], language))


def to_portal(journey: Journey) -> list[RecordView]:
    """What the ledger recorded of the way to the portal."""
    return [each for each in journey.records if f":{PORTAL}:" in each.link]


def _why(record: RecordView, language: Language) -> str:
    return record.why_vi if language == "vi" else record.why_en


def _way(journey: Journey, language: Language, address: Address) -> Html:
    steps = {step["version"]: step for step in (journey.lane or {"steps": []})["steps"]}
    told = {step["version"]: step for step in (journey.timeline or {"steps": []})["steps"]}
    records = {each.version: each for each in to_portal(journey)}
    versions = sorted({*steps, *told})
    items = [
        _step(
            journey.code, version, told.get(version), steps.get(version), records.get(version), language, address
        )
        for version in reversed(versions)
    ]
    legend = el(
        "p",
        {"class": "legend"},
        [
            el(
                "span",
                None,
                el("span", {"class": f"dot hop-{hop}", "aria-hidden": "true"}),
                hop_name(hop, True, language),
            )
            for hop in HOP_ORDER
        ],
    )
    return el(
        "section",
        {"class": "card stack"},
        el("h2", None, words.WAY.in_(language)),
        legend,
        el("ol", {"class": "way"}, items),
    )


def _step(
    code: str,
    version: int,
    told: Mapping[str, Any] | None,
    step: Mapping[str, Any] | None,
    record: RecordView | None,
    language: Language,
    address: Address,
) -> Html:
    status = (told or step or {})["status"]
    at_home = (told or {}).get("sync", {}).get("state", "waiting")
    state = step["state"] if step is not None and at_home != "refused" else at_home
    tone = STATE_TONES.get(state, "info")
    name = DossierStatus(status).text.in_(language)
    attempts = step["attempts"] if step is not None else 0
    tries = words.ONE_TRY if attempts == 1 else words.TRIES
    refused = (told or {}).get("sync", {}).get("reason")
    hops = [(hop, getattr(record, f"{hop}_ms") or 0.0) for hop in HOP_ORDER] if record is not None else []
    committed = step["committed_at"] if step is not None else (told or {}).get("at")
    shown = words.STATES.get(state)
    return el(
        "li",
        {"class": f"tone-{tone}", "data-version": version},
        el(
            "div",
            {"class": "row"},
            el("h3", None, words.STATUS.in_(language).format(version=version, name=name)),
            parts.chip(tone, shown.in_(language) if shown else state),
            el("span", {"class": "soft small"}, short_moment(at(committed))),
            el("span", {"class": "soft small"}, tries.in_(language).format(n=attempts)) if attempts else None,
        ),
        el("p", {"class": "said"}, _upper(_why(record, language)) + ".") if record is not None else None,
        el("p", {"class": "said"}, refused) if refused else None,
        hop_bar(hops, True, language) if any(ms > 0 for _, ms in hops) else None,
        _details(code, told, step, language, address),
    )


def _details(
    code: str, told: Mapping[str, Any] | None, step: Mapping[str, Any] | None, language: Language, address: Address
) -> Html:
    facts = []
    if step is not None:
        facts = [
            el(
                "div",
                None,
                el("dt", None, text.in_(language)),
                el("dd", {"class": "mono"}, fine_moment(at(step[name]))),
            )
            for name, text in _TIMES
        ]
        facts.append(
            el(
                "div",
                None,
                el("dt", None, words.PORTAL_TIME.in_(language)),
                el("dd", {"class": "mono"}, step["portal_time"]),
            )
        )
    calls = [
        (words.CALL_LANE, f"{address('sync')}/v1/lanes/{code}"),
        (words.CALL_TIMELINE, f"{address('dossier')}/v1/dossiers/{code}/timeline"),
        (words.CALL_LEDGER, f"{address('hub')}/v1/ledger/dossiers/{code}"),
    ]
    copies = [
        el(
            "span",
            {"class": "row"},
            el("span", {"class": "small soft"}, text.in_(language)),
            parts.copied(parts.curl("GET", url, MEMBER), language),
        )
        for text, url in calls
    ]
    return el(
        "details",
        {"class": "more"},
        el("summary", None, words.TIMES.in_(language)),
        el("dl", {"class": "facts"}, facts) if facts else None,
        el("div", {"class": "row"}, copies),
    )


def _letters(journey: Journey, language: Language) -> Html | None:
    if not journey.letters:
        return None
    return letters_table(journey.letters, language, words.LETTERS.in_(language))


def _systems(journey: Journey, language: Language) -> Html | None:
    if not journey.tasks:
        return None
    head = [
        words.STEP.in_(language),
        words.SYSTEM.in_(language),
        words.STATE.in_(language),
        words.ASKED.in_(language),
        words.ANSWERS.in_(language),
    ]
    rows = [
        parts.row(
            [
                task["title"],
                task["system"],
                task["state"],
                short_moment(at(task["requested_at"])),
                ", ".join(f"{each['kind']} {fine_moment(at(each['at']))}" for each in task["answers"]) or NOTHING,
            ],
            wide=(3, 4),
        )
        for task in journey.tasks
    ]
    return el(
        "section", {"class": "card flush"}, parts.table(words.SYSTEMS.in_(language), head, rows, wide=(3, 4))
    )


def _others(journey: Journey, language: Language) -> Html | None:
    others = [each for each in journey.records if each not in to_portal(journey)]
    if not others:
        return None
    head = [
        "",
        words.WHEN.in_(language),
        words.VERSION.in_(language),
        words.STATE.in_(language),
        words.TOOK.in_(language),
        words.WHY.in_(language),
    ]
    rows = []
    for each in reversed(others):
        _, type_, consumer, *_ = [*each.link.split(":"), "", ""]
        outcome = words.OUTCOMES[each.outcome].in_(language)
        rows.append(
            parts.row(
                [
                    el(
                        "a",
                        {"href": parts.link_address(each.link)},
                        f"{type_name(type_, language)} → {consumer_name(consumer, language)}",
                    ),
                    fine_moment(each.ended_at),
                    str(each.version),
                    parts.chip(OUTCOME_TONES[each.outcome], outcome),
                    lasting(each.total_ms, language),
                    _upper(_why(each, language)),
                ],
                right=(2, 4),
                wide=(1, 2, 5),
            )
        )
    return el(
        "section",
        {"class": "card flush"},
        parts.table(words.OTHERS.in_(language), head, rows, right=(2, 4), wide=(1, 2, 5)),
    )


def _upper(text: str) -> str:
    return text[:1].upper() + text[1:]
