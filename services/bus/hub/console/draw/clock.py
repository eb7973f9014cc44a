"""The legal clock: how much is overdue and due today, where, and why a deadline falls where it falls."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Final

from contracts.problems import Language
from contracts.status import DossierStatus
from services.bus.hub.console.draw import parts
from services.bus.hub.console.draw.parts import Tone
from services.bus.hub.console.format import number, short_moment
from services.bus.hub.indicators import schemas
from services.bus.hub.words import clock as words
from services.bus.hub.words import common
from services.bus.kit.html import Html, el, join

TONES: Final[dict[str, Tone]] = {"overdue": "bad", "due_today": "warn"}
MOST_LINES: Final = 100


def verdict(found: schemas.LegalClock, language: Language) -> Html:
    """In a sentence."""
    tone: Tone = "bad" if found.overdue else "warn" if found.due_today else "good"
    said = words.NONE_OVERDUE.in_(language)
    if found.overdue:
        said = words.SOME_OVERDUE.in_(language).format(n=number(found.overdue, language))
    today = words.TODAY.in_(language).format(n=number(found.due_today, language))
    return el(
        "section",
        {"class": f"verdict tone-{tone}"},
        el("span", {"class": "sign", "aria-hidden": "true"}, parts.SIGNS[tone]),
        el("div", None, el("p", None, f"{said}; {today}."), el("p", {"class": "soft"}, words.LEAD.in_(language))),
    )


def tiles(found: schemas.LegalClock, state: str, by: str, language: Language) -> Html:
    """The four states; each leads to its dossiers."""
    counts = {
        "overdue": found.overdue,
        "due_today": found.due_today,
        "suspended": found.suspended,
        "running": found.running,
    }
    oldest = (
        words.OLDEST.in_(language).format(at=short_moment(found.oldest_overdue)) if found.oldest_overdue else ""
    )
    return el(
        "dl",
        {"class": "tiles"},
        [
            parts.tile(
                text.in_(language),
                number(counts[key], language),
                oldest if key == "overdue" else "",
                tone=TONES.get(key) if counts[key] else None,
                href=parts.address("/clock", state=key, by=by),
            )
            for key, text in words.STATES.items()
        ],
    )


def lines(found: schemas.LegalClock, state: str, by: str, language: Language) -> Html:
    """By office and procedure, the most overdue first."""
    groups = parts.tabs(
        words.BY.in_(language),
        [
            (text.in_(language), parts.address("/clock", state=state, by=key), key == by)
            for key, text in words.GROUPS.items()
        ],
    )
    named = {"office": (words.OFFICE,), "procedure": (words.PROCEDURE,), "both": (words.OFFICE, words.PROCEDURE)}[
        by
    ]
    head = [*(text.in_(language) for text in named), *(text.in_(language) for text in words.STATES.values())]
    first = len(named)
    right, wide = tuple(range(first, first + 4)), (first + 2, first + 3)
    rows = [
        parts.row(
            [
                *_names(line, by),
                *(
                    number(count, language)
                    for count in (line.overdue, line.due_today, line.suspended, line.running)
                ),
            ],
            right=right,
            wide=wide,
            tone="bad" if line.overdue else None,
        )
        for line in found.lines[:MOST_LINES]
    ]
    more = None
    if len(found.lines) > MOST_LINES:
        more = words.FIRST_LINES.in_(language).format(n=MOST_LINES, all=number(len(found.lines), language))
    title = words.BY_OFFICE.in_(language)
    table = parts.table(title, head, rows, right=right, wide=wide, hidden_caption=True)
    return el(
        "section",
        {"class": "card flush"},
        groups,
        table if rows else parts.empty(common.NOTHING, language),
        el("p", {"class": "empty small"}, more) if more else None,
    )


def _names(line: schemas.ClockLine, by: str) -> list[Html]:
    named = []
    if by != "procedure":
        named.append(_named(line.agency_name, line.agency))
    if by != "office":
        named.append(_named(line.procedure_name, line.procedure_code))
    return named


def _named(name: str, code: str) -> Html:
    return join(name, el("span", {"class": "under mono"}, code))


def dossiers(items: Sequence[schemas.ClockDossier], state: str, language: Language) -> Html:
    """Each with the reasons of its deadline."""
    head = [
        common.DOSSIERS.in_(language),
        words.DUE.in_(language),
        words.WHY.in_(language),
        words.RECEIVED.in_(language),
        words.OFFICE.in_(language),
    ]
    rows = [
        parts.row(
            [
                join(
                    parts.dossier_link(each.code),
                    el("span", {"class": "under"}, DossierStatus(each.status).text.in_(language)),
                ),
                short_moment(each.due_at),
                _why(each, language),
                short_moment(each.received_at),
                join(each.agency, el("span", {"class": "under mono"}, each.procedure_code)),
            ],
            wide=(2, 3, 4),
        )
        for each in items
    ]
    title = words.DOSSIERS.in_(language).format(state=words.STATES[state].in_(language).lower())
    table = parts.table(title, head, rows, wide=(2, 3, 4))
    return el("section", {"class": "card flush"}, table if rows else parts.empty(common.NOTHING, language))


def _why(dossier: schemas.ClockDossier, language: Language) -> str:
    said = [reason.vi if language == "vi" else reason.en for reason in dossier.reasons[:4]]
    if dossier.paused_at is not None:
        said.append(words.PAUSED.in_(language).format(at=short_moment(dossier.paused_at)))
    if dossier.moved:
        said.append(words.MOVED.in_(language))
    return "; ".join(said) or words.EVERY_DAY.in_(language)
