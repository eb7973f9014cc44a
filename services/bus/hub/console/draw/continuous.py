"""What the comparison that never ends knows: in a sentence, by side, difference by difference."""

from __future__ import annotations

from collections.abc import Sequence

from contracts.problems import Language
from services.bus.hub.console.continuous import Continuous, Known
from services.bus.hub.console.draw import parts
from services.bus.hub.console.draw.parts import Tone
from services.bus.hub.console.format import clock, lasting, moment, number, short_moment
from services.bus.hub.words import continuous as words
from services.bus.hub.words import reconciliation
from services.bus.kit.html import Html, el, join


def sameness(known: Continuous | None, language: Language) -> list[str]:
    """Whether all sides hold the same, in words."""
    if known is None or known.lost is None:
        return [words.NOT_COMPARED.in_(language)]
    if known.lost:
        lacking = {"portal": words.PORTAL_LACKS, "axis": words.AXIS_LACKS}
        return [
            text.in_(language).format(n=number(known.differing[side], language))
            for side, text in lacking.items()
            if known.differing.get(side)
        ]
    whole = known.whole
    assert whole is not None
    at, sides = clock(whole.finished_at), {side: words.SAME_SIDES[side].in_(language) for side in whole.counts}
    if not whole.equal:
        return [words.PUT_RIGHT.in_(language).format(at=at)]
    if whole.alike is None:
        held = ", ".join(f"{sides[side]} {number(each.dossiers, language)}" for side, each in whole.counts.items())
        return [words.UNDER_WAY.in_(language).format(held=held, at=at)]
    same = " = ".join(sides.values())
    return [words.ALL_SAME.in_(language).format(sides=same, n=number(whole.alike, language), at=at)]


def notes(known: Continuous | None, language: Language) -> str:
    """What else there is to know of the comparison: when, how well."""
    if known is None:
        return words.NEVER_COMPARED.in_(language)
    said = [words.NEVER_COMPARED.in_(language)]
    if known.whole is not None:
        took = lasting(known.whole.seconds * 1000, language)
        said = [words.COMPARED_AT.in_(language).format(at=moment(known.whole.finished_at), took=took)]
    if not known.asks_portal:
        said.append(words.BY_MEMORY.in_(language))
    if known.error is not None:
        said.append(words.HALTED.in_(language).format(why=known.error))
    return " ".join(said)


def banner(known: Continuous, language: Language) -> Html:
    """How it stands."""
    tone: Tone = "info" if known.lost is None else "bad" if known.lost else "good"
    said = ". ".join(sameness(known, language))
    return el(
        "section",
        {
            "class": f"verdict tone-{tone}",
            "role": "status",
            "data-sameness": {"info": "unknown", "bad": "differs", "good": "same"}[tone],
        },
        el("span", {"class": "sign", "aria-hidden": "true"}, parts.SIGNS[tone]),
        el("div", None, el("p", None, f"{said}."), el("p", {"class": "soft"}, notes(known, language))),
    )


def sides(known: Continuous, language: Language) -> Html:
    """How much each holds, and how many differences of each kind there are."""
    tiles = [
        parts.tile(reconciliation.KINDS[kind].in_(language), number(count, language), tone="bad")
        for kind, count in known.kinds.items()
        if kind in reconciliation.KINDS
    ]
    if known.repairing:
        said = words.STATES["repairing"].in_(language)
        tiles.append(parts.tile(said, number(known.repairing, language), tone="info"))
    shown = el("dl", {"class": "tiles"}, tiles) if tiles else None
    if known.whole is None:
        return join(shown)
    head = [reconciliation.SIDE.in_(language), reconciliation.DOSSIERS.in_(language), words.ROWS.in_(language)]
    rows = [
        parts.row(
            [
                reconciliation.SIDES[side].in_(language),
                number(each.dossiers, language),
                number(each.rows, language),
            ],
            right=(1, 2),
        )
        for side, each in known.whole.counts.items()
    ]
    table = parts.table(words.SIDES_TITLE.in_(language), head, rows, right=(1, 2))
    return join(shown, el("section", {"class": "card flush"}, table))


def open_ones(items: Sequence[Known], language: Language, *, acts: bool) -> Html:
    """Each with its dossier, its cause and, for whoever acts, a button with the id of the difference."""
    if not items:
        return el("section", {"class": "card flush"}, parts.empty(words.NONE_OPEN, language))
    head = [
        reconciliation.DOSSIER.in_(language),
        reconciliation.KIND.in_(language),
        words.CAUSE.in_(language),
        words.SINCE.in_(language),
        words.REPAIR.in_(language),
    ]
    rows = [
        parts.row(
            [
                parts.dossier_link(each.code),
                _what(each, language),
                _cause(each, language),
                moment(each.found_at),
                _hand(each, language, acts=acts),
            ],
            wide=(3,),
            key=each.id,
        )
        for each in items
    ]
    table = parts.table(words.OPEN.in_(language), head, rows, wide=(3,))
    return el("section", {"class": "card flush", "data-list": "open"}, table)


def closed_ones(items: Sequence[Known], language: Language) -> Html | None:
    """Those somebody had repaired: who, and when."""
    if not items:
        return None
    head = [
        reconciliation.DOSSIER.in_(language),
        reconciliation.KIND.in_(language),
        words.STATE.in_(language),
        words.WHO.in_(language),
        words.WHEN.in_(language),
    ]
    rows = [
        parts.row(
            [
                parts.dossier_link(each.code),
                join(_what(each, language), el("span", {"class": "under"}, _cause(each, language))),
                _state(each, language),
                each.repair_by or "–",
                moment(each.repair_at),
            ],
            wide=(1, 4),
            key=each.id,
        )
        for each in items
    ]
    table = parts.table(words.GONE.in_(language), head, rows, wide=(1, 4))
    return el("section", {"class": "card flush", "data-list": "closed"}, table)


def _what(each: Known, language: Language) -> str:
    said = f"{reconciliation.SIDES[each.side].in_(language)}: {reconciliation.KINDS[each.kind].in_(language)}"
    if each.version is None:
        return said
    return f"{said}, {reconciliation.VERSION.in_(language).lower()} {each.version}"


def _cause(each: Known, language: Language) -> str:
    return words.CAUSES[each.cause].in_(language) if each.cause in words.CAUSES else each.cause


def _state(each: Known, language: Language) -> Html:
    tone: Tone = "good" if each.state == "repaired" else "info"
    return parts.chip(tone, words.STATES[each.state].in_(language).format(at=short_moment(each.closed_at)))


def _hand(each: Known, language: Language, *, acts: bool) -> Html:
    if not each.repairable:
        return parts.chip("quiet", words.NOT_BY_SENDING.in_(language))
    if not acts:
        return parts.chip("warn", reconciliation.REPAIRABLE.in_(language))
    label = words.REPAIR_ONE.in_(language).format(code=each.code)
    attributes = {"type": "button", "class": "button small", "data-repair": each.id, "aria-label": label}
    return el("button", attributes, words.REPAIR.in_(language))
